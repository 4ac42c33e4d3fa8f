/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command in a folder made for it. */
#include "support/command.h"

#include <glib/gstdio.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "support/onnx_write.h"

#define HIDDEN 8

static char *folder, *program;

void answer_clear(Answer *answer)
{
    g_free(answer->out);
    g_free(answer->err);
}
Answer run(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *whole = g_strconcat(program, " ", line, NULL);
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;
    Answer answer = {0};
    int wait_status = 0;
    g_shell_parse_argv(whole, NULL, &argv, &error);
    g_assert_no_error(error);
    g_spawn_sync(folder, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &answer.out,
                 &answer.err, &wait_status, &error);
    g_assert_no_error(error);
    g_assert_true(WIFEXITED(wait_status));
    answer.status = WEXITSTATUS(wait_status);
    return answer;
}

int run_shell(const char *line)
{
    g_autofree char *build = g_path_get_dirname(program);
    g_autofree char *whole =
        g_strdup_printf("cd '%s' && PATH='%s':$PATH && %s", folder, build, line);
    int wait_status = system(whole);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

char *at(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

gboolean exists(const char *name)
{
    g_autofree char *path = at(name);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static int count_files(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    int n = 0;
    while (g_dir_read_name(dir))
        n++;
    return n;
}

void refuses(int status, const char *words, const char *line)
{
    int before = count_files();
    g_auto(Answer) answer = run("%s", line);
    const char *end = strchr(answer.err, '\n');
    if (answer.status != status || !strstr(answer.err, words))
        g_test_fail_printf("%s: status %d, says: %s", line, answer.status, answer.err);
    g_assert_true(g_str_has_prefix(answer.err, "human-eye: "));
    if (!end || end[1])
        g_test_fail_printf("%s: says more than a line: %s", line, answer.err);
    g_assert_cmpstr(answer.out, ==, "");
    g_assert_cmpint(count_files(), ==, before);
}

void succeeds(const char *line)
{
    g_auto(Answer) answer = run("%s", line);
    if (answer.status != 0)
        g_test_fail_printf("%s: status %d, says: %s", line, answer.status, answer.err);
}

char *load(const char *name, gsize *n)
{
    g_autofree char *path = at(name);
    char *bytes = NULL;
    if (!g_file_get_contents(path, &bytes, n, NULL))
        g_error("%s cannot be read", path);
    return bytes;
}

void assert_same_file(const char *a, const char *b)
{
    gsize n_a = 0, n_b = 0;
    g_autofree char *of_a = load(a, &n_a), *of_b = load(b, &n_b);
    g_assert_cmpmem(of_a, n_a, of_b, n_b);
}

void drop(const char *name)
{
    g_autofree char *path = at(name);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *inner;
    while (dir && (inner = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, inner, NULL);
        g_remove(file);
    }
    g_remove(path);
}

void put(const char *name, const char *text)
{
    g_autofree char *path = at(name);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* ---- what is made -------------------------------------------------------------------------------- */

static void fill(float *values, size_t n, guint32 seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = (float)(seed >> 8) / 8388608.0f - 1;
    }
}

/* Conv, Relu, global pooling, Gemm: the smallest network that has everything. */
static void make_net(const char *name, int channels, int classes, const char *ini,
                     const char *labels)
{
    float w[HIDDEN * 4 * 9], b[HIDDEN], v[HIDDEN * 3], zero[3] = {0};
    g_autofree char *file = g_strconcat(name, ".onnx", NULL), *path = at(file);
    OnnxGraph *g = onnx_graph_new(name);
    fill(w, G_N_ELEMENTS(w), (guint32)(channels * 10 + classes));
    fill(b, HIDDEN, 3);
    fill(v, G_N_ELEMENTS(v), 5);
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, channels, COMMAND_SIDE, COMMAND_SIDE});
    onnx_init_f32(g, "w", 4, (gint64[]){HIDDEN, channels, 3, 3}, w);
    onnx_init_f32(g, "b", 1, (gint64[]){HIDDEN}, b);
    onnx_init_f32(g, "v", 2, (gint64[]){classes, HIDDEN}, v);
    onnx_init_f32(g, "zero", 1, (gint64[]){classes}, zero);
    OnnxNode *conv = onnx_node(g, "Conv", "x,w,b", "c");
    onnx_attr_ints(conv, "pads", 4, (gint64[]){1, 1, 1, 1});
    onnx_node(g, "Relu", "c", "r");
    onnx_node(g, "GlobalAveragePool", "r", "p");
    onnx_node(g, "Flatten", "p", "f");
    OnnxNode *gemm = onnx_node(g, "Gemm", "f,v,zero", "y");
    onnx_attr_int(gemm, "transB", 1);
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, classes});
    onnx_write(g, 13, path);
    if (ini) {
        g_autofree char *descriptor = g_strconcat(name, ".ini", NULL);
        put(descriptor, ini);
    }
    if (labels) {
        g_autofree char *list = g_strconcat(name, ".labels.txt", NULL);
        put(list, labels);
    }
}

