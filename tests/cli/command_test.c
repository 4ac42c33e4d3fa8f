/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command as a whole, run as people run it, on small networks and pictures made here: what it writes,
 * what it refuses and with which words and exit status, and that numbers agree between its doors. */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/npy.h"
#include "cli/png.h"
#include "core/alloc.h"
#include "core/tensor.h"
#include "support/onnx_write.h"

#define SIDE   12
#define HIDDEN 8

static char *folder, *program;

/* ---- running ------------------------------------------------------------------------------------------- */

typedef struct {
    int status;
    char *out, *err;
} Answer;

static void answer_clear(Answer *answer)
{
    g_free(answer->out);
    g_free(answer->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* LINE as a shell splits it, after "human-eye", in the test's folder. */
static Answer run(const char *format, ...) G_GNUC_PRINTF(1, 2);
static Answer run(const char *format, ...)
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

static char *at(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static gboolean exists(const char *name)
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

/* The command must end with STATUS, say one line that holds WORDS, and leave no file behind. */
static void refuses(int status, const char *words, const char *line)
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

static void succeeds(const char *line)
{
    g_auto(Answer) answer = run("%s", line);
    if (answer.status != 0)
        g_test_fail_printf("%s: status %d, says: %s", line, answer.status, answer.err);
}

static char *load(const char *name, gsize *n)
{
    g_autofree char *path = at(name);
    char *bytes = NULL;
    if (!g_file_get_contents(path, &bytes, n, NULL))
        g_error("%s cannot be read", path);
    return bytes;
}

static void assert_same_file(const char *a, const char *b)
{
    gsize n_a = 0, n_b = 0;
    g_autofree char *of_a = load(a, &n_a), *of_b = load(b, &n_b);
    g_assert_cmpmem(of_a, n_a, of_b, n_b);
}

static void drop(const char *name)
{
    g_autofree char *path = at(name);
    g_remove(path);
}

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

/* ---- what is made for the tests ---------------------------------------------------------------------------- */

static void put(const char *name, const char *text)
{
    g_autofree char *path = at(name);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

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
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, channels, SIDE, SIDE});
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

/* A PNG of random pixels; ALPHA: "", or how transparency is made. */
static void make_png(const char *name, int depth, gboolean has_alpha, gboolean is_ramp)
{
    g_autofree char *path = at(name);
    g_autofree float *rgba = g_new(float, 20 * 15 * 4);
    FILE *file = g_fopen(path, "wb");
    CliPngShape shape = {path, 20, 15, has_alpha, depth, NULL};
    g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, NULL);
    fill(rgba, 20 * 15 * 4, 11);
    for (int i = 0; i < 20 * 15 * 4; i++)
        rgba[i] = is_ramp ? (float)(i / 4 * 211) / 65535 : 0.5f + 0.5f * rgba[i];
    g_assert_true(cli_png_writer_rows(writer, rgba, 15, NULL));
    g_assert_true(cli_png_writer_end(writer, NULL));
    fclose(file);
}

static void make_npy(const char *name, int rank, const gint64 *dim, guint32 seed)
{
    g_autofree char *path = at(name);
    size_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= (size_t)dim[i];
    g_autofree float *values = g_new(float, n);
    fill(values, n, seed);
    FILE *file = g_fopen(path, "wb");
    g_assert_true(cli_npy_write_header(file, path, rank, dim, NULL));
    g_assert_true(cli_npy_write_values(file, path, values, n, NULL));
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
    make_npy("bands.npy", 3, (gint64[]){17, 19, 4}, 21);
    make_npy("x.npy", 4, (gint64[]){3, 3, SIDE, SIDE}, 23);
    put("photo.jpg", "\xff\xd8\xff\xe0 and so on");
    put("broken.onnx", "this is no model");
    put("empty.onnx", "");
    g_autofree char *whole = NULL, *path = at("net.onnx"), *cut = at("cut.onnx");
    gsize n = 0;
    g_assert_true(g_file_get_contents(path, &whole, &n, NULL));
    g_assert_true(g_file_set_contents(cut, whole, (gssize)(n * 2 / 3), NULL));
}

/* ---- usage and refusals --------------------------------------------------------------------------------------- */

static void test_help(void)
{
    static const char *const commands[] = {"bench",  "classify", "evaluate", "explain",
                                           "layers", "methods",  "models",   "verify"};
    g_auto(Answer) all = run("--help");
    g_assert_cmpint(all.status, ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_auto(Answer) one = run("%s --help", commands[i]);
        g_autofree char *line = g_strdup_printf("  human-eye %s", commands[i]);
        g_assert_nonnull(strstr(all.out, commands[i]));
        g_assert_cmpint(one.status, ==, 0);
        g_assert_cmpstr(one.err, ==, "");
        g_assert_nonnull(strstr(one.out, "Examples:"));
        g_assert_nonnull(strstr(one.out, line));
        g_auto(GStrv) lines = g_strsplit(one.out, "\n", -1);
        for (char **text = lines; *text; text++)
            g_assert_cmpint(g_utf8_strlen(*text, -1), <=, 90);
    }
    g_auto(Answer) explain = run("explain --help");
    static const char *const options[] = {
        "--model=",    "--class=",      "--versus=",     "--layer=",     "--channel=",
        "--at=",       "--fit=",        "--method=",     "--blend=",     "--scale=",
        "--gradient=", "--opacity=",    "--alpha=",      "--colormap=",  "--background=",
        "--threads=",  "--kernels=",    "--seed=",       "--precision=", "--as=",
        "--raw=",      "--raw-native=", "--save-input=", "--recipe=",    "--json",
        "--force",     "--quiet"};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        g_assert_nonnull(strstr(explain.out, options[i]));
    g_assert_null(strstr(explain.out, "--selection")); /* the plug-in's own */
    g_auto(Answer) version = run("--version");
    g_assert_cmpstr(version.out, ==, "human-eye " HE_VERSION "\n");
}

static void test_usage(void)
{
    refuses(2, "no command given", "");
    refuses(2, "paint: there is no such command", "paint");
    refuses(2, "PICTURE", "explain");
    refuses(2, "where to?", "explain a.png --model ./net.onnx");
    refuses(2, "--gradient: ", "explain a.png -o o.png --gradient sideways");
    refuses(2, "positive, negative, absolute, signed",
            "explain a.png -o o.png --gradient sideways");
    refuses(2, "--opacity: ", "explain a.png -o o.png --opacity 200");
    refuses(2, "--threads: ", "explain a.png -o o.png --threads some");
    refuses(2, "--as: ", "explain a.png -o o.png --as sculpture");
    refuses(2, "--gloss", "explain a.png -o o.png --gloss");
    refuses(2, "-o", "explain a.png -o");
    refuses(2, "standard output", "explain a.png -o - --raw -");
    refuses(2, "standard output", "explain a.png -o - --json");
    refuses(2, "standard input", "explain - - -o o");
    refuses(2, "--selection", "explain a.png -o o.png --selection look");
    refuses(2, "--image", "verify a.png");
    refuses(2, "--what: must be given", "evaluate net.onnx x.npy o.npy");
    refuses(2, "--target: is needed", "evaluate net.onnx x.npy o.npy --what cam");
    refuses(2, "--layer: is needed", "evaluate net.onnx x.npy o.npy --what activation");
    refuses(2, "--channel: is needed",
            "evaluate net.onnx x.npy o.npy --what neuron-gradient --layer r");
    refuses(2, "none of activation, cam", "evaluate net.onnx x.npy o.npy --what magic");
    refuses(2, "--repeat", "bench net.onnx --repeat 0");
}

/* What DESIGN.md names and a later version brings is refused by name. */
static void test_later(void)
{
    static const char *const methods[] = {"grad-cam++", "layer-cam", "occlusion", "lime",
                                          "integrated-gradients"};
    static const char *const options[] = {"steps", "window", "stride", "baseline",
                                          "rule"};
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *line =
            g_strdup_printf("explain a.png -o o.png --method %s", methods[i]);
        refuses(2, "not built yet", line);
        refuses(2, methods[i], line);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autofree char *line = g_strdup_printf(
            "evaluate net.onnx x.npy o.npy --what cam --%s 3", options[i]);
        g_autofree char *words = g_strdup_printf("--%s: is not built yet", options[i]);
        refuses(2, words, line);
    }
    refuses(2, "occlusion", "evaluate net.onnx x.npy o.npy --what occlusion --target 1");
    refuses(2, "--window: is not built yet", "explain a.png -o o.png --window 3");
    refuses(2, "get: is not built yet", "models get resnet50");
    refuses(2, "add: is not built yet", "models add net.onnx");
    refuses(2, "check: is not built yet", "models check net.onnx");
}

