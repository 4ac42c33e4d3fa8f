/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The run on the embedded network and two photographs. */
#include <math.h>
#include <string.h>

#include "plugin/core/run.h"
#include "tests/support/picture.h"

#define ESPRESSO     967
#define EGYPTIAN_CAT 285

typedef struct {
    HeRunner *runner;
    Picture *picture;
    HeRequest *request;
} Bench;

static gboolean has_model(void)
{
    g_autofree char *path = he_models_find(NULL, g_getenv("HE_TOP"), NULL);
    if (!path)
        g_test_skip("the model's weights are not here");
    return path != NULL;
}

static Picture *load(const char *name)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests/images", name, NULL);
    return picture_load(path);
}

static void bench_init(Bench *bench, const char *picture)
{
    bench->runner = he_runner_new(g_getenv("HE_TOP"));
    bench->picture = load(picture);
    bench->request = he_request_new();
    he_runner_set_picture(bench->runner, &bench->picture->source, NULL, picture);
}

static void bench_clear(Bench *bench)
{
    he_runner_free(bench->runner);
    picture_free(bench->picture);
    he_request_free(bench->request);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

/* The request is what OPTIONS say and nothing else. */
static void ask(Bench *bench, const char *options)
{
    g_autoptr(GError) error = NULL;
    he_request_free(bench->request);
    bench->request = he_request_new();
    he_request_parse(bench->request, options, &error);
    g_assert_no_error(error);
}

static HeOutcome *explain(Bench *bench, const char *options)
{
    g_autoptr(GError) error = NULL;
    ask(bench, options);
    HeOutcome *outcome = he_runner_explain(bench->runner, bench->request, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(outcome);
    return outcome;
}

static void assert_refused(Bench *bench, const char *options, const char *part)
{
    g_autoptr(GError) error = NULL;
    ask(bench, options);
    g_assert_null(he_runner_explain(bench->runner, bench->request, NULL, &error));
    g_assert_nonnull(error);
    if (!strstr(error->message, part))
        g_error("“%s” does not say “%s”", error->message, part);
}

static void assert_name(const HeResult *result, const char *name)
{
    g_assert_cmpstr(result->name, ==, name);
    g_assert_cmpstr(result->recipe->result.layer, ==, name);
}

static void test_default(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    g_autoptr(HeOutcome) outcome = explain(&bench, "");
    g_assert_cmpint(outcome->n_results, ==, 1);
    const HeResult *result = &outcome->results[0];
    assert_name(result, "CAM - espresso (89 %)");
    g_assert_cmpint(result->class_index, ==, ESPRESSO);
    g_assert_cmpstr(result->class_name, ==, "espresso");
    g_assert_cmpstr(outcome->group_name, ==, "CAM - espresso");
    g_assert_cmpfloat(result->scale, >, 0);
    g_assert_cmpfloat(result->scale, ==, result->recipe->result.max);
    g_assert_cmpstr(result->recipe->model.name, ==, "efficientnet-lite0");
    g_assert_cmpstr(result->recipe->image.name, ==, "coffee.png");
    g_assert_cmpint(result->recipe->n_target, ==, 1);
    g_assert_cmpint(result->recipe->target[0].index, ==, ESPRESSO);
    g_assert_cmpfloat(result->recipe->view.w, ==, 600);
    g_assert_cmpfloat(result->recipe->result.probability, >, 0.85);
    g_assert_null(outcome->messages[0]); /* the descriptor says everything */
}

static void test_classify(void)
{
    g_auto(Bench) bench = {0};
    g_autoptr(GError) error = NULL;
    HeScores scores = {0};
    if (!has_model())
        return;
    bench_init(&bench, "chelsea.png");
    g_assert_null(he_runner_get_session(bench.runner));
    g_assert_true(he_runner_classify(bench.runner, bench.request, NULL, &scores, &error));
    g_assert_no_error(error);
    g_assert_cmpint(scores.n, ==, 1000);
    g_assert_cmpint(scores.order[0], ==, EGYPTIAN_CAT);
    g_assert_cmpfloat(scores.probability[EGYPTIAN_CAT], >, 0.7);
    g_assert_nonnull(he_runner_get_input(bench.runner));
    he_scores_clear(&scores);
}

static void test_top(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "chelsea.png");
    g_autoptr(HeOutcome) outcome = explain(&bench, "class=top3");
    g_assert_cmpint(outcome->n_results, ==, 3);
    assert_name(&outcome->results[0], "CAM - Egyptian cat (77 %)");
    assert_name(&outcome->results[1], "CAM - tiger cat (10 %, not sure)");
    g_assert_cmpstr(outcome->group_name, ==, "CAM - top3");
    double scale = 0;
    for (int i = 0; i < 3; i++)
        scale = MAX(scale, outcome->results[i].recipe->result.max);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpfloat(outcome->results[i].scale, ==, scale);
        g_assert_cmpfloat(outcome->results[i].recipe->scale_max, ==, scale);
    }
}

