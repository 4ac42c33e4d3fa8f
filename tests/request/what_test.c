/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Class words on small networks: one output with another answer, two classes, labels full of commas, a
 * network without CAM, a flat map, smooth activations; what is said aloud about each. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "plugin/core/run.h"
#include "tests/support/onnx_write.h"
#include "tests/support/picture.h"

static char *folder; /* temporary */

static void put(const char *file, const char *text)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* x [1, 1, 4, 4] -> Conv 1x1 to two channels (x, 1 - x) -> ACTIVATION -> global mean -> N outputs, whose
 * weights are given; or, when FLAT, no pooling: a head that CAM does not fit. */
static char *put_net(const char *name, const char *activation, gboolean has_pool, int n,
                     const float *weights)
{
    OnnxGraph *g = onnx_graph_new(name);
    const float kernel[] = {1, -1}, bias[] = {0, 1};
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 1, 4, 4});
    onnx_init_f32(g, "k", 4, (gint64[]){2, 1, 1, 1}, kernel);
    onnx_init_f32(g, "b", 1, (gint64[]){2}, bias);
    onnx_init_f32(g, "w", 2, (gint64[]){has_pool ? 2 : 32, n}, weights);
    onnx_node(g, "Conv", "x,k,b", "conv");
    onnx_node(g, activation, "conv", "features");
    if (has_pool)
        onnx_node(g, "GlobalAveragePool", "features", "pooled");
    onnx_node(g, "Flatten", has_pool ? "pooled" : "features", "flat");
    onnx_node(g, "Gemm", "flat,w", "scores");
    onnx_output(g, "scores", HE_F32, 2, (gint64[]){1, n});
    g_autofree char *file = g_strconcat(name, ".onnx", NULL);
    char *path = g_build_filename(folder, file, NULL);
    onnx_write(g, 13, path);
    return path;
}

#define INPUT                                                                            \
    "[Model]\nFormat=1\n[Input]\nChannels=Y\nMean=0\nStd=1\nScale=1\nEncoding=raw\n"     \
    "Layout=NCHW\nFit=stretch\nFilter=nearest\nGrey=601\nCropFraction=1\nAntialias=false\nBackground=mean\n"

typedef struct {
    HeRunner *runner;
    Picture *picture;
    char *model;
} Bench;

static void bench_clear(Bench *bench)
{
    he_runner_free(bench->runner);
    picture_free(bench->picture);
    g_free(bench->model);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

/* A picture of 4 x 4 whose upper half is white. */
static void bench_init(Bench *bench, char *model)
{
    bench->model = model;
    bench->runner = he_runner_new(NULL);
    bench->picture = picture_new(4, 4, 1, FALSE, 1);
    for (int i = 0; i < 8; i++)
        bench->picture->samples[i] = 1;
    he_runner_set_picture(bench->runner, &bench->picture->source, NULL, "half");
}

static HeOutcome *run(Bench *bench, const char *options, GError **error)
{
    g_autoptr(HeRequest) request = he_request_new();
    g_assert_true(he_request_set(request, "model", bench->model, NULL));
    he_request_parse(request, options, error);
    g_assert_true(!error || !*error);
    return he_runner_explain(bench->runner, request, NULL, error);
}

static HeOutcome *explain(Bench *bench, const char *options)
{
    g_autoptr(GError) error = NULL;
    HeOutcome *outcome = run(bench, options, &error);
    g_assert_no_error(error);
    return outcome;
}

static void assert_refused(Bench *bench, const char *options, const char *said)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(run(bench, options, &error));
    g_assert_nonnull(error);
    if (!strstr(error->message, said))
        g_error("“%s” does not say “%s”", error->message, said);
}

static void assert_said(const HeOutcome *outcome, const char *part)
{
    for (char **message = outcome->messages; *message; message++)
        if (strstr(*message, part))
            return;
    g_autofree char *all = g_strjoinv("|", outcome->messages);
    g_error("“%s” was not said in “%s”", part, all);
}

static void assert_one(Bench *bench, const char *options, const char *name,
                       int class_index, double weight, double probability)
{
    g_autoptr(HeOutcome) outcome = explain(bench, options);
    g_assert_cmpint(outcome->n_results, ==, 1);
    const HeResult *result = &outcome->results[0];
    g_assert_cmpstr(result->name, ==, name);
    g_assert_cmpint(result->class_index, ==, class_index);
    g_assert_cmpfloat(result->recipe->target[0].weight, ==, weight);
    g_assert_true(isnan(result->recipe->result.probability) == isnan(probability));
    g_assert_false(fabs(result->recipe->result.probability - probability) > 1e-6);
    g_autofree char *json = he_recipe_to_json(result->recipe);
    g_autoptr(HeOutcome) again = explain(bench, json);
    g_autofree char *json_again = he_recipe_to_json(again->results[0].recipe);
    g_assert_cmpstr(json, ==, json_again);
    g_assert_cmpint(again->results[0].class_index, ==, class_index);
}

