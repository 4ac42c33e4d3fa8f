/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A 2-D convolution of planes by the kernel that fits, for the operators that have one. */
#ifndef HE_OPS_CONV_H
#define HE_OPS_CONV_H

#include "ops/op.h"

typedef struct {
    HeConv2d shape;
    const HeConv2dKernel *kernel;
    size_t scratch; /* bytes of each worker; what all share follows */
} HE_REAL(HeConvPlanes);
#define HeConvPlanes HE_REAL(HeConvPlanes)

/* The kernel for SHAPE, and its scratch memory, counted in bytes. FALSE: too much. */
gboolean HE_REAL(he_conv_planes_init)(HeConvPlanes *conv, const HeNode *node,
                                      const HeConv2d *shape, size_t *scratch);
#define he_conv_planes_init HE_REAL(he_conv_planes_init)

/* run->d_in[0] (+)= conv^T(DY, weights), in SCRATCH. */
void HE_REAL(he_conv_planes_backward)(const HeRun *run, const HeConvPlanes *conv,
                                      const real *dy, void *scratch);
#define he_conv_planes_backward HE_REAL(he_conv_planes_backward)

#endif
