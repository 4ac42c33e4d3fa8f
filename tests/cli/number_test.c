/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command's numbers: the same through every door, for any number of threads, for pictures and networks
 * of every kind. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "cli/npy.h"
#include "cli/png.h"
#include "core/alloc.h"
#include "core/tensor.h"
#include "support/command.h"

static HeTensor load_npy(const char *name)
{
    HeTensor out;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = at(name);
    g_autoptr(CliInput) input = cli_input_open(path, &error);
    g_assert_no_error(error);
    g_assert_true(cli_npy_read(input, &out, &error));
    g_assert_cmpint(out.type, ==, HE_F32);
    return out;
}

static CliPicture *open_png(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = at(name);
    CliPicture *picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    return picture;
}

static void test_native(void)
{
    static const char *const pairs[][2] = {{"cam", "cam"},
                                           {"grad-cam", "grad-cam"},
                                           {"saliency", "gradient"},
                                           {"guided-backprop", "guided-backprop"},
                                           {"deconvnet", "deconvnet"}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *explain =
            g_strdup_printf("explain b.png --model ./net.onnx --method %s --class 1 "
                            "--raw-native native.npy --save-input seen.npy -f",
                            pairs[i][0]);
        g_autofree char *evaluate = g_strdup_printf(
            "evaluate ./net.onnx seen.npy again.npy --what %s --target 1 -f",
            pairs[i][1]);
        succeeds(explain);
        succeeds(evaluate);
        assert_same_file("native.npy", "again.npy");
    }
    succeeds("explain b.png --model ./net.onnx --method saliency --layer r --channel 2 "
             "--at 3,4 --raw-native native.npy --save-input seen.npy -f");
    succeeds("evaluate ./net.onnx seen.npy again.npy --what neuron-gradient --layer r "
             "--channel 2 --at 3,4 -f");
    assert_same_file("native.npy", "again.npy");
    drop("native.npy");
    drop("again.npy");
    drop("seen.npy");
}

/* Several samples on a network of one: one by one, each as alone. */
static void test_samples(void)
{
    static const char *const whats[] = {
        "logits",
        "activation --layer r",
        "gradient --target 0",
        "saliency-absolute --target 2",
        "layer-gradient --layer r --target 1",
        "grad-cam --layer r --target 1",
        "cam --target 1",
        "neuron-deconvnet --layer r --channel 1 --at max"};
    HeTensor x = load_npy("x.npy");
    gint64 dim[4] = {1, 3, COMMAND_SIDE, COMMAND_SIDE};
    g_autofree char *path = at("third.npy");
    FILE *file = g_fopen(path, "wb");
    size_t n = 3 * COMMAND_SIDE * COMMAND_SIDE;
    cli_npy_write_header(file, path, 4, dim, NULL);
    cli_npy_write_values(file, path, (float *)x.data + 2 * n, n, NULL);
    fclose(file);
    he_free(x.data);
    for (size_t i = 0; i < G_N_ELEMENTS(whats); i++) {
        g_autofree char *all =
            g_strdup_printf("evaluate ./net.onnx x.npy all.npy -f --what %s", whats[i]);
        g_autofree char *one = g_strdup_printf(
            "evaluate ./net.onnx third.npy one.npy -f --what %s", whats[i]);
        succeeds(all);
        succeeds(one);
        HeTensor a = load_npy("all.npy"), b = load_npy("one.npy");
        size_t n_one = he_tensor_n(&b);
        g_assert_cmpint(a.dim[0], ==, 3);
        g_assert_cmpuint(he_tensor_n(&a), ==, 3 * n_one);
        g_assert_cmpmem((float *)a.data + 2 * n_one, n_one * sizeof(float), b.data,
                        n_one * sizeof(float));
        he_free(a.data);
        he_free(b.data);
    }
    drop("all.npy");
    drop("one.npy");
    drop("third.npy");
}

static void test_threads(void)
{
    static const char *const sets[] = {"plain", "openblas", "auto"};
    for (size_t s = 0; s < G_N_ELEMENTS(sets); s++) {
        for (int threads = 1; threads <= 8; threads++) {
            g_autofree char *line = g_strdup_printf(
                "explain b.png --model ./net.onnx --method guided-backprop --kernels %s "
                "--threads %d --raw %s.npy -o %s.png -f",
                sets[s], threads, threads == 1 ? "first" : "other",
                threads == 1 ? "first" : "other");
            succeeds(line);
            if (threads > 1) {
                assert_same_file("first.npy", "other.npy");
                assert_same_file("first.png", "other.png");
            }
        }
    }
    drop("first.npy");
    drop("first.png");
    drop("other.npy");
    drop("other.png");
}

/* A photograph of several parts of rows, composed and compressed on all threads. */
static void test_bands(void)
{
    g_autofree char *photograph =
        g_build_filename(g_getenv("HE_TOP"), "tests/images/chelsea.png", NULL);
    for (int threads = 1; threads <= 9; threads += 2) {
        g_autofree char *line =
            g_strdup_printf("explain '%s' --model ./net.onnx --method saliency "
                            "--threads %d -o %s.png -f",
                            photograph, threads, threads == 1 ? "first" : "other");
        succeeds(line);
        if (threads > 1)
            assert_same_file("first.png", "other.png");
    }
    drop("first.png");
    drop("other.png");
}

/* ---- pictures and networks of every kind ---------------------------------------------------------- */

