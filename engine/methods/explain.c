/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One explanation: what the method needs -> a plan -> forward, backward -> the method's map. */
#include <string.h>

#include "methods/method.h"

/* The target with the logits' name filled in. */
static gboolean target_resolve(HeSession *session, const HeTarget *target, HeTarget *out,
                               GError **error)
{
    if (target->n_terms == 0) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "nothing to explain: no target");
        return FALSE;
    }
    for (int i = 0; i < target->n_terms; i++) {
        const HeTerm *term = &target->terms[i];
        he_target_add(out, term->tensor ? term->tensor : session->logits, term->index,
                      term->weight);
    }
    return TRUE;
}

static gboolean wants_targets(HeWants *wants, const HeTarget *target, GError **error)
{
    for (int i = 0; i < target->n_terms; i++)
        if (!he_wants_add(wants->targets, target->terms[i].tensor)) {
            g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                        "a target names more than %d tensors", HE_MAX_WANTED - 1);
            return FALSE;
        }
    return TRUE;
}

static HeWants method_wants(const HeSession *session, const HeMethod *method,
                            const char *layer)
{
    HeWants wants = {.values = {session->logits}};
    if (method->needs & HE_NEEDS_LAYER_VALUE)
        he_wants_add(wants.values, layer);
    if (method->needs & HE_NEEDS_INPUT_GRADIENT)
        he_wants_add(wants.gradients, session->input);
    if (method->needs & HE_NEEDS_LAYER_GRADIENT)
        he_wants_add(wants.gradients, layer);
    return wants;
}

/* Sets *LAYER to the ONNX tensor whose map the method shows, or NULL. */
static gboolean method_layer(HeSession *session, const HeMethod *method, const char *text,
                             char **layer, GError **error)
{
    *layer = NULL;
    if (method->needs & HE_NEEDS_CAM_HEAD) {
        if (session->cam_refusal) {
            g_set_error_literal(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                                session->cam_refusal);
            return FALSE;
        }
        g_autofree char *asked =
            text ? he_session_find_layer(session, text, error) : NULL;
        if (text && !asked)
            return FALSE;
        if (asked && !g_str_equal(asked, session->cam_features)) {
            g_set_error(
                error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "CAM explains the input of the global pooling, '%s', and no other layer; "
                "Grad-CAM takes any",
                session->cam_features);
            return FALSE;
        }
        *layer = g_strdup(session->cam_features);
        return TRUE;
    }
    if (!method->info.takes_layer)
        return TRUE;
    *layer = he_session_find_layer(session, text, error);
    return *layer != NULL;
}

gboolean he_session_expect(HeSession *session, const HeOptions *options, GError **error)
{
    const HeMethod *method = he_method_get(options->method, error);
    g_autofree char *layer = NULL;
    if (!method || !method_layer(session, method, options->layer, &layer, error))
        return FALSE;
    g_free(session->expected);
    g_free(session->expected_layer);
    session->expected_layer = g_steal_pointer(&layer);
    HeWants wants = method_wants(session, method, session->expected_layer);
    he_wants_add(wants.targets, session->logits);
    session->expected = g_memdup2(&wants, sizeof wants);
    return TRUE;
}

static double target_score(HePlan *plan, const HeTarget *target)
{
    double score = 0;
    for (int i = 0; i < target->n_terms; i++) {
        const HeTerm *term = &target->terms[i];
        const HeTensor *t = he_plan_get_value(plan, term->tensor);
        if (t && term->index >= 0 && term->index < (gint64)he_tensor_n(t))
            score += term->weight * he_tensor_get_double(t, (size_t)term->index);
    }
    return score;
}

