/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a network is, for people who meet it: how many layers of which kind, its first filters, and the
 * operators that stand in the way. */
#include <string.h>

#include "methods/session.h"

/* ---- counts ------------------------------------------------------------------------------------------ */

static gboolean is_op(const HeNode *node, const char *name)
{
    return g_str_equal(node->op->name, name);
}

/* Whether node I's second input is a constant. */
static gboolean has_weights(const HePlan *plan, int i)
{
    const char *name = he_plan_get_input_name(plan, i, 1);

    return name && he_plan_is_constant(plan, name);
}

static void count_node(const HePlan *plan, int i, HeCounts *out)
{
    const HeNode *node = he_plan_get_node(plan, i);

    if (is_op(node, "Conv")) {
        const HeTensor *w = node->in[1];
        out->n_conv++;
        out->n_depthwise += node->in[0]->dim[1] > 1 && w->dim[1] == 1;
    } else if (is_op(node, "Gemm") || (is_op(node, "MatMul") && has_weights(plan, i))) {
        out->n_linear++;
    } else if (is_op(node, "MatMul")) {
        out->n_attention++;
    }
}

void he_session_count(HeSession *session, HeCounts *out)
{
    const HeGraphDef *graph = &session->model->onnx->graph;
    int n = he_plan_get_n_nodes(session->survey);

    *out = (HeCounts){0};
    for (int i = 0; i < n; i++)
        count_node(session->survey, i, out);
    for (int i = 0; i < graph->n_initializers; i++) {
        const HeTensorDef *def = &graph->initializers[i];
        if (he_type_is_float(def->type))
            out->weights += (double)def->raw_bytes / (double)he_type_size(def->type);
    }
}

const char *he_session_get_logits(const HeSession *session, HeActivation *activation)
{
    if (activation)
        *activation = session->activation;
    return session->logits;
}

/* ---- filters ----------------------------------------------------------------------------------------- */

/* The first convolution with weights of its own, if possible of more than a pixel; -1: none. */
static int find_first_convolution(const HePlan *plan)
{
    int single = -1;

    for (int i = 0; i < he_plan_get_n_nodes(plan); i++) {
        const HeNode *node = he_plan_get_node(plan, i);
        if (!is_op(node, "Conv") || node->in[1]->rank != 4 || !has_weights(plan, i))
            continue;
        if (node->in[1]->dim[2] * node->in[1]->dim[3] > 1)
            return i;
        if (single < 0)
            single = i;
    }
    return single;
}

gboolean he_session_read_filters(HeSession *session, HeTensor *out, char **name,
                                 GError **error)
{
    const HePlan *plan = session->survey;
    int i = find_first_convolution(plan);

    if (i < 0) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "%s has no two-dimensional convolution with weights of its own",
                    he_model_get_name(session->model));
        return FALSE;
    }
    const char *tensor = he_plan_get_input_name(plan, i, 1);
    HeTensor read, weights;
    const HeTensor *shape = he_plan_get_node(plan, i)->in[1];
    size_t n = he_tensor_n(shape);
    he_tensor_init(&read, HE_F64, shape->rank, shape->dim);
    he_tensor_init(&weights, HE_F32, shape->rank, shape->dim);
    read.data = he_alloc(n, sizeof(double), tensor, error);
    weights.data = read.data ? he_alloc(n, sizeof(float), tensor, error) : NULL;
    gboolean ok =
        weights.data && he_plan_read_constant(plan, tensor, 0, 1, n, read.data, error);
    if (ok) {
        he_tensor_convert(&read, &weights);
        *out = weights;
        if (name)
            *name = g_strdup(tensor);
    } else {
        he_free(weights.data);
    }
    he_free(read.data);
    return ok;
}

/* ---- operators --------------------------------------------------------------------------------------- */

/* If and Constant are dealt with when a plan is built (graph/build.c). */
static gboolean is_supported(const HeNodeDef *node)
{
    gboolean is_onnx = !*node->domain || g_str_equal(node->domain, "ai.onnx");
    gboolean is_built_in =
        g_str_equal(node->op_type, "If") || g_str_equal(node->op_type, "Constant");

    return (is_onnx && is_built_in) ||
           he_op_find_f32(node->domain, node->op_type, node->opset) != NULL;
}

/* NEEDED NULL: all nodes of GRAPH are. */
static void list_unsupported(const HeGraphDef *graph, GHashTable *needed, GArray *list)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        const HeNodeDef *node = &graph->nodes[i];
        if (needed && !g_hash_table_contains(needed, node))
            continue;
        for (int k = 0; k < node->n_attrs; k++)
            if (node->attrs[k].g)
                list_unsupported(node->attrs[k].g, NULL, list);
        if (is_supported(node))
            continue;
        HeUnsupported entry = {
            .op_type =
                g_strconcat(node->domain, *node->domain ? "." : "", node->op_type, NULL),
            .node = g_strdup(he_node_def_get_label(node))};
        g_array_append_val(list, entry);
    }
}

HeUnsupported *he_model_list_unsupported(const HeModel *model, int *n)
{
    g_autoptr(GHashTable) needed = g_hash_table_new(NULL, NULL);
    const char *const outputs[] = {model->descriptor.output, NULL};
    const HeWanted wanted = {.values = outputs};
    GArray *list = g_array_new(FALSE, FALSE, sizeof(HeUnsupported));

    he_plan_need_nodes(needed, &model->onnx->graph, &wanted);
    list_unsupported(&model->onnx->graph, needed, list);
    *n = (int)list->len;
    return (HeUnsupported *)(void *)g_array_free(list, FALSE);
}

void he_unsupported_free(HeUnsupported *list, int n)
{
    for (int i = 0; list && i < n; i++) {
        g_free(list[i].op_type);
        g_free(list[i].node);
    }
    g_free(list);
}