static void test_bad_input(void)
{
    refuses(1, "none.png: ", "explain none.png -o o.png --model ./net.onnx");
    refuses(1, "a JPEG; open it in GIMP or convert it",
            "explain photo.jpg -o o.png --model ./net.onnx");
    refuses(1, "a JPEG", "classify photo.jpg --model ./net.onnx");
    refuses(1, "none.onnx", "explain a.png -o o.png --model ./none.onnx");
    refuses(1, "broken.onnx", "explain a.png -o o.png --model ./broken.onnx");
    refuses(1, "empty.onnx", "explain a.png -o o.png --model ./empty.onnx");
    refuses(1, "cut.onnx", "explain a.png -o o.png --model ./cut.onnx");
    refuses(1, "cut.onnx", "layers ./cut.onnx");
    refuses(1, "nosuchmodel", "explain a.png -o o.png --model nosuchmodel");
    refuses(1, "Egyptian cat",
            "explain a.png -o o.png --model ./net.onnx --class 'Egytian cat'");
    refuses(1, "7", "explain a.png -o o.png --model ./net.onnx --class 7");
    refuses(1, "",
            "explain a.png -o o.png --model ./net.onnx --layer nowhere "
            "--method grad-cam");
    refuses(1, "none/o.png: ", "explain a.png -o none/o.png --model ./net.onnx");
    refuses(1, "bands.npy: ", "explain bands.npy -o o.png --model ./net.onnx");
    refuses(1, "none.npy", "evaluate ./net.onnx none.npy o.npy --what logits");
    refuses(1, "", "evaluate ./net.onnx bands.npy o.npy --what logits");
    refuses(1, "", "evaluate ./net.onnx x.npy o.npy --what cam --target 99");
    refuses(1, "no recipe", "verify a.png --image a.png");
    refuses(1, "not a recipe", "explain a.png -o o.png --recipe photo.jpg");
    refuses(1, "several", "explain a.png -o - --model ./net.onnx --class top3 -q");
}

