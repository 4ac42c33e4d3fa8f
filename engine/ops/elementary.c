/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Elementary functions, which no rule touches. Each saves what its derivative is cheapest from: the output
 * where that is enough, so that the input may be overwritten. Ceil, Floor, Round and Sign have
 * no gradient. */
#include "ops/unary.h"

#define ONE         ((real)1)
#define TWO_SQRT_PI ((real)1.12837916709551257390) /* 2 / sqrt(pi) */

/* Without overflow on either side. */
static inline real sigmoid_of(real v)
{
    real e = R_(exp)(-R_(fabs)(v));
    return v >= 0 ? ONE / (ONE + e) : e / (ONE + e);
}

HE_UNARY_ROW(abs_value, R_(fabs)(v))
HE_UNARY_ROW(abs_slope, v > 0 ? ONE : v < 0 ? -ONE : 0)
static gint64 abs_whole(gint64 v)
{
    return v < 0 ? (gint64)(0 - (guint64)v) : v;
}
HE_UNARY_OP(abs, "Abs", 0, he_unary_backward, .slope = abs_slope, .saves = HE_SAVE_IN(0),
            .whole = abs_whole)

HE_UNARY_ROW(ceil_value, R_(ceil)(v))
HE_UNARY_OP(ceil, "Ceil", 0, NULL)

HE_UNARY_ROW(erf_value, R_(erf)(v))
HE_UNARY_ROW(erf_slope, TWO_SQRT_PI *R_(exp)(-v *v))
HE_UNARY_OP(erf, "Erf", 0, he_unary_backward, .slope = erf_slope, .saves = HE_SAVE_IN(0))

HE_UNARY_ROW(exp_value, R_(exp)(v))
HE_UNARY_ROW(exp_slope, v)
HE_UNARY_OP(exp, "Exp", 0, he_unary_backward, .slope = exp_slope, .saves = HE_SAVE_OUT(0))

HE_UNARY_ROW(floor_value, R_(floor)(v))
HE_UNARY_OP(floor, "Floor", 0, NULL)

HE_UNARY_ROW(log_value, R_(log)(v))
HE_UNARY_ROW(log_slope, ONE / v)
HE_UNARY_OP(log, "Log", 0, he_unary_backward, .slope = log_slope, .saves = HE_SAVE_IN(0))

HE_UNARY_ROW(neg_value, -v)
HE_UNARY_ROW(neg_slope, -ONE)
static gint64 neg_whole(gint64 v)
{
    return (gint64)(0 - (guint64)v);
}
HE_UNARY_OP(neg, "Neg", 0, he_unary_backward, .slope = neg_slope, .whole = neg_whole)

HE_UNARY_ROW(reciprocal_value, ONE / v)
HE_UNARY_ROW(reciprocal_slope, -v *v)
HE_UNARY_OP(reciprocal, "Reciprocal", 0, he_unary_backward, .slope = reciprocal_slope,
            .saves = HE_SAVE_OUT(0))

HE_UNARY_ROW(round_value, R_(rint)(v)) /* halves to even, as ONNX says */
HE_UNARY_OP(round, "Round", 0, NULL)

/* k: lambd, bias */
HE_UNARY_ROW(shrink_value, v<-k[0] ? v + k[1] : v> k[0] ? v - k[1] : 0)
HE_UNARY_ROW(shrink_slope, v<-k[0] || v> k[0] ? ONE : 0)
HE_UNARY_OP(shrink, "Shrink", 0, he_unary_backward, .slope = shrink_slope,
            .saves = HE_SAVE_IN(0), .k = {{"lambd", 0.5}, {"bias", 0}})

HE_UNARY_ROW(sigmoid_value, sigmoid_of(v))
HE_UNARY_ROW(sigmoid_slope, v *(ONE - v))
HE_UNARY_OP(sigmoid, "Sigmoid", 0, he_unary_backward, .slope = sigmoid_slope,
            .saves = HE_SAVE_OUT(0))

HE_UNARY_ROW(sign_value, v > 0 ? ONE : v < 0 ? -ONE : v) /* NaN stays */
static gint64 sign_whole(gint64 v)
{
    return v > 0 ? 1 : v < 0 ? -1 : 0;
}
HE_UNARY_OP(sign, "Sign", 0, NULL, .whole = sign_whole)

HE_UNARY_ROW(softsign_value, v / (ONE + R_(fabs)(v)))
HE_UNARY_ROW(softsign_slope, ONE / ((ONE + R_(fabs)(v)) * (ONE + R_(fabs)(v))))
HE_UNARY_OP(softsign, "Softsign", 0, he_unary_backward, .slope = softsign_slope,
            .saves = HE_SAVE_IN(0))

HE_UNARY_ROW(sqrt_value, R_(sqrt)(v))
HE_UNARY_ROW(sqrt_slope, (real)0.5 / v)
HE_UNARY_OP(sqrt, "Sqrt", 0, he_unary_backward, .slope = sqrt_slope,
            .saves = HE_SAVE_OUT(0))

HE_UNARY_ROW(tanh_value, R_(tanh)(v))
HE_UNARY_ROW(tanh_slope, ONE - v * v)
HE_UNARY_OP(tanh, "Tanh", 0, he_unary_backward, .slope = tanh_slope,
            .saves = HE_SAVE_OUT(0))