/* Features are (x, 1 - x), both with mean 1/2; the score is 2 * 1/2 = 1, sigmoid 0.731. */
static void test_one_output(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("one", "Relu", TRUE, 1, (float[]){2, 0}));
    put("one.ini",
        INPUT "[Output]\nActivation=sigmoid\nLabels=one.labels.txt\nNegative=dog\n");
    put("one.labels.txt", "cat\n");
    double p = 1 / (1 + exp(-1));
    assert_one(&bench, "", "CAM - cat (73 %)", 0, 1, p);
    assert_one(&bench, "class=dog", "CAM - dog (27 %, not sure)", 1, -1, 1 - p);
    assert_one(&bench, "class='not cat'", "CAM - dog (27 %, not sure)", 1, -1, 1 - p);
    assert_one(&bench, "class='not dog'", "CAM - cat (73 %)", 0, 1, p);
    assert_one(&bench, "class='not top'", "CAM - dog (27 %, not sure)", 1, -1, 1 - p);
    g_autoptr(HeOutcome) both = explain(&bench, "class=top5");
    g_assert_cmpint(both->n_results, ==, 2);
    g_assert_cmpstr(both->group_name, ==, "CAM - top5");
}

/* Without another answer `not` is the weight -1. */
static void test_one_answer(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("only", "Relu", TRUE, 1, (float[]){2, 0}));
    put("only.ini", INPUT "[Output]\nActivation=sigmoid\n");
    assert_one(&bench, "class='not 0'", "CAM - not class 0 (27 %, not sure)", 0, -1,
               1 - 1 / (1 + exp(-1)));
    assert_refused(&bench, "class=1", "1");
}

/* Labels hold commas, `top` and `not`; equal scores: the lower index first. */
static void test_commas(void)
{
    g_auto(Bench) bench = {0};
    const float weights[] = {2, 1, 1, 0, 0, 0, 0, 0};
    bench_init(&bench, put_net("commas", "Relu", TRUE, 4, weights));
    put("commas.ini", INPUT "[Output]\nActivation=none\nLabels=commas.labels.txt\n");
    put("commas.labels.txt", "plane, carpenter's plane\nTop\nnot top, bottom\nsaw\n");
    assert_one(&bench, "", "CAM - plane", 0, 1, NAN);
    assert_one(&bench, "class=\"plane, carpenter's plane\"", "CAM - plane", 0, 1, NAN);
    assert_one(&bench, "class=\"Carpenter's Plane\"", "CAM - plane", 0, 1, NAN);
    assert_one(&bench, "class=Top", "CAM - Top", 1, 1, NAN);
    assert_one(&bench, "class='not top'", "CAM - not top", 2, 1, NAN);
    assert_one(&bench, "class='not  saw'", "CAM - not saw", 3, -1, NAN);
    g_autoptr(HeOutcome) list = explain(&bench, "class='saw, Top ,0,not saw'");
    g_assert_cmpint(list->n_results, ==, 4);
    g_assert_cmpstr(list->results[2].class_name, ==, "plane, carpenter's plane");
    g_assert_cmpstr(list->results[3].class_name, ==, "not saw");
    g_autoptr(HeOutcome) versus = explain(&bench, "class=top2 versus=saw");
    g_assert_cmpint(versus->n_results, ==, 2);
    g_assert_cmpstr(versus->results[0].name, ==, "CAM - plane versus saw");
    g_assert_cmpstr(versus->group_name, ==, "CAM - top2 versus saw");
    assert_refused(&bench, "class='saw, hammer'", "hammer");
    assert_refused(&bench, "versus=hammer", "versus");
}

/* Four results over two methods and two classes: a scale for each method. */
static void test_scales(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("scales", "Relu", TRUE, 2, (float[]){4, 1, 0, 0}));
    put("scales.ini", INPUT "[Output]\nActivation=softmax\n");
    g_autoptr(HeOutcome) out = explain(&bench, "class=0,1 method=cam,saliency");
    g_assert_cmpint(out->n_results, ==, 4);
    g_assert_cmpfloat(out->results[0].scale, ==, 4); /* CAM: w * x */
    g_assert_cmpfloat(out->results[1].scale, ==, 4);
    g_assert_cmpfloat(out->results[1].recipe->result.max, ==, 1);
    g_assert_cmpfloat(out->results[2].scale, ==, 0.25); /* saliency: w / 16 */
    g_assert_cmpfloat(out->results[3].scale, ==, 0.25);
    g_assert_cmpstr(out->group_name, ==, "CAM, Saliency - 0,1");
    /* A recipe out of the composite keeps the composite's scale. */
    g_autofree char *json = he_recipe_to_json(out->results[1].recipe);
    g_autoptr(HeOutcome) again = explain(&bench, json);
    g_assert_cmpfloat(again->results[0].scale, ==, 4);
    bench.picture->samples[0] = 0.5;
    he_runner_set_picture(bench.runner, &bench.picture->source, NULL, "other");
    g_autoptr(HeOutcome) other = explain(&bench, json);
    g_assert_cmpfloat(other->results[0].scale, ==, 1);
    assert_said(other, "another picture, “half”");
    g_autoptr(HeOutcome) fixed = explain(&bench, "class=0,1 scale=fixed:2.5");
    g_assert_cmpfloat(fixed->results[1].scale, ==, 2.5);
}

