/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* SHA-256 (FIPS 180-4, section 6.2): padding, and the compression of a block in plain C. */
#include "core/sha256.h"

#include <string.h>

#define BLOCK 64

/* clang-format off */
const guint32 he_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* clang-format on */

static guint32 rotate(guint32 x, int n)
{
    return x >> n | x << (32 - n);
}

static void expand(guint32 w[64], const guint8 *block)
{
    memcpy(w, block, BLOCK);
    for (int t = 0; t < 16; t++)
        w[t] = GUINT32_FROM_BE(w[t]);
    for (int t = 16; t < 64; t++) {
        guint32 s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
        guint32 s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
}

/* V holds a, b, ..., h. */
static void round_once(guint32 v[8], guint32 constant_and_word)
{
    guint32 s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
    guint32 choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
    guint32 t1 = v[7] + s1 + choice + constant_and_word;
    guint32 s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
    guint32 majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
    memmove(v + 1, v, 7 * sizeof *v);
    v[0] = t1 + s0 + majority;
    v[4] += t1;
}

void he_sha256_blocks_plain(guint32 state[8], const guint8 *bytes, size_t n)
{
    for (; n > 0; n--, bytes += BLOCK) {
        guint32 w[64], v[8];
        expand(w, bytes);
        memcpy(v, state, sizeof v);
        for (int t = 0; t < 64; t++)
            round_once(v, he_sha256_constants[t] + w[t]);
        for (int i = 0; i < 8; i++)
            state[i] += v[i];
    }
}

static void take_blocks(HeSha256 *sum, const guint8 *bytes, size_t n)
{
    if (he_sha256_has_x86())
        he_sha256_blocks_x86(sum->state, bytes, n);
    else
        he_sha256_blocks_plain(sum->state, bytes, n);
}

void he_sha256_init(HeSha256 *sum)
{
    static const guint32 start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(sum->state, start, sizeof start);
    sum->n_bytes = 0;
}

void he_sha256_update(HeSha256 *sum, const void *data, size_t n)
{
    const guint8 *bytes = data;
    size_t begun = sum->n_bytes % BLOCK;
    sum->n_bytes += n;
    if (begun > 0) {
        size_t part = MIN(n, BLOCK - begun);
        memcpy(sum->block + begun, bytes, part);
        if (begun + part < BLOCK)
            return;
        take_blocks(sum, sum->block, 1);
        bytes += part;
        n -= part;
    }
    take_blocks(sum, bytes, n / BLOCK);
    memcpy(sum->block, bytes + n / BLOCK * BLOCK, n % BLOCK);
}

char *he_sha256_end(HeSha256 *sum)
{
    static const guint8 padding[BLOCK] = {0x80};
    guint64 n_bits = GUINT64_TO_BE(sum->n_bytes * 8);
    size_t begun = sum->n_bytes % BLOCK;
    he_sha256_update(sum, padding, (begun < 56 ? 56 : 56 + BLOCK) - begun);
    he_sha256_update(sum, &n_bits, sizeof n_bits);
    GString *text = g_string_sized_new(64);
    for (int i = 0; i < 8; i++)
        g_string_append_printf(text, "%08x", sum->state[i]);
    return g_string_free(text, FALSE);
}
