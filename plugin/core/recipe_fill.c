/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a run did, as a recipe. */
#include <math.h>

#include "plugin/core/questions.h"
#include "plugin/core/recipe_input.h"

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

gboolean he_recipe_fill(HeRunner *runner, const HeAsk *ask, const HeQuestion *question,
                        HeResult *result, GError **error)
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
    recipe->display = question->display;
    recipe->run.seed = question->seed;
    recipe->run.kernels = g_strdup(he_session_get_kernels(runner->session));
    recipe->run.precision = he_session_get_precision(runner->session);
    fill_target(question->what, recipe);
    fill_result(question, result, recipe);
    return fill_where(runner, ask, recipe, error);
}
