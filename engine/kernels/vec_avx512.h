/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Vectors of sixteen, by the names that the bodies (*.inc) use. */
#ifndef HE_KERNELS_VEC_AVX512_H
#define HE_KERNELS_VEC_AVX512_H

#include <glib.h>
#include <immintrin.h>

typedef __m512 Vec;
typedef __mmask16 Mask;

#define TARGET                __attribute__((target("avx512f")))
#define LANES                 16
#define LOAD(p)               _mm512_loadu_ps(p)
#define STORE(p, v)           _mm512_storeu_ps(p, v)
#define SET(f)                _mm512_set1_ps(f)
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FIRST(n)              ((__mmask16)((1u << (n)) - 1))
#define LOAD_PART(p, m)       _mm512_maskz_loadu_ps(m, p)
#define STORE_PART(p, m, v)   _mm512_mask_storeu_ps(p, m, v)

/* V, a variable, is loaded once and not again with each use */
#define IN_REGISTER(v) __asm__("" : "+v"(v))

/* bytes 0 .. 255 to numbers of 32 bits and back */
#define LOAD_BYTES(p)                                                                    \
    ((Ints)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(p))))
#define STORE_BYTES(p, v)                                                                \
    _mm_storeu_si128((__m128i *)(void *)(p), _mm512_cvtepi32_epi8((__m512i)(v)))

/* y clamped, NaN kept; a bit for each lane that is between: bits AT .. of those at P */
#define CLAMP_TO(y, low, high)          _mm512_min_ps(high, _mm512_max_ps(low, y))
/* max(v, 0), NaN kept */
#define MAX_0(v)                        _mm512_max_ps(_mm512_setzero_ps(), v)
#define STORE_BITS(p, at, y, low, high) store_bits((p) + (at) / 8, y, low, high)

/* lanes whose bit of those at P is 0 become 0 */
#define KEEP_BITS(p, at, v) keep_bits((p) + (at) / 8, v)

__attribute__((target("avx512f"))) static inline __m512 keep_bits(const guint8 *p,
                                                                  __m512 v)
{
    guint16 bits;
    __builtin_memcpy(&bits, p, sizeof bits);
    return _mm512_maskz_mov_ps(GUINT16_FROM_LE(bits), v);
}

__attribute__((target("avx512f"))) static inline void store_bits(guint8 *p, __m512 y,
                                                                 __m512 low, __m512 high)
{
    guint16 bits = (guint16)(_mm512_cmp_ps_mask(y, low, _CMP_GT_OQ) &
                             _mm512_cmp_ps_mask(y, high, _CMP_LT_OQ));
    bits = GUINT16_TO_LE(bits);
    __builtin_memcpy(p, &bits, sizeof bits);
}

#endif