static void test_words(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    g_autoptr(HeOutcome) versus = explain(&bench, "class=espresso versus=cup");
    const HeRecipe *recipe = versus->results[0].recipe;
    assert_name(&versus->results[0], "CAM - espresso versus cup");
    g_assert_true(isnan(recipe->result.probability));
    g_assert_cmpint(recipe->n_target, ==, 2);
    g_assert_cmpfloat(recipe->target[0].weight, ==, 1);
    g_assert_cmpfloat(recipe->target[1].weight, ==, -1);
    g_assert_cmpstr(recipe->target[1].label, ==, "cup");

    g_autoptr(HeOutcome) against = explain(&bench, "class='not espresso'");
    assert_name(&against->results[0], "CAM - not espresso (11 %, not sure)");
    g_assert_cmpfloat(against->results[0].recipe->target[0].weight, ==, -1);

    g_autoptr(HeOutcome) list = explain(&bench, "class='967, cup,top' class=285");
    g_assert_cmpint(list->n_results, ==, 4);
    g_assert_cmpint(list->results[0].class_index, ==, ESPRESSO);
    g_assert_cmpstr(list->results[1].class_name, ==, "cup");
    g_assert_cmpint(list->results[2].class_index, ==, ESPRESSO);
    g_assert_cmpint(list->results[3].class_index, ==, EGYPTIAN_CAT);

    assert_refused(&bench, "class=expresso", "espresso");
    assert_refused(&bench, "class=1000", "1000");
    assert_refused(&bench, "class='not not cup'", "twice");
    assert_refused(&bench, "class='not cup' versus=espresso", "not");
    assert_refused(&bench, "class=cup versus=cup", "itself");
    assert_refused(&bench, "class=top101", "at most 100");
    assert_refused(&bench, "class=top2000000000", "at most 100");
}

static void test_methods(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    g_autoptr(HeOutcome) outcome = explain(
        &bench,
        "method=cam,guided-backprop,saliency gradient=signed opacity=33 scale=max");
    g_assert_cmpint(outcome->n_results, ==, 3);
    for (int i = 0; i < 3; i++) {
        const HeDisplay *display = &outcome->results[i].recipe->display;
        g_assert_cmpint(display->gradient, ==, HE_GRADIENT_SIGNED);
        g_assert_cmpint(display->colormap, ==, HE_COLORMAP_DIVERGING);
        g_assert_cmpfloat(display->opacity, ==, 33);
        g_assert_cmpfloat(outcome->results[i].scale, ==,
                          outcome->results[i].recipe->result.max);
    }
    g_assert_cmpint(outcome->results[1].recipe->result.coverage.ruled, >, 0);
    g_autoptr(HeOutcome) unsaid = explain(&bench, "method=saliency");
    g_assert_cmpint(unsaid->results[0].recipe->display.scale, ==, HE_SCALE_PERCENTILE);
    g_assert_nonnull(strstr(outcome->messages[0], "Adebayo"));
    g_assert_null(outcome->messages[1]);
}

static void test_gradients(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    g_autoptr(HeOutcome) outcome =
        explain(&bench, "method=cam,saliency gradient=positive,negative scale=max");
    g_assert_cmpint(outcome->n_results, ==, 4);
    assert_name(&outcome->results[0], "CAM - espresso (89 %)");
    assert_name(&outcome->results[1], "CAM, negative - espresso (89 %)");
    assert_name(&outcome->results[2], "Saliency, positive - espresso (89 %)");
    assert_name(&outcome->results[3], "Saliency, negative - espresso (89 %)");
    for (int i = 0; i < 4; i++) {
        const HeResult *result = &outcome->results[i];
        g_assert_cmpint(result->recipe->display.gradient, ==,
                        i % 2 ? HE_GRADIENT_NEGATIVE : HE_GRADIENT_POSITIVE);
        g_assert_cmpfloat(result->scale, ==, result->recipe->result.max);
    }
    /* Types have scales of their own; the classes of a type share one. */
    g_autoptr(HeOutcome) both =
        explain(&bench, "method=cam gradient=positive,negative class=espresso,cup");
    g_assert_cmpint(both->n_results, ==, 4);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            g_assert_true((i % 2 == k % 2) ==
                          (both->results[i].scale == both->results[k].scale));
}

