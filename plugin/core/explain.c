/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One run: classify, ask each question, share one scale among the maps of a method, then names, recipes
 * and what must be said aloud. */
#include <math.h>
#include <string.h>

#include "plugin/core/outcome.h"
#include "plugin/core/questions.h"
#include "plugin/core/recipe_input.h"

/* Shares of the progress: reading the picture, the forward run; the rest is the questions'. */
#define READ_UNTIL     0.15
#define CLASSIFY_UNTIL 0.35

/* ---- display ----------------------------------------------------------------------------------- */

static HeDisplay choose_display(const HeAsk *ask, const HeMethodInfo *method)
{
    const HeRequest *request = ask->request;
    if (ask->recipe)
        return ask->recipe->display;
    HeDisplay display =
        he_display_defaults(method, he_request_get_choice(request, "gradient", -1));
    double opacity = he_request_get_number(request, "opacity", -1);
    if (opacity >= 0)
        display.opacity = opacity;
    display.colormap =
        (HeColormap)he_request_get_choice(request, "colormap", (int)display.colormap);
    display.blend = (HeBlend)he_request_get_choice(request, "blend", (int)display.blend);
    display.alpha = (HeAlpha)he_request_get_choice(request, "alpha", (int)display.alpha);
    he_scale_parse(he_request_get(request, "scale"), &display, NULL);
    return display;
}

/* ---- one question ------------------------------------------------------------------------------ */

/* What a result's name says of its layer: nothing of the default one, else the stage's or its own name. */
static char *layer_title(HeSession *session, const char *tensor)
{
    int n = 0;
    HeLayer *layers = he_session_list_layers(session, &n, NULL);
    char *title = g_strdup(tensor);
    for (int i = 0; i < n; i++) {
        if (!g_str_equal(layers[i].tensor, tensor))
            continue;
        g_free(title);
        title = layers[i].is_default
                    ? NULL
                    : g_strdup(layers[i].stage ? layers[i].stage : tensor);
    }
    if (layers)
        he_layers_free(layers, n);
    return title;
}

static guint64 choose_seed(const HeAsk *ask)
{
    gboolean is_said = g_hash_table_contains(ask->request->values, "seed");
    if (ask->recipe && !is_said)
        return ask->recipe->run.seed;
    return (guint64)he_request_get_number(ask->request, "seed", 0);
}

static gboolean answer(HeRunner *runner, const HeAsk *ask, const HeQuestion *question,
                       const HeTask *task, HeResult *out, GError **error)
{
    const HeWhat *what = question->what;
    HeOptions options = {.method = question->method->id,
                         .layer = question->layer,
                         .seed = choose_seed(ask)};
    out->map =
        he_explain(runner->session, runner->input, &what->target, &options, task, error);
    if (!out->map)
        return FALSE;
    out->plane =
        he_map_reduce(out->map, choose_display(ask, question->method).gradient, error);
    if (!out->plane)
        return FALSE;
    g_autofree char *layer =
        question->layer ? layer_title(runner->session, out->map->layer) : NULL;
    out->class_index = what->class_index;
    out->class_name = g_strdup(what->words);
    out->name = he_name_result(question->method, layer, what);
    return TRUE;
}

static gboolean answer_all(HeRunner *runner, const HeAsk *ask,
                           const HeQuestions *questions, const HeTask *task,
                           HeOutcome *out, GError **error)
{
    int n = (int)questions->questions->len;
    out->results = g_new0(HeResult, n);
    out->n_results = n;
    for (int i = 0; i < n; i++) {
        HeSpan span;
        const HeQuestion *question = &g_array_index(questions->questions, HeQuestion, i);
        double part = (1 - CLASSIFY_UNTIL) / n, from = CLASSIFY_UNTIL + i * part;
        if (!answer(runner, ask, question, he_span_init(&span, task, from, from + part),
                    &out->results[i], error))
            return FALSE;
    }
    return TRUE;
}

/* ---- scale -------------------------------------------------------------------------------------- */

