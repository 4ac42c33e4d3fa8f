/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Resampling against Pillow (resample_pillow.txt, made by make_cases.py), and what must be exact. */
#include "image/resample.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"

typedef struct {
    double *out;
    size_t row;
    int n_rows;
} Rows;

static void take(void *data, int y, const double *row)
{
    Rows *rows = data;
    g_assert_cmpint(y, ==, rows->n_rows); /* each once, from the top */
    memcpy(rows->out + (size_t)y * rows->row, row, rows->row * sizeof(double));
    rows->n_rows++;
}

static double *run(const HeResampleSpec *spec, const float *in)
{
    size_t row = (size_t)spec->out_w * spec->channels;
    Rows rows = {.out = g_new(double, row * spec->out_h), .row = row};
    g_autoptr(GError) error = NULL;
    g_autoptr(HeResample) resample = he_resample_new(spec, take, &rows, &error);
    g_assert_no_error(error);
    int first, n;
    he_resample_get_rows(resample, &first, &n);
    g_assert_cmpint(first, >=, 0);
    g_assert_cmpint(first + n, <=, spec->in_h);
    for (int y = first; y < first + n; y++)
        he_resample_push(resample, in + (size_t)y * spec->in_w * spec->channels);
    g_assert_cmpint(rows.n_rows, ==, spec->out_h);
    return rows.out;
}

/* The pattern of make_cases.py, each channel a multiple of it. */
static float *pattern(int width, int height, int channels)
{
    size_t n = (size_t)width * height;
    float *out = g_new(float, n *channels);
    for (size_t i = 0; i < n; i++) {
        guint64 noise =
            (i * 2654435761u + 12345) % G_GUINT64_CONSTANT(4294967296) / 65536;
        for (int c = 0; c < channels; c++)
            out[i * channels + c] = (float)(noise / 65535.0) * (float)(1 << c);
    }
    return out;
}

static double next_number(char ***words)
{
    g_assert_nonnull(**words);
    return g_ascii_strtod(*(*words)++, NULL);
}

static int next_int(char ***words)
{
    return (int)next_number(words);
}

static void check_line(const char *line, int channels)
{
    g_auto(GStrv) all = g_strsplit(line, " ", -1);
    char **words = all;
    const HeChoice *filter = he_choice_find(he_filters, *words++);
    g_assert_nonnull(filter);
    HeResampleSpec spec = {
        .channels = channels, .filter = (HeFilter)filter->value, .antialias = TRUE};
    spec.in_w = next_int(&words);
    spec.in_h = next_int(&words);
    spec.x = next_number(&words);
    spec.y = next_number(&words);
    spec.w = next_number(&words);
    spec.h = next_number(&words);
    spec.out_w = next_int(&words);
    spec.out_h = next_int(&words);
    int cut_x = next_int(&words), cut_y = next_int(&words);
    int cut_w = next_int(&words), cut_h = next_int(&words);
    g_autofree float *in = pattern(spec.in_w, spec.in_h, channels);
    g_autofree double *out = run(&spec, in);
    for (int y = cut_y; y < cut_y + cut_h; y++)
        for (int x = cut_x; x < cut_x + cut_w; x++) {
            double expected = next_number(&words);
            for (int c = 0; c < channels; c++) {
                double got = out[((size_t)y * spec.out_w + x) * channels + c] / (1 << c);
                if (fabs(got - expected) > 1e-6)
                    g_error("%.60s: (%d, %d) channel %d is %.9g, Pillow's is %.9g", line,
                            x, y, c, got, expected);
            }
        }
    g_assert_null(*words);
}

static void test_pillow(gconstpointer channels)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests/image/resample_pillow.txt", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), >=, 40);
    for (char **line = lines; *line; line++)
        check_line(*line, GPOINTER_TO_INT(channels));
}

