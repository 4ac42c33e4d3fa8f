/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* models add and check, layers --filters and the network in one line. */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "cli/picture.h"
#include "support/command.h"
#include "support/onnx_write.h"

static char *home;

static void has(const char *text, const char *words)
{
    if (!strstr(text, words))
        g_test_fail_printf("“%s” is not in: %s", words, text);
}

static void has_not(const char *text, const char *words)
{
    if (strstr(text, words))
        g_test_fail_printf("“%s” is in: %s", words, text);
}

static char *in_models(const char *name)
{
    return g_build_filename("home", "human-eye", "models", name, NULL);
}

/* NAME's descriptor. */
static char *descriptor(const char *name)
{
    g_autofree char *file = g_strdup_printf("%s/%s.ini", name, name);
    g_autofree char *path = in_models(file);
    gsize n;
    return load(path, &n);
}

static gboolean is_there(const char *name)
{
    g_autofree char *path = in_models(name);
    return exists(path);
}

static void forget(void)
{
    run_shell("rm -rf home");
}

/* How many files are in the user's folder of models, hidden ones too. */
static int count_left(void)
{
    return run_shell("exit $(find home -type f -o -name '.?*' 2>/dev/null | wc -l)");
}

static void test_help(void)
{
    static const char *const verbs[] = {"add", "check", "get", "remove"};
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_auto(Answer) help = run("models %s --help", verbs[i]);
        g_autofree char *example = g_strdup_printf("  human-eye models %s ", verbs[i]);
        g_auto(GStrv) lines = g_strsplit(help.out, "\n", -1);
        g_assert_cmpint(help.status, ==, 0);
        has(help.out, "Examples:");
        has(help.out, example);
        for (char **line = lines; *line; line++)
            g_assert_cmpint(g_utf8_strlen(*line, -1), <=, 90);
        g_autofree char *alone = g_strdup_printf("models %s", verbs[i]);
        refuses(2, "something is missing", alone);
    }
    refuses(2, "expected list, info NAME", "models paint");
    refuses(2, "--timeout: expected", "models get net --timeout 9999");
}

/* ---- add --------------------------------------------------------------------------------------------- */

static void test_add(void)
{
    g_auto(Answer) added =
        run("models add net.onnx --mean 1,2,3 --scale 255 --title 'A b'");
    g_assert_cmpint(added.status, ==, 0);
    has(added.out, "Input.Std");
    has(added.out, "--std");
    has_not(added.out, "Input.Mean");
    has(added.out, "models/net/net.onnx\n");
    g_autofree char *text = descriptor("net"), *copy = in_models("net/net.onnx");
    has(text, "\nTitle=A b\n");
    has(text, "\nMean=1,2,3\n");
    has(text, "\nSize=12x12\n");
    has(text, "\n#Std=1,1,1\n");
    has(text, "\nLabels=net.labels.txt\n");
    has(text, "\nSHA256=");
    assert_same_file("net.onnx", copy);
    g_auto(Answer) classes = run("classify a.png --model net");
    g_assert_cmpint(classes.status, ==, 0);
    has(classes.out, "red fox");
    g_auto(Answer) info = run("models info net");
    has(info.out, "(guessed)");
    g_assert_cmpint(count_left(), ==, 3);
    forget();
}

static void test_add_named(void)
{
    put("other.txt", "a\nb\n");
    g_auto(Answer) added =
        run("models add two.onnx --name my.two --labels other.txt --quiet");
    g_assert_cmpint(added.status, ==, 0);
    g_assert_true(is_there("my.two/my.two.labels.txt"));
    g_auto(Answer) kept = run("models add bands.onnx --name my.two --quiet");
    g_assert_cmpint(kept.status, ==, 1);
    has(kept.err, "exists already; --force replaces it");
    /* The labels of the old one are not left for the new one. */
    g_auto(Answer) forced = run("models add bands.onnx --name my.two --force --json");
    g_assert_cmpint(forced.status, ==, 0);
    has(forced.out, "\"guessed\"");
    g_assert_false(is_there("my.two/my.two.labels.txt"));
    g_autofree char *text = descriptor("my.two");
    has(text, "\nChannels=blue;green;red;nir\n");
    has(text, "\nRange=-1..1\n");
    g_assert_cmpint(count_left(), ==, 2);
    forget();
    drop("other.txt");
}

