/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Shape (from opset 15 between `start` and `end`) and Size: they read no values, so that a plan can run
 * them before there are any. */
#include "ops/support.h"

typedef struct {
    gint64 start, end;
} Params;

static gboolean shape_infer(HeNode *node, GError **error)
{
    gint64 rank = node->in[0]->rank;
    Params params;
    if (!he_attr_int(node, "start", 0, &params.start, error) ||
        !he_attr_int(node, "end", rank, &params.end, error))
        return FALSE;
    params.start = CLAMP(params.start < 0 ? params.start + rank : params.start, 0, rank);
    params.end =
        CLAMP(params.end < 0 ? params.end + rank : params.end, params.start, rank);
    node->params = g_memdup2(&params, sizeof params);
    gint64 n = params.end - params.start;
    return he_node_set_out(node, 0, HE_I64, 1, &n, error);
}

static gboolean shape_forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor *y = run->out[0];
    (void)error;
    for (gint64 k = 0; k < y->dim[0]; k++)
        ((gint64 *)y->data)[k * y->stride[0]] = run->in[0]->dim[params->start + k];
    return TRUE;
}

const HeOp HE_REAL(he_op_shape) = {
    .name = "Shape",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = shape_infer,
    .forward = shape_forward,
};

static gboolean size_infer(HeNode *node, GError **error)
{
    return he_node_set_out(node, 0, HE_I64, 0, NULL, error);
}

static gboolean size_forward(const HeRun *run, GError **error)
{
    (void)error;
    *(gint64 *)run->out[0]->data = (gint64)he_tensor_n(run->in[0]);
    return TRUE;
}

const HeOp HE_REAL(he_op_size) = {
    .name = "Size",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = size_infer,
    .forward = size_forward,
};
