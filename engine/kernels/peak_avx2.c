/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_peak_avx2: vectors of eight. */
#include "kernels/peak.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define PEAK he_peak_avx2
#include "kernels/peak.inc"

#endif
