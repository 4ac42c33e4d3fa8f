/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Expand: the input broadcast with a shape. The way back sums what came from one element. */
#include "ops/grad.h"
#include "ops/support.h"

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_autofree gint64 *shape = NULL;
    gint64 dim[HE_MAX_RANK];
    HeTensor wanted = {0};
    size_t n;
    int rank;
    if (!he_node_const_ints(node, 1, &shape, &n, error))
        return FALSE;
    if (n > HE_MAX_RANK)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "wants %d axes, at most %d are possible", (int)n,
                             HE_MAX_RANK);
    wanted.rank = (int)n;
    for (size_t k = 0; k < n; k++)
        wanted.dim[k] = shape[k];
    if (!he_broadcast(x, &wanted, &rank, dim)) {
        g_autofree char *sx = he_tensor_shape_text(x);
        g_autofree char *sw = he_tensor_shape_text(&wanted);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "shape %s does not broadcast with %s", sx, sw);
    }
    return he_node_set_out(node, 0, x->type, rank, dim, error);
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_tensor_copy(run->pool, run->out[0], run->in[0]);
    return TRUE;
}

static void backward(const HeRun *run)
{
    if (run->d_in[0])
        he_grad_pass(run->pool, run->d_in[0], run->accumulate[0], run->d_out[0], 1);
}

const HeOp HE_REAL(he_op_expand) = {
    .name = "Expand",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
