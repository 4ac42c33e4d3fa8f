/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Finds the logits and the head that CAM needs, by walking back from the output. */
#include "graph/head.h"

#include <string.h>

static gboolean is_view(const HeNode *node)
{
    return (node->op->flags & HE_OP_VIEW) != 0;
}

static gboolean is_op(const HeNode *node, const char *name)
{
    return g_str_equal(node->op->name, name);
}

const char *he_head_find_logits(const HePlan *plan, const char *output,
                                HeActivation *activation)
{
    int i = he_plan_find_producer(plan, output);
    while (i >= 0 && is_view(he_plan_get_node(plan, i)))
        i = he_plan_find_producer(plan, he_plan_get_input_name(plan, i, 0));
    if (i < 0)
        return output;
    const HeNode *node = he_plan_get_node(plan, i);
    if (is_op(node, "Softmax") || is_op(node, "LogSoftmax"))
        *activation = HE_ACTIVATION_SOFTMAX;
    else if (is_op(node, "Sigmoid"))
        *activation = HE_ACTIVATION_SIGMOID;
    else
        return output;
    return he_plan_get_input_name(plan, i, 0);
}

/* ---- linear layers --------------------------------------------------------------------------------- */

/* Which of a two-input node's inputs varies, when the other is a constant; -1. */
static int variable_beside_constant(const HePlan *plan, int i)
{
    const char *a = he_plan_get_input_name(plan, i, 0),
               *b = he_plan_get_input_name(plan, i, 1);
    if (!a || !b || he_plan_is_constant(plan, a) == he_plan_is_constant(plan, b))
        return -1;
    return he_plan_is_constant(plan, a) ? 1 : 0;
}

static gboolean is_single_pixel(const HeTensor *t)
{
    gint64 n = 1;
    for (int d = 2; d < t->rank; d++)
        n *= t->dim[d];
    return n == 1;
}

static gboolean int_attribute_is(const HeNode *node, const char *name, gint64 fallback,
                                 gint64 expected)
{
    gint64 value;
    return he_attr_int(node, name, fallback, &value, NULL) && value == expected;
}

static gboolean is_linear(const HePlan *plan, int i)
{
    const HeNode *node = he_plan_get_node(plan, i);
    if (variable_beside_constant(plan, i) != 0)
        return FALSE;
    if (is_op(node, "Gemm"))
        return int_attribute_is(node, "transA", 0, 0);
    if (is_op(node, "MatMul"))
        return node->in[1]->rank == 2;
    return is_op(node, "Conv") && int_attribute_is(node, "group", 1, 1) &&
           is_single_pixel(node->in[0]) && is_single_pixel(node->in[1]) &&
           is_single_pixel(node->out[0]);
}

static gboolean is_bias(const HePlan *plan, int i)
{
    return is_op(he_plan_get_node(plan, i), "Add") &&
           variable_beside_constant(plan, i) >= 0;
}

gboolean he_cam_head_row(const HePlan *plan, const HeCamHead *head, gint64 y, size_t n,
                         double *row, GError **error)
{
    const HeNode *node = he_plan_get_node(plan, head->last);
    const char *weights = he_plan_get_input_name(plan, head->last, 1);
    const HeTensor *w = node->in[1];
    gboolean is_row_major =
        is_op(node, "Conv") ||
        (is_op(node, "Gemm") && int_attribute_is(node, "transB", 0, 1));
    gint64 n_rows = is_row_major ? w->dim[0] : w->dim[1];
    gint64 n_weights = (gint64)he_tensor_n(w) / MAX(n_rows, 1);
    double alpha = 1;
    if (y < 0 || y >= n_rows || (gint64)n != n_weights)
        return he_node_error(node, HE_ERROR_INVALID_ARGUMENT, error,
                             "has %" G_GINT64_FORMAT " rows of %" G_GINT64_FORMAT
                             " weights; row %" G_GINT64_FORMAT " of %" G_GSIZE_FORMAT
                             " was asked for",
                             n_rows, n_weights, y, n);
    if (is_op(node, "Gemm") && !he_attr_float(node, "alpha", 1, &alpha, error))
        return FALSE;
    size_t first = (size_t)y * (is_row_major ? n : 1),
           stride = is_row_major ? 1 : (size_t)n_rows;
    if (!he_plan_read_constant(plan, weights, first, stride, n, row, error))
        return FALSE;
    for (size_t i = 0; i < n; i++)
        row[i] *= alpha;
    return TRUE;
}