/* y = mean of (x * gain), with gain an input of its own. */
static void write_two_inputs(void)
{
    const float v[6] = {1, 0, 0, 1, 1, 1};
    g_autofree char *path = at("gained.onnx");
    OnnxGraph *g = onnx_graph_new("gained");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 3, 4, 4});
    onnx_input(g, "gain.1", HE_F32, 4, (gint64[]){1, 3, 1, 1});
    onnx_init_f32(g, "v", 2, (gint64[]){3, 2}, v);
    onnx_node(g, "Mul", "x,gain.1", "m");
    onnx_node(g, "GlobalAveragePool", "m", "p");
    onnx_node(g, "Flatten", "p", "f");
    onnx_node(g, "MatMul", "f,v", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    onnx_write(g, 13, path);
}

/* Files of further inputs come along. */
static void test_add_held(void)
{
    write_two_inputs();
    refuses(1, "gain.1", "models add gained.onnx");
    refuses(2, "--hold: ", "models add gained.onnx --hold gain.1=../g.npy");
    refuses(2, "INPUT=VALUE", "models add gained.onnx --hold gain.1");
    g_assert_cmpint(count_left(), ==, 0);
    g_auto(Answer) number = run("models add gained.onnx --quiet --hold gain.1=2.5");
    g_assert_cmpint(number.status, ==, 0);
    g_autofree char *text = descriptor("gained");
    has(text, "\n[Input gain.1]\nValue=2.5\n");
    run_shell(
        "mkdir -p held && printf '\\223NUMPY\\001\\000\\166\\000' >held/g.npy && "
        "printf '%-117s\\n' \"{'descr': '<f4', 'fortran_order': False, "
        "'shape': (1, 3, 1, 1), }\" >>held/g.npy && head -c 12 /dev/zero >>held/g.npy");
    for (int i = 0; i < 2; i++) {
        g_auto(Answer) file =
            run("models add gained.onnx --quiet --force --hold gain.1=held/g.npy");
        if (file.status != 0)
            g_test_fail_printf("%s", file.err);
        g_assert_true(is_there("gained/held/g.npy"));
        g_assert_cmpint(count_left(), ==, 3);
        if (i == 0)
            forget();
    }
    g_auto(Answer) classes = run("classify a.png --model gained");
    g_assert_cmpint(classes.status, ==, 0);
    forget();
    drop("held");
    drop("gained.onnx");
}

static void write_strange(void)
{
    g_autofree char *path = at("strange.onnx");
    OnnxGraph *g = onnx_graph_new("strange");
    OnnxGraph *yes = onnx_graph_new("yes"), *no = onnx_graph_new("no");
    const guint8 truth = 1;
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 3, 4, 4});
    onnx_init(g, "truth", HE_BOOL, 0, NULL, &truth, 1);
    onnx_node_name(onnx_node(g, "Fancy", "x", "a"), "first");
    onnx_node(g, "Relu", "a", "b");
    onnx_node(g, "Fancy", "b", "c");
    OnnxNode *odd = onnx_node(g, "Odd", "c", "d");
    onnx_node_domain(odd, "org.example");
    onnx_node_name(odd, "third");
    onnx_node_name(onnx_node(yes, "Inner", "d", "e"), "in_branch");
    onnx_output(yes, "e", HE_F32, -1, NULL);
    onnx_node(no, "Relu", "d", "f");
    onnx_output(no, "f", HE_F32, -1, NULL);
    OnnxNode *choice = onnx_node(g, "If", "truth", "y");
    onnx_attr_graph(choice, "then_branch", yes);
    onnx_attr_graph(choice, "else_branch", no);
    onnx_node(g, "Unneeded", "x", "z");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    onnx_write(g, 13, path);
}

static void test_add_refused(void)
{
    put("three.txt", "a\nb\nc\n");
    write_strange();
    refuses(2, "--fit: ", "models add net.onnx --fit squeeze");
    refuses(2, "stretch, crop, pad, aspect", "models add net.onnx --fit squeeze");
    refuses(2, "--mean: ", "models add net.onnx --mean 1,a,3");
    refuses(1, "Mean has 2 numbers", "models add net.onnx --mean 1,2");
    refuses(1, "its labels are 3", "models add two.onnx --labels three.txt");
    refuses(1, "cannot be called", "models add net.onnx --name ../net");
    refuses(1, "cannot be called", "models add net.onnx --name .net");
    refuses(1, "it is a text", "models add broken.onnx");
    refuses(1, "first", "models add strange.onnx");
    refuses(1, "none.onnx", "models add none.onnx");
    g_assert_cmpint(count_left(), ==, 0);
    drop("three.txt");
    drop("strange.onnx");
}

