/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The one door to OpenBLAS: made ready once, single-threaded, checked before it is trusted. */
#ifndef HE_KERNELS_OPENBLAS_H
#define HE_KERNELS_OPENBLAS_H

#include "kernels/kernels.h"

/* FALSE when its results are wrong on this processor: then no openblas kernel fits. */
gboolean he_openblas_is_sound(void);
/* Whether S's sizes are what its int arguments can hold. */
gboolean he_openblas_can(const HeGemm *s);
/* c (+)= op(a) op(b) on this thread; one row or one column goes by the matrix-vector product, which reads
 * the matrix once instead of packing it. */
void he_openblas_gemm(const HeGemm *s, const float *a, const float *b, float *c);

#endif
