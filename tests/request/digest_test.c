/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture's digest: the same as of the bytes that a decoder would write. */
#include <math.h>
#include <string.h>

#include "plugin/core/digest.h"
#include "tests/support/picture.h"

static char *digest(Picture *picture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeDigest) digest = he_digest_new(&picture->source);
    const char *text = he_digest_get_text(digest, &error);
    g_assert_no_error(error);
    g_assert_true(he_digest_get_text(digest, &error) == text);
    return g_strdup(text);
}

static void assert_digest(Picture *picture, const void *bytes, size_t n)
{
    g_autofree char *got = digest(picture);
    g_autofree char *expected = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, n);
    g_assert_cmpstr(got, ==, expected);
}

/* Rows enough for several bands, the last one short. */
static void test_bytes(void)
{
    const int w = 301, h = 1001;
    g_autoptr(Picture) picture = picture_new(w, h, 3, TRUE, 255);
    g_autofree guint8 *bytes = g_malloc((size_t)w * h * 4);
    for (int i = 0; i < w * h * 4; i++) {
        bytes[i] = (guint8)(i * 7 + i / 1001);
        picture->samples[i] = i % 4 == 3 ? (float)bytes[i] / 255 : bytes[i];
    }
    assert_digest(picture, bytes, (size_t)w * h * 4);
}

static void test_words(void)
{
    const guint8 bytes[] = {0x01, 0x02, 0xff, 0xff, 0x00, 0x80, 0x34, 0x12};
    const float samples[] = {513, 1, 32768, 4660 / 65535.0f}; /* grey and alpha, 2 x 1 */
    g_autoptr(Picture) picture = picture_new(2, 1, 1, TRUE, 65535);
    memcpy(picture->samples, samples, sizeof samples);
    assert_digest(picture, bytes, sizeof bytes);
}

static void test_floats(void)
{
    const guint8 bytes[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0xc0, 0x7f};
    g_autoptr(Picture) picture = picture_new(1, 3, 1, FALSE, 1);
    picture->samples[0] = 1;
    picture->samples[1] = -2;
    picture->samples[2] = NAN;
    assert_digest(picture, bytes, sizeof bytes);
}

typedef struct {
    int y, n;
} Rows;

/* Whoever reads rows on the way, from the top or not, twice or in part: they get the picture's, and the sum is
 * the same. */
static void test_on_the_way(void)
{
    static const Rows ways[][5] = {{{0, 64}, {64, 64}, {128, 22}},
                                   {{0, 100}, {0, 150}},
                                   {{20, 60}, {80, 10}},
                                   {{0, 30}, {20, 40}, {90, 60}, {60, 90}}};
    const int w = 7, h = 150, row = w * 3;
    g_autoptr(Picture) picture = picture_new(w, h, 3, FALSE, 255);
    g_autofree float *rows = g_new(float, row *h);
    for (int i = 0; i < row * h; i++)
        picture->samples[i] = (float)(i * 5 % 256);
    g_autofree char *expected = digest(picture);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autoptr(HeDigest) digest = he_digest_new(&picture->source);
        HeSource *source = he_digest_get_source(digest);
        for (const Rows *r = ways[i]; r->n; r++) {
            g_assert_true(
                source->read_rows(source, HE_ENCODING_RAW, r->y, r->n, rows, NULL));
            g_assert_cmpmem(rows, (size_t)(row * r->n) * sizeof *rows,
                            picture->samples + row * r->y,
                            (size_t)(row * r->n) * sizeof *rows);
        }
        g_assert_cmpstr(he_digest_get_text(digest, NULL), ==, expected);
    }
}

/* Rows as they are stored, at most three at once; what read_rows would say is another matter. */
static const void *three_rows(HeSource *self, int y, int *n, GError **error)
{
    (void)error;
    *n = MIN(*n, 3);
    return (const guint8 *)self->data + (size_t)y * (size_t)self->width * 3 * 2;
}

static void test_stored(void)
{
    const int w = 5, h = 20;
    g_autoptr(Picture) picture = picture_new(w, h, 3, FALSE, 65535);
    g_autofree guint8 *bytes = g_malloc((size_t)w * h * 6);
    for (int i = 0; i < w * h * 6; i++)
        bytes[i] = (guint8)(i * 11 + i / 256);
    picture->source.stored_rows = three_rows;
    picture->source.data = bytes;
    assert_digest(picture, bytes, (size_t)w * h * 6);
    g_assert_cmpint(picture->n_readings, ==, 0);
}

/* Rows taken as they are stored, from the top, twice, or with some left out: the sum is the same. */
static void test_stored_on_the_way(void)
{
    static const int ways[][4] = {{0, 2, 4, 5}, {0, 0, 1, 1}, {5, 0, 9, 2}};
    const int w = 5, h = 20, row = w * 6;
    g_autoptr(Picture) picture = picture_new(w, h, 3, FALSE, 65535);
    g_autofree guint8 *bytes = g_malloc((size_t)row * h);
    for (int i = 0; i < row * h; i++)
        bytes[i] = (guint8)(i * 11 + i / 256);
    g_autofree char *expected =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, (size_t)row * h);
    picture->source.stored_rows = three_rows;
    picture->source.data = bytes;
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autoptr(HeDigest) digest = he_digest_new(&picture->source);
        HeSource *source = he_digest_get_source(digest);
        for (int k = 0; k < 4; k++) {
            int n = h - ways[i][k];
            const void *rows = source->stored_rows(source, ways[i][k], &n, NULL);
            g_assert_cmpint(n, ==, 3);
            g_assert_cmpmem(rows, (size_t)row * 3, bytes + row * ways[i][k],
                            (size_t)row * 3);
        }
        g_assert_cmpstr(he_digest_get_text(digest, NULL), ==, expected);
    }
}

static gboolean fail_rows(HeSource *self, HeEncoding encoding, int y, int n, float *out,
                          GError **error)
{
    (void)self, (void)encoding, (void)y, (void)n, (void)out;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "the disk is gone");
    return FALSE;
}

static void test_failure(void)
{
    g_autoptr(Picture) picture = picture_new(4, 4, 3, FALSE, 255);
    g_autoptr(GError) error = NULL;
    g_autoptr(HeDigest) digest = he_digest_new(&picture->source);
    picture->source.read_rows = fail_rows;
    g_assert_null(he_digest_get_text(digest, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digest/bytes", test_bytes);
    g_test_add_func("/digest/words", test_words);
    g_test_add_func("/digest/floats", test_floats);
    g_test_add_func("/digest/on-the-way", test_on_the_way);
    g_test_add_func("/digest/stored", test_stored);
    g_test_add_func("/digest/stored-on-the-way", test_stored_on_the_way);
    g_test_add_func("/digest/failure", test_failure);
    return g_test_run();
}
