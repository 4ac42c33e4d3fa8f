/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_strips_avx2: vectors of eight, 7 or 8 sums in registers. */
#include "kernels/strips.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

/* Eight lanes out of two shuffled halves. */
#define QUARTERS(v)                                                                      \
    _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), _MM_SHUFFLE(3, 1, 2, 0)))
#define HALVES(a, b, which)                                                              \
    _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), which)

#define STRIPS               he_strips_avx2
#define TALL                 7
#define SHORT                7
#define UP                   4
#define EVENS(a, b)          QUARTERS(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)))
#define ODDS(a, b)           QUARTERS(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)))
#define LOW(a, b)            HALVES(a, b, 0x20)
#define HIGH(a, b)           HALVES(a, b, 0x31)
#define LANES_OF(from, past) _mm256_andnot_si256(FIRST(from), FIRST(past))
/* AMD's masked stores are slow. */
#define STORE_FIRST(p, n, v)                                                             \
    do {                                                                                 \
        if ((n) == LANES)                                                                \
            STORE(p, v);                                                                 \
        else                                                                             \
            STORE_PART(p, FIRST(n), v);                                                  \
    } while (0)

#define PAIR                   0
#define PAIR_SET(f, g)         ((void)(g), SET(f))
#define PAIR_LOAD(p, q, m)     ((void)(q), LOAD_PART(p, m))
#define PAIR_STORE(p, q, m, v) ((void)(q), STORE_PART(p, m, v))
#include "kernels/strips.inc"

#endif
