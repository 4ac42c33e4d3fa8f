/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture's digest: the same as of the bytes that a decoder would write. */
#include <math.h>
#include <string.h>

#include "plugin/core/run.h"
#include "tests/support/picture.h"

static char *digest(Picture *picture)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;
    he_source_sha256(&picture->source, &text, &error);
    g_assert_no_error(error);
    return text;
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
    char *text = NULL;
    picture->source.read_rows = fail_rows;
    g_assert_false(he_source_sha256(&picture->source, &text, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_assert_null(text);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digest/bytes", test_bytes);
    g_test_add_func("/digest/words", test_words);
    g_test_add_func("/digest/floats", test_floats);
    g_test_add_func("/digest/failure", test_failure);
    return g_test_run();
}