static void test_layers(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    g_autoptr(HeOutcome) outcome = explain(&bench, "layer=stage2,stage3");
    g_assert_cmpint(outcome->n_results, ==, 2);
    assert_name(&outcome->results[0], "Grad-CAM of stage2 - espresso (89 %)");
    assert_name(&outcome->results[1], "Grad-CAM of stage3 - espresso (89 %)");
    g_assert_cmpstr(outcome->group_name, ==, "Grad-CAM - espresso");
    g_assert_cmpint(outcome->results[0].map->height, >, outcome->results[1].map->height);
    /* Layers have scales of their own; the classes of a layer share one. */
    for (int i = 0; i < 2; i++)
        g_assert_cmpfloat(outcome->results[i].scale, ==,
                          outcome->results[i].recipe->result.max);
    g_autoptr(HeOutcome) both = explain(&bench, "layer=stage2,stage3 class=espresso,cup");
    g_assert_cmpint(both->n_results, ==, 4);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            gboolean is_same =
                g_str_equal(both->results[i].map->layer, both->results[k].map->layer);
            g_assert_true(is_same == (both->results[i].scale == both->results[k].scale));
        }

    g_autoptr(HeOutcome) channel = explain(&bench, "layer=stage3 channel=2 at=max");
    assert_name(&channel->results[0], "Saliency - channel 2 of stage3 at its largest");
    g_assert_cmpint(channel->results[0].class_index, ==, -1);
    g_assert_cmpint(channel->results[0].recipe->n_target, ==, 1);
    g_autoptr(HeOutcome) at = explain(&bench, "layer=stage3 channel=2 at=1,2");
    assert_name(&at->results[0], "Saliency - channel 2 of stage3 at 1,2");
    g_autoptr(HeOutcome) sum = explain(&bench, "layer=stage3 channel=2");
    g_assert_cmpint(sum->results[0].recipe->n_target, >, 1);

    assert_refused(&bench, "channel=2", "layer");
    assert_refused(&bench, "at=1,2", "channel");
    assert_refused(&bench, "layer=stage3 channel=2 class=cup", "class");
    assert_refused(&bench, "layer=stage3 channel=20000", "channel");
    assert_refused(&bench, "method=saliency layer=stage3", "layer");
    assert_refused(&bench, "layer=nowhere", "nowhere");
}

/* A recipe made by OPTIONS gives the same map, scale, name and recipe on the same picture. */
static void check_replay(Bench *bench, const char *options, int which)
{
    g_autoptr(HeOutcome) first = explain(bench, options);
    const HeResult *made = &first->results[which];
    g_autofree char *json = he_recipe_to_json(made->recipe);
    g_autoptr(HeOutcome) second = explain(bench, json);
    g_assert_cmpint(second->n_results, ==, 1);
    const HeResult *again = &second->results[0];
    g_autofree char *json_again = he_recipe_to_json(again->recipe);
    g_assert_cmpstr(json, ==, json_again);
    g_assert_cmpint(made->class_index, ==, again->class_index);
    g_assert_cmpstr(made->class_name, ==, again->class_name);
    g_assert_cmpmem(
        made->plane, (size_t)made->map->width * (size_t)made->map->height * sizeof(float),
        again->plane,
        (size_t)again->map->width * (size_t)again->map->height * sizeof(float));
    g_assert_cmpfloat(made->scale, ==, again->scale);
}

static void test_replay(void)
{
    g_auto(Bench) bench = {0};
    const double look[] = {100, 50, 300.5, 250};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    check_replay(&bench, "", 0);
    check_replay(&bench, "class=top3 method=cam,saliency scale=percentile:99.5", 5);
    check_replay(&bench, "class=espresso versus=cup method=guided-backprop fit=crop", 0);
    check_replay(&bench, "class='not cup' background=#102030 fit=pad kernels=plain", 0);
    check_replay(&bench, "layer=stage2,stage3 gradient=negative", 0);
    check_replay(&bench, "method=saliency gradient=absolute,negative", 1);
    check_replay(&bench, "layer=stage3 channel=2 at=1,2", 0);
    he_runner_set_picture(bench.runner, &bench.picture->source, look, "part");
    check_replay(&bench, "fit=crop", 0);
}