/* Nothing of a failed run is left, even when the first of several pictures was good. */
static void test_nothing_written(void)
{
    refuses(1, "none.png",
            "explain a.png none.png -o made --model ./net.onnx "
            "--raw maps --save-input inputs -q");
}

static void test_existing(void)
{
    put("kept.png", "precious");
    refuses(1, "kept.png: exists already; --force",
            "explain a.png -o kept.png --model ./net.onnx");
    refuses(1, "kept.png: exists already",
            "explain a.png -o new.png --raw kept.png --model ./net.onnx");
    refuses(1, "kept.png", "evaluate ./net.onnx x.npy kept.png --what logits");
    gsize n = 0;
    g_autofree char *kept = load("kept.png", &n);
    g_assert_cmpstr(kept, ==, "precious");
    succeeds("explain a.png -o kept.png --model ./net.onnx --force");
    g_autofree char *replaced = load("kept.png", &n);
    g_assert_cmpmem(replaced, 4, "\x89PNG", 4);
    drop("kept.png");
}

/* ---- results ---------------------------------------------------------------------------------------------------- */

static CliPicture *open_png(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = at(name);
    CliPicture *picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    return picture;
}

static void test_explain(void)
{
    succeeds("explain a.png -o over.png --model ./net.onnx");
    succeeds("explain a.png -o layer.png --model ./net.onnx --as layer");
    succeeds("explain b.png -o wide.png --model ./net.onnx --method saliency");
    g_autoptr(CliPicture) over = open_png("over.png"), layer = open_png("layer.png"),
                          wide = open_png("wide.png");
    g_assert_cmpint(over->source.width, ==, 20);
    g_assert_cmpint(over->source.height, ==, 15);
    g_assert_false(over->source.has_alpha);
    g_assert_true(layer->source.has_alpha);
    g_assert_true(wide->source.has_alpha); /* the picture's own */
    g_assert_cmpint(over->depth, ==, 8);
    g_assert_cmpint(wide->depth, ==, 16);
    g_assert_nonnull(strstr(over->recipe, "\"sha256\""));
    drop("over.png");
    drop("layer.png");
    drop("wide.png");
}

static void test_streams(void)
{
    succeeds("explain a.png -o file.png --model ./net.onnx");
    g_autofree char *line = g_strdup_printf(
        "cd '%s' && '%s' explain - -o - --model ./net.onnx < a.png > piped.png", folder,
        program);
    g_assert_cmpint(system(line), ==, 0);
    g_autoptr(CliPicture) a = open_png("file.png"), b = open_png("piped.png");
    float row_a[60], row_b[60];
    for (int y = 0; y < 15; y++) {
        a->source.read_rows(&a->source, HE_ENCODING_RAW, y, 1, row_a, NULL);
        b->source.read_rows(&b->source, HE_ENCODING_RAW, y, 1, row_b, NULL);
        g_assert_cmpmem(row_a, sizeof row_a, row_b, sizeof row_b);
    }
    drop("file.png");
    drop("piped.png");
}

