/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a processor can do at most: multiply-adds of float on registers alone. Speeds are measured against it. */
#ifndef HE_KERNELS_PEAK_H
#define HE_KERNELS_PEAK_H

#include "core/pool.h"
#include "kernels/kernels.h"

/* Floating-point operations per second of all threads of the pool, two for each multiply-add, with the vectors of
 * SET: the best of some short runs. 0: the set has no vectors of its own. */
double he_peak_measure(HePool *pool, HeKernelSet set);

/* x86-64 only. STEPS times HE_PEAK_SUMS multiply-adds of vectors; the sum has no meaning. */
float he_peak_avx2(size_t steps, float factor);
float he_peak_avx512(size_t steps, float factor);
float he_peak_neon(size_t steps, float factor); /* AArch64 only */
#define HE_PEAK_SUMS 12 /* enough to hide the latency of two units */

#endif
