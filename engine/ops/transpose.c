/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Transpose: the input's strides in another order, copied. The way back is the inverse order. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int from[HE_MAX_RANK]; /* output axis k is input axis from[k] */
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params;
    gint64 dim[HE_MAX_RANK];
    const gint64 *perm;
    guint seen = 0;
    size_t n;
    if (!he_attr_ints(node, "perm", &perm, &n, error))
        return FALSE;
    if (perm && n != (size_t)x->rank)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "perm has %d numbers, expected %d", (int)n, x->rank);
    for (int k = 0; k < x->rank; k++) {
        int from = x->rank - 1 - k;
        if (perm && !he_node_axis(node, perm[k], x->rank, &from, error))
            return FALSE;
        if (seen & (1u << from))
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "perm names axis %d twice", from);
        seen |= 1u << from;
        params.from[k] = from;
        dim[k] = x->dim[from];
    }
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, x->rank, dim, error);
}

static HeTensor view_of(const HeTensor *x, const Params *params)
{
    HeTensor view = *x;
    for (int k = 0; k < x->rank; k++) {
        view.dim[k] = x->dim[params->from[k]];
        view.stride[k] = x->stride[params->from[k]];
    }
    return view;
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeTensor view = view_of(run->in[0], run->node->params);
    (void)error;
    he_tensor_copy(run->pool, run->out[0], &view);
    return TRUE;
}

static void backward(const HeRun *run)
{
    HeTensor view = view_of(run->d_in[0], run->node->params);
    he_grad_pass(run->pool, &view, run->accumulate[0], run->d_out[0], 1);
}

const HeOp HE_REAL(he_op_transpose) = {
    .name = "Transpose",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
