/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_product_avx512: vectors of sixteen; 32 registers hold 14 rows of two. */
#include "kernels/product.h"

#ifdef __x86_64__

#include <immintrin.h>

typedef __m512 Vec;
typedef __mmask16 Mask;

#define PRODUCT               he_product_avx512
#define TARGET                __attribute__((target("avx512f")))
#define LANES                 16
#define LOAD(p)               _mm512_loadu_ps(p)
#define STORE(p, v)           _mm512_storeu_ps(p, v)
#define SET(f)                _mm512_set1_ps(f)
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FIRST(n)              ((__mmask16)((1u << (n)) - 1))
#define LOAD_PART(p, m)       _mm512_maskz_loadu_ps(m, p)
#define STORE_PART(p, m, v)   _mm512_mask_storeu_ps(p, m, v)
#define MOST                  14
#define THRICE                9
#define FOUR_TIMES            6
#define ROWS(CASE)                                                                       \
    CASE(1)                                                                              \
    CASE(2)                                                                              \
    CASE(3)                                                                              \
    CASE(4)                                                                              \
    CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#include "kernels/product.inc"

#endif