static void test_flat(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("flat", "Relu", TRUE, 2, (float[]){1, -1, 0, 0}));
    put("flat.ini", INPUT "[Output]\nActivation=softmax\nLabels=flat.labels.txt\n");
    put("flat.labels.txt", "light\ndark\n");
    g_autoptr(HeOutcome) dark = explain(&bench, "class=dark");
    g_assert_cmpfloat(dark->results[0].scale, ==, 0);
    assert_said(dark, "Nothing in the picture speaks for dark.");
    g_autoptr(HeOutcome) light = explain(&bench, "class=light gradient=negative");
    assert_said(light, "Nothing in the picture speaks against light.");
    g_autoptr(HeOutcome) both = explain(&bench, "class=light");
    g_assert_cmpstr(both->messages[0], ==, NULL);
}

static void test_no_cam(void)
{
    g_auto(Bench) bench = {0};
    float weights[64];
    for (int i = 0; i < 64; i++)
        weights[i] = (float)(i % 7) - 3;
    bench_init(&bench, put_net("dense", "Relu", FALSE, 2, weights));
    put("dense.ini", INPUT "[Output]\nActivation=softmax\n");
    g_autoptr(HeOutcome) outcome = explain(&bench, "class=0");
    g_assert_cmpstr(outcome->results[0].map->method, ==, "grad-cam");
    assert_said(outcome, "CAM does not fit this network");
    assert_refused(&bench, "method=cam", "node 'conv' (Conv) stands between");
}

static void test_guesses(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("guessed", "Relu", TRUE, 2, (float[]){1, 0, 0, 1}));
    g_autoptr(HeOutcome) outcome = explain(&bench, "");
    assert_said(outcome, "guessed: ");
    assert_said(outcome, "Output.Activation=softmax");
    g_assert_nonnull(outcome->results[0].recipe->input.guessed[0]);
}

static void test_smooth(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("smooth", "Softplus", TRUE, 2, (float[]){1, 0, 0, 1}));
    put("smooth.ini", INPUT "[Output]\nActivation=softmax\n");
    g_autoptr(HeOutcome) outcome = explain(&bench, "method=guided-backprop");
    g_assert_cmpint(outcome->results[0].recipe->result.coverage.extended, ==, 1);
    assert_said(outcome, "1 of the 1 activations it changed are smooth");
    assert_said(outcome, "Adebayo");
}

/* Guided backpropagation that changes nothing would be plain saliency. */
static void test_no_rule(void)
{
    g_auto(Bench) bench = {0};
    bench_init(&bench, put_net("linear", "Identity", TRUE, 2, (float[]){1, 0, 0, 1}));
    put("linear.ini", INPUT "[Output]\nActivation=softmax\n");
    assert_refused(&bench, "method=guided-backprop", "ReLU");
    assert_refused(&bench, "method=deconvnet", "ReLU");
}

/* Whatever allocation fails, the run says so, and the next run is as good as ever. */
static void test_memory(void)
{
    int n_failures = 0;
    g_autofree char *model = put_net("memory", "Relu", TRUE, 2, (float[]){1, 0, 0, 1});
    put("memory.ini", INPUT "[Output]\nActivation=softmax\n");
    for (guint64 call = 1; call < 1000; call++) {
        g_auto(Bench) bench = {0};
        g_autoptr(GError) error = NULL;
        bench_init(&bench, g_strdup(model));
        he_alloc_fail_at(call);
        g_autoptr(HeOutcome) outcome = run(&bench, "method=cam,guided-backprop", &error);
        he_alloc_fail_at(0);
        if (outcome)
            break;
        g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
        n_failures++;
        g_autoptr(HeOutcome) again = explain(&bench, "");
        g_assert_cmpint(again->n_results, ==, 1);
    }
    g_assert_cmpint(n_failures, >, 5);
    g_assert_cmpint(n_failures, <, 999);
}

static void remove_all(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    while ((entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        g_remove(path);
    }
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("human-eye-what-XXXXXX", NULL);
    g_test_add_func("/what/one-output", test_one_output);
    g_test_add_func("/what/one-answer", test_one_answer);
    g_test_add_func("/what/commas", test_commas);
    g_test_add_func("/what/scales", test_scales);
    g_test_add_func("/what/flat", test_flat);
    g_test_add_func("/what/no-cam", test_no_cam);
    g_test_add_func("/what/guesses", test_guesses);
    g_test_add_func("/what/smooth", test_smooth);
    g_test_add_func("/what/no-rule", test_no_rule);
    g_test_add_func("/what/memory", test_memory);
    int status = g_test_run();
    remove_all();
    g_free(folder);
    return status;
}
