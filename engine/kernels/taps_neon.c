/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_taps_neon: vectors of four, fused multiply and add. */
#include "kernels/taps.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define TAPS      he_taps_neon
#define ADD(a, b) ((a) + (b))
#include "kernels/taps.inc"

#endif
