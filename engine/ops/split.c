/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Split along an axis: sizes by attribute (before opset 13) or input, else equal parts; from opset 18
 * `num_outputs` may leave a smaller last one. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int axis;
    gint64 size[]; /* [n_out] along the axis */
} Params;

static gboolean equal_sizes(const HeNode *node, gint64 whole, Params *params,
                            GError **error)
{
    gint64 n = node->n_out, each = (whole + n - 1) / n, last = whole - each * (n - 1);
    if (last < 0 || (last != each && node->opset < 18))
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "cannot split %" G_GINT64_FORMAT " into %d parts", whole,
                             node->n_out);
    for (gint64 o = 0; o < n; o++)
        params->size[o] = o < n - 1 ? each : last;
    return TRUE;
}

static gboolean given_sizes(const HeNode *node, gint64 whole, const gint64 *sizes,
                            size_t n, Params *params, GError **error)
{
    gboolean is_good = n == (size_t)node->n_out;
    gint64 left = whole;
    for (size_t o = 0; is_good && o < n; o++) {
        is_good = sizes[o] >= 0 && sizes[o] <= left;
        left -= is_good ? sizes[o] : 0;
        params->size[o] = sizes[o];
    }
    return (is_good && left == 0) ||
           he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "split sizes do not make %d parts of %" G_GINT64_FORMAT,
                         node->n_out, whole);
}

static gboolean infer(HeNode *node, GError **error)
{
    HeTensor shape = *node->in[0];
    g_autofree gint64 *sizes = NULL;
    gint64 axis, n_outputs;
    size_t n;
    gboolean is_given;
    int at = 0, input_from = node->opset < 2 ? 1 : 13;
    if (!he_attr_int(node, "axis", 0, &axis, error) ||
        !he_attr_int(node, "num_outputs", node->n_out, &n_outputs, error) ||
        !he_node_axis(node, axis, shape.rank, &at, error) ||
        !he_node_ints(node, "split", he_node_has_in(node, 1) ? 1 : -1, input_from, &sizes,
                      &n, &is_given, error))
        return FALSE;
    if (n_outputs != node->n_out)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "num_outputs is %" G_GINT64_FORMAT ", but it has %d",
                             n_outputs, node->n_out);
    Params *params = g_malloc(sizeof *params + (size_t)node->n_out * sizeof(gint64));
    node->params = params;
    params->axis = at;
    gint64 whole = shape.dim[at];
    if (is_given ? !given_sizes(node, whole, sizes, n, params, error)
                 : !equal_sizes(node, whole, params, error))
        return FALSE;
    for (int o = 0; o < node->n_out; o++) {
        shape.dim[at] = params->size[o];
        if (!he_node_set_out(node, o, shape.type, shape.rank, shape.dim, error))
            return FALSE;
    }
    return TRUE;
}

/* Part O of the whole, which begins at index AT of the axis. */
static HeTensor part_of(const HeTensor *whole, const Params *params, int o, gint64 at)
{
    HeTensor view = *whole;
    view.dim[params->axis] = params->size[o];
    view.data = (char *)whole->data +
                at * whole->stride[params->axis] * (gint64)he_type_size(whole->type);
    return view;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    gint64 at = 0;
    (void)error;
    for (int o = 0; o < run->node->n_out; o++) {
        HeTensor view = part_of(run->in[0], params, o, at);
        if (run->out[o])
            he_tensor_copy(run->pool, run->out[o], &view);
        at += params->size[o];
    }
    return TRUE;
}

/* Parts that nothing came back through are zero. */
static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    gint64 at = 0;
    for (int o = 0; o < run->node->n_out; o++) {
        HeTensor view = part_of(run->d_in[0], params, o, at);
        if (run->d_out[o])
            he_grad_pass(run->pool, &view, run->accumulate[0], run->d_out[o], 1);
        else
            he_grad_begin(run->pool, &view, run->accumulate[0]);
        at += params->size[o];
    }
}

const HeOp HE_REAL(he_op_split) = {
    .name = "Split",
    .min_in = 1,
    .max_in = 2,
    .min_out = 1,
    .max_out = -1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