static gboolean check_indices(HePlan *plan, const HeTarget *target, GError **error)
{
    for (int i = 0; i < target->n_terms; i++) {
        const HeTerm *term = &target->terms[i];
        gint64 n = (gint64)he_tensor_n(he_plan_get_shape(plan, term->tensor));
        if (term->index >= 0 && term->index < n)
            continue;
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "index %" G_GINT64_FORMAT
                    " is outside '%s', which has %" G_GINT64_FORMAT " values",
                    term->index, term->tensor, n);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_coverage(const HeMethod *method, const HeCoverage *coverage,
                               GError **error)
{
    if (method->rule == HE_RULE_PLAIN || coverage->ruled > 0)
        return TRUE;
    g_set_error(
        error, HE_ERROR, HE_ERROR_UNSUPPORTED,
        "%s changes the gradient at ReLUs and the like, and there is none between the "
        "picture and what is explained; it would be plain saliency",
        method->info.title);
    return FALSE;
}

static gboolean find_grid(const HePlan *plan, const char *layer, HeGrid *out,
                          GError **error)
{
    const HeTensor *shape = he_plan_get_shape(plan, layer);
    if (he_plan_find_grid(plan, layer, out))
        return TRUE;
    g_autofree char *text = shape ? he_tensor_shape_text(shape) : g_strdup("?");
    g_set_error(
        error, HE_ERROR, HE_ERROR_UNSUPPORTED,
        "layer '%s' is %s; which of its numbers stand where in the picture could "
        "not be followed from the input. Layers with a stage, or of convolutions and "
        "token blocks, can be drawn",
        layer, text);
    return FALSE;
}

static gboolean answer(HeSession *session, const HeInput *input, const HeMethod *method,
                       const HeTarget *target, const HeTask *task, HeMap *map,
                       GError **error)
{
    HeWants wants = method_wants(session, method, map->layer);
    if (!wants_targets(&wants, target, error))
        return FALSE;
    HeSpan forward, backward;
    HePlan *plan = he_session_run(session, input, &wants,
                                  he_span_init(&forward, task, 0, 0.5), error);
    if (!plan || !check_indices(plan, target, error))
        return FALSE;
    HeAnswer a = {.session = session, .plan = plan, .target = target};
    if (map->layer && !find_grid(plan, map->layer, &a.grid, error))
        return FALSE;
    if (method->needs & (HE_NEEDS_INPUT_GRADIENT | HE_NEEDS_LAYER_GRADIENT)) {
        if (!he_plan_backward(plan, target, method->rule, &map->coverage,
                              he_span_init(&backward, task, 0.5, 1), error) ||
            !check_coverage(method, &map->coverage, error))
            return FALSE;
        gboolean of_input = method->needs & HE_NEEDS_INPUT_GRADIENT;
        a.gradient = he_plan_get_gradient(plan, of_input ? session->input : map->layer);
    }
    if (method->needs & HE_NEEDS_LAYER_VALUE)
        a.value = he_plan_get_value(plan, map->layer);
    map->score = target_score(plan, target);
    return method->map(&a, map, error);
}

HeMap *he_explain(HeSession *session, const HeInput *input, const HeTarget *target,
                  const HeOptions *options, const HeTask *task, GError **error)
{
    const HeMethod *method = he_method_get(options->method, error);
    g_autoptr(HeMap) map = g_new0(HeMap, 1);
    HeTarget resolved = {0};
    if (!method || !method_layer(session, method, options->layer, &map->layer, error))
        return NULL;
    map->method = g_strdup(method->info.id);
    map->view = input->view;
    gboolean good = target_resolve(session, target, &resolved, error) &&
                    answer(session, input, method, &resolved, task, map, error);
    he_target_clear(&resolved);
    return good ? g_steal_pointer(&map) : NULL;
}

void he_map_free(HeMap *map)
{
    if (!map)
        return;
    g_free(map->method);
    g_free(map->layer);
    if (map->native != map->values)
        he_free(map->native);
    he_free(map->values);
    g_free(map);
}

/* ---- values and gradients as they are --------------------------------------------------------------- */

static gboolean copy_out(const HeTensor *t, const char *name, HeTensor *out,
                         GError **error)
{
    if (!t) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "the network has no tensor '%s'", name);
        return FALSE;
    }
    HeTensor copy;
    he_tensor_init(&copy, HE_F64, t->rank, t->dim);
    copy.data = g_try_malloc(MAX(he_tensor_bytes(&copy), 1));
    if (!copy.data) {
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY, "no memory for tensor '%s'",
                    name);
        return FALSE;
    }
    he_tensor_convert(t, &copy);
    *out = copy;
    return TRUE;
}

gboolean he_forward(HeSession *session, const HeInput *input, const char *tensor,
                    HeTensor *out, const HeTask *task, GError **error)
{
    g_autofree char *layer =
        tensor ? he_session_find_layer(session, tensor, error) : NULL;
    if (tensor && !layer)
        return FALSE;
    const char *name = layer ? layer : session->logits;
    HeWants wants = {.values = {name}};
    HePlan *plan = he_session_run(session, input, &wants, task, error);
    return plan && copy_out(he_plan_get_value(plan, name), name, out, error);
}

gboolean he_backward(HeSession *session, const HeInput *input, const HeTarget *target,
                     const char *tensor, HeRule rule, HeTensor *out, HeCoverage *coverage,
                     const HeTask *task, GError **error)
{
    g_autofree char *layer =
        tensor ? he_session_find_layer(session, tensor, error) : NULL;
    HeTarget resolved = {0};
    if (tensor && !layer)
        return FALSE;
    const char *name = layer ? layer : session->input;
    HeWants wants = {.gradients = {name}};
    HePlan *plan = NULL;
    gboolean good =
        target_resolve(session, target, &resolved, error) &&
        wants_targets(&wants, &resolved, error) &&
        (plan = he_session_run(session, input, &wants, task, error)) != NULL &&
        he_plan_backward(plan, &resolved, rule, coverage, task, error) &&
        copy_out(he_plan_get_gradient(plan, name), name, out, error);
    he_target_clear(&resolved);
    return good;
}
