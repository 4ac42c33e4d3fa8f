/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Finds the logits and the head that CAM needs, by walking back from the output. */
#include "graph/head.h"

#include <string.h>

#include "graph/grid.h"

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

/* y = a * x + b for each feature, a and b constants: batch norm, or what is left of it. */
static gboolean is_scale_and_shift(const HePlan *plan, int i)
{
    static const char *const names[] = {"Add", "Div", "Mul", "Sub", NULL};
    const HeNode *node = he_plan_get_node(plan, i);
    if (is_op(node, "BatchNormalization")) {
        for (int k = 1; k < node->n_in; k++)
            if (!he_plan_is_constant(plan, he_plan_get_input_name(plan, i, k)))
                return FALSE;
        return TRUE;
    }
    int x =
        g_strv_contains(names, node->op->name) ? variable_beside_constant(plan, i) : -1;
    return x >= 0 && (x == 0 || !is_op(node, "Div")) &&
           he_tensor_n(node->in[x]) == he_tensor_n(node->out[0]);
}

/* What may stand in a head besides its pooling: each works on one position's features alone, so that it
 * means the same at every position. */
static gboolean fits_head(const HePlan *plan, int i)
{
    const HeNode *node = he_plan_get_node(plan, i);
    return is_view(node) || is_linear(plan, i) || is_scale_and_shift(plan, i) ||
           is_op(node, "LayerNormalization") ||
           (node->op->flags & HE_OP_POINTWISE && node->n_in >= 1);
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

/* Axes of one element: whether they are reduced makes no difference. */
static guint ones_of(const HeTensor *t)
{
    guint mask = 0;
    for (int k = 0; k < t->rank; k++)
        mask |= t->dim[k] == 1 ? 1u << k : 0;
    return mask;
}

/* The axes of a reduction, as a mask. */
static gboolean reduced_axes(const HeNode *node, guint *mask)
{
    const gint64 *axes = NULL;
    g_autofree gint64 *from_input = NULL;
    size_t n = 0;
    gint64 rank = node->in[0]->rank;
    if (node->n_in > 1 && node->in[1]) {
        if (!he_node_const_ints(node, 1, &from_input, &n, NULL))
            return FALSE;
        axes = from_input;
    } else if (!he_attr_ints(node, "axes", &axes, &n, NULL)) {
        return FALSE;
    }
    *mask = 0;
    for (size_t i = 0; i < n; i++)
        *mask |= 1u << ((axes[i] < 0 ? axes[i] + rank : axes[i]) & 31);
    return TRUE;
}

static gboolean has_window_of_all(const HeNode *node)
{
    const gint64 *kernel = NULL;
    size_t n = 0;
    if (!he_attr_ints(node, "kernel_shape", &kernel, &n, NULL) ||
        (int)n != node->in[0]->rank - 2)
        return FALSE;
    for (size_t k = 0; k < n; k++)
        if (kernel[k] != node->in[0]->dim[k + 2])
            return FALSE;
    return is_single_pixel(node->out[0]);
}

/* Node I averages over all places of the picture, and over nothing else. */
static gboolean is_global_pooling(const HePlan *plan, int i)
{
    const HeNode *node = he_plan_get_node(plan, i);
    HeGrid grid;
    guint axes;
    if (!he_plan_find_grid(plan, he_plan_get_input_name(plan, i, 0), &grid) ||
        grid.has_others)
        return FALSE;
    if (is_op(node, "GlobalAveragePool"))
        return grid.channel == 1;
    if (is_op(node, "AveragePool"))
        return grid.channel == 1 && has_window_of_all(node);
    return is_op(node, "ReduceMean") && reduced_axes(node, &axes) &&
           (axes & ~ones_of(node->in[0])) == (grid.positions & ~ones_of(node->in[0]));
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
        he_node_def_get_label(node->def), node->op->name);
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
    for (; i >= 0 && !is_global_pooling(plan, i); i = step_back(plan, i)) {
        if (!fits_head(plan, i))
            return refusal(plan, i);
        if (!is_view(he_plan_get_node(plan, i)))
            g_array_prepend_val(chain, i);
    }
    if (i < 0)
        return refusal(plan, i);
    if (head.last < 0 && chain->len > 0)
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
