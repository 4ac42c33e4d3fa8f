/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The transforms of Winograd's F(4x4, 3x3): 4x4 outputs of a 3x3 convolution from 6x6 inputs by 36
 * multiplications instead of 144,
 *
 *   y = A^T [(G w G^T) * (B^T x B)] A     (Lavin, Gray, "Fast algorithms for convolutional neural networks",
 *                                         2016),
 *
 * with the interpolation points 0, 3/4, -3/4, 3/2, -3/2 and infinity, whose rounding is five times smaller
 * than that of 0, 1, -1, 2, -2 (Barabasz, Anderson, Soodhalter, Gregg, "Error analysis and improving the
 * accuracy of Winograd convolution", 2020). Vectors run along tiles, or rows of weights. */
#ifndef HE_KERNELS_WINOGRAD_H
#define HE_KERNELS_WINOGRAD_H

#include "kernels/product.h"

#define HE_WINO_OUT    4  /* side of a tile of outputs */
#define HE_WINO_IN     6  /* of inputs */
#define HE_WINO_POINTS 36 /* products in their place */
#define HE_WINO_SLACK                                                                    \
    16 /* floats that whole vectors may read, or the weights also write, past the end */

/* u[point * u_point + c * rows + r] from w[(c * 9 + tap) * rows + r]; the taps from the last to the first
 * when IS_FLIPPED. */
typedef struct {
    const float *w;
    size_t rows, channels;
    gboolean is_flipped;
    float *u;
    size_t u_point;
} HeWinoWeights;

/* One row of N tiles: v[point * v_point + t] from input rows i = 0..5, whose column 4 t + j stands at
 * x[i * x_row + j % 4 * x_phase + t + j / 4]. */
typedef struct {
    const float *x;
    size_t x_row, x_phase;
    size_t n;
    float *v;
    size_t v_point;
} HeWinoIn;

/* One row of N tiles: row i of tile t at y[i * y_row + 4 t ...] from m[point * m_point + t]. */
typedef struct {
    const float *m;
    size_t m_point;
    size_t n;
    float *y;
    size_t y_row;
} HeWinoOut;

typedef struct {
    const HeProductSet *product;
    void (*weights)(const HeWinoWeights *s);
    void (*in)(const HeWinoIn *s);
    void (*out)(const HeWinoOut *s);
} HeWinoSet;

/* x86-64 only. */
extern const HeWinoSet he_wino_avx2;
extern const HeWinoSet he_wino_avx512;

#endif
