/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Products of matrices by the kernel that fits best, in tiles of the pool. */
#ifndef HE_OPS_MATMUL_H
#define HE_OPS_MATMUL_H

#include "ops/op.h"

/* A matrix of a tensor: rows LD elements apart, elements of a row contiguous, or the other way round. */
typedef struct {
    void *data; /* real, at any byte if the kernel can read that */
    size_t ld;
    gboolean is_transposed;
} HeMatrix;

/* The last two axes of T (rank >= 2), from the element at OFFSET on. */
HeMatrix HE_REAL(he_matrix_of)(const HeTensor *t, gint64 offset);
/* C[m, n] (+)= A[m, k] B[k, n]; C is not transposed. A sum over k = 0 is zero. */
void HE_REAL(he_matrix_product)(const HeRun *run, size_t m, size_t n, size_t k,
                                HeMatrix a, HeMatrix b, HeMatrix c, gboolean accumulate);
/* Whether the product of those sizes reads B at any byte. */
gboolean HE_REAL(he_matrix_reads_bytes)(const HeNode *node, size_t m, size_t n, size_t k,
                                        gboolean is_b_transposed);
#define he_matrix_reads_bytes HE_REAL(he_matrix_reads_bytes)
#define he_matrix_of          HE_REAL(he_matrix_of)
#define he_matrix_product     HE_REAL(he_matrix_product)

static inline HeMatrix he_matrix_transposed(HeMatrix m)
{
    m.is_transposed = !m.is_transposed;
    return m;
}

#endif
