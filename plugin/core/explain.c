/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One run: classify, ask each question, share one scale among the maps of a method, then names, recipes
 * and what must be said aloud. */
#include "plugin/core/laps.h"
#include "plugin/core/outcome.h"
#include "plugin/core/questions.h"

/* Shares of the progress: reading the picture, the forward run; the rest is the questions'. */
#define READ_UNTIL     0.15
#define CLASSIFY_UNTIL 0.35

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

/* The same of its type of gradient. Borrowed. */
static const char *gradient_title(const HeQuestion *question)
{
    const HeGradient gradient = question->display.gradient;
    return gradient == he_display_defaults(question->method, -1).gradient
               ? NULL
               : he_choice_get(he_gradients, (int)gradient)->nick;
}

static gboolean answer(HeRunner *runner, const HeQuestion *question, const HeTask *task,
                       HeResult *out, GError **error)
{
    const HeWhat *what = question->what;
    HeOptions options = {
        .method = question->method->id, .layer = question->layer, .seed = question->seed};
    out->map =
        he_explain(runner->session, runner->input, &what->target, &options, task, error);
    if (!out->map)
        return FALSE;
    out->plane = he_map_reduce(out->map, question->display.gradient, error);
    if (!out->plane)
        return FALSE;
    g_autofree char *layer =
        question->layer ? layer_title(runner->session, out->map->layer) : NULL;
    out->class_index = what->class_index;
    out->class_name = g_strdup(what->words);
    out->name = he_name_result(question->method, layer, gradient_title(question), what);
    return TRUE;
}

static gboolean answer_all(HeRunner *runner, const HeQuestions *questions,
                           const HeTask *task, HeOutcome *out, GError **error)
{
    int n = (int)questions->questions->len;
    out->results = g_new0(HeResult, n);
    out->n_results = n;
    for (int i = 0; i < n; i++) {
        HeSpan span;
        const HeQuestion *question = &g_array_index(questions->questions, HeQuestion, i);
        double part = (1 - CLASSIFY_UNTIL) / n, from = CLASSIFY_UNTIL + i * part;
        if (!answer(runner, question, he_span_init(&span, task, from, from + part),
                    &out->results[i], error))
            return FALSE;
    }
    return TRUE;
}

/* ---- scale -------------------------------------------------------------------------------------- */

static gboolean is_comparable(const HeQuestions *questions, const HeOutcome *outcome,
                              int i, int k)
{
    const HeMap *a = outcome->results[i].map, *b = outcome->results[k].map;
    const HeQuestion *all = (const HeQuestion *)(void *)questions->questions->data;
    return g_str_equal(a->method, b->method) && g_strcmp0(a->layer, b->layer) == 0 &&
           all[i].display.gradient == all[k].display.gradient;
}

static double comparable_scale(const HeQuestions *questions, const HeOutcome *outcome,
                               int i)
{
    g_autofree const HeMap **maps = g_new(const HeMap *, outcome->n_results);
    int n = 0;
    for (int k = 0; k < outcome->n_results; k++)
        if (k < i && is_comparable(questions, outcome, i, k))
            return outcome->results[k].scale;
        else if (is_comparable(questions, outcome, i, k))
            maps[n++] = outcome->results[k].map;
    return he_map_scale(maps, n,
                        &g_array_index(questions->questions, HeQuestion, i).display);
}

/* What full colour stands for: shared by the maps of one method, layer and type of gradient, whose numbers
 * can be compared (another layer's are of another size altogether, and beside them nothing would be seen of
 * it). A recipe on its own picture keeps what it was in the composite that it comes from. */
static void share_scales(HeRunner *runner, const HeAsk *ask, const HeQuestions *questions,
                         HeOutcome *outcome)
{
    const HeRecipe *recipe = ask->recipe;
    gboolean is_same = recipe && g_str_equal(recipe->image.sha256, runner->sha256);
    for (int i = 0; i < outcome->n_results; i++)
        outcome->results[i].scale =
            is_same ? recipe->scale_max : comparable_scale(questions, outcome, i);
}

/* ---- the run ------------------------------------------------------------------------------------- */

static gboolean finish(HeRunner *runner, const HeAsk *ask, const HeQuestions *questions,
                       HeOutcome *outcome, GPtrArray *messages, GError **error)
{
    he_lap("recipe");
    if (!he_runner_sha256(runner, error))
        return FALSE;
    share_scales(runner, ask, questions, outcome);
    for (int i = 0; i < outcome->n_results; i++)
        if (!he_recipe_fill(runner, ask,
                            &g_array_index(questions->questions, HeQuestion, i),
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
    he_lap("run");
    if (!he_classify(runner->session, runner->input,
                     he_span_init(&span, task, READ_UNTIL, CLASSIFY_UNTIL), &scores,
                     error))
        return FALSE;
    HeAsked asked = {runner->session, runner->input, &scores};
    g_auto(HeQuestions) questions = {0};
    gboolean is_good = he_questions_init(&questions, &asked, ask,
                                         g_ptr_array_ref(methods), layers, error) &&
                       answer_all(runner, &questions, task, outcome, error) &&
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
    he_model_start_sha256(runner->model); /* for the recipes, meanwhile */
    g_autoptr(GPtrArray) methods =
        he_questions_methods(runner->session, &ask, messages, error);
    if (!methods)
        return NULL;
    g_auto(GStrv) layers = he_questions_layers(runner->session, request, error);
    if (!layers || !he_runner_read(runner, &ask, TRUE,
                                   he_span_init(&span, task, 0, READ_UNTIL), error))
        return NULL;
    expect(runner, &ask, methods->pdata[0], layers);
    if (!ask_and_answer(runner, &ask, methods, layers, task, messages, outcome, error))
        return NULL;
    return g_steal_pointer(&outcome);
}
