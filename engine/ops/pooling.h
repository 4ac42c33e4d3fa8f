/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the pooling operators share: a window over the last 1 to 3 axes of every plane, row by row. */
#ifndef HE_OPS_POOLING_H
#define HE_OPS_POOLING_H

#include "ops/window.h"

/* First in an operator's params. */
typedef struct {
    HeWindow w; /* widened */
    size_t n_planes;
} HePooling;

/* Reads the window and gives output 0 its shape. */
gboolean HE_REAL(he_pooling_infer)(HeNode *node, HePooling *pooling, GError **error);
/* FUNC for all rows of output 0, or of its gradient, with the run as data; what is written to the gradient of
 * input 0 is set to 0 first, or accumulated. */
void HE_REAL(he_pooling_forward)(const HeRun *run, HeWindowRowFunc func);
void HE_REAL(he_pooling_backward)(const HeRun *run, HeWindowRowFunc func);
#define he_pooling_infer    HE_REAL(he_pooling_infer)
#define he_pooling_forward  HE_REAL(he_pooling_forward)
#define he_pooling_backward HE_REAL(he_pooling_backward)

#endif
