/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* SHA-256 against FIPS 180-4's examples and GLib's, at every length round a block, in pieces, and the two
 * ways to take a block against each other. */
#include "core/sha256.h"

#include <string.h>

static char *sum_of(const void *bytes, size_t n, size_t piece)
{
    HeSha256 sum;
    he_sha256_init(&sum);
    for (size_t at = 0; at < n; at += piece)
        he_sha256_update(&sum, (const guint8 *)bytes + at, MIN(piece, n - at));
    return he_sha256_end(&sum);
}

static void test_examples(void)
{
    static const char *const text[] = {
        "abc", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"};
    static const char *const known[] = {
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"};
    for (int i = 0; i < 2; i++) {
        g_autofree char *got = sum_of(text[i], strlen(text[i]), 64);
        g_assert_cmpstr(got, ==, known[i]);
    }
}

static void test_lengths(void)
{
    guint8 bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)(i * 167 + 13);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        g_autofree char *expected =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, n);
        for (size_t piece = 1; piece <= 130; piece += 43) {
            g_autofree char *got = sum_of(bytes, n, piece);
            g_assert_cmpstr(got, ==, expected);
        }
    }
}

static void test_blocks(void)
{
    if (!he_sha256_has_x86()) {
        g_test_skip("this processor has no SHA instructions");
        return;
    }
    guint8 bytes[5 * 64];
    guint32 plain[8] = {1, 2, 3, 4, 5, 6, 7, 8}, fast[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)(i * 59 + 7);
    memcpy(fast, plain, sizeof fast);
    he_sha256_blocks_plain(plain, bytes, 5);
    he_sha256_blocks_x86(fast, bytes, 5);
    g_assert_cmpmem(fast, sizeof fast, plain, sizeof plain);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/sha256/examples", test_examples);
    g_test_add_func("/core/sha256/lengths", test_lengths);
    g_test_add_func("/core/sha256/blocks", test_blocks);
    return g_test_run();
}
