/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the reductions share: axes and shapes, and lines of the numbers that become one. */
#ifndef HE_OPS_REDUCE_H
#define HE_OPS_REDUCE_H

#include "ops/grad.h"

typedef struct {
    guint axes;
    size_t n;      /* elements that make one */
    HeTensor kept; /* the output's shape with the reduced axes as 1 */
} HeReduce;

/* Keeps a HeReduce as the node's params. Axes are an attribute before opset FROM, then an input; none: all
 * axes, or nothing at all. Reals or integers. */
gboolean HE_REAL(he_reduce_infer)(HeNode *node, int from, GError **error);
/* T, an output or its gradient, with the reduced axes put back as 1. */
HeTensor HE_REAL(he_reduce_view)(const HeRun *run, const HeTensor *t);
/* As HeOp.find_axis. */
gboolean HE_REAL(he_reduce_find_axis)(const HeNode *node, int k, int *input, int *axis);
#define he_reduce_find_axis HE_REAL(he_reduce_find_axis)
#define he_reduce_infer     HE_REAL(he_reduce_infer)
#define he_reduce_view      HE_REAL(he_reduce_view)

#endif
