/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Loops over pixels in blocks of channels (nchwc.h) that are no convolution. */
#ifndef HE_KERNELS_NCHWC_ROWS_H
#define HE_KERNELS_NCHWC_ROWS_H

#include "kernels/nchwc.h"

/* Max pooling of one block: a row of windows, whose taps that are inside are rows FIRST .. PAST - 1 of the window,
 * the first of them at X. Of several equal numbers the first counts; NaN wins; where no tap is inside the result is
 * -infinity, tap 0. */
typedef struct {
    const float *x; /* forward */
    float *dx;      /* backward: where x stands */
    size_t row;     /* numbers from one row of the window to the next */
    size_t first, past, taps;
    gssize from; /* column of the first window */
    size_t width, n, stride, step;
    float *y;    /* forward: n pixels; backward: dy */
    guint8 *tap; /* [n][16], which tap it was; NULL: nobody asks */
} HeNchwcMax;

/* Adds columns of taps: row[g][p * step + k] += column[g][16 p + k], g < groups, p < pixels, k < taps, in the order of p.
 * At most 15 numbers after the last tap are read, and written as they are. */
typedef struct {
    const float *const *column;
    float *const *row;
    size_t groups, taps, step, pixels;
} HeNchwcScatter;

typedef struct {
    void (*scatter)(const HeNchwcScatter *s);
    void (*max)(const HeNchwcMax *s);
    void (*max_backward)(const HeNchwcMax *s);
    /* y = f(x) on PIXELS pixels of the block whose first channel is CHANNEL; the first number is AT of the result. */
    void (*finish)(const HeNchwcFinish *f, size_t channel, size_t at, const float *x,
                   size_t pixels, float *y);
} HeNchwcRows;

/* The best of SET, or NULL. */
const HeNchwcRows *he_nchwc_rows_find(HeKernelSet set);

/* x86-64 only. */
extern const HeNchwcRows he_nchwc_rows_avx2;
extern const HeNchwcRows he_nchwc_rows_avx512;

#endif
