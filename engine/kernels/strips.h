/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of depthwise convolution down strips of one vector's width. A strip's sums stay in registers over
 * several rows; an input row is read once for each column of the kernel and serves all rows of outputs that
 * see it. Borders are masks and a row of zeros: nothing is copied.
 *
 *   same   out[r][q] = init + sum of taps[0](ky, kx) * in[y + r + ky][x + q + kx]
 *   down   out[r][q] = init + sum of taps[0](ky, kx) * in[y + 2 r + ky][x + 2 q + kx]
 *   up     out[r][2 q + p] = init + sum of taps[p](ky, kx) * in[y + r + ky][x of taps[p] + q + kx]
 *
 * The order of a sum does not depend on the strip. On narrow maps half a vector belongs to a second plane. */
#ifndef HE_KERNELS_STRIPS_H
#define HE_KERNELS_STRIPS_H

#include <glib.h>

#define HE_STRIPS_KH 7 /* rows of a kernel at most */

typedef struct {
    const float *weight[2]; /* of each plane: tap (ky, kx) at kx * kh + ky */
    size_t kw;
    gssize x;
} HeStripsTaps;

typedef struct {
    const float *in[2]; /* planes of h rows, w columns; in[1] NULL: one alone */
    const float *zeros; /* w of them */
    size_t h, w;
    size_t kh; /* from 1 */
    gssize y;
    HeStripsTaps taps[2];
    float init[2];
    float *out[2];
    size_t out_row; /* from one row to the next */
    size_t rows, cols;
    gboolean accumulate; /* added to out */
} HeStrips;

/* By kh. A pair of planes at once while a row has no more than PAIR sums (up: of each p). */
typedef void (*HeStripsFunc)(const HeStrips *s);
typedef struct {
    HeStripsFunc same[HE_STRIPS_KH + 1], down[HE_STRIPS_KH + 1],
        up[(HE_STRIPS_KH + 1) / 2 + 1];
    size_t pair; /* 0: never */
} HeStripsSet;

/* x86-64 only. */
extern const HeStripsSet he_strips_avx2;
extern const HeStripsSet he_strips_avx512;

#endif
