/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ThresholdedRelu: y = x > alpha ? x : 0, NaN kept. The rules in their extended form. */
#include "ops/gate.h"

static void value(const real *k, size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] <= k[0] ? 0 : x[i];
}

static gboolean infer(HeNode *node, GError **error)
{
    double alpha;
    if (!he_attr_float(node, "alpha", 1.0, &alpha, error))
        return FALSE;
    HeGate gate = {.low = (real)alpha,
                   .high = (real)INFINITY,
                   .value = value,
                   .k = {(real)alpha},
                   .on = 1};
    return he_gate_infer(node, &gate, error);
}

const HeOp HE_REAL(he_op_thresholded_relu) = {
    .name = "ThresholdedRelu",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE | HE_OP_POINTWISE | HE_OP_RELU | HE_OP_SMOOTH,
    .infer = infer,
    .forward = he_gate_forward,
    .backward = he_gate_backward,
    .saved_bytes = he_gate_saved_bytes,
};