/* What full colour stands for, over the maps of METHOD. A recipe on its own picture keeps what it was in
 * the composite it comes from. */
static double method_scale(HeRunner *runner, const HeAsk *ask, const HeOutcome *outcome,
                           const HeMethodInfo *method)
{
    g_autofree const HeMap **maps = g_new(const HeMap *, outcome->n_results);
    HeDisplay display = choose_display(ask, method);
    int n = 0;
    if (ask->recipe && g_strcmp0(ask->recipe->image.sha256, runner->sha256) == 0)
        return ask->recipe->scale_max;
    for (int i = 0; i < outcome->n_results; i++)
        if (g_str_equal(outcome->results[i].map->method, method->id))
            maps[n++] = outcome->results[i].map;
    return he_map_scale(maps, n, &display);
}

static void share_scales(HeRunner *runner, const HeAsk *ask, const HeQuestions *questions,
                         HeOutcome *outcome)
{
    for (guint m = 0; m < questions->methods->len; m++) {
        const HeMethodInfo *method = questions->methods->pdata[m];
        double scale = method_scale(runner, ask, outcome, method);
        for (int i = 0; i < outcome->n_results; i++)
            if (g_str_equal(outcome->results[i].map->method, method->id))
                outcome->results[i].scale = scale;
    }
}

/* ---- recipes ------------------------------------------------------------------------------------ */

static double plane_max(const HeMap *map, const float *plane)
{
    double max = 0;
    for (size_t i = 0; i < (size_t)map->width * (size_t)map->height; i++)
        max = MAX(max, fabs((double)plane[i]));
    return max;
}

static gboolean fill_where(HeRunner *runner, const HeAsk *ask, HeRecipe *recipe,
                           GError **error)
{
    HeLook look;
    g_autofree char *background = NULL;
    if (!he_runner_look(runner, ask, &look, &background, error))
        return FALSE;
    const HeView *view = &runner->input->view;
    recipe->view.x = MAX(look.look[0], 0);
    recipe->view.y = MAX(look.look[1], 0);
    recipe->view.w = MIN(look.look[0] + look.look[2], view->source_w) - recipe->view.x;
    recipe->view.h = MIN(look.look[1] + look.look[3], view->source_h) - recipe->view.y;
    if (look.look[2] == 0) {
        recipe->view.w = view->source_w;
        recipe->view.h = view->source_h;
    }
    recipe->view.fit = view->fit;
    recipe->view.filter = view->filter;
    he_input_copy(he_model_get_descriptor(runner->model), &recipe->input);
    recipe->input.fit = view->fit;
    if (background)
        he_input_set_background(&recipe->input, background);
    return TRUE;
}

static void fill_target(const HeWhat *what, HeRecipe *recipe)
{
    recipe->n_target = what->target.n_terms;
    recipe->target = g_new0(HeRecipeTerm, recipe->n_target);
    for (int i = 0; i < recipe->n_target; i++) {
        const HeTerm *term = &what->target.terms[i];
        recipe->target[i] = (HeRecipeTerm){g_strdup(term->tensor), term->index,
                                           g_strdup(what->labels[i]), term->weight};
    }
}

static void fill_result(const HeQuestion *question, const HeResult *result,
                        HeRecipe *recipe)
{
    recipe->method.id = g_strdup(question->method->id);
    recipe->method.layer = g_strdup(result->map->layer);
    recipe->scale_max = result->scale;
    recipe->result.score = result->map->score;
    recipe->result.probability = question->what->probability;
    recipe->result.max = plane_max(result->map, result->plane);
    recipe->result.coverage = result->map->coverage;
    recipe->result.layer = g_strdup(result->name);
}

