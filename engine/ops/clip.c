/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Clip: y = min(max(x, low), high), NaN kept; bounds are attributes before opset 11, then constant inputs.
 * The gate is low < x < high, strict at both bounds. With low = 0 it is a Relu with a cap, and the rules
 * apply. Integers are clipped too, for shapes. */
#include "ops/gate.h"

#include "ops/support.h"

static void value(const real *k, size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        real v = x[i] < k[0] ? k[0] : x[i];
        y[i] = v > k[1] ? k[1] : v;
    }
}

static gboolean bound(const HeNode *node, int i, const char *name, double fallback,
                      double *out, GError **error)
{
    if (node->opset < 11)
        return he_attr_float(node, name, fallback, out, error);
    *out = fallback;
    if (!he_node_has_in(node, i))
        return TRUE;
    if (!he_node_is_const(node, i) || he_tensor_n(node->in[i]) != 1)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "%s (input %d) must be one constant number", name, i);
    *out = he_tensor_get_double(node->in[i], 0);
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    double low, high;
    gboolean is_whole = !he_type_is_float(node->in[0]->type);
    if (!bound(node, 1, "min", -INFINITY, &low, error) ||
        !bound(node, 2, "max", INFINITY, &high, error))
        return FALSE;
    HeGate gate = {.low = (real)low,
                   .high = (real)high,
                   .value = value,
                   .k = {(real)low, (real)high},
                   .on = 1};
    if (!is_whole)
        return he_gate_infer(node, &gate, error);
    return he_node_need_whole(node, 0, error) &&
           he_node_set_out_like(node, 0, node->in[0], error);
}

static void whole_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const HeRun *run = data;
    HeType type = run->in[0]->type;
    ptrdiff_t size = (ptrdiff_t)he_type_size(type);
    (void)i;
    (void)step;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        gint64 v = he_whole_get(type, p[1] + k * size);
        if (he_node_has_in(run->node, 1))
            v = MAX(v, he_tensor_get_int(run->in[1], 0));
        if (he_node_has_in(run->node, 2))
            v = MIN(v, he_tensor_get_int(run->in[2], 0));
        he_whole_set(type, p[0] + k * size, v);
    }
}

static gboolean forward(const HeRun *run, GError **error)
{
    if (run->node->params)
        return he_gate_forward(run, error);
    he_walk_tiles(run->pool, run->out[0], 2,
                  (const HeTensor *const[]){run->out[0], run->in[0]}, HE_WALK_BLOCK,
                  whole_run, (void *)run);
    return TRUE;
}

static gboolean is_ruled(const HeNode *node)
{
    const HeGate *gate = node->params;
    return gate && gate->low >= 0 && gate->low <= 0;
}

static gboolean is_clamp(const HeNode *node, double *low, double *high)
{
    const HeGate *gate = node->params;
    if (!gate)
        return FALSE;
    *low = (double)gate->low;
    *high = (double)gate->high;
    return TRUE;
}

const HeOp HE_REAL(he_op_clip) = {
    .name = "Clip",
    .min_in = 1,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE | HE_OP_POINTWISE | HE_OP_RELU,
    .infer = infer,
    .forward = forward,
    .backward = he_gate_backward,
    .saved_bytes = he_gate_saved_bytes,
    .is_ruled = is_ruled,
    .is_clamp = is_clamp,
};
