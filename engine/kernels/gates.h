/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The gradient through gates of bits: d (+)= v, where v is g, max(g, 0) if IS_POSITIVE (NaN kept), and 0 where the
 * number's bit is 0 if IS_GATED. */
#ifndef HE_KERNELS_GATES_H
#define HE_KERNELS_GATES_H

#include "kernels/kernels.h"

#define HE_GATES 16 /* numbers: n is a multiple */

typedef struct {
    const guint8 *bits;
    const float *g;
    float *d;
    size_t n;
    gboolean is_positive, is_gated, accumulate;
} HeGates;

typedef void (*HeGatesFunc)(const HeGates *s);
/* The best of SET, or NULL. */
HeGatesFunc he_gates_find(HeKernelSet set);

/* x86-64 only. */
void he_gates_avx2(const HeGates *s);
void he_gates_avx512(const HeGates *s);
void he_gates_neon(const HeGates *s); /* AArch64 only */

#endif
