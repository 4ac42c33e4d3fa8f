/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Tensors to ask a network about. */
#ifndef HE_CLI_SAMPLES_H
#define HE_CLI_SAMPLES_H

#include "human-eye.h"

/* A .npy of [N, ...] as float32; data is freed with he_free. */
gboolean cli_samples_read(const char *path, HeTensor *out, GError **error);
/* Sample I as [1, ...], in X's memory. */
void cli_samples_get(const HeTensor *x, gint64 i, HeTensor *out);

#endif
