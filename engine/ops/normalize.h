/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Lines brought to mean 0 and variance 1, then scaled and shifted: what LayerNormalization, GroupNormalization
 * and InstanceNormalization share (formulas in normalize.c). */
#ifndef HE_OPS_NORMALIZE_H
#define HE_OPS_NORMALIZE_H

#include "ops/grad.h"

/* Mean and variance (over n) of a line of tensor X of the walk. */
void HE_REAL(he_line_moments)(const HeWalk *line, char *const p[], int x, double *mean,
                              double *variance);
/* Lines are the axes in the mask of X; the others broadcast to its shape. BIAS may be NULL. */
void HE_REAL(he_normalize_forward)(const HeRun *run, double epsilon, guint lines,
                                   const HeTensor *y, const HeTensor *x,
                                   const HeTensor *scale, const HeTensor *bias);
/* d (+)= ..., of input 0. G NULL: nothing comes back by output 0. */
void HE_REAL(he_normalize_backward)(const HeRun *run, double epsilon, guint lines,
                                    const HeTensor *d, const HeTensor *g,
                                    const HeTensor *x, const HeTensor *scale);
#define he_line_moments       HE_REAL(he_line_moments)
#define he_normalize_forward  HE_REAL(he_normalize_forward)
#define he_normalize_backward HE_REAL(he_normalize_backward)

#endif
