/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Gather: slices of the data along an axis, picked by an integer tensor: out[a, i..., b] = data[a, idx[i],
 * b]. An index outside the axis is an error of the run. The way back adds, in the order of the indices. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int axis;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0], *index = node->in[1];
    Params params = {0};
    gint64 axis, dim[2 * HE_MAX_RANK];
    int rank = 0;
    if (!he_attr_int(node, "axis", 0, &axis, error) ||
        !he_node_axis(node, axis, x->rank, &params.axis, error) ||
        !he_node_need_whole(node, 1, error))
        return FALSE;
    for (int k = 0; k < params.axis; k++)
        dim[rank++] = x->dim[k];
    for (int k = 0; k < index->rank; k++)
        dim[rank++] = index->dim[k];
    for (int k = params.axis + 1; k < x->rank; k++)
        dim[rank++] = x->dim[k];
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, rank, dim, error);
}

/* The slice of X at index AT of the axis, and the one of OUT that it fills, in OUT's axes: those of the
 * index at I. */
static HeTensor slice_of(const HeTensor *x, int axis, gint64 at)
{
    HeTensor view = *x;
    view.dim[axis] = 1;
    view.data = (char *)x->data + at * x->stride[axis] * (gint64)he_type_size(x->type);
    return view;
}

static HeTensor place_of(const HeTensor *out, const HeTensor *x, const HeTensor *index,
                         int axis, size_t i)
{
    HeTensor view = *x, indexed = {.rank = index->rank};
    for (int k = 0; k < index->rank; k++) {
        indexed.dim[k] = index->dim[k];
        indexed.stride[k] = out->stride[axis + k];
    }
    for (int k = 0; k < x->rank; k++)
        view.stride[k] = k < axis   ? out->stride[k]
                         : k > axis ? out->stride[k + index->rank - 1]
                                    : 0;
    view.dim[axis] = 1;
    view.data = (char *)out->data + he_tensor_offset(&indexed, index->rank, i) *
                                        (gint64)he_type_size(out->type);
    return view;
}

static gint64 index_at(const HeTensor *index, size_t i, gint64 dim)
{
    gint64 at = he_tensor_get_int(index, i);
    return at < 0 ? at + dim : at;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const HeTensor *x = run->in[0], *index = run->in[1];
    int axis = ((const Params *)run->node->params)->axis;
    size_t n = he_tensor_n(index);
    for (size_t i = 0; i < n; i++) {
        gint64 at = index_at(index, i, x->dim[axis]);
        if (at < 0 || at >= x->dim[axis])
            return he_node_error(run->node, HE_ERROR_CORRUPT_MODEL, error,
                                 "index %" G_GINT64_FORMAT
                                 " is outside an axis of %" G_GINT64_FORMAT,
                                 he_tensor_get_int(index, i), x->dim[axis]);
        HeTensor from = slice_of(x, axis, at);
        HeTensor to = place_of(run->out[0], x, index, axis, i);
        he_tensor_copy(run->pool, &to, &from);
    }
    return TRUE;
}

static void backward(const HeRun *run)
{
    const HeTensor *index = run->in[1];
    HeTensor *d = run->d_in[0];
    int axis = ((const Params *)run->node->params)->axis;
    size_t n = he_tensor_n(index);
    he_grad_begin(run->pool, d, run->accumulate[0]);
    for (size_t i = 0; i < n; i++) {
        HeTensor to = slice_of(d, axis, index_at(index, i, d->dim[axis]));
        HeTensor from = place_of(run->d_out[0], d, index, axis, i);
        he_grad_pass(run->pool, &to, TRUE, &from, 1);
    }
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1);
}

const HeOp HE_REAL(he_op_gather) = {
    .name = "Gather",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
