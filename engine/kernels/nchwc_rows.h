/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Loops over pixels in blocks of channels (nchwc.h) that are no convolution. */
#ifndef HE_KERNELS_NCHWC_ROWS_H
#define HE_KERNELS_NCHWC_ROWS_H

#include "kernels/nchwc.h"

/* Window o of an axis looks at o * stride - pad + k * step, k = 0 .. taps - 1. */
typedef struct {
    size_t in, out, taps, stride, step, pad;
} HeNchwcAxis;

/* Max pooling of one block. Tap (i, j) of a window is number i * x.taps + j, at most 255. Of several equal numbers the
 * first counts; NaN wins; where no tap is inside the result is -infinity, tap 0. */
typedef struct {
    HeNchwcAxis y, x;
    const float *in;             /* forward: [y.in][x.in][16] */
    float *dx;                   /* backward: the same */
    float *out;                  /* forward: [y.out][x.out][16]; backward: dy */
    guint8 *tap;                 /* as out, which tap it was; forward NULL: nobody asks */
    size_t first, past;          /* rows of out that are made; backward: of dx */
    gboolean accumulate;         /* backward: add to what is there */
    const HeNchwcFinish *finish; /* backward; NULL: nothing */
    size_t at; /* what stands before the block, in numbers, for finish */
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
extern const HeNchwcRows he_nchwc_rows_neon; /* AArch64 only */

#endif
