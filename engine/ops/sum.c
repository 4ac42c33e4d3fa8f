/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Sum and Mean of any number of real inputs, added in their order, with broadcasting. The gradient, or its
 * share, goes to each. */
#include "ops/grad.h"
#include "ops/support.h"

static gboolean infer(HeNode *node, GError **error)
{
    HeTensor shape;
    return he_node_need_float(node, 0, error) &&
           he_node_broadcast_all(node, &shape, error) &&
           he_node_set_out_like(node, 0, &shape, error);
}

/* p: out, input */
static void add_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    real *y = (real *)p[0];
    const real *x = (const real *)p[1];
    (void)data;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        y[k] += x[k * step[1]];
}

static gboolean sum_forward(const HeRun *run, GError **error)
{
    (void)error;
    he_tensor_copy(run->pool, run->out[0], run->in[0]);
    for (int i = 1; i < run->node->n_in; i++)
        he_walk_tiles(run->pool, run->out[0], 2,
                      (const HeTensor *const[]){run->out[0], run->in[i]}, HE_WALK_BLOCK,
                      add_run, NULL);
    return TRUE;
}

/* p: out */
static void share_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    real *y = (real *)p[0];
    (void)i;
    (void)step;
    for (size_t k = 0; k < n; k++)
        y[k] *= *(const real *)data;
}

static gboolean mean_forward(const HeRun *run, GError **error)
{
    real share = (real)1 / (real)run->node->n_in;
    if (!sum_forward(run, error))
        return FALSE;
    he_walk_tiles(run->pool, run->out[0], 1, (const HeTensor *const[]){run->out[0]},
                  HE_WALK_BLOCK, share_run, &share);
    return TRUE;
}

static void backward(const HeRun *run, double share)
{
    for (int i = 0; i < run->node->n_in; i++)
        if (run->d_in[i])
            he_grad_pass(run->pool, run->d_in[i], run->accumulate[i], run->d_out[0],
                         share);
}

static void sum_backward(const HeRun *run)
{
    backward(run, 1);
}

static void mean_backward(const HeRun *run)
{
    backward(run, 1.0 / run->node->n_in);
}

#define SUM_OP(symbol, onnx_name)                                                        \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = -1,                                                                    \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = infer,                                                                  \
        .forward = symbol##_forward,                                                     \
        .backward = symbol##_backward,                                                   \
    };
SUM_OP(mean, "Mean")
SUM_OP(sum, "Sum")
