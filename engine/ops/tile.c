/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Tile: the input side by side, `repeats` times along each axis. An axis that is repeated is walked as two,
 * the repeats and the input's own, and the input is broadcast along the repeats; the way back sums them. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    gint64 repeats[HE_MAX_RANK];
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_autofree gint64 *repeats = NULL;
    gint64 dim[HE_MAX_RANK];
    Params params;
    size_t n;
    int n_axes = x->rank;
    if (!he_node_const_ints(node, 1, &repeats, &n, error))
        return FALSE;
    if (n != (size_t)x->rank)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "has %d repeats, expected %d", (int)n, x->rank);
    for (int k = 0; k < x->rank; k++) {
        params.repeats[k] = repeats[k];
        if (repeats[k] < 0 || repeats[k] > G_MAXINT32)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "repeats axis %d %" G_GINT64_FORMAT " times", k,
                                 repeats[k]);
        if (__builtin_mul_overflow(x->dim[k], repeats[k], &dim[k]))
            dim[k] = -1;
        n_axes += x->dim[k] != 1 && repeats[k] != 1;
    }
    if (n_axes > HE_MAX_RANK)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "repeats too many axes of an input of rank %d", x->rank);
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, x->rank, dim, error);
}

/* Views of the input X and the output Y with the repeats as axes of their own. */
static void split_axes(const Params *params, const HeTensor *x, const HeTensor *y,
                       HeTensor *vx, HeTensor *vy)
{
    *vx = *x;
    *vy = *y;
    vx->rank = vy->rank = 0;
    for (int k = 0; k < x->rank; k++) {
        gboolean is_split = x->dim[k] != 1 && params->repeats[k] != 1;
        if (is_split) {
            vx->dim[vx->rank] = 1;
            vx->stride[vx->rank++] = 0;
            vy->dim[vy->rank] = params->repeats[k];
            vy->stride[vy->rank++] = y->stride[k] * x->dim[k];
        }
        vx->dim[vx->rank] = x->dim[k];
        vx->stride[vx->rank++] = x->stride[k];
        vy->dim[vy->rank] = is_split ? x->dim[k] : y->dim[k];
        vy->stride[vy->rank++] = y->stride[k];
    }
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeTensor x, y;
    (void)error;
    split_axes(run->node->params, run->in[0], run->out[0], &x, &y);
    he_tensor_copy(run->pool, &y, &x);
    return TRUE;
}

static void backward(const HeRun *run)
{
    HeTensor d, g;
    if (!run->d_in[0])
        return;
    split_axes(run->node->params, run->d_in[0], run->d_out[0], &d, &g);
    he_grad_pass(run->pool, &d, run->accumulate[0], &g, 1);
}

const HeOp HE_REAL(he_op_tile) = {
    .name = "Tile",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
