/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* SHA-256's compression by the SHA instructions of x86 (Intel 64 and IA-32 Architectures Software Developer's
 * Manual, volume 2: SHA256RNDS2, SHA256MSG1, SHA256MSG2). They keep the state as (f, e, b, a) and
 * (h, g, d, c), lowest element first, and do two rounds at a time. */
#include "core/sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define HE_SHA __attribute__((target("sha,sse4.1")))

gboolean he_sha256_has_x86(void)
{
    static gsize known; /* 1: no, 2: yes */
    if (g_once_init_enter(&known)) {
        unsigned a, b = 0, c = 0, d, unused;
        gboolean has = __get_cpuid(1, &a, &unused, &c, &d) && (c & bit_SSE4_1) &&
                       __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
        g_once_init_leave(&known, has ? 2 : 1);
    }
    return known == 2;
}

HE_SHA static inline __m128i words(const guint8 *bytes)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const void *)bytes), swap);
}

/* W[t .. t + 3] from the sixteen words before them, oldest first. */
HE_SHA static inline __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

HE_SHA static void take_block(__m128i *feba, __m128i *hgdc, const guint8 *bytes)
{
    __m128i w[4], x = *feba, y = *hgdc;
    for (int i = 0; i < 16; i++) {
        w[i % 4] =
            i < 4 ? words(bytes + 16 * i)
                  : next_words(w[i % 4], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
        __m128i k = _mm_loadu_si128((const void *)(he_sha256_constants + 4 * i));
        k = _mm_add_epi32(k, w[i % 4]);
        y = _mm_sha256rnds2_epu32(y, x, k);
        x = _mm_sha256rnds2_epu32(x, y, _mm_shuffle_epi32(k, 0x0e));
    }
    *feba = _mm_add_epi32(*feba, x);
    *hgdc = _mm_add_epi32(*hgdc, y);
}

HE_SHA void he_sha256_blocks_x86(guint32 state[8], const guint8 *bytes, size_t n)
{
    __m128i low = _mm_loadu_si128((const void *)state);        /* a b c d */
    __m128i high = _mm_loadu_si128((const void *)(state + 4)); /* e f g h */
    low = _mm_shuffle_epi32(low, 0xb1);                        /* b a d c */
    high = _mm_shuffle_epi32(high, 0x1b);                      /* h g f e */
    __m128i feba = _mm_alignr_epi8(low, high, 8);
    __m128i hgdc = _mm_blend_epi16(high, low, 0xf0);
    for (; n > 0; n--, bytes += 64)
        take_block(&feba, &hgdc, bytes);
    low = _mm_shuffle_epi32(feba, 0x1b);  /* a b e f */
    high = _mm_shuffle_epi32(hgdc, 0xb1); /* g h c d */
    _mm_storeu_si128((void *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

#else

gboolean he_sha256_has_x86(void)
{
    return FALSE;
}

void he_sha256_blocks_x86(guint32 state[8], const guint8 *bytes, size_t n)
{
    he_sha256_blocks_plain(state, bytes, n);
}

#endif
