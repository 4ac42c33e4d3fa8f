/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Gradients on their way to an input: written or added, and summed where the input was broadcast. */
#ifndef HE_OPS_GRAD_H
#define HE_OPS_GRAD_H

#include "ops/walk.h"

/* Numbers that are computed at once, on the stack. */
#define HE_CHUNK 256

/* N terms from runs of the tensors (element steps 0 or 1, any for n = 1; inside a sum, any). */
typedef void (*HeTermFunc)(const void *data, size_t n, real *term, char *const p[],
                           const ptrdiff_t step[]);

/* d (+)= term(tensors...), summed in a fixed order over the axes along which D is broadcast to the shape
 * of tensors[0]. At most HE_WALK_TENSORS - 1 tensors, none of them in D's memory. */
void HE_REAL(he_grad_terms)(HePool *pool, HeTensor *d, gboolean accumulate, int n_tensors,
                            const HeTensor *const tensors[], HeTermFunc term,
                            const void *data);
#define he_grad_terms HE_REAL(he_grad_terms)

/* d (+)= scale * g, summed over the axes along which D is broadcast to G's shape, or G broadcast to D's. */
void HE_REAL(he_grad_pass)(HePool *pool, HeTensor *d, gboolean accumulate,
                           const HeTensor *g, double scale);
#define he_grad_pass HE_REAL(he_grad_pass)

/* d (+)= g, of as many elements in another shape. */
void HE_REAL(he_grad_reshape)(HePool *pool, HeTensor *d, gboolean accumulate,
                              const HeTensor *g);
#define he_grad_reshape HE_REAL(he_grad_reshape)

/* d = 0 unless it is to be added to. */
void HE_REAL(he_grad_begin)(HePool *pool, HeTensor *d, gboolean accumulate);
#define he_grad_begin HE_REAL(he_grad_begin)

/* Sum of n numbers, step apart, in one fixed order, in double. */
double HE_REAL(he_sum)(const real *x, size_t n, ptrdiff_t step);
#define he_sum HE_REAL(he_sum)

/* The three rules on n terms: term holds f', and becomes what is passed back.
 *   plain g f'    guided max(g, 0) max(f', 0)    deconv max(g, 0) */
void HE_REAL(he_rule_apply)(HeRule rule, size_t n, real *term, const real *g);
#define he_rule_apply HE_REAL(he_rule_apply)

/* max(g, 0), NaN kept. */
static inline real he_positive(real g)
{
    return g < 0 ? 0 : g;
}

#endif