static void test_folder(void)
{
    succeeds("explain a.png b.png -o made --raw maps --save-input inputs "
             "--model ./net.onnx --class top3 --method cam,saliency");
    g_autofree char *made = at("made"), *maps = at("maps"), *inputs = at("inputs");
    static const char *const names[] = {"made/a.cam.red-fox.png",
                                        "made/a.saliency.coffee-cup.png",
                                        "made/b.cam.Egyptian-cat-Mau.png",
                                        "made/b.saliency.red-fox.png",
                                        "maps/a.saliency.red-fox.npy",
                                        "maps/b.cam.coffee-cup.npy",
                                        "inputs/a.input.npy",
                                        "inputs/b.input.npy"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (!exists(names[i]))
            g_test_fail_printf("%s is not there", names[i]);
    g_autofree char *clean = g_strdup_printf("rm -r '%s' '%s' '%s'", made, maps, inputs);
    g_assert_cmpint(system(clean), ==, 0);
}

static JsonNode *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    JsonNode *node = json_from_string(text, &error);
    g_assert_no_error(error);
    g_assert_nonnull(node);
    return node;
}

static void test_json(void)
{
    g_auto(Answer) recipes = run("explain a.png --json --model ./net.onnx --class top3");
    g_autoptr(JsonNode) list = parse(recipes.out);
    g_assert_cmpint(json_array_get_length(json_node_get_array(list)), ==, 3);
    JsonObject *recipe = json_array_get_object_element(json_node_get_array(list), 0);
    g_assert_cmpint(json_object_get_int_member(recipe, "format"), ==, 1);

    g_auto(Answer) classes =
        run("classify a.png b.png --json --model ./net.onnx --top 2");
    g_autoptr(JsonNode) answers = parse(classes.out);
    g_assert_cmpint(json_array_get_length(json_node_get_array(answers)), ==, 2);
    JsonObject *first = json_array_get_object_element(json_node_get_array(answers), 0);
    g_assert_cmpstr(json_object_get_string_member(first, "image"), ==, "a.png");
    g_assert_cmpstr(json_object_get_string_member(first, "model"), ==, "net");
    JsonArray *top = json_object_get_array_member(first, "classes");
    g_assert_cmpint(json_array_get_length(top), ==, 2);
    JsonObject *best = json_array_get_object_element(top, 0);
    double p = json_object_get_double_member(best, "probability");
    g_assert_true(p > 0 && p <= 1);
    g_assert_true(json_object_has_member(best, "index"));
    g_assert_true(json_object_has_member(best, "label"));
    g_assert_true(json_object_has_member(best, "score"));

    g_auto(Answer) times =
        run("bench ./net.onnx --json --what logits,gradient-no --repeat 2");
    g_assert_cmpint(times.status, ==, 1);
    g_auto(Answer) good = run("bench ./net.onnx --json --threads 1,2 --repeat 2");
    g_autoptr(JsonNode) rows = parse(good.out);
    g_assert_cmpint(json_array_get_length(json_node_get_array(rows)), ==, 2);
    JsonObject *row = json_array_get_object_element(json_node_get_array(rows), 1);
    static const char *const keys[] = {"model",     "what",   "threads", "repeat",
                                       "median_ms", "p10_ms", "p90_ms",  "gflops"};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_assert_true(json_object_has_member(row, keys[i]));
    g_assert_cmpint(json_object_get_int_member(row, "threads"), ==, 2);

    static const char *const others[] = {
        "layers ./net.onnx --json", "methods --json", "methods --json --model ./net.onnx",
        "models --json", "models info ./net.onnx --json"};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_auto(Answer) answer = run("%s", others[i]);
        g_autoptr(JsonNode) node = parse(answer.out);
        g_assert_cmpint(answer.status, ==, 0);
    }
}

/* Numbers keep their '.' where the locale has a ','. */
static void test_tables(void)
{
    g_auto(Answer) classes = run("classify a.png --model ./net.onnx");
    g_assert_nonnull(strstr(classes.out, "red fox (0)"));
    g_auto(Answer) layers = run("layers ./net.onnx");
    g_assert_nonnull(strstr(layers.out, "[1, 8, 12, 12]"));
    g_auto(Answer) methods = run("methods --model ./net.onnx");
    g_assert_nonnull(strstr(methods.out, "guided-backprop"));
    g_auto(Answer) info = run("models info ./net.onnx");
    g_assert_nonnull(strstr(info.out, "(guessed)"));
}

