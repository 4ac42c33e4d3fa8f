/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Slice: a strided view of the input, steps of either sign, copied. Attributes before opset 10, constant
 * inputs after. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    gint64 start[HE_MAX_RANK], step[HE_MAX_RANK];
} Params;

/* As NumPy: bounds outside the axis are moved to its ends. */
static gint64 slice_axis(gint64 *start, gint64 end, gint64 step, gint64 dim)
{
    gint64 low = step > 0 ? 0 : -1, high = step > 0 ? dim : dim - 1;
    if (*start < 0)
        *start += dim; /* of opposite signs: no overflow */
    if (end < 0)
        end += dim;
    *start = CLAMP(*start, low, high);
    end = CLAMP(end, low, high);
    if (step > 0)
        return end > *start ? (end - *start - 1) / step + 1 : 0;
    return *start > end ? (gint64)((guint64)(*start - end - 1) / (0 - (guint64)step)) + 1
                        : 0;
}

typedef struct {
    gint64 *starts, *ends, *axes, *steps;
    size_t n_starts, n_ends, n_axes, n_steps;
    gboolean has_starts, has_ends, has_axes, has_steps;
} Arguments;

static void arguments_clear(Arguments *a)
{
    g_free(a->starts);
    g_free(a->ends);
    g_free(a->axes);
    g_free(a->steps);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Arguments, arguments_clear)

static gboolean arguments_read(const HeNode *node, Arguments *a, GError **error)
{
    if (!he_node_ints(node, "starts", 1, 10, &a->starts, &a->n_starts, &a->has_starts,
                      error) ||
        !he_node_ints(node, "ends", 2, 10, &a->ends, &a->n_ends, &a->has_ends, error) ||
        !he_node_ints(node, "axes", 3, 10, &a->axes, &a->n_axes, &a->has_axes, error) ||
        !he_node_ints(node, "steps", 4, 10, &a->steps, &a->n_steps, &a->has_steps, error))
        return FALSE;
    if (a->n_starts == a->n_ends && (!a->has_axes || a->n_axes == a->n_starts) &&
        (!a->has_steps || a->n_steps == a->n_starts))
        return TRUE;
    return he_node_error(
        node, HE_ERROR_CORRUPT_MODEL, error,
        "has %d starts, %d ends, %d axes and %d steps, expected as many of "
        "each",
        (int)a->n_starts, (int)a->n_ends, (int)a->n_axes, (int)a->n_steps);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_auto(Arguments) a = {0};
    Params params = {0};
    gint64 dim[HE_MAX_RANK];
    guint seen = 0;
    if (!arguments_read(node, &a, error))
        return FALSE;
    for (int k = 0; k < x->rank; k++) {
        params.step[k] = 1;
        dim[k] = x->dim[k];
    }
    for (size_t i = 0; i < a.n_starts; i++) {
        int k = 0;
        gint64 step = a.has_steps ? a.steps[i] : 1;
        if (!he_node_axis(node, a.has_axes ? a.axes[i] : (gint64)i, x->rank, &k, error))
            return FALSE;
        if (step == 0 || seen & (1u << k))
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 step == 0 ? "a step is 0" : "an axis is named twice");
        seen |= 1u << k;
        params.start[k] = a.starts[i];
        params.step[k] = step;
        dim[k] = slice_axis(&params.start[k], a.ends[i], step, x->dim[k]);
    }
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, x->rank, dim, error);
}

/* The part of X that has OUT's shape. A step beyond the axis is never taken. */
static HeTensor view_of(const HeTensor *x, const HeTensor *out, const Params *params)
{
    HeTensor view = *x;
    gint64 offset = 0;
    for (int k = 0; k < x->rank; k++) {
        view.dim[k] = out->dim[k];
        view.stride[k] = out->dim[k] > 1 ? x->stride[k] * params->step[k] : x->stride[k];
        offset += out->dim[k] > 0 ? params->start[k] * x->stride[k] : 0;
    }
    view.data = (char *)x->data + offset * (gint64)he_type_size(x->type);
    return view;
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeTensor view = view_of(run->in[0], run->out[0], run->node->params);
    (void)error;
    he_tensor_copy(run->pool, run->out[0], &view);
    return TRUE;
}

static void backward(const HeRun *run)
{
    HeTensor view = view_of(run->d_in[0], run->d_out[0], run->node->params);
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    he_grad_pass(run->pool, &view, TRUE, run->d_out[0], 1);
}

const HeOp HE_REAL(he_op_slice) = {
    .name = "Slice",
    .min_in = 1,
    .max_in = 5,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
