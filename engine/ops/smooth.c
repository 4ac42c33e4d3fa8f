/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Rectifiers without a hard gate. The guided and deconv rules reach them in the extended form,
 * max(g, 0) max(f'(x), 0) and max(g, 0). All save the input: f' of an output is not unique.
 *
 *   Celu        max(x, 0) + min(0, a (e^(x/a) - 1))        Elu   x > 0 ? x : a (e^x - 1)
 *   Selu        b (x > 0 ? x : a (e^x - 1))                Softplus  log(1 + e^x)
 *   Mish        x tanh(log(1 + e^x))                       Swish     x s(x), s = 1 / (1 + e^-x)
 *   HardSwish   x max(0, min(1, x / 6 + 1/2))
 *   Gelu        x P(x), P(x) = (1 + erf(x / sqrt 2)) / 2, or by tanh
 *
 * Where two pieces of f meet with different slopes, the left one holds at the joint (gates are strict). */
#include "ops/unary.h"

#include <string.h>

#include "ops/support.h"

#define ONE        ((real)1)
#define HALF       ((real)0.5)
#define SQRT_HALF  ((real)0.70710678118654752440)
#define NORMAL_0   ((real)0.39894228040143267794) /* 1 / sqrt(2 pi) */
#define SQRT_2_PI  ((real)0.79788456080286535588) /* sqrt(2 / pi) */
#define GELU_CUBIC ((real)0.044715)
#define RULED      (HE_OP_RELU | HE_OP_SMOOTH)

static inline real sigmoid_of(real v)
{
    real e = R_(exp)(-R_(fabs)(v));
    return v >= 0 ? ONE / (ONE + e) : e / (ONE + e);
}

static inline real softplus_of(real v)
{
    return (v > 0 ? v : 0) + R_(log1p)(R_(exp)(-R_(fabs)(v)));
}

HE_UNARY_ROW(celu_value, v < 0 ? k[0] * R_(expm1)(v / k[0]) : v)
HE_UNARY_ROW(celu_slope, v > 0 ? ONE : R_(exp)(v / k[0]))
static gboolean celu_parse(const HeNode *node, real *k, GError **error)
{
    if (k[0] > 0)
        return TRUE;
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error, "alpha is %g, expected > 0",
                         (double)k[0]);
}
HE_UNARY_OP(celu, "Celu", RULED, he_unary_backward, .slope = celu_slope,
            .saves = HE_SAVE_IN(0), .k = {{"alpha", 1.0}}, .parse = celu_parse)

HE_UNARY_ROW(elu_value, v < 0 ? k[0] * R_(expm1)(v) : v)
HE_UNARY_ROW(elu_slope, v > 0 ? ONE : k[0] * R_(exp)(v))
HE_UNARY_OP(elu, "Elu", RULED, he_unary_backward, .slope = elu_slope,
            .saves = HE_SAVE_IN(0), .k = {{"alpha", 1.0}})

/* k[0] is 1 for the approximation by tanh. */
static inline real gelu_tanh_of(real v)
{
    return R_(tanh)(SQRT_2_PI * (v + GELU_CUBIC * v * v * v));
}

static inline real gelu_value_of(gboolean by_tanh, real v)
{
    return by_tanh ? HALF * v * (ONE + gelu_tanh_of(v))
                   : HALF * v * (ONE + R_(erf)(v * SQRT_HALF));
}

static inline real gelu_slope_of(gboolean by_tanh, real v)
{
    if (!by_tanh)
        return HALF * (ONE + R_(erf)(v * SQRT_HALF)) +
               v * NORMAL_0 * R_(exp)(-HALF * v * v);
    real t = gelu_tanh_of(v);
    return HALF * (ONE + t) +
           HALF * v * (ONE - t * t) * SQRT_2_PI * (ONE + 3 * GELU_CUBIC * v * v);
}

HE_UNARY_ROW(gelu_value, gelu_value_of(k[0] > 0, v))
HE_UNARY_ROW(gelu_slope, gelu_slope_of(k[0] > 0, v))
static gboolean gelu_parse(const HeNode *node, real *k, GError **error)
{
    const char *approximate;
    if (!he_attr_string(node, "approximate", "none", &approximate, error))
        return FALSE;
    k[0] = strcmp(approximate, "tanh") == 0;
    if (k[0] > 0 || strcmp(approximate, "none") == 0)
        return TRUE;
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "approximate is '%s', expected 'none' or 'tanh'", approximate);
}
HE_UNARY_OP(gelu, "Gelu", RULED, he_unary_backward, .slope = gelu_slope,
            .saves = HE_SAVE_IN(0), .parse = gelu_parse)

HE_UNARY_ROW(hard_swish_value, v <= -3 ? 0 : v >= 3 ? v : v * (v / 6 + HALF))
HE_UNARY_ROW(hard_swish_slope, v <= -3 ? 0 : v >= 3 ? ONE : v / 3 + HALF)
HE_UNARY_OP(hard_swish, "HardSwish", RULED, he_unary_backward, .slope = hard_swish_slope,
            .saves = HE_SAVE_IN(0))

static inline real mish_slope_of(real v)
{
    real t = R_(tanh)(softplus_of(v));
    return t + v * (ONE - t * t) * sigmoid_of(v);
}

HE_UNARY_ROW(mish_value, v *R_(tanh)(softplus_of(v)))
HE_UNARY_ROW(mish_slope, mish_slope_of(v))
HE_UNARY_OP(mish, "Mish", RULED, he_unary_backward, .slope = mish_slope,
            .saves = HE_SAVE_IN(0))

HE_UNARY_ROW(selu_value, k[1] * (v < 0 ? k[0] * R_(expm1)(v) : v))
HE_UNARY_ROW(selu_slope, k[1] * (v > 0 ? ONE : k[0] * R_(exp)(v)))
HE_UNARY_OP(selu, "Selu", RULED, he_unary_backward, .slope = selu_slope,
            .saves = HE_SAVE_IN(0),
            .k = {{"alpha", 1.67326319217681884765625},
                  {"gamma", 1.05070102214813232421875}})

HE_UNARY_ROW(softplus_value, softplus_of(v))
HE_UNARY_ROW(softplus_slope, sigmoid_of(v))
HE_UNARY_OP(softplus, "Softplus", RULED, he_unary_backward, .slope = softplus_slope,
            .saves = HE_SAVE_IN(0))

static inline real swish_slope_of(real v)
{
    real s = sigmoid_of(v);
    return s * (ONE + v * (ONE - s));
}

HE_UNARY_ROW(swish_value, v *sigmoid_of(v))
HE_UNARY_ROW(swish_slope, swish_slope_of(v))
HE_UNARY_OP(swish, "Swish", RULED, he_unary_backward, .slope = swish_slope,
            .saves = HE_SAVE_IN(0))
