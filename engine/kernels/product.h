/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of convolution as a matrix product, a few rows of the result at a time:
 *
 *   c[i][j] = start + sum over k of a[k * rows + i] * b[k * b_row + j],   i < rows, j < cols,
 *
 * in the order of k. Pixels (j) run along the vectors, weights (a) are packed; the sums stay in registers. */
#ifndef HE_KERNELS_PRODUCT_H
#define HE_KERNELS_PRODUCT_H

#include <glib.h>

typedef struct {
    const float *a, *b;
    size_t b_row;
    float *c;
    size_t c_row;
    size_t rows, cols, k;
    const float *bias; /* what row i starts from, or NULL: 0 */
    gboolean
        accumulate; /* the sum over k is added to c: it rounds less than one that starts from c */
} HeProduct;

#define HE_PRODUCT_PANEL 32 /* columns */

typedef struct {
    void (*run)(const HeProduct *s);
    /* K rows of COLS <= HE_PRODUCT_PANEL columns, to OUT, whose rows are HE_PRODUCT_PANEL apart. */
    void (*copy)(const float *b, size_t b_row, size_t cols, size_t k, float *out);
    size_t rows; /* at most */
} HeProductSet;

/* out[k * rows + i] = w[i * w_row + k]: ROWS rows of K weights as the loop wants them. W is an array of float at
 * any byte, OUT another. */
void he_product_pack(const void *w, size_t w_row, size_t rows, size_t k, float *out);

/* x86-64 only. */
extern const HeProductSet he_product_avx2;
extern const HeProductSet he_product_avx512;
extern const HeProductSet he_product_neon; /* AArch64 only */

#endif
