/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The runner: model, session and input, made when a request needs others than there are. */
#include "plugin/core/run.h"

#include <string.h>

#include "plugin/core/laps.h"
#include "plugin/core/recipe_input.h"
#include "plugin/core/runner.h"

HeRunner *he_runner_new(const char *program_folder)
{
    HeRunner *runner = g_new0(HeRunner, 1);
    runner->folder = g_strdup(program_folder);
    return runner;
}

static void forget_input(HeRunner *runner)
{
    g_clear_pointer(&runner->input, he_input_free);
    g_clear_pointer(&runner->input_key, g_free);
}

static void forget_session(HeRunner *runner)
{
    g_clear_pointer(&runner->session, he_session_free);
    g_clear_pointer(&runner->session_key, g_free);
}

void he_runner_free(HeRunner *runner)
{
    if (!runner)
        return;
    forget_input(runner);
    forget_session(runner);
    g_clear_pointer(&runner->model, he_model_unref);
    he_digest_free(runner->digest);
    g_free(runner->name);
    g_free(runner->folder);
    g_free(runner);
}

void he_runner_set_picture(HeRunner *runner, HeSource *source, const double *look,
                           const char *name)
{
    forget_input(runner);
    g_clear_pointer(&runner->digest, he_digest_free);
    runner->sha256 = NULL;
    runner->source = source;
    runner->digest = source ? he_digest_new(source) : NULL;
    memset(runner->look, 0, sizeof runner->look);
    if (look)
        memcpy(runner->look, look, sizeof runner->look);
    g_free(runner->name);
    runner->name = g_strdup(name ? name : "");
}

HeSession *he_runner_get_session(HeRunner *runner)
{
    return runner->session;
}

const HeInput *he_runner_get_input(HeRunner *runner)
{
    return runner->input;
}

/* ---- the request and its recipe -------------------------------------------------------------- */

/* Beside a recipe may stand where the model's file is and what changes no result. */
static gboolean check_alone(const HeRequest *request, GError **error)
{
    int n_params;
    const HeParam *params = he_params_list(&n_params);
    for (int i = 0; i < n_params; i++) {
        gboolean is_free = params[i].groups & (HE_PARAM_GENERAL | HE_PARAM_HOST) ||
                           g_str_equal(params[i].name, "model");
        if (is_free || !g_hash_table_contains(request->values, params[i].name))
            continue;
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "%s: the recipe says everything that decides the result; leave it out",
            params[i].name);
        return FALSE;
    }
    return TRUE;
}

gboolean he_ask_init(HeAsk *ask, const HeRequest *request, GError **error)
{
    *ask = (HeAsk){.request = request};
    if (!request->recipe)
        return TRUE;
    if (check_alone(request, error))
        ask->recipe = he_recipe_from_json(request->recipe, error);
    return ask->recipe != NULL;
}

void he_ask_clear(HeAsk *ask)
{
    g_clear_pointer(&ask->recipe, he_recipe_free);
}

/* ---- model and session ----------------------------------------------------------------------- */

static gboolean load_model(HeRunner *runner, const HeAsk *ask, GError **error)
{
    const char *name = he_request_get(ask->request, "model");
    if (!name && ask->recipe)
        name = ask->recipe->model.name;
    g_autofree char *path = he_models_find(name, runner->folder, error);
    if (!path)
        return FALSE;
    if (runner->model && g_str_equal(he_model_get_path(runner->model), path))
        return TRUE;
    he_lap("map");
    HeModel *model = he_model_load(path, error);
    if (!model)
        return FALSE;
    forget_input(runner);
    forget_session(runner);
    g_clear_pointer(&runner->model, he_model_unref);
    runner->model = model;
    return TRUE;
}

/* The recipe must speak of this file, prepared in this way. */
static gboolean check_model(HeRunner *runner, const HeRecipe *recipe, GError **error)
{
    const char *sha256 = he_model_get_sha256(runner->model, error);
    const char *name = he_model_get_name(runner->model);
    if (!sha256)
        return FALSE;
    if (!g_str_equal(sha256, recipe->model.sha256)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "recipe: it was made with a model “%s” of SHA-256 %s; %s has %s",
                    recipe->model.name, recipe->model.sha256,
                    he_model_get_path(runner->model), sha256);
        return FALSE;
    }
    g_autofree char *key =
        he_input_difference(&recipe->input, he_model_get_descriptor(runner->model));
    if (key)
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "recipe: its %s is not what the descriptor of “%s” says now", key,
                    name);
    return !key;
}

