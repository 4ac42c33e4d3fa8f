/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_taps_avx2: vectors of eight, fused multiply and add. */
#include "kernels/taps.h"

#ifdef __x86_64__

#include <immintrin.h>

typedef __m256 Vec;

#define TAPS                  he_taps_avx2
#define TARGET                __attribute__((target("avx2,fma")))
#define LANES                 8
#define LOAD(p)               _mm256_loadu_ps(p)
#define STORE(p, v)           _mm256_storeu_ps(p, v)
#define SET(f)                _mm256_set1_ps(f)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ADD(a, b)             _mm256_add_ps(a, b)
#include "kernels/taps.inc"

#endif
