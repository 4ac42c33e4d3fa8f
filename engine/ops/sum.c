/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Sum of any number of real inputs, added in their order, with broadcasting. The gradient goes to each. */
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

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_tensor_copy(run->pool, run->out[0], run->in[0]);
    for (int i = 1; i < run->node->n_in; i++)
        he_walk_tiles(run->pool, run->out[0], 2,
                      (const HeTensor *const[]){run->out[0], run->in[i]}, HE_WALK_BLOCK,
                      add_run, NULL);
    return TRUE;
}

static void backward(const HeRun *run)
{
    for (int i = 0; i < run->node->n_in; i++)
        if (run->d_in[i])
            he_grad_pass(run->pool, run->d_in[i], run->accumulate[i], run->d_out[0], 1);
}

const HeOp HE_REAL(he_op_sum) = {
    .name = "Sum",
    .min_in = 1,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
