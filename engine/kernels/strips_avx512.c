/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_strips_avx512: vectors of sixteen, 14 sums in registers; maps up to 8 wide take two planes at once. */
#include "kernels/strips.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define PICK(a, b, ...) _mm512_permutex2var_ps(a, _mm512_setr_epi32(__VA_ARGS__), b)

#define STRIPS      he_strips_avx512
#define TALL        14
#define SHORT       7
#define UP          7
#define EVENS(a, b) PICK(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODDS(a, b)  PICK(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define LOW(a, b)   PICK(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b)                                                                       \
    PICK(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define LANES_OF(from, past) ((Mask)(FIRST(past) & ~FIRST(from)))
#define STORE_FIRST(p, n, v) STORE_PART(p, FIRST(n), v)

/* The second half stands 8 lanes further on in the vector, so its address 8 numbers before its plane. */
#define PAIR           8
#define PAIR_SET(f, g) _mm512_mask_mov_ps(_mm512_set1_ps(f), 0xff00, _mm512_set1_ps(g))
#define PAIR_LOAD(p, q, m)                                                               \
    _mm512_mask_loadu_ps(_mm512_maskz_loadu_ps((Mask)((m)&0xff), p), (Mask)((m) << 8),   \
                         (q)-8)
#define PAIR_STORE(p, q, m, v)                                                           \
    do {                                                                                 \
        _mm512_mask_storeu_ps(p, m, v);                                                  \
        _mm512_mask_storeu_ps((q)-8, (Mask)((m) << 8), v);                               \
    } while (0)
#include "kernels/strips.inc"

#endif
