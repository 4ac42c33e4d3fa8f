/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of depthwise convolution in blocks of channels (nchwc.h), for a row of one block of the result:
 *
 *   y[q] = start + sum over rows r, taps t of x_r[t * x_step + q * stride] * w_r[t * w_step],   q = 0 .. n - 1,
 *
 * of vectors of 16 channels, in that order. All that is read is there: who calls has put zeros around (nchwc_ring.h). */
#ifndef HE_KERNELS_NCHWC_DW_H
#define HE_KERNELS_NCHWC_DW_H

#include "kernels/nchwc.h"

typedef struct {
    const float *x, *w; /* of the first tap, for pixel 0 */
} HeNchwcDwRow;

typedef struct {
    const HeNchwcDwRow *row;
    size_t n_rows, n_taps;
    gssize x_step, w_step; /* numbers */
    size_t stride, n;      /* pixels */
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
extern const HeNchwcDwSet he_nchwc_dw_neon; /* AArch64 only */

#endif
