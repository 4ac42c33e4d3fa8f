/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Parts of a PNG: zlib reads each back by itself, of every kind of picture, and all of them as one stream. */
#include <string.h>
#include <zlib.h>

#include "cli/png_part.h"
#include "core/alloc.h"
#include "human-eye.h"

enum { NOISE, FLAT, RUNS, FEW, SMOOTH, N_KINDS };

static float next_value(int kind, float last)
{
    switch (kind) {
    case NOISE:
        return (float)g_test_rand_int_range(0, 256) / 255;
    case FLAT:
        return 0.5f;
    case RUNS:
        return g_test_rand_int_range(0, 20) ? last
                                            : (float)g_test_rand_int_range(0, 256) / 255;
    case FEW:
        return (float)g_test_rand_int_range(0, 3) / 2;
    default:
        return CLAMP(last + (float)g_test_rand_int_range(-2, 3) / 255, 0, 1);
    }
}

static float *make_picture(int kind, const CliPngShape *shape)
{
    gsize n = (gsize)shape->width * (gsize)shape->height * 4;
    float *rgba = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        rgba[i] = next_value(kind, i < 4 ? 0.5f : rgba[i - 4]);
    return rgba;
}

static gsize row_bytes(const CliPngShape *shape)
{
    return (gsize)shape->width * (shape->has_alpha ? 4 : 3) * (gsize)shape->depth / 8 + 1;
}

/* A part alone, without the stream's header and trailer: so it asks for nothing that came before. */
static void check_alone(const guint8 *bytes, gsize n, gsize n_in, gboolean is_last)
{
    g_autofree guint8 *back = g_malloc(n_in + 1);
    z_stream z = {.next_in = (Bytef *)bytes,
                  .avail_in = (uInt)n,
                  .next_out = back,
                  .avail_out = (uInt)n_in + 1};
    g_assert_cmpint(inflateInit2(&z, -15), ==, Z_OK);
    g_assert_cmpint(inflate(&z, Z_SYNC_FLUSH), ==, is_last ? Z_STREAM_END : Z_OK);
    g_assert_cmpuint(z.avail_in, ==, 0);
    g_assert_cmpuint(z.total_out, ==, n_in);
    inflateEnd(&z);
}

/* The picture's stream: parts made by STEP rows at a time, each in the memory that held the last one. */
static GByteArray *make_stream(const CliPngShape *shape, const float *rgba, int step)
{
    GByteArray *stream = g_byte_array_new();
    gulong adler = 1;
    CliPngPart *part = cli_png_part_new(shape, NULL);
    const int n_rows = cli_png_part_rows(shape->width, shape->height);
    for (int y = 0; y < shape->height; y += n_rows) {
        const int end = MIN(y + n_rows, shape->height);
        gsize n, before = y == 0 ? 2 : 0, after = end == shape->height ? 4 : 0;
        cli_png_part_begin(part, y);
        for (int at = y; at < end; at += step) {
            g_assert_false(cli_png_part_is_full(part));
            cli_png_part_add(part, rgba + (gsize)at * (gsize)shape->width * 4,
                             MIN(step, end - at));
        }
        g_assert_true(cli_png_part_is_full(part));
        const guint8 *bytes = cli_png_part_finish(part, &adler, &n);
        check_alone(bytes + before, n - before - after,
                    (gsize)(end - y) * row_bytes(shape), after > 0);
        g_byte_array_append(stream, bytes, (guint)n);
    }
    cli_png_part_free(part);
    return stream;
}

/* Header and checksum are zlib's to check. */
static void check_stream(const CliPngShape *shape, const GByteArray *stream)
{
    gsize n = (gsize)shape->height * row_bytes(shape);
    uLongf n_back = n + 1;
    g_autofree guint8 *back = g_malloc(n + 1);
    g_assert_cmpint(uncompress(back, &n_back, stream->data, stream->len), ==, Z_OK);
    g_assert_cmpuint(n_back, ==, n);
}

static void test_kinds(void)
{
    static const int sizes[][2] = {{1, 1}, {301, 150}, {1, 33000}, {3000, 20}, {3, 7}};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes) * 4 * N_KINDS; i++) {
        const int *size = sizes[i / (4 * N_KINDS)];
        CliPngShape shape = {"a.png", size[0], size[1], i & 1, i & 2 ? 16 : 8, NULL};
        g_autofree float *rgba = make_picture((int)(i / 4 % N_KINDS), &shape);
        g_autoptr(GByteArray) stream = make_stream(&shape, rgba, 1);
        g_autoptr(GByteArray) other = make_stream(&shape, rgba, 5);
        check_stream(&shape, stream);
        g_assert_cmpmem(stream->data, stream->len, other->data, other->len);
    }
}

/* Noise grows by next to nothing, one colour shrinks to next to nothing. */
static void test_sizes(void)
{
    CliPngShape shape = {"a.png", 600, 400, TRUE, 8, NULL};
    const guint n = 400 * (guint)row_bytes(&shape);
    g_autofree float *noise = make_picture(NOISE, &shape);
    g_autofree float *flat = make_picture(FLAT, &shape);
    g_autoptr(GByteArray) from_noise = make_stream(&shape, noise, 16);
    g_autoptr(GByteArray) from_flat = make_stream(&shape, flat, 16);
    g_assert_cmpuint(from_noise->len, <, n + n / 1000);
    g_assert_cmpuint(from_flat->len, <, n / 500);
}

static void test_no_memory(void)
{
    CliPngShape shape = {"a.png", 60, 40, TRUE, 8, NULL};
    CliPngPart *part = NULL;
    int n = 0;
    while (!part) {
        g_autoptr(GError) error = NULL;
        he_alloc_fail_at(++n);
        part = cli_png_part_new(&shape, &error);
        he_alloc_fail_at(0);
        if (!part)
            g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
    }
    g_assert_cmpint(n, >, 4);
    cli_png_part_free(part);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/png-part/kinds", test_kinds);
    g_test_add_func("/png-part/sizes", test_sizes);
    g_test_add_func("/png-part/no-memory", test_no_memory);
    return g_test_run();
}