static void test_ask(void)
{
    if (run_shell("script -qec true /dev/null </dev/null >/dev/null 2>&1") != 0) {
        g_test_skip("there is no script(1) to make a terminal with");
        return;
    }
    /* Enter takes ImageNet's numbers, all three together. */
    g_assert_cmpint(run_shell("printf '\\n\\n\\n\\ncrop\\n' | script -qec "
                              "'human-eye models add net.onnx' /dev/null >said.txt"),
                    ==, 0);
    gsize n;
    g_autofree char *text = descriptor("net"), *said = load("said.txt", &n);
    has(said, "Channels: ");
    has(said, "[0.485,0.456,0.406]");
    has(text, "\nChannels=RGB\n");
    has(text, "\nMean=0.485,0.456,0.406\n");
    has(text, "\nStd=0.229,0.224,0.225\n");
    has(text, "\nFit=crop\n");
    has(text, "\n#Filter=bicubic\n");
    forget();
    /* What does not fit is asked again; another scale makes other guesses. */
    g_assert_cmpint(
        run_shell("printf 'BGR\\n256\\n255\\n1,2\\n1,2,3\\n\\n\\n\\n' | script -qec "
                  "'human-eye models add net.onnx' /dev/null >said.txt"),
        ==, 0);
    g_autofree char *other = descriptor("net");
    has(other, "\nChannels=BGR\n");
    has(other, "\nScale=255\n");
    has(other, "\nMean=1,2,3\n");
    has(other, "\nStd=1,1,1\n");
    forget();
    drop("said.txt");
}

/* ---- check ------------------------------------------------------------------------------------------- */

static void test_check(void)
{
    g_auto(Answer) good = run("models check ./net.onnx");
    g_assert_cmpint(good.status, ==, 0);
    has(good.out, "1 conv, 1 fc");
    has(good.out, "x, NCHW 12x12, RGB");
    has(good.out, "[1, 8, 12, 12]");
    has(good.out, "cam, deconvnet, grad-cam");
    has(good.out, "to work in");
    has(good.out, "Input.Fit=stretch");
    g_auto(Answer) json = run("models check ./net.onnx --json");
    g_autoptr(JsonNode) node = json_from_string(json.out, NULL);
    JsonObject *object = json_node_get_object(node);
    g_assert_true(json_object_get_boolean_member(object, "works"));
    g_assert_cmpint(json_object_get_int_member(object, "arena-bytes"), >, 0);
    g_assert_cmpint(
        json_array_get_length(json_object_get_array_member(object, "unsupported")), ==,
        0);
    refuses(1, "it is a text", "models check ./broken.onnx");
    refuses(2, "go together", "models check ./net.onnx --input x.npy");
}

/* All of them, with the branches', and none that the output does not need. */
static void test_check_unsupported(void)
{
    write_strange();
    g_auto(Answer) answer = run("models check ./strange.onnx");
    g_assert_cmpint(answer.status, ==, 1);
    has(answer.out, "Fancy: first, c\n");
    has(answer.out, "org.example.Odd: third\n");
    has(answer.out, "Inner: in_branch\n");
    has_not(answer.out, "Unneeded");
    g_auto(Answer) json = run("models check ./strange.onnx --json");
    g_assert_cmpint(json.status, ==, 1);
    g_autoptr(JsonNode) node = json_from_string(json.out, NULL);
    JsonObject *object = json_node_get_object(node);
    g_assert_false(json_object_get_boolean_member(object, "works"));
    g_assert_cmpint(
        json_array_get_length(json_object_get_array_member(object, "unsupported")), ==,
        4);
    drop("strange.onnx");
}

static void test_compare(void)
{
    succeeds("evaluate net.onnx x.npy y.npy --what logits");
    g_auto(Answer) same = run("models check ./net.onnx --input x.npy --expect y.npy");
    g_assert_cmpint(same.status, ==, 0);
    has(same.out, "as expected: relative difference ");
    has(same.out, "the same best in 3 of 3");
    /* The last number of the last sample becomes another. */
    gsize n;
    g_autofree char *values = load("y.npy", &n), *path = at("y.npy");
    const float other = 1000;
    memcpy(values + n - sizeof other, &other, sizeof other);
    g_assert_true(g_file_set_contents(path, values, (gssize)n, NULL));
    g_auto(Answer) wrong = run("models check ./net.onnx --input x.npy --expect y.npy");
    g_assert_cmpint(wrong.status, ==, 1);
    has(wrong.out, "DIFFERS");
    has(wrong.out, "sample 2, value 2");
    g_auto(Answer) loose =
        run("models check ./net.onnx --input x.npy --expect y.npy --tolerance 2");
    g_assert_cmpint(loose.status, ==, 0);
    g_auto(Answer) other_shape =
        run("models check ./net.onnx --input x.npy --expect x.npy");
    g_assert_cmpint(other_shape.status, ==, 1);
    has(other_shape.out, "what is expected has 432");
    drop("y.npy");
}

/* ---- filters ----------------------------------------------------------------------------------------- */

