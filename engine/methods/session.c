/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Sessions: a survey of the network when they are made; its layers by name. */
#include "methods/session.h"

#include <string.h>

#include "core/limits.h"
#include "core/pool.h"

/* ---- wants ------------------------------------------------------------------------------------------ */

gboolean he_wants_add(const char **list, const char *name)
{
    for (int i = 0; i + 1 < HE_MAX_WANTED; i++) {
        if (list[i] && g_str_equal(list[i], name))
            return TRUE;
        if (!list[i]) {
            list[i] = name;
            return TRUE;
        }
    }
    return FALSE;
}

/* ---- survey ----------------------------------------------------------------------------------------- */

static const HeValueDef *find_input(const HeModel *model)
{
    const HeGraphDef *graph = &model->onnx->graph;
    for (int i = 0; i < graph->n_inputs; i++)
        if (g_strcmp0(graph->inputs[i].name, model->descriptor.input) == 0)
            return &graph->inputs[i];
    return NULL;
}

/* The descriptor's size where the file leaves a dimension free; one sample. */
static gboolean survey_shape(const HeModel *model, HeTensor *shape, GError **error)
{
    const HeDescriptor *d = &model->descriptor;
    const HeValueDef *def = find_input(model);
    gboolean is_nhwc = d->layout == HE_LAYOUT_NHWC;
    gint64 dim[HE_MAX_RANK] = {1, is_nhwc ? d->height : d->n_channels,
                               is_nhwc ? d->width : d->height,
                               is_nhwc ? d->n_channels : d->width};
    if (!def) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "%s: the network has no input '%s'", model->path, d->input);
        return FALSE;
    }
    int rank = def->rank < 0 ? 4 : def->rank;
    for (int i = 0; i < rank && i < HE_MAX_RANK; i++)
        if (i > 0 && def->rank > 0 && def->dim[i] > 0)
            dim[i] = def->dim[i];
    he_tensor_init(shape, HE_F32, rank, dim);
    return TRUE;
}

static gboolean check_classes(HeSession *session, GError **error)
{
    const HeModel *model = session->model;
    if (session->n_logits <= 0 || session->n_logits > HE_MAX_CLASSES) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "%s: its output '%s' has %" G_GINT64_FORMAT
                    " values; a classifier has 1 to %d",
                    model->path, model->descriptor.output, session->n_logits,
                    HE_MAX_CLASSES);
        return FALSE;
    }
    if (model->descriptor.negative && session->n_logits != 1) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "%s: [Output] Negative is for networks of one output; this one has "
                    "%" G_GINT64_FORMAT,
                    model->path, session->n_logits);
        return FALSE;
    }
    if (model->n_labels && session->n_logits > 1 &&
        model->n_labels != session->n_logits) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "%s: %d labels for %" G_GINT64_FORMAT " classes", model->path,
                    model->n_labels, session->n_logits);
        return FALSE;
    }
    return TRUE;
}

static gboolean survey(HeSession *session, GError **error)
{
    const HeDescriptor *d = &session->model->descriptor;
    HeTensor shape;
    HeWants wants = {.values = {d->output}};
    session->input = g_strdup(d->input);
    if (!survey_shape(session->model, &shape, error))
        return FALSE;
    session->survey = he_session_compile(session, &shape, &wants, TRUE, NULL, error);
    if (!session->survey)
        return FALSE;
    session->activation = d->activation;
    session->logits =
        g_strdup(he_head_find_logits(session->survey, d->output, &session->activation));
    session->n_logits =
        (gint64)he_tensor_n(he_plan_get_shape(session->survey, session->logits));
    HeCamHead head;
    session->cam_refusal = he_cam_head_find(session->survey, session->logits, &head);
    if (!session->cam_refusal) {
        session->cam_features = g_strdup(head.features);
        he_cam_head_clear(&head);
    }
    session->default_layer = g_strdup(
        d->default_layer ? d->default_layer
                         : he_layers_find_default(session->survey, session->logits));
    return check_classes(session, error);
}

/* ---- the session ------------------------------------------------------------------------------------ */

