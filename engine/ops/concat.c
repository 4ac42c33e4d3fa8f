/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Concat along an axis. Parts are views of the output: what was made in its place is not copied. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int axis;
} Params;

static gboolean shapes_fit(const HeTensor *a, const HeTensor *b, int axis)
{
    gboolean fit = a->rank == b->rank;
    for (int k = 0; fit && k < a->rank; k++)
        fit = k == axis || a->dim[k] == b->dim[k];
    return fit;
}

static gboolean infer(HeNode *node, GError **error)
{
    Params params = {0};
    HeTensor shape = *node->in[0];
    gint64 axis;
    if (!he_attr_int(node, "axis", 1, &axis, error) ||
        !he_node_axis(node, axis, shape.rank, &params.axis, error))
        return FALSE;
    for (int i = 1; i < node->n_in; i++) {
        const HeTensor *part = node->in[i];
        if (!part)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "input %d is left out", i);
        if (!he_node_need_same_type(node, 0, i, error))
            return FALSE;
        if (!shapes_fit(&shape, part, params.axis) ||
            __builtin_add_overflow(shape.dim[params.axis], part->dim[params.axis],
                                   &shape.dim[params.axis])) {
            g_autofree char *sa = he_tensor_shape_text(node->in[0]);
            g_autofree char *sb = he_tensor_shape_text(part);
            return he_node_error(
                node, HE_ERROR_CORRUPT_MODEL, error,
                "shapes %s and %s of inputs 0 and %d differ beside axis %d", sa, sb, i,
                params.axis);
        }
    }
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, shape.type, shape.rank, shape.dim, error);
}

/* Where PART stands in the whole, from index AT of the axis on. */
static HeTensor part_of(const HeTensor *whole, const HeTensor *part, int axis, gint64 at)
{
    HeTensor view = *whole;
    view.dim[axis] = part->dim[axis];
    view.data = (char *)whole->data +
                at * whole->stride[axis] * (gint64)he_type_size(whole->type);
    return view;
}

static gboolean forward(const HeRun *run, GError **error)
{
    int axis = ((const Params *)run->node->params)->axis;
    gint64 at = 0;
    (void)error;
    for (int i = 0; i < run->node->n_in; i++) {
        HeTensor view = part_of(run->out[0], run->in[i], axis, at);
        he_tensor_copy(run->pool, &view, run->in[i]);
        at += run->in[i]->dim[axis];
    }
    return TRUE;
}

static void backward(const HeRun *run)
{
    int axis = ((const Params *)run->node->params)->axis;
    gint64 at = 0;
    for (int i = 0; i < run->node->n_in; i++) {
        HeTensor view = part_of(run->d_out[0], run->node->in[i], axis, at);
        if (run->d_in[i])
            he_grad_pass(run->pool, run->d_in[i], run->accumulate[i], &view, 1);
        at += run->node->in[i]->dim[axis];
    }
}

const HeOp HE_REAL(he_op_concat) = {
    .name = "Concat",
    .min_in = 1,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
