/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What inputs from pictures and raw ones share. */
#ifndef HE_IMAGE_INPUT_H
#define HE_IMAGE_INPUT_H

#include "human-eye.h"

/* Memory for float32 of that shape, and a serial number. */
gboolean he_input_alloc(HeInput *input, int rank, const gint64 *dim, GError **error);
gboolean he_row_is_finite(const float *row, size_t n);

#endif