static void test_replay_elsewhere(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    g_autoptr(HeOutcome) first = explain(&bench, "class=espresso");
    HeRecipe *recipe = first->results[0].recipe;
    g_autofree char *json = he_recipe_to_json(recipe);
    g_autoptr(Picture) other = load("chelsea.png");
    he_runner_set_picture(bench.runner, &other->source, NULL, "chelsea.png");
    g_autoptr(HeOutcome) second = explain(&bench, json);
    g_assert_cmpint(second->results[0].class_index, ==, ESPRESSO);
    g_assert_cmpfloat(second->results[0].recipe->view.w, ==, 451);
    g_assert_nonnull(strstr(second->messages[0], "coffee.png"));

    g_autofree char *with = g_strconcat("colormap=jet recipe='", json, "'", NULL);
    assert_refused(&bench, with, "colormap");
    recipe->view.w = 500; /* a part that chelsea, 451 wide, does not have */
    g_autofree char *part = he_recipe_to_json(recipe);
    assert_refused(&bench, part, "not inside");
    recipe->view.w = 600;
    recipe->input.mean[0] = 3;
    g_autofree char *mean = he_recipe_to_json(recipe);
    assert_refused(&bench, mean, "Input.Mean");
    recipe->input.mean[0] = 127;
    recipe->target[0].index = 1000;
    g_autofree char *target = he_recipe_to_json(recipe);
    assert_refused(&bench, target, "target[0]");
    recipe->model.sha256[0] = recipe->model.sha256[0] == '0' ? '1' : '0';
    g_autofree char *model = he_recipe_to_json(recipe);
    assert_refused(&bench, model, "SHA-256");
}

/* The second question reads the picture not again; another picture is read. */
static void test_reuse(void)
{
    g_auto(Bench) bench = {0};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    he_outcome_free(explain(&bench, ""));
    HeSession *session = he_runner_get_session(bench.runner);
    guint64 serial = he_runner_get_input(bench.runner)->serial;
    int n_readings = bench.picture->n_readings;
    he_outcome_free(explain(&bench, "class=cup method=saliency"));
    g_assert_true(he_runner_get_session(bench.runner) == session);
    g_assert_cmpuint(he_runner_get_input(bench.runner)->serial, ==, serial);
    g_assert_cmpint(bench.picture->n_readings, ==, n_readings);
    he_outcome_free(explain(&bench, "fit=crop"));
    g_assert_cmpuint(he_runner_get_input(bench.runner)->serial, !=, serial);
    g_autoptr(Picture) other = load("chelsea.png");
    he_runner_set_picture(bench.runner, &other->source, NULL, "chelsea.png");
    g_assert_null(he_runner_get_input(bench.runner));
    g_autoptr(HeOutcome) third = explain(&bench, "");
    assert_name(&third->results[0], "CAM - Egyptian cat (77 %)");
}

typedef struct {
    double last;
    int n_calls, stop_at;
    GCancellable *cancellable;
} Watch;

static void watch(double fraction, void *user_data)
{
    Watch *w = user_data;
    g_assert_cmpfloat(fraction, >=, w->last);
    g_assert_cmpfloat(fraction, <=, 1);
    w->last = fraction;
    if (++w->n_calls == w->stop_at)
        g_cancellable_cancel(w->cancellable);
}

static void test_task(void)
{
    g_auto(Bench) bench = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Watch seen = {.cancellable = cancellable};
    HeTask task = {watch, &seen, cancellable};
    if (!has_model())
        return;
    bench_init(&bench, "coffee.png");
    ask(&bench, "method=cam,saliency");
    g_autoptr(HeOutcome) outcome =
        he_runner_explain(bench.runner, bench.request, &task, &error);
    g_assert_no_error(error);
    g_assert_cmpint(outcome->n_results, ==, 2);
    g_assert_cmpint(seen.n_calls, >, 3);
    g_assert_cmpfloat(seen.last, >, 0.9);

    he_runner_set_picture(bench.runner, &bench.picture->source, NULL, "coffee.png");
    seen = (Watch){.stop_at = 2, .cancellable = cancellable};
    g_assert_null(he_runner_explain(bench.runner, bench.request, &task, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void test_no_picture(void)
{
    g_autoptr(HeRunner) runner = he_runner_new(g_getenv("HE_TOP"));
    g_autoptr(HeRequest) request = he_request_new();
    g_autoptr(GError) error = NULL;
    if (!has_model())
        return;
    g_assert_null(he_runner_explain(runner, request, NULL, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    g_clear_error(&error);
    g_assert_true(he_request_set(request, "model", "nosuch", NULL));
    g_assert_false(he_runner_prepare(runner, request, NULL, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/run/default", test_default);
    g_test_add_func("/run/classify", test_classify);
    g_test_add_func("/run/top", test_top);
    g_test_add_func("/run/words", test_words);
    g_test_add_func("/run/methods", test_methods);
    g_test_add_func("/run/gradients", test_gradients);
    g_test_add_func("/run/layers", test_layers);
    g_test_add_func("/run/replay", test_replay);
    g_test_add_func("/run/replay-elsewhere", test_replay_elsewhere);
    g_test_add_func("/run/reuse", test_reuse);
    g_test_add_func("/run/task", test_task);
    g_test_add_func("/run/no-picture", test_no_picture);
    return g_test_run();
}
