/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network's answers beside those of another framework. */
#ifndef HE_CLI_COMPARE_H
#define HE_CLI_COMPARE_H

#include "human-eye.h"

typedef struct {
    gint64 samples, same_best; /* of these the largest value stands at the same place */
    double max_abs,
        relative; /* largest |a - b|; |a - b| / |b|, as vectors over all samples */
    gint64 worst_sample, worst_index; /* where max_abs is */
} CliComparison;

/* INPUT and EXPECT are .npy files of [N, ...]: what the network is shown, and what its output should be. */
gboolean cli_compare(HeSession *session, const char *input, const char *expect,
                     const HeTask *task, CliComparison *out, GError **error);

#endif
