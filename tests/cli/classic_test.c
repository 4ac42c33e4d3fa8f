/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The classic comparison, from the catalogue to the pictures: guided backpropagation on AlexNet, VGG, ResNet and
 * DenseNet, positive, negative and absolute, as files and as one sheet, each network got from a server. The
 * networks are the oracle's: real graphs, small, random weights. */
#include <string.h>

#include "cli/picture.h"
#include "support/command.h"
#include "support/http_server.h"

static const char *const nets[] = {"alexnet", "vgg", "resnet", "densenet"};

static void get_all(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        g_autofree char *file = g_strconcat(nets[i], ".onnx", NULL);
        g_autofree char *path =
            g_build_filename(g_getenv("HE_TOP"), "tests/oracle/nets", file, NULL);
        g_autofree char *bytes = NULL;
        gsize n;
        g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
        g_autofree char *sum =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, n);
        HttpServer *server = http_server_new(bytes, n);
        g_autofree char *catalogue = g_strdup_printf(
            "[Catalogue]\nFormat=1\nMirrors=http://127.0.0.1:%d/good/{file}\n"
            "[%s]\nFile=%s\nBytes=%" G_GSIZE_FORMAT "\nModel.SHA256=%s\n",
            http_server_get_port(server), nets[i], file, n, sum);
        g_autofree char *get =
            g_strdup_printf("models get %s --catalogue cat.ini", nets[i]);
        put("cat.ini", catalogue);
        succeeds(get);
        g_assert_cmpint(http_server_get_count(server), ==, 1);
        http_server_free(server);
    }
    drop("cat.ini");
}

static char *picture_name(const char *net, const char *gradient)
{
    return g_strdup_printf("pictures/a.%s.guided-backprop.class-3.%s.png", net, gradient);
}

/* The map alone, as samples; *N of them. */
static float *read_samples(const char *name, size_t *n)
{
    g_autofree char *path = at(name);
    g_autoptr(GError) error = NULL;
    g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    HeSource *source = &picture->source;
    *n = (size_t)source->width * (size_t)source->height *
         (size_t)(source->channels + source->has_alpha);
    float *samples = g_new(float, *n);
    source->read_rows(source, HE_ENCODING_RAW, 0, source->height, samples, &error);
    g_assert_no_error(error);
    return samples;
}

static void assert_differ(const char *net, const char *a, const char *b)
{
    g_autofree char *name_a = picture_name(net, a), *name_b = picture_name(net, b);
    size_t n_a, n_b;
    g_autofree float *of_a = read_samples(name_a, &n_a),
                     *of_b = read_samples(name_b, &n_b);
    g_assert_cmpuint(n_a, ==, n_b);
    if (memcmp(of_a, of_b, n_a * sizeof(float)) == 0)
        g_test_fail_printf("%s: %s and %s are the same picture", net, a, b);
}

/* The samples of a tile, from a sheet of them; the layout is cli/sheet.c's. */
#define TILE    256
#define GAP     8
#define CAPTION 15
#define ROW     192 /* of a picture of 20 x 15 */

typedef struct {
    float *samples;
    int width, height, channels;
} Pixels;

static Pixels read_sheet(void)
{
    g_autofree char *path = at("sheet.png");
    g_autoptr(GError) error = NULL;
    g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    HeSource *source = &picture->source;
    Pixels pixels = {
        .width = source->width, .height = source->height, .channels = source->channels};
    size_t n = (size_t)source->width * (size_t)source->height * (size_t)source->channels;
    pixels.samples = g_new(float, n);
    g_assert_false(source->has_alpha);
    g_assert_true(source->read_rows(source, HE_ENCODING_RAW, 0, source->height,
                                    pixels.samples, &error));
    return pixels;
}

static void assert_tiles_differ(const Pixels *sheet, int row, int a, int b)
{
    int n = 0;
    for (int y = 0; y < ROW; y++)
        for (int x = 0; x < TILE; x++) {
            size_t top = (size_t)(GAP + row * (ROW + CAPTION + GAP) + y);
            const float *line =
                sheet->samples + top * (size_t)sheet->width * (size_t)sheet->channels;
            n += line[(GAP + a * (TILE + GAP) + x) * sheet->channels] !=
                 line[(GAP + b * (TILE + GAP) + x) * sheet->channels];
        }
    if (n < TILE * ROW / 20)
        g_test_fail_printf("row %d: tiles %d and %d differ in %d pixels", row, a, b, n);
}

static void test_classic(void)
{
    get_all();
    g_auto(Answer) answer =
        run("explain a.png --sheet sheet.png -o pictures --as layer --alpha full "
            "--model alexnet,vgg,resnet,densenet --class 3 --method guided-backprop "
            "--gradient positive,negative,absolute");
    if (answer.status != 0)
        g_test_fail_printf("%s", answer.err);
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        assert_differ(nets[i], "positive", "negative");
        assert_differ(nets[i], "positive", "absolute");
        assert_differ(nets[i], "negative", "absolute");
    }
    Pixels sheet = read_sheet();
    g_assert_cmpint(sheet.width, ==, GAP + 4 * (TILE + GAP));
    g_assert_cmpint(sheet.height, ==, GAP + 4 * (ROW + CAPTION + GAP));
    for (int row = 0; row < 4; row++)
        for (int a = 0; a < 4; a++)
            for (int b = a + 1; b < 4; b++)
                assert_tiles_differ(&sheet, row, a, b);
    g_free(sheet.samples);
    drop("pictures");
    drop("sheet.png");
}

static void test_sheet(void)
{
    refuses(2, "standard output", "explain a.png --sheet - --json --model ./net.onnx");
    refuses(2, "positive, negative", "explain a.png --sheet s.png --gradient up");
    refuses(1, "nowhere", "explain a.png --sheet s.png --model ./net.onnx,nowhere");
    refuses(1, "no/such", "explain a.png --sheet no/such.png --model ./net.onnx");
    succeeds("explain a.png b.png --sheet s.png --model ./net.onnx --class top3 --quiet");
    refuses(1, "s.png", "explain a.png --sheet s.png --model ./net.onnx");
    drop("s.png");
    /* A file's name may hold a comma. */
    run_shell("cp net.onnx 'a,b.onnx'");
    succeeds("explain a.png --sheet s.png --model './a,b.onnx' --quiet");
    drop("a,b.onnx");
    drop("s.png");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("no_proxy", "*", TRUE);
    command_start();
    g_autofree char *home = at("home");
    g_setenv("XDG_DATA_HOME", home, TRUE);
    g_setenv("XDG_CONFIG_HOME", home, TRUE);
    g_test_add_func("/cli/classic", test_classic);
    g_test_add_func("/cli/sheet", test_sheet);
    int status = g_test_run();
    run_shell("rm -rf home");
    command_end();
    return status;
}
