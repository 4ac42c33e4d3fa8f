/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of depthwise convolution, forward and backward: each output of a grid is a weighted sum of the
 * same few neighbours,
 *
 *   out[r][q] (+)= init + sum over t of weight[t] * src[r * src_row + q + offset[t]].
 *
 * Borders are the caller's: src is padded. Up to HE_TAPS_ROWS - 1 rows and HE_TAPS_COLS - 1 columns past
 * the grid are read, in whole vectors, and thrown away: src has room for them. */
#ifndef HE_KERNELS_TAPS_H
#define HE_KERNELS_TAPS_H

#include <glib.h>

#define HE_TAPS_ROWS 8
#define HE_TAPS_COLS 32

typedef struct {
    const float *src;
    size_t src_row; /* from one row of outputs to the next */
    const size_t *offset;
    const float *weight;
    size_t n_taps;
    float init;
    size_t rows, cols;
    float *out;
    size_t out_row, out_col; /* distances in out */
    gboolean accumulate;
} HeTaps;

typedef void (*HeTapsFunc)(const HeTaps *s);
void he_taps_c(const HeTaps *s);
void he_taps_avx2(const HeTaps *s); /* x86-64 with AVX2 and FMA only */
void he_taps_neon(const HeTaps *s); /* AArch64 only */

#endif