/* Numbers pass bit for bit, -0 and denormals too. */
static void test_identity(gconstpointer filter)
{
    enum { W = 9, H = 7 };
    float in[W * H];
    for (int i = 0; i < W * H; i++)
        in[i] = (float)(i * 1040.0) + (i % 3) * 1e-3f;
    in[5] = -0.0f;
    in[6] = 1e-42f;
    in[7] = 3.4e38f;
    HeResampleSpec spec = {.channels = 1,
                           .in_w = W,
                           .in_h = H,
                           .w = W,
                           .h = H,
                           .out_w = W,
                           .out_h = H,
                           .filter = GPOINTER_TO_INT(filter),
                           .antialias = TRUE};
    g_autofree double *out = run(&spec, in);
    for (int i = 0; i < W * H; i++) {
        float v = (float)out[i];
        g_assert_cmpmem(&v, sizeof v, &in[i], sizeof v);
    }
    /* a whole box inside */
    spec.x = 2, spec.y = 1, spec.w = spec.out_w = 4, spec.h = spec.out_h = 3;
    g_autofree double *part = run(&spec, in);
    for (int i = 0; i < 12; i++)
        g_assert_true(part[i] == (double)in[(1 + i / 4) * W + 2 + i % 4]);
}

/* Without antialias the filter keeps its width: 8 -> 2 reads the two pixels round 2 and round 6. */
static void test_plain(void)
{
    float in[8] = {0, 10, 20, 30, 40, 50, 60, 80};
    HeResampleSpec spec = {.channels = 1,
                           .in_w = 8,
                           .in_h = 1,
                           .w = 8,
                           .h = 1,
                           .out_w = 2,
                           .out_h = 1,
                           .filter = HE_FILTER_BILINEAR};
    g_autofree double *out = run(&spec, in);
    g_assert_cmpfloat_with_epsilon(out[0], 15, 1e-12);
    g_assert_cmpfloat_with_epsilon(out[1], 55, 1e-12);
    /* bicubic at the middle of two pixels: (-1, 9, 9, -1) / 16 */
    spec.filter = HE_FILTER_BICUBIC;
    g_autofree double *cubic = run(&spec, in);
    g_assert_cmpfloat_with_epsilon(cubic[0], (-0 + 90 + 180 - 30) / 16.0, 1e-12);
    g_assert_cmpfloat_with_epsilon(cubic[1], (-40 + 450 + 540 - 80) / 16.0, 1e-12);
}

/* A constant stays a constant, whatever the sizes. */
static void test_constant(void)
{
    float in[30 * 30];
    for (int i = 0; i < 900; i++)
        in[i] = 0.7f;
    for (int filter = HE_FILTER_NEAREST; filter <= HE_FILTER_BICUBIC; filter++)
        for (int n = 1; n <= 30; n++)
            for (int antialias = 0; antialias < 2; antialias++) {
                HeResampleSpec spec = {.channels = 1,
                                       .in_w = n,
                                       .in_h = 31 - n,
                                       .w = n,
                                       .h = 31 - n,
                                       .out_w = 11,
                                       .out_h = 6,
                                       .filter = (HeFilter)filter,
                                       .antialias = antialias};
                g_autofree double *out = run(&spec, in);
                for (int i = 0; i < 66; i++)
                    g_assert_cmpfloat_with_epsilon(out[i], (double)0.7f, 1e-12);
            }
}

static void test_no_memory(void)
{
    HeResampleSpec spec = {.channels = 3,
                           .in_w = 9,
                           .in_h = 9,
                           .w = 9,
                           .h = 9,
                           .out_w = 4,
                           .out_h = 4,
                           .filter = HE_FILTER_BICUBIC};
    int n_failed = 0;
    for (guint64 call = 1;; call++) {
        g_autoptr(GError) error = NULL;
        he_alloc_fail_at(call);
        g_autoptr(HeResample) resample = he_resample_new(&spec, take, NULL, &error);
        he_alloc_fail_at(0);
        if (resample)
            break;
        g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
        n_failed++;
    }
    g_assert_cmpint(n_failed, >=, 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/image/resample/pillow-1", GINT_TO_POINTER(1), test_pillow);
    g_test_add_data_func("/image/resample/pillow-3", GINT_TO_POINTER(3), test_pillow);
    g_test_add_data_func("/image/resample/pillow-4", GINT_TO_POINTER(4), test_pillow);
    for (int i = 0; he_filters[i].nick; i++) {
        g_autofree char *path =
            g_strconcat("/image/resample/identity-", he_filters[i].nick, NULL);
        g_test_add_data_func(path, GINT_TO_POINTER(he_filters[i].value), test_identity);
    }
    g_test_add_func("/image/resample/plain", test_plain);
    g_test_add_func("/image/resample/constant", test_constant);
    g_test_add_func("/image/resample/no-memory", test_no_memory);
    return g_test_run();
}