/* b.png laid over the model's background by hand gives the same map. */
static void test_flattened(void)
{
    g_autoptr(CliPicture) picture = open_png("b.png");
    float *samples = g_new(float, 20 * 15 * 4);
    float *rgba = g_new(float, 20 * 15 * 4);
    const float ground[3] = {0x33 / 255.0f, 0x66 / 255.0f, 0x99 / 255.0f};
    picture->source.read_rows(&picture->source, HE_ENCODING_SRGB, 0, 15, samples, NULL);
    for (int i = 0; i < 20 * 15; i++)
        for (int c = 0; c < 4; c++)
            rgba[4 * i + c] = c == 3 ? 1
                                     : ground[c] + samples[4 * i + 3] *
                                                       (samples[4 * i + c] - ground[c]);
    g_autofree char *path = at("flat.png");
    FILE *file = g_fopen(path, "wb");
    CliPngShape shape = {path, 20, 15, FALSE, 16, NULL};
    g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, NULL);
    g_assert_true(cli_png_writer_rows(writer, rgba, 15, NULL));
    g_assert_true(cli_png_writer_end(writer, NULL));
    fclose(file);
    succeeds("explain b.png --model ./net.onnx --background '#336699' --class 0 "
             "--method grad-cam --raw seen.npy");
    succeeds("explain flat.png --model ./net.onnx --class 0 --method grad-cam "
             "--raw twin.npy");
    HeTensor a = load_npy("seen.npy"), b = load_npy("twin.npy");
    double most = 0, off = 0;
    for (size_t i = 0; i < he_tensor_n(&a); i++) {
        double v = (double)((float *)a.data)[i], w = (double)((float *)b.data)[i];
        most = fmax(most, fabs(v));
        off = fmax(off, fabs(v - w));
    }
    g_assert_cmpfloat(most, >, 0);
    g_assert_cmpfloat(off, <, 1e-3 * most); /* 16 bits of the twin */
    he_free(a.data);
    he_free(b.data);
    g_free(samples);
    g_free(rgba);
    drop("flat.png");
    drop("seen.npy");
    drop("twin.npy");
}

/* Stored 16-bit numbers reach the tensor as they are: nearest, no mean, a range of one. */
static void test_ramp(void)
{
    succeeds("explain ramp.png --model ./raw.onnx --save-input seen.npy");
    g_autoptr(CliPicture) picture = open_png("ramp.png");
    float *stored = g_new(float, 20 * 15 * 3);
    picture->source.read_rows(&picture->source, HE_ENCODING_RAW, 0, 15, stored, NULL);
    HeTensor x = load_npy("seen.npy");
    for (int y = 0; y < COMMAND_SIDE; y++)
        for (int xx = 0; xx < COMMAND_SIDE; xx++) {
            int sy = (int)((y + 0.5) * 15 / COMMAND_SIDE),
                sx = (int)((xx + 0.5) * 20 / COMMAND_SIDE);
            for (int c = 0; c < 3; c++)
                g_assert_cmpfloat(
                    ((float *)x.data)[(c * COMMAND_SIDE + y) * COMMAND_SIDE + xx], ==,
                    stored[(sy * 20 + sx) * 3 + c]);
        }
    he_free(x.data);
    g_free(stored);
    drop("seen.npy");
}

/* Explains CLASS of NET on PICTURE by METHOD; the map is not flat. Gives the map. */
static HeTensor explain_raw(const char *net, const char *picture, const char *class,
                            const char *method)
{
    g_autofree char *line =
        g_strdup_printf("explain %s --model ./%s.onnx --class '%s' --method %s "
                        "--gradient signed --raw raw.npy -o raw.png -f",
                        picture, net, class, method);
    succeeds(line);
    HeTensor map = load_npy("raw.npy");
    double most = 0;
    for (size_t i = 0; i < he_tensor_n(&map); i++)
        most = fmax(most, fabs((double)((float *)map.data)[i]));
    if (!(most > 0))
        g_test_fail_printf("%s: the map is flat", line);
    drop("raw.npy");
    drop("raw.png");
    return map;
}

static void test_networks(void)
{
    static const char *const cases[][4] = {{"two", "a.png", "good", "bad"},
                                           {"one", "a.png", "defect", "no defect"},
                                           {"grey", "a.png", "0", "1"},
                                           {"bands", "bands.npy", "0", "1"}};
    static const char *const methods[] = {"cam", "saliency", "grad-cam",
                                          "guided-backprop"};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t m = 0; m < G_N_ELEMENTS(methods); m++) {
            HeTensor a = explain_raw(cases[i][0], cases[i][1], cases[i][2], methods[m]);
            HeTensor b = explain_raw(cases[i][0], cases[i][1], cases[i][3], methods[m]);
            size_t n = he_tensor_n(&a) * sizeof(float);
            g_assert_cmpint(memcmp(a.data, b.data, n), !=, 0);
            /* The other answer of one output is the same value with its sign changed. */
            if (i == 1 && m < 2)
                for (size_t k = 0; k < he_tensor_n(&a); k++)
                    g_assert_cmpfloat(((float *)a.data)[k], ==, -((float *)b.data)[k]);
            he_free(a.data);
            he_free(b.data);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    g_test_add_func("/number/native", test_native);
    g_test_add_func("/number/samples", test_samples);
    g_test_add_func("/number/threads", test_threads);
    g_test_add_func("/number/bands", test_bands);
    g_test_add_func("/number/flattened", test_flattened);
    g_test_add_func("/number/ramp", test_ramp);
    g_test_add_func("/number/networks", test_networks);
    int status = g_test_run();
    command_end();
    return status;
}