HeSession *he_session_new(HeModel *model, const HeSessionOptions *options, GError **error)
{
    g_autoptr(HeSession) session = g_new0(HeSession, 1);
    if (options->n_threads < 0 || options->n_threads > HE_MAX_THREADS) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "%d threads, expected 0 (all) to %d", options->n_threads,
                    HE_MAX_THREADS);
        return NULL;
    }
    if (!he_kernels_parse(options->kernels ? options->kernels : "auto", &session->kernels,
                          error))
        return NULL;
    session->precision = options->precision;
    if (session->precision == HE_PRECISION_DOUBLE)
        session->kernels = HE_SET_PLAIN;
    session->model = he_model_ref(model);
    session->pool = he_pool_new(options->n_threads);
    session->packed = he_packed_store_new();
    session->plans = he_plans_new();
    if (!survey(session, error))
        return NULL;
    return g_steal_pointer(&session);
}

void he_session_free(HeSession *session)
{
    if (!session)
        return;
    g_clear_pointer(&session->plans, g_ptr_array_unref);
    he_plan_free(session->survey);
    he_packed_store_free(session->packed);
    g_clear_pointer(&session->pool, he_pool_free);
    g_clear_pointer(&session->model, he_model_unref);
    g_free(session->input);
    g_free(session->logits);
    g_free(session->default_layer);
    g_free(session->cam_refusal);
    g_free(session->cam_features);
    g_free(session->expected);
    g_free(session->expected_layer);
    g_free(session);
}

HeModel *he_session_get_model(HeSession *session)
{
    return session->model;
}

const char *he_session_get_kernels(const HeSession *session)
{
    return he_kernels_set_name(session->kernels);
}

int he_session_get_n_threads(const HeSession *session)
{
    return he_pool_get_n_threads(session->pool);
}

HePrecision he_session_get_precision(const HeSession *session)
{
    return session->precision;
}

/* ---- layers ----------------------------------------------------------------------------------------- */

HeLayer *he_session_list_layers(HeSession *session, int *n_layers, GError **error)
{
    (void)error;
    HeLayer *layers = he_layers_new(session->survey, session->logits, n_layers);
    for (int i = 0; i < *n_layers; i++)
        layers[i].is_default = g_strcmp0(layers[i].tensor, session->default_layer) == 0;
    return layers;
}

static gboolean is_inside(const char *module, const char *outer)
{
    size_t n = strlen(outer);
    return module && n && strncmp(module, outer, n) == 0 &&
           (module[n] == '\0' || module[n] == '.');
}

/* "stage3", or "-1" for the last stage, "-2" for the one before; or a module: its last tensor, which is what a
 * hook in PyTorch would see. */
static char *find_stage(HeSession *session, const char *text)
{
    int n_layers, n_stages = 0;
    HeLayer *layers = he_layers_new(session->survey, session->logits, &n_layers);
    char *found = NULL;
    for (int i = 0; i < n_layers; i++)
        n_stages += layers[i].stage != NULL;
    gint64 from_end = 0;
    gboolean is_number = *text == '-' && g_ascii_string_to_signed(text, 10, -n_stages, -1,
                                                                  &from_end, NULL);
    g_autofree char *name = is_number
                                ? g_strdup_printf("stage%d", n_stages + 1 + (int)from_end)
                                : g_strdup(text);
    for (int i = n_layers - 1; i >= 0 && !found; i--)
        if (g_strcmp0(layers[i].stage, name) == 0 || is_inside(layers[i].module, name))
            found = g_strdup(layers[i].tensor);
    he_layers_free(layers, n_layers);
    return found;
}

char *he_session_find_layer(HeSession *session, const char *text, GError **error)
{
    const HeDescriptor *d = &session->model->descriptor;
    if (!text || !*text) {
        if (session->default_layer)
            return g_strdup(session->default_layer);
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "the network has no layer with a height and a width");
        return NULL;
    }
    for (int i = 0; d->stage_names && d->stage_names[i]; i++)
        if (g_str_equal(d->stage_names[i], text))
            return g_strdup(d->stage_tensors[i]);
    if (he_plan_get_shape(session->survey, text) &&
        !he_plan_is_constant(session->survey, text))
        return g_strdup(text);
    char *stage = find_stage(session, text);
    if (!stage)
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "the network has no layer '%s'; `human-eye layers` lists tensors and stages",
            text);
    return stage;
}