static gboolean fill_recipe(HeRunner *runner, const HeAsk *ask,
                            const HeQuestion *question, HeResult *result, GError **error)
{
    const char *model_sha256 = he_model_get_sha256(runner->model, error);
    if (!model_sha256)
        return FALSE;
    HeRecipe *recipe = result->recipe = g_new0(HeRecipe, 1);
    recipe->version = g_strdup(HE_VERSION);
    recipe->image.name = g_strdup(runner->name);
    recipe->image.sha256 = g_strdup(runner->sha256);
    recipe->image.width = runner->source->width;
    recipe->image.height = runner->source->height;
    recipe->model.name = g_strdup(he_model_get_name(runner->model));
    recipe->model.sha256 = g_strdup(model_sha256);
    recipe->display = choose_display(ask, question->method);
    recipe->run.seed = choose_seed(ask);
    recipe->run.kernels = g_strdup(he_session_get_kernels(runner->session));
    recipe->run.precision = he_session_get_precision(runner->session);
    fill_target(question->what, recipe);
    fill_result(question, result, recipe);
    return fill_where(runner, ask, recipe, error);
}

/* ---- the run ------------------------------------------------------------------------------------- */

static gboolean finish(HeRunner *runner, const HeAsk *ask, const HeQuestions *questions,
                       HeOutcome *outcome, GPtrArray *messages, GError **error)
{
    if (!he_runner_sha256(runner, error))
        return FALSE;
    share_scales(runner, ask, questions, outcome);
    for (int i = 0; i < outcome->n_results; i++)
        if (!fill_recipe(runner, ask, &g_array_index(questions->questions, HeQuestion, i),
                         &outcome->results[i], error))
            return FALSE;
    he_outcome_describe(runner, ask, questions, outcome, messages);
    return TRUE;
}

static gboolean ask_and_answer(HeRunner *runner, const HeAsk *ask, GPtrArray *methods,
                               char *const *layers, const HeTask *task,
                               GPtrArray *messages, HeOutcome *outcome, GError **error)
{
    HeScores scores = {0};
    HeSpan span;
    if (!he_classify(runner->session, runner->input,
                     he_span_init(&span, task, READ_UNTIL, CLASSIFY_UNTIL), &scores,
                     error))
        return FALSE;
    HeAsked asked = {runner->session, runner->input, &scores};
    g_auto(HeQuestions) questions = {0};
    gboolean is_good = he_questions_init(&questions, &asked, ask,
                                         g_ptr_array_ref(methods), layers, error) &&
                       answer_all(runner, ask, &questions, task, outcome, error) &&
                       finish(runner, ask, &questions, outcome, messages, error);
    he_scores_clear(&scores);
    return is_good;
}

/* Lets the forward run of classify serve the first question too; what is wrong is told by the question. */
static void expect(HeRunner *runner, const HeAsk *ask, const HeMethodInfo *method,
                   char *const *layers)
{
    gboolean is_layer = method->takes_layer && !he_request_get(ask->request, "channel");
    HeOptions options = {.method = method->id, .layer = is_layer ? layers[0] : NULL};
    if (ask->recipe)
        options.layer = ask->recipe->method.layer;
    he_session_expect(runner->session, &options, NULL);
}

HeOutcome *he_runner_explain(HeRunner *runner, const HeRequest *request,
                             const HeTask *task, GError **error)
{
    g_auto(HeAsk) ask = {0};
    g_autoptr(HeOutcome) outcome = g_new0(HeOutcome, 1);
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    HeSpan span;
    if (!he_ask_init(&ask, request, error) || !he_runner_open(runner, &ask, error))
        return NULL;
    g_autoptr(GPtrArray) methods =
        he_questions_methods(runner->session, &ask, messages, error);
    if (!methods)
        return NULL;
    g_auto(GStrv) layers = he_questions_layers(runner->session, request, error);
    if (!layers ||
        !he_runner_read(runner, &ask, he_span_init(&span, task, 0, READ_UNTIL), error))
        return NULL;
    expect(runner, &ask, methods->pdata[0], layers);
    if (!ask_and_answer(runner, &ask, methods, layers, task, messages, outcome, error))
        return NULL;
    return g_steal_pointer(&outcome);
}
