/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Convolution over up to 3 axes by plain loops, where no kernel is: Conv of volumes, ConvTranspose. */
#ifndef HE_OPS_CONV_DIRECT_H
#define HE_OPS_CONV_DIRECT_H

#include "ops/window.h"

/* From x [n, c, in...] to y [n, oc, out...]; weights [oc, c / group, kernel...]. */
typedef struct {
    HeWindow w; /* widened */
    size_t n, c, oc, group;
    size_t x_n, y_n; /* distances between samples */
} HeConvDirect;

/* y (+)= conv(x), + bias ([oc], may be NULL) unless it is added to. */
void HE_REAL(he_conv_direct)(HePool *pool, const HeConvDirect *s, const real *x,
                             const real *weights, const real *bias, real *y,
                             gboolean accumulate);
/* x (+)= its transpose of y, + bias ([c], may be NULL) unless it is added to. */
void HE_REAL(he_conv_direct_transposed)(HePool *pool, const HeConvDirect *s,
                                        const real *y, const real *weights,
                                        const real *bias, real *x, gboolean accumulate);
#define he_conv_direct            HE_REAL(he_conv_direct)
#define he_conv_direct_transposed HE_REAL(he_conv_direct_transposed)

#endif
