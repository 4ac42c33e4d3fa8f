/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The family y = f(x), element by element, with at most two constants k[0], k[1]. A member gives two row
 * functions, f and f', from formulas; everything else is shared. */
#ifndef HE_OPS_UNARY_H
#define HE_OPS_UNARY_H

#include "ops/grad.h"

typedef void (*HeUnaryRow)(const real *k, size_t n, const real *x, real *y);

typedef struct {
    HeUnaryRow value;
    HeUnaryRow slope; /* of the saved tensor */
    guint saves;      /* HE_SAVE_IN(0) or HE_SAVE_OUT(0): what slope reads; 0: nothing */
    struct {
        const char *name; /* an attribute, or NULL */
        double fallback;
    } k[2];
    /* Other attributes; may set k. NULL: none. */
    gboolean (*parse)(const HeNode *node, real *k, GError **error);
    gint64 (*whole)(gint64 v); /* of integers, for shapes; NULL: real numbers only */
} HeUnary;

gboolean HE_REAL(he_unary_infer)(HeNode *node, const HeUnary *unary, GError **error);
gboolean HE_REAL(he_unary_forward)(const HeRun *run, GError **error);
void HE_REAL(he_unary_backward)(const HeRun *run);
guint HE_REAL(he_unary_saves)(const HeNode *node, guint want);
#define he_unary_infer    HE_REAL(he_unary_infer)
#define he_unary_forward  HE_REAL(he_unary_forward)
#define he_unary_backward HE_REAL(he_unary_backward)
#define he_unary_saves    HE_REAL(he_unary_saves)

/* A row function: v is the element, the result is EXPRESSION. */
#define HE_UNARY_ROW(function, EXPRESSION)                                               \
    static void function(const real *k, size_t n, const real *x, real *y)                \
    {                                                                                    \
        (void)k;                                                                         \
        for (size_t i = 0; i < n; i++) {                                                 \
            const real v = x[i];                                                         \
            (void)v;                                                                     \
            y[i] = (EXPRESSION);                                                         \
        }                                                                                \
    }

/* The operator of the member whose value is symbol_value; the rest are initialisers of its HeUnary. */
#define HE_UNARY_OP(symbol, onnx_name, rule_flags, backward_func, ...)                   \
    static const HeUnary symbol##_unary = {.value = symbol##_value, __VA_ARGS__};        \
    static gboolean symbol##_infer(HeNode *node, GError **error)                         \
    {                                                                                    \
        return he_unary_infer(node, &symbol##_unary, error);                             \
    }                                                                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = 1,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .flags = HE_OP_IN_PLACE | HE_OP_POINTWISE | (rule_flags),                        \
        .infer = symbol##_infer,                                                         \
        .forward = he_unary_forward,                                                     \
        .backward = backward_func,                                                       \
        .saves = he_unary_saves,                                                         \
    };

#endif