/* Filters of 1 x 2: one with red and green alone, one that is all zero. */
static void write_filters(int channels)
{
    const float w[12] = {2, 0, 0, -2, 1, 0, 0};
    const float v[4] = {1, 0, 0, 1};
    g_autofree char *path = at("filters.onnx");
    OnnxGraph *g = onnx_graph_new("filters");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, channels, 4, 4});
    onnx_init_f32(g, "w", 4, (gint64[]){2, channels, 1, 2}, w);
    onnx_init_f32(g, "v", 2, (gint64[]){2, 2}, v);
    onnx_node(g, "Conv", "x,w", "c");
    onnx_node(g, "GlobalAveragePool", "c", "p");
    onnx_node(g, "Flatten", "p", "f");
    onnx_node(g, "MatMul", "f,v", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    onnx_write(g, 13, path);
}

static void read_pixel(CliPicture *picture, int x, int y, int rgb[3])
{
    HeSource *source = &picture->source;
    g_autofree float *row = g_new(float, source->width * 3);
    g_autoptr(GError) error = NULL;
    source->read_rows(source, HE_ENCODING_RAW, y, 1, row, &error);
    g_assert_no_error(error);
    for (int c = 0; c < 3; c++)
        rgb[c] = (int)row[3 * x + c];
}

static void assert_pixel(CliPicture *picture, int x, int y, int r, int g, int b)
{
    int rgb[3];
    read_pixel(picture, x, y, rgb);
    if (ABS(rgb[0] - r) > 1 || ABS(rgb[1] - g) > 1 || ABS(rgb[2] - b) > 1)
        g_test_fail_printf("pixel %d, %d is %d, %d, %d, expected %d, %d, %d", x, y,
                           rgb[0], rgb[1], rgb[2], r, g, b);
}

static CliPicture *draw(int channels)
{
    g_autofree char *path = at("filters.png");
    g_autoptr(GError) error = NULL;
    write_filters(channels);
    succeeds("layers ./filters.onnx --filters filters.png --force");
    CliPicture *picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    return picture;
}

static void test_filters(void)
{
    /* Two tiles of 48 x 24, in colour, on white with gaps of 4. */
    g_autoptr(CliPicture) rgb = draw(3);
    g_assert_cmpint(rgb->source.width, ==, 2 * 52 + 4);
    g_assert_cmpint(rgb->source.height, ==, 28 + 4);
    assert_pixel(rgb, 0, 0, 255, 255, 255);
    assert_pixel(rgb, 4, 4, 255, 128, 191);
    assert_pixel(rgb, 51, 27, 128, 0, 128);
    assert_pixel(rgb, 52, 27, 255, 255, 255);
    assert_pixel(rgb, 56, 4, 128, 128, 128);
    put("filters.ini", "[Model]\nFormat=1\n[Input]\nChannels=BGR\n");
    g_autoptr(CliPicture) bgr = draw(3);
    assert_pixel(bgr, 4, 4, 191, 128, 255);
    drop("filters.ini");
    /* A row of grey tiles for each filter. */
    g_autoptr(CliPicture) grey = draw(2);
    g_assert_cmpint(grey->source.width, ==, 2 * 52 + 4);
    g_assert_cmpint(grey->source.height, ==, 2 * 28 + 4);
    assert_pixel(grey, 4, 4, 255, 255, 255);
    assert_pixel(grey, 4 + 24, 4, 128, 128, 128);
    assert_pixel(grey, 56 + 24, 4, 0, 0, 0);
    refuses(1, "exists already", "layers ./filters.onnx --filters filters.png");
    g_auto(Answer) layers = run("layers ./filters.onnx");
    has(layers.out, "1 conv, 1 fc; 12 weights, ");
    drop("filters.png");
    drop("filters.onnx");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    home = at("home");
    g_setenv("XDG_DATA_HOME", home, TRUE);
    g_setenv("XDG_CONFIG_HOME", home, TRUE);
    g_test_add_func("/cli/models/help", test_help);
    g_test_add_func("/cli/models/add", test_add);
    g_test_add_func("/cli/models/add-named", test_add_named);
    g_test_add_func("/cli/models/add-held", test_add_held);
    g_test_add_func("/cli/models/add-refused", test_add_refused);
    g_test_add_func("/cli/models/ask", test_ask);
    g_test_add_func("/cli/models/check", test_check);
    g_test_add_func("/cli/models/check-unsupported", test_check_unsupported);
    g_test_add_func("/cli/models/compare", test_compare);
    g_test_add_func("/cli/models/filters", test_filters);
    int status = g_test_run();
    forget();
    command_end();
    g_free(home);
    return status;
}
