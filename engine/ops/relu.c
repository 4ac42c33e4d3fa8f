/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Relu: y = max(x, 0), NaN kept. The gate is x > 0, so that the derivative at 0 is 0. */
#include "ops/gate.h"

static void value(const real *k, size_t n, const real *x, real *y)
{
    (void)k;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

static gboolean infer(HeNode *node, GError **error)
{
    HeGate gate = {.high = (real)INFINITY, .value = value, .on = 1};
    return he_gate_infer(node, &gate, error);
}

static gboolean is_clamp(const HeNode *node, double *low, double *high)
{
    (void)node;
    *low = 0;
    *high = INFINITY;
    return TRUE;
}

const HeOp HE_REAL(he_op_relu) = {
    .name = "Relu",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE | HE_OP_POINTWISE | HE_OP_RELU,
    .infer = infer,
    .forward = he_gate_forward,
    .backward = he_gate_backward,
    .saved_bytes = he_gate_saved_bytes,
    .is_clamp = is_clamp,
};