/* Random pixels, or a ramp of 16-bit numbers. */
static void make_png(const char *name, int depth, gboolean has_alpha, gboolean is_ramp)
{
    const int samples = has_alpha ? 4 : 3;
    g_autofree char *path = at(name);
    g_autofree float *noise = g_new(float, COMMAND_WIDTH *COMMAND_HEIGHT * 4);
    FILE *file = g_fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    fill(noise, COMMAND_WIDTH * COMMAND_HEIGHT * 4, 11);
    png_init_io(png, file);
    png_set_IHDR(png, info, COMMAND_WIDTH, COMMAND_HEIGHT, depth,
                 has_alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, 0, 0, 0);
    png_write_info(png, info);
    for (int y = 0; y < COMMAND_HEIGHT; y++) {
        guint8 row[COMMAND_WIDTH * 8], *out = row;
        for (int i = 0; i < COMMAND_WIDTH * samples; i++) {
            int n = y * COMMAND_WIDTH * samples + i;
            int v = is_ramp ? n / samples * 211 : (int)(32767.5f + 32767.5f * noise[n]);
            *out++ = (guint8)(v >> 8);
            if (depth == 16)
                *out++ = (guint8)v;
        }
        png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

/* N random float32 of SHAPE, "(2, 3)" in Python's words. */
static void make_npy(const char *name, const char *shape, size_t n, guint32 seed)
{
    g_autofree char *path = at(name);
    g_autofree float *values = g_new(float, n);
    g_autofree char *header =
        g_strdup_printf("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
    FILE *file = g_fopen(path, "wb");
    fill(values, n, seed);
    fprintf(file, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, header);
    fwrite(values, sizeof(float), n, file);
    fclose(file);
}

static void make_all(void)
{
    make_net("net", 3, 3, NULL, "red fox\nEgyptian cat, Mau\ncoffee cup\n");
    make_net("two", 3, 2, NULL, "good\nbad\n");
    make_net("one", 3, 1,
             "[Model]\nFormat=1\n[Output]\nActivation=sigmoid\nNegative=no defect\n",
             "defect\n");
    make_net("grey", 1, 2, NULL, NULL);
    make_net("bands", 4, 2,
             "[Model]\nFormat=1\n[Input]\nChannels=blue;green;red;nir\nEncoding=raw\n"
             "Range=-1..1\nMean=0,0,0,0\nStd=1,1,1,1\n",
             NULL);
    make_net("raw", 3, 2,
             "[Model]\nFormat=1\n[Input]\nEncoding=raw\nRange=0..1\nFilter=nearest\n"
             "Mean=0,0,0\nStd=1,1,1\nFit=stretch\n",
             NULL);
    make_png("a.png", 8, FALSE, FALSE);
    make_png("b.png", 16, TRUE, FALSE);
    make_png("ramp.png", 16, FALSE, TRUE);
    make_npy("bands.npy", "(17, 19, 4)", 17 * 19 * 4, 21);
    make_npy("x.npy", "(3, 3, 12, 12)", 3 * 3 * COMMAND_SIDE * COMMAND_SIDE, 23);
    put("photo.jpg", "\xff\xd8\xff\xe0 and so on");
    put("broken.onnx", "this is no model");
    put("empty.onnx", "");
    g_autofree char *whole = NULL, *path = at("net.onnx"), *cut = at("cut.onnx");
    gsize n = 0;
    g_assert_true(g_file_get_contents(path, &whole, &n, NULL));
    g_assert_true(g_file_set_contents(cut, whole, (gssize)(n * 2 / 3), NULL));
}

void command_start(void)
{
    g_autoptr(GError) error = NULL;
    program = g_build_filename(g_getenv("HE_BUILD"), "human-eye", NULL);
    folder = g_dir_make_tmp("human-eye-command-XXXXXX", &error);
    g_assert_no_error(error);
    make_all();
}

void command_end(void)
{
    drop("");
    g_free(folder);
    g_free(program);
}
