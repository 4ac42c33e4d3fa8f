/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Blending against GIMP 2.10.34's own results (blend_gimp.txt, made by make_blend.py). */
#include <math.h>
#include <string.h>

#include "human-eye.h"

enum { N = 64 };

static guint parse_hex(const char *hex, size_t i, size_t digits)
{
    char part[5] = {0};
    memcpy(part, hex + i * digits, digits);
    return (guint)g_ascii_strtoull(part, NULL, 16);
}

static void parse_bytes(const char *hex, float *out)
{
    g_assert_cmpuint(strlen(hex), ==, N * 4 * 2);
    for (size_t i = 0; i < N * 4; i++)
        out[i] = (float)parse_hex(hex, i, 2) / 255.0f;
}

static char **read_lines(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests/image/blend_gimp.txt", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return g_strsplit(g_strchomp(text), "\n", -1);
}

/* Within 4 of 65535; a colour under no alpha means nothing. */
static void compare(const char *what, const float *got, const char *hex)
{
    g_assert_cmpuint(strlen(hex), ==, N * 4 * 4);
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < 4; c++) {
            double expected = parse_hex(hex, i * 4 + c, 4);
            double value = CLAMP((double)got[i * 4 + c], 0, 1) * 65535;
            gboolean is_seen = c == 3 || parse_hex(hex, i * 4 + 3, 4) > 0;
            if (is_seen && fabs(value - expected) > 4)
                g_error("%s: pixel %zu channel %zu is %.2f, GIMP's is %.0f", what, i, c,
                        value, expected);
        }
}

static void test_gimp(gconstpointer data)
{
    const HeChoice *mode = data;
    g_auto(GStrv) lines = read_lines();
    float top[N * 4], bottom[N * 4], out[N * 4];
    int n_compared = 0;
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", 3);
        if (!strcmp(words[0], "top"))
            parse_bytes(words[1], top);
        if (!strcmp(words[0], "bottom"))
            parse_bytes(words[1], bottom);
        if (strcmp(words[0], mode->nick))
            continue;
        memcpy(out, bottom, sizeof out);
        he_blend_rows(top, out, N, (HeBlend)mode->value, g_ascii_strtod(words[1], NULL));
        g_autofree char *what = g_strdup_printf("%s at %s %%", words[0], words[1]);
        compare(what, out, words[2]);
        n_compared++;
    }
    g_assert_cmpint(n_compared, ==, 2);
}

/* Where the layer is transparent, or at no opacity, the picture keeps its very bytes. */
static void test_transparent(gconstpointer data)
{
    const HeChoice *mode = data;
    float top[8] = {0.1f, 0.9f, 0.4f, 0, 0.3f, 0.2f, 0.7f, 1};
    float bottom[8] = {0.123456f, 1.5f, -0.25f, 0.6f, 0.987654f, 0.5f, 0, 1}, kept[8];
    memcpy(kept, bottom, sizeof kept);
    he_blend_rows(top, bottom, 1, (HeBlend)mode->value, 100);
    he_blend_rows(top, bottom, 2, (HeBlend)mode->value, 0);
    g_assert_cmpmem(bottom, sizeof bottom, kept, sizeof kept);
}

/* An opaque normal layer replaces the picture, to the accuracy of the transfer tables. */
static void test_replace(void)
{
    for (int i = 0; i <= 1000; i++) {
        float v = (float)i / 1000;
        float top[4] = {v, 1 - v, v * v, 1}, bottom[4] = {0.2f, 0.4f, 0.6f, 1};
        he_blend_rows(top, bottom, 1, HE_BLEND_NORMAL, 100);
        for (int c = 0; c < 4; c++)
            g_assert_cmpfloat_with_epsilon(bottom[c], top[c], 1e-5f);
    }
}

/* Runs of pixels are blended together, and faster where all of a run lies in 0..1: no pixel may notice. */
static void test_alone(gconstpointer data)
{
    enum { MANY = 1000 };
    const HeChoice *mode = data;
    static float top[MANY * 4], bottom[MANY * 4], alone[MANY * 4];
    GRand *random = g_rand_new_with_seed(7);
    for (int i = 0; i < MANY * 4; i++) {
        gboolean is_alpha = i % 4 == 3, is_far = !is_alpha && i / 4 % 97 == 5;
        top[i] = (float)g_rand_double_range(random, is_far ? -1 : 0, is_far ? 2 : 1);
        bottom[i] = (float)g_rand_double_range(random, is_far ? -1 : 0, is_far ? 2 : 1);
        if (is_alpha && g_rand_int_range(random, 0, 40) == 0)
            top[i] = 0;
    }
    g_rand_free(random);
    memcpy(alone, bottom, sizeof alone);
    he_blend_rows(top, bottom, MANY, (HeBlend)mode->value, 60);
    for (int i = 0; i < MANY; i++)
        he_blend_rows(top + i * 4, alone + i * 4, 1, (HeBlend)mode->value, 60);
    g_assert_cmpmem(bottom, sizeof bottom, alone, sizeof alone);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (const HeChoice *mode = he_blends; mode->nick; mode++) {
        g_autofree char *gimp = g_strconcat("/image/blend/gimp/", mode->nick, NULL);
        g_test_add_data_func(gimp, mode, test_gimp);
        g_autofree char *none =
            g_strconcat("/image/blend/transparent/", mode->nick, NULL);
        g_test_add_data_func(none, mode, test_transparent);
        g_autofree char *alone = g_strconcat("/image/blend/alone/", mode->nick, NULL);
        g_test_add_data_func(alone, mode, test_alone);
    }
    g_test_add_func("/image/blend/replace", test_replace);
    return g_test_run();
}
