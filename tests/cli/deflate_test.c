/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Deflate: zlib reads back what was written, of every kind of bytes, with a part after it and as the end. */
#include <string.h>
#include <zlib.h>

#include "cli/code.h"
#include "cli/deflate.h"

#define GUARD 0xa5

/* Reads N bytes back; how many bytes OUT has. */
static gsize check(const guint8 *in, gsize n, gboolean is_last)
{
    const gsize most = cli_deflate_bound(n);
    g_autofree guint8 *out = g_malloc(most + 1), *back = g_malloc(n + 1);
    out[most] = GUARD;
    const gsize n_out = cli_deflate(in, n, is_last, out);
    g_assert_cmpuint(n_out, <=, most);
    g_assert_cmpuint(out[most], ==, GUARD);

    z_stream z = {.next_in = out,
                  .avail_in = (uInt)n_out,
                  .next_out = back,
                  .avail_out = (uInt)n + 1};
    g_assert_cmpint(inflateInit2(&z, -15), ==, Z_OK);
    g_assert_cmpint(inflate(&z, Z_SYNC_FLUSH), ==, is_last ? Z_STREAM_END : Z_OK);
    g_assert_cmpuint(z.avail_in, ==, 0);
    g_assert_cmpmem(back, (int)z.total_out, in, (int)n);
    inflateEnd(&z);
    return n_out;
}

static int few_bits(void)
{
    int n = 0;
    while (n < 24 && g_test_rand_bit())
        n++;
    return n * 9;
}

static guint8 next_byte(int kind, guint8 last)
{
    switch (kind) {
    case 0:
        return (guint8)g_test_rand_int();
    case 1:
        return 0;
    case 2:
        return g_test_rand_int_range(0, 20) ? last : (guint8)g_test_rand_int();
    case 3:
        return (guint8)g_test_rand_int_range(0, 3);
    default:
        return (guint8)few_bits();
    }
}

static void test_kinds(void)
{
    for (int i = 0; i < 600; i++) {
        const gsize n = (gsize)g_test_rand_int_range(1, i % 50 ? 3000 : 200000);
        g_autofree guint8 *bytes = g_malloc(n);
        for (gsize k = 0; k < n; k++)
            bytes[k] = next_byte(i / 2 % 5, k ? bytes[k - 1] : 0);
        check(bytes, n, i & 1);
    }
}

/* Every length of a run, and beyond the longest. */
static void test_runs(void)
{
    guint8 bytes[700];
    for (gsize run = 1; run < 600; run++) {
        memset(bytes, 7, sizeof bytes);
        bytes[0] = bytes[run] = 9;
        check(bytes, run + 1, TRUE);
        check(bytes, run + 100, FALSE);
    }
}

/* Noise grows by next to nothing, one byte over and over shrinks to next to nothing. */
static void test_sizes(void)
{
    enum { N = 300000 };
    g_autofree guint8 *bytes = g_malloc0(N);
    g_assert_cmpuint(check(bytes, N, TRUE), <, N / 500);
    for (int i = 0; i < N; i++)
        bytes[i] = (guint8)g_test_rand_int();
    g_assert_cmpuint(check(bytes, N, TRUE), <, N + 100);
}

/* Fibonacci's numbers make the deepest tree: the codes are held to 15 bits, and are a full code. */
static void test_deep(void)
{
    guint32 often[30] = {1, 1};
    guint8 length[30];
    guint16 code[30];
    for (int i = 2; i < 30; i++)
        often[i] = often[i - 1] + often[i - 2];
    for (int most = 5; most <= CLI_CODE_BITS; most++) {
        guint32 sum = 0;
        cli_code_find(often, 30, most, length, code);
        for (int i = 0; i < 30; i++) {
            g_assert_cmpint(length[i], >=, 1);
            g_assert_cmpint(length[i], <=, most);
            g_assert_cmpint(length[i], <=, length[MAX(i - 1, 0)]);
            sum += 1u << (most - length[i]);
            for (int k = 0; k < i; k++) /* no code begins with another */
                g_assert_cmpint(
                    (code[i] ^ code[k]) & ((1 << MIN(length[i], length[k])) - 1), !=, 0);
        }
        g_assert_cmpuint(sum, ==, 1u << most);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/deflate/kinds", test_kinds);
    g_test_add_func("/deflate/runs", test_runs);
    g_test_add_func("/deflate/sizes", test_sizes);
    g_test_add_func("/deflate/deep", test_deep);
    return g_test_run();
}
