/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Circular and hyperbolic functions and their inverses, which no rule touches. */
#include "ops/unary.h"

#define ONE ((real)1)

#define FUNCTION(symbol, onnx_name, function, SLOPE)                                     \
    HE_UNARY_ROW(symbol##_value, R_(function)(v))                                        \
    HE_UNARY_ROW(symbol##_slope, SLOPE)                                                  \
    HE_UNARY_OP(symbol, onnx_name, 0, he_unary_backward, .slope = symbol##_slope,        \
                .saves = HE_SAVE_IN(0))

FUNCTION(acos, "Acos", acos, -ONE / R_(sqrt)(ONE - v * v))
FUNCTION(acosh, "Acosh", acosh, ONE / R_(sqrt)(v * v - ONE))
FUNCTION(asin, "Asin", asin, ONE / R_(sqrt)(ONE - v * v))
FUNCTION(asinh, "Asinh", asinh, ONE / R_(sqrt)(v * v + ONE))
FUNCTION(atan, "Atan", atan, ONE / (ONE + v * v))
FUNCTION(atanh, "Atanh", atanh, ONE / (ONE - v * v))
FUNCTION(cos, "Cos", cos, -R_(sin)(v))
FUNCTION(cosh, "Cosh", cosh, R_(sinh)(v))
FUNCTION(sin, "Sin", sin, R_(cos)(v))
FUNCTION(sinh, "Sinh", sinh, R_(cosh)(v))
FUNCTION(tan, "Tan", tan, ONE + R_(tan)(v) * R_(tan)(v))
