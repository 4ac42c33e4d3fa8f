/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Vectors of eight, fused multiply and add, by the names that the bodies (*.inc) use. */
#ifndef HE_KERNELS_VEC_AVX2_H
#define HE_KERNELS_VEC_AVX2_H

#include <glib.h>
#include <immintrin.h>

typedef __m256 Vec;
typedef __m256i Mask;

/* The first N lanes, N <= 8: a window onto ones, then zeros. */
__attribute__((target("avx2,fma"))) static inline __m256i first(size_t n)
{
    static const gint32 ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(ones + 8 - n));
}

#define TARGET                __attribute__((target("avx2,fma")))
#define LANES                 8
#define LOAD(p)               _mm256_loadu_ps(p)
#define STORE(p, v)           _mm256_storeu_ps(p, v)
#define SET(f)                _mm256_set1_ps(f)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define FIRST(n)              first(n)
#define LOAD_PART(p, m)       _mm256_maskload_ps(p, m)
#define STORE_PART(p, m, v)   _mm256_maskstore_ps(p, m, v)

/* bytes 0 .. 255 to numbers of 32 bits and back */
#define LOAD_BYTES(p)     ((Ints)_mm256_cvtepu8_epi32(_mm_loadu_si64((const void *)(p))))
#define STORE_BYTES(p, v) store_bytes(p, (__m256i)(v))

__attribute__((target("avx2,fma"))) static inline void store_bytes(guint8 *p, __m256i v)
{
    __m128i words =
        _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packus_epi16(words, words));
}

/* y clamped, NaN kept; a bit for each lane that is between: bits AT .. of those at P */
#define CLAMP_TO(y, low, high) _mm256_min_ps(high, _mm256_max_ps(low, y))
/* max(v, 0), NaN kept */
#define MAX_0(v)               _mm256_max_ps(_mm256_setzero_ps(), v)
#define STORE_BITS(p, at, y, low, high)                                                  \
    ((p)[(at) / 8] = (guint8)_mm256_movemask_ps(_mm256_and_ps(                           \
         _mm256_cmp_ps(y, low, _CMP_GT_OQ), _mm256_cmp_ps(y, high, _CMP_LT_OQ))))

#endif