static gboolean open_session(HeRunner *runner, const HeAsk *ask, GError **error)
{
    const HeRequest *request = ask->request;
    const HeRecipe *recipe = ask->recipe;
    gboolean is_said = g_hash_table_contains(request->values, "precision");
    HeSessionOptions options = {
        .n_threads = (int)he_request_get_number(request, "threads", 0),
        .kernels = he_request_get(request, "kernels"),
        .precision = (HePrecision)he_request_get_choice(request, "precision", 0)};
    if (recipe && !g_hash_table_contains(request->values, "kernels"))
        options.kernels = recipe->run.kernels;
    if (recipe && !is_said)
        options.precision = recipe->run.precision;
    g_autofree char *key = g_strdup_printf("%d %s %d", options.n_threads, options.kernels,
                                           (int)options.precision);
    if (runner->session && g_str_equal(runner->session_key, key))
        return TRUE;
    he_lap("plan");
    HeSession *session = he_session_new(runner->model, &options, error);
    if (!session)
        return FALSE;
    forget_session(runner);
    runner->session = session;
    runner->session_key = g_steal_pointer(&key);
    return TRUE;
}

gboolean he_runner_open(HeRunner *runner, const HeAsk *ask, GError **error)
{
    return load_model(runner, ask, error) &&
           (!ask->recipe || check_model(runner, ask->recipe, error)) &&
           open_session(runner, ask, error);
}

gboolean he_runner_prepare(HeRunner *runner, const HeRequest *request, const HeTask *task,
                           GError **error)
{
    g_auto(HeAsk) ask = {0};
    if (task && g_cancellable_set_error_if_cancelled(task->cancellable, error))
        return FALSE;
    return he_ask_init(&ask, request, error) && he_runner_open(runner, &ask, error);
}

/* ---- picture and input ----------------------------------------------------------------------- */

/* A recipe's part of its picture: the same part of one of the same size, all of another when it was all;
 * else it must fit. */
static gboolean look_of_recipe(const HeRunner *runner, const HeRecipe *recipe,
                               double *look, GError **error)
{
    int w = runner->source->width, h = runner->source->height;
    gboolean was_all = recipe->view.x == 0 && recipe->view.y == 0 &&
                       recipe->view.w == recipe->image.width &&
                       recipe->view.h == recipe->image.height;
    if (was_all) {
        memset(look, 0, 4 * sizeof *look);
        return TRUE;
    }
    if (recipe->view.x < 0 || recipe->view.y < 0 || recipe->view.x + recipe->view.w > w ||
        recipe->view.y + recipe->view.h > h) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "recipe: its view, %g x %g at %g, %g, is not inside this picture of "
                    "%d x %d",
                    recipe->view.w, recipe->view.h, recipe->view.x, recipe->view.y, w, h);
        return FALSE;
    }
    const double part[] = {recipe->view.x, recipe->view.y, recipe->view.w,
                           recipe->view.h};
    memcpy(look, part, sizeof part);
    return TRUE;
}

gboolean he_runner_look(const HeRunner *runner, const HeAsk *ask, HeLook *look,
                        char **background, GError **error)
{
    *look = (HeLook){.fit = he_request_get_choice(ask->request, "fit", -1)};
    memcpy(look->look, runner->look, sizeof look->look);
    if (!ask->recipe) {
        *background = g_strdup(he_request_get(ask->request, "background"));
    } else {
        *background = he_input_background(&ask->recipe->input);
        look->fit = (int)ask->recipe->view.fit;
        if (!look_of_recipe(runner, ask->recipe, look->look, error))
            return FALSE;
    }
    look->background = *background;
    return TRUE;
}

gboolean he_runner_read(HeRunner *runner, const HeAsk *ask, gboolean is_summed,
                        const HeTask *task, GError **error)
{
    HeLook look;
    g_autofree char *background = NULL;
    if (!runner->source) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "there is no picture");
        return FALSE;
    }
    if (!he_runner_look(runner, ask, &look, &background, error))
        return FALSE;
    g_autofree char *key =
        g_strdup_printf("%a %a %a %a %d %s", look.look[0], look.look[1], look.look[2],
                        look.look[3], look.fit, background ? background : "");
    if (runner->input && g_str_equal(runner->input_key, key))
        return TRUE;
    he_lap("read");
    HeSource *source = is_summed ? he_digest_get_source(runner->digest) : runner->source;
    HeInput *input = he_input_new(runner->model, source, &look, task, error);
    if (!input)
        return FALSE;
    forget_input(runner);
    runner->input = input;
    runner->input_key = g_steal_pointer(&key);
    return TRUE;
}

const char *he_runner_sha256(HeRunner *runner, GError **error)
{
    if (!runner->sha256)
        runner->sha256 = he_digest_get_text(runner->digest, error);
    return runner->sha256;
}

gboolean he_runner_classify(HeRunner *runner, const HeRequest *request,
                            const HeTask *task, HeScores *out, GError **error)
{
    g_auto(HeAsk) ask = {0};
    HeSpan reading, running;
    return he_ask_init(&ask, request, error) && he_runner_open(runner, &ask, error) &&
           he_runner_read(runner, &ask, FALSE, he_span_init(&reading, task, 0, 0.3),
                          error) &&
           he_classify(runner->session, runner->input,
                       he_span_init(&running, task, 0.3, 1), out, error);
}
