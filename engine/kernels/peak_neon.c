/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_peak_neon: vectors of four. */
#include "kernels/peak.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define PEAK he_peak_neon
#include "kernels/peak.inc"

#endif
