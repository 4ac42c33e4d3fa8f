/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Two tensors that broadcast: the shape of the result for every opset, and integer arithmetic. */
#ifndef HE_OPS_BINARY_H
#define HE_OPS_BINARY_H

#include "ops/grad.h"

typedef gint64 (*HeWholeFunc)(gint64 a, gint64 b);

/* Output 0 gets TYPE and the broadcast shape. *n_append: axes of 1 that input 1 gets (old opsets). */
gboolean HE_REAL(he_binary_infer)(HeNode *node, HeType type, int *n_append,
                                  GError **error);
/* out[0] = func(in[0], b) of integers or bools. */
void HE_REAL(he_binary_whole)(const HeRun *run, const HeTensor *b, HeWholeFunc func);
#define he_binary_infer HE_REAL(he_binary_infer)
#define he_binary_whole HE_REAL(he_binary_whole)

/* The loop over a run of two operands a and b, whose steps are 0 or 1, with y[i] = EXPRESSION. */
#define HE_BINARY_LOOP(STEP_A, STEP_B, EXPRESSION)                                       \
    for (size_t i = 0; i < n; i++) {                                                     \
        const real a = pa[STEP_A * i], b = pb[STEP_B * i];                               \
        (void)a;                                                                         \
        (void)b;                                                                         \
        y[i] = (EXPRESSION);                                                             \
    }
#define HE_BINARY_RUN(sa, sb, EXPRESSION)                                                \
    if ((sb) == 0 && n > 1)                                                              \
        HE_BINARY_LOOP(1, 0, EXPRESSION)                                                 \
    else if ((sa) == 0 && n > 1)                                                         \
        HE_BINARY_LOOP(0, 1, EXPRESSION)                                                 \
    else                                                                                 \
        HE_BINARY_LOOP(1, 1, EXPRESSION)

#endif
