/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* TopK along an axis: the k largest or smallest numbers, best first (ties: the lower index first), and their
 * indices as a second output. The gradient of a number goes back to where it stood, 32 bits each. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int axis;
    gint64 k;
    gboolean is_largest;
} Params;

static gboolean read_k(const HeNode *node, gint64 *k, GError **error)
{
    g_autofree gint64 *list = NULL;
    size_t n;
    if (node->opset < 10)
        return he_attr_int(node, "k", -1, k, error);
    if (!he_node_has_in(node, 1))
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "has no k");
    if (!he_node_const_ints(node, 1, &list, &n, error))
        return FALSE;
    *k = n == 1 ? list[0] : -1;
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 axis, largest, dim[HE_MAX_RANK];
    Params params = {0};
    if (!he_node_need_float(node, 0, error) || !read_k(node, &params.k, error) ||
        !he_attr_int(node, "axis", -1, &axis, error) ||
        !he_attr_int(node, "largest", 1, &largest, error) ||
        !he_node_axis(node, axis, x->rank, &params.axis, error))
        return FALSE;
    gint64 length = x->dim[params.axis];
    if (params.k < 0 || params.k > length || length > G_MAXINT32)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "asks for %" G_GINT64_FORMAT
                             " numbers of an axis of %" G_GINT64_FORMAT,
                             params.k, length);
    params.is_largest = largest != 0;
    for (int k = 0; k < x->rank; k++)
        dim[k] = k == params.axis ? params.k : x->dim[k];
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, x->rank, dim, error) &&
           he_node_set_out(node, 1, HE_I64, x->rank, dim, error);
}

static size_t saved_bytes(const HeNode *node)
{
    return he_tensor_n(node->out[0]) * sizeof(guint32);
}

/* T with one element along AXIS: where its lines start. */
static HeTensor starts(const HeTensor *t, int axis)
{
    HeTensor view = *t;
    view.dim[axis] = 1;
    return view;
}

typedef struct {
    const real *x;
    gint64 step;
    gboolean is_largest;
} Line;

static int compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const Line *line = data;
    guint32 i = *(const guint32 *)a, j = *(const guint32 *)b;
    real v = line->x[i * line->step], w = line->x[j * line->step];
    if (v < w || v > w)
        return (v < w) == line->is_largest ? 1 : -1;
    return i < j ? -1 : i > j;
}

static void write_line(const HeRun *run, size_t i, const Line *line, const guint32 *order)
{
    const Params *params = run->node->params;
    HeTensor *y = run->out[0];
    HeTensor *index = run->node->n_out > 1 ? run->out[1] : NULL;
    HeTensor y_starts = starts(y, params->axis);
    real *values = (real *)y->data + he_tensor_offset(&y_starts, y->rank, i);
    for (gint64 k = 0; k < params->k; k++)
        values[k * y->stride[params->axis]] = line->x[order[k] * line->step];
    if (index) {
        HeTensor index_starts = starts(index, params->axis);
        gint64 *at =
            (gint64 *)index->data + he_tensor_offset(&index_starts, index->rank, i);
        for (gint64 k = 0; k < params->k; k++)
            at[k * index->stride[params->axis]] = order[k];
    }
    for (gint64 k = 0; run->saved && k < params->k; k++)
        ((guint32 *)run->saved)[(gint64)i * params->k + k] = order[k];
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    const HeTensor *x = run->in[0];
    HeTensor x_starts = starts(x, params->axis);
    size_t n = (size_t)x->dim[params->axis];
    guint32 *order = he_alloc(n + 1, sizeof *order, "an order of numbers", error);
    if (!order)
        return FALSE;
    for (size_t i = 0, n_lines = he_tensor_n(&x_starts); i < n_lines; i++) {
        Line line = {(const real *)x->data + he_tensor_offset(&x_starts, x->rank, i),
                     x->stride[params->axis], params->is_largest};
        for (size_t k = 0; k < n; k++)
            order[k] = (guint32)k;
        g_qsort_with_data(order, (gint)n, sizeof *order, compare, &line);
        write_line(run, i, &line, order);
    }
    he_free(order);
    return TRUE;
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    const HeTensor *g = run->d_out[0], *d = run->d_in[0];
    const guint32 *saved = run->saved;
    if (!d)
        return;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    if (!g)
        return;
    HeTensor g_starts = starts(g, params->axis), d_starts = starts(d, params->axis);
    for (size_t i = 0, n = he_tensor_n(&d_starts); i < n; i++) {
        const real *from =
            (const real *)g->data + he_tensor_offset(&g_starts, g->rank, i);
        real *to = (real *)d->data + he_tensor_offset(&d_starts, d->rank, i);
        for (gint64 k = 0; k < params->k; k++)
            to[saved[(gint64)i * params->k + k] * d->stride[params->axis]] +=
                from[k * g->stride[params->axis]];
    }
}

const HeOp HE_REAL(he_op_top_k) = {
    .name = "TopK",
    .min_in = 1,
    .max_in = 2,
    .min_out = 1,
    .max_out = 2,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saved_bytes = saved_bytes,
};
