/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of depthwise convolution in blocks of channels (nchwc.h), for a row of one block of the result:
 *
 *   y[q] = start + sum over taps t of x_t[column_t + q * stride] * w_t,   q = 0 .. n - 1,
 *
 * of vectors of 16 channels, in that order; columns outside 0 .. width - 1 count as 0. */
#ifndef HE_KERNELS_NCHWC_DW_H
#define HE_KERNELS_NCHWC_DW_H

#include "kernels/nchwc.h"

typedef struct {
    const float *x; /* a row of the input */
    gssize column;
    const float *w;
} HeNchwcTap;

typedef struct {
    const HeNchwcTap *tap;
    size_t n_taps, width, stride, n;
    float *y;
    size_t y_step;      /* pixels */
    const float *start; /* [16]; NULL: the sums are added to y */
    const HeNchwcFinish *finish;
    size_t channel, at; /* of y, for finish */
} HeNchwcDw;

typedef struct {
    void (*row)(const HeNchwcDw *s);
} HeNchwcDwSet;

/* x86-64 only. */
extern const HeNchwcDwSet he_nchwc_dw_avx2;
extern const HeNchwcDwSet he_nchwc_dw_avx512;

#endif
