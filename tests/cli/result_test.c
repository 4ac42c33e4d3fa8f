/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the command writes: pictures, folders, streams, JSON, tables; recipes run again and verified. */
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/picture.h"
#include "support/command.h"

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
    g_assert_cmpint(run_shell("human-eye explain - -o - -q --model ./net.onnx < a.png > "
                              "piped.png"),
                    ==, 0);
    if (g_file_test("/dev/full", G_FILE_TEST_EXISTS)) {
        g_assert_cmpint(run_shell("human-eye methods > /dev/full 2> /dev/null"), ==, 1);
        g_assert_cmpint(run_shell("human-eye explain a.png -o - -q --model ./net.onnx "
                                  "> /dev/full 2> /dev/null"),
                        ==, 1);
    }
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
    drop("made");
    drop("maps");
    drop("inputs");
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
    g_auto(Answer) layers = run("bench ./net.onnx --layers --repeat 3 --json");
    g_autoptr(JsonNode) report = parse(layers.out);
    JsonObject *all = json_array_get_object_element(json_node_get_array(report), 0);
    JsonArray *nodes = json_object_get_array_member(all, "layers");
    double sum = 0;
    for (guint i = 0; i < json_array_get_length(nodes); i++) {
        JsonObject *node = json_array_get_object_element(nodes, i);
        gboolean is_conv = g_str_equal(json_object_get_string_member(node, "op"), "Conv");
        sum += json_object_get_double_member(node, "median_ms");
        if (is_conv && json_object_get_double_member(node, "median_ms") > 0)
            g_assert_true(json_object_get_double_member(node, "gflops") > 0);
    }
    g_assert_cmpuint(json_array_get_length(nodes), >, 2);
    g_assert_true(fabs(sum - json_object_get_double_member(all, "median_ms")) < 1e-6);
    succeeds("bench ./net.onnx --layers --threads 1 --repeat 1");
    g_auto(Answer) back =
        run("bench ./net.onnx --layers --what gradient --repeat 2 --json");
    g_autoptr(JsonNode) ways = parse(back.out);
    all = json_array_get_object_element(json_node_get_array(ways), 0);
    nodes = json_object_get_array_member(all, "layers");
    sum = 0;
    for (guint i = 0; i < json_array_get_length(nodes); i++)
        sum += json_object_get_double_member(json_array_get_object_element(nodes, i),
                                             "back_ms");
    g_assert_true(sum > 0);
    g_assert_true(fabs(sum - json_object_get_double_member(all, "back_ms")) < 1e-6);
    succeeds("bench ./net.onnx --layers --what gradient --repeat 1");

    g_auto(Answer) good =
        run("bench ./net.onnx --json --threads 1,2 --repeat 2 --what cam --classes 3");
    g_autoptr(JsonNode) rows = parse(good.out);
    g_assert_cmpint(json_array_get_length(json_node_get_array(rows)), ==, 2);
    JsonObject *row = json_array_get_object_element(json_node_get_array(rows), 1);
    static const char *const keys[] = {"model",  "what",      "threads",
                                       "repeat", "median_ms", "p10_ms",
                                       "p90_ms", "gflops",    "classes"};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_assert_true(json_object_has_member(row, keys[i]));
    g_assert_cmpint(json_object_get_int_member(row, "threads"), ==, 2);
    g_assert_cmpint(json_object_get_int_member(row, "classes"), ==, 3);

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

/* ---- recipes -------------------------------------------------------------------------------------- */

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
    drop("made");
    drop("alone.png");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    g_test_add_func("/result/explain", test_explain);
    g_test_add_func("/result/streams", test_streams);
    g_test_add_func("/result/folder", test_folder);
    g_test_add_func("/result/json", test_json);
    g_test_add_func("/result/tables", test_tables);
    g_test_add_func("/result/recipe", test_recipe);
    g_test_add_func("/result/verify", test_verify);
    int status = g_test_run();
    command_end();
    return status;
}