/* ---- the pooling ----------------------------------------------------------------------------------- */

static gboolean reduces_positions(const HeNode *node)
{
    const gint64 *axes = NULL;
    gint64 *from_input = NULL;
    size_t n = 0;
    if (node->n_in > 1) {
        if (!he_node_const_ints(node, 1, &from_input, &n, NULL))
            return FALSE;
        axes = from_input;
    } else if (!he_attr_ints(node, "axes", &axes, &n, NULL)) {
        return FALSE;
    }
    guint seen = 0;
    for (size_t i = 0; i < n; i++)
        seen |= 1u << ((axes[i] < 0 ? axes[i] + 4 : axes[i]) & 7);
    g_free(from_input);
    return seen == ((1u << 2) | (1u << 3));
}

static gboolean is_global_pooling(const HeNode *node)
{
    const HeTensor *in = node->in[0];
    if (!in || in->rank != 4)
        return FALSE;
    if (is_op(node, "GlobalAveragePool"))
        return TRUE;
    if (is_op(node, "ReduceMean"))
        return reduces_positions(node);
    /* An average over a window as large as the map, without padding. */
    const gint64 *kernel = NULL;
    size_t n = 0;
    return is_op(node, "AveragePool") && is_single_pixel(node->out[0]) &&
           he_attr_ints(node, "kernel_shape", &kernel, &n, NULL) && n == 2 &&
           kernel[0] == in->dim[2] && kernel[1] == in->dim[3];
}

/* ---- the head -------------------------------------------------------------------------------------- */

static int step_back(const HePlan *plan, int i)
{
    for (int k = 0;; k++) {
        const char *name = he_plan_get_input_name(plan, i, k);
        if (!name)
            return -1;
        if (!he_plan_is_constant(plan, name))
            return he_plan_find_producer(plan, name);
    }
}

static int skip_views(const HePlan *plan, int i)
{
    while (i >= 0 && is_view(he_plan_get_node(plan, i)))
        i = step_back(plan, i);
    return i;
}

static char *refusal(const HePlan *plan, int i)
{
    if (i < 0)
        return g_strdup(
            "CAM needs global average pooling before linear layers, and this network "
            "has none between its input and its answer");
    const HeNode *node = he_plan_get_node(plan, i);
    return g_strdup_printf(
        "CAM needs a head of global average pooling and linear layers; here node "
        "'%s' (%s) stands between. Grad-CAM explains such a network",
        node->def->name, node->op->name);
}

char *he_cam_head_find(const HePlan *plan, const char *logits, HeCamHead *out)
{
    g_autoptr(GArray) chain = g_array_new(FALSE, FALSE, sizeof(int));
    HeCamHead head = {.last = -1};
    int i = skip_views(plan, he_plan_find_producer(plan, logits));
    int before_bias =
        i >= 0 && is_bias(plan, i) ? skip_views(plan, step_back(plan, i)) : i;
    if (before_bias >= 0 && is_linear(plan, before_bias)) {
        head.last = before_bias;
        i = step_back(plan, before_bias);
    }
    for (; i >= 0 && !is_global_pooling(he_plan_get_node(plan, i));
         i = step_back(plan, i)) {
        const HeNode *node = he_plan_get_node(plan, i);
        gboolean fits = is_view(node) || is_linear(plan, i) || is_bias(plan, i) ||
                        (node->op->flags & HE_OP_POINTWISE && node->n_in >= 1);
        if (!fits)
            return refusal(plan, i);
        g_array_prepend_val(chain, i);
    }
    if (i < 0)
        return refusal(plan, i);
    gboolean has_linear = FALSE;
    for (guint k = 0; k < chain->len; k++)
        has_linear |= !is_view(he_plan_get_node(plan, g_array_index(chain, int, k)));
    if (head.last < 0 && has_linear)
        return refusal(plan, g_array_index(chain, int, chain->len - 1));
    head.features = he_plan_get_input_name(plan, i, 0);
    head.n_chain = (int)chain->len;
    head.chain = (int *)g_array_free(g_steal_pointer(&chain), FALSE);
    *out = head;
    return NULL;
}

void he_cam_head_clear(HeCamHead *head)
{
    g_clear_pointer(&head->chain, g_free);
    head->n_chain = 0;
}
