/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_peak_avx512: vectors of sixteen. */
#include "kernels/peak.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define PEAK he_peak_avx512
#include "kernels/peak.inc"

#endif
