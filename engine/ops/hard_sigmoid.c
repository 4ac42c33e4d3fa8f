/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* HardSigmoid: y = max(0, min(1, alpha x + beta)). No rule touches it; its gate, 0 < alpha x + beta < 1, is
 * packed like theirs. */
#include "ops/gate.h"

static void value(const real *k, size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++) {
        real v = k[0] * x[i] + k[1];
        y[i] = v < 0 ? 0 : v > 1 ? 1 : v;
    }
}

static gboolean infer(HeNode *node, GError **error)
{
    double alpha, beta;
    if (!he_attr_float(node, "alpha", 0.2, &alpha, error) ||
        !he_attr_float(node, "beta", 0.5, &beta, error))
        return FALSE;
    double a = -beta / alpha, b = (1 - beta) / alpha; /* alpha = 0: never inside */
    HeGate gate = {.low = (real)MIN(a, b),
                   .high = (real)MAX(a, b),
                   .value = value,
                   .k = {(real)alpha, (real)beta},
                   .on = (real)alpha};
    return he_gate_infer(node, &gate, error);
}

const HeOp HE_REAL(he_op_hard_sigmoid) = {
    .name = "HardSigmoid",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE | HE_OP_POINTWISE,
    .infer = infer,
    .forward = he_gate_forward,
    .backward = he_gate_backward,
    .saved_bytes = he_gate_saved_bytes,
};