/* ---- the same numbers through every door -------------------------------------------------------------------------- */

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
    gint64 dim[4] = {1, 3, SIDE, SIDE};
    g_autofree char *path = at("third.npy");
    FILE *file = g_fopen(path, "wb");
    size_t n = 3 * SIDE * SIDE;
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

/* ---- pictures and networks of every kind ----------------------------------------------------------------------------- */

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
    for (int y = 0; y < SIDE; y++)
        for (int xx = 0; xx < SIDE; xx++) {
            int sy = (int)((y + 0.5) * 15 / SIDE), sx = (int)((xx + 0.5) * 20 / SIDE);
            for (int c = 0; c < 3; c++)
                g_assert_cmpfloat(((float *)x.data)[(c * SIDE + y) * SIDE + xx], ==,
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

/* ---- recipes --------------------------------------------------------------------------------------------------------- */

static void test_recipe(void)
{
    succeeds("explain a.png -o why.png --model ./net.onnx --class 'red fox' "
             "--method saliency --gradient signed --scale percentile:90");
    g_auto(Answer) recipe =
        run("explain a.png --json --model ./net.onnx --class 'red fox' "
            "--method saliency --gradient signed --scale percentile:90");
    put("why.json", recipe.out);
    succeeds("explain a.png -o again.png --model ./net.onnx --recipe why.png");
    succeeds("explain a.png -o listed.png --model ./net.onnx --recipe why.json");
    assert_same_file("why.png", "again.png");
    assert_same_file("why.png", "listed.png");
    drop("again.png");
    drop("listed.png");
    drop("why.json");
    drop("why.png");
}

static void test_verify(void)
{
    succeeds("explain a.png -o made --model ./net.onnx --class top3");
    succeeds(
        "explain b.png -o alone.png --model ./net.onnx --as layer --method saliency");
    g_auto(Answer) one = run("verify made/a.cam.coffee-cup.png --image a.png "
                             "--model ./net.onnx");
    g_assert_cmpstr(one.err, ==, "");
    g_assert_cmpint(one.status, ==, 0);
    g_auto(Answer) layer = run("verify alone.png --image b.png --model ./net.onnx");
    g_assert_cmpint(layer.status, ==, 0);
    g_auto(Answer) other = run("verify alone.png --image a.png --model ./net.onnx");
    g_assert_cmpint(other.status, ==, 1);
    g_assert_nonnull(strstr(other.out, "picture  differs"));
    g_auto(Answer) model = run("verify alone.png --image b.png --model ./two.onnx");
    g_assert_cmpint(model.status, ==, 1);
    g_autofree char *made = at("made");
    g_autofree char *clean = g_strdup_printf("rm -r '%s'", made);
    g_assert_cmpint(system(clean), ==, 0);
    drop("alone.png");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    program = g_build_filename(g_getenv("HE_BUILD"), "human-eye", NULL);
    folder = g_dir_make_tmp("human-eye-command-XXXXXX", NULL);
    make_all();
    g_test_add_func("/command/help", test_help);
    g_test_add_func("/command/usage", test_usage);
    g_test_add_func("/command/later", test_later);
    g_test_add_func("/command/bad-input", test_bad_input);
    g_test_add_func("/command/nothing-written", test_nothing_written);
    g_test_add_func("/command/existing", test_existing);
    g_test_add_func("/command/explain", test_explain);
    g_test_add_func("/command/streams", test_streams);
    g_test_add_func("/command/folder", test_folder);
    g_test_add_func("/command/json", test_json);
    g_test_add_func("/command/tables", test_tables);
    g_test_add_func("/command/native", test_native);
    g_test_add_func("/command/samples", test_samples);
    g_test_add_func("/command/threads", test_threads);
    g_test_add_func("/command/flattened", test_flattened);
    g_test_add_func("/command/ramp", test_ramp);
    g_test_add_func("/command/networks", test_networks);
    g_test_add_func("/command/recipe", test_recipe);
    g_test_add_func("/command/verify", test_verify);
    int status = g_test_run();
    g_autofree char *clean = g_strdup_printf("rm -r '%s'", folder);
    return status | (!g_getenv("KEEP") && system(clean) != 0);
}
