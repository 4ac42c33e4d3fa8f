/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PRelu: y = x > 0 ? x : slope x, slope broadcast to x. The way back to x needs the gate bits and the slope,
 * to the slope the input. The rules in their extended form. Before opset 7 a slope per channel has one
 * axis. */
#include "ops/gate.h"
#include "ops/support.h"

/* The slope as it broadcasts. */
static HeTensor slope_of(const HeNode *node, const HeTensor *slope)
{
    gboolean is_per_channel = node->opset < 7 && slope->rank == 1 && slope->dim[0] != 1;
    return he_tensor_append_axes(slope,
                                 is_per_channel ? MAX(node->in[0]->rank - 2, 0) : 0);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 dim[HE_MAX_RANK];
    int rank;
    if (!he_node_need_float(node, 0, error) || !he_node_need_float(node, 1, error))
        return FALSE;
    HeTensor slope = slope_of(node, node->in[1]);
    gboolean fits = he_broadcast(x, &slope, &rank, dim) && rank == x->rank;
    for (int k = 0; fits && k < rank; k++)
        fits = dim[k] == x->dim[k];
    if (!fits) {
        g_autofree char *sx = he_tensor_shape_text(x);
        g_autofree char *ss = he_tensor_shape_text(node->in[1]);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "slope %s does not broadcast to the input's shape %s", ss,
                             sx);
    }
    return he_node_set_out_like(node, 0, x, error);
}

static void forward_run(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    const HeRun *run = data;
    real *y = (real *)p[0];
    const real *x = (const real *)p[1], *slope = (const real *)p[2];
    if (run->saved)
        he_gate_pack(run->saved, i, n, x, 0, (real)INFINITY);
    for (size_t k = 0; k < n; k++)
        y[k] = x[k] > 0 ? x[k] : slope[(ptrdiff_t)k * step[2]] * x[k];
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeTensor slope = slope_of(run->node, run->in[1]);
    (void)error;
    he_walk_tiles(run->pool, run->out[0], 3,
                  (const HeTensor *const[]){run->out[0], run->in[0], &slope},
                  HE_WALK_BLOCK, forward_run, (void *)run);
    return TRUE;
}

static void backward_run(void *data, size_t i, size_t n, char *const p[],
                         const ptrdiff_t step[])
{
    const HeRun *run = data;
    real *d = (real *)p[0];
    const real *g = (const real *)p[1], *slope = (const real *)p[2];
    for (size_t k = 0; k < n; k++) {
        gboolean inside = he_gate_get(run->saved, i + k);
        real term = inside ? 1 : slope[(ptrdiff_t)k * step[2]];
        he_rule_apply(run->rule, 1, &term, g + k);
        d[k] = run->accumulate[0] ? d[k] + term : term;
    }
}

/* p: g, x */
static void slope_terms(const void *data, size_t n, real *term, char *const p[],
                        const ptrdiff_t step[])
{
    const real *g = (const real *)p[0], *x = (const real *)p[1];
    (void)data;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        term[k] = x[k * step[1]] > 0 ? 0 : g[k * step[0]] * x[k * step[1]];
}

static void backward(const HeRun *run)
{
    HeTensor slope = slope_of(run->node, run->in[1]);
    if (run->d_in[0])
        he_walk_tiles(run->pool, run->d_in[0], 3,
                      (const HeTensor *const[]){run->d_in[0], run->d_out[0], &slope},
                      HE_WALK_BLOCK, backward_run, (void *)run);
    if (!run->d_in[1])
        return;
    HeTensor d = slope_of(run->node, run->d_in[1]);
    he_grad_terms(run->pool, &d, run->accumulate[1], 2,
                  (const HeTensor *const[]){run->d_out[0], run->in[0]}, slope_terms,
                  NULL);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    return (want & 1 ? HE_SAVE_IN(1) : 0) | (want & 2 ? HE_SAVE_IN(0) : 0);
}

const HeOp HE_REAL(he_op_prelu) = {
    .name = "PRelu",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE | HE_OP_RELU | HE_OP_SMOOTH | HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .saved_bytes = he_gate_saved_bytes,
};
