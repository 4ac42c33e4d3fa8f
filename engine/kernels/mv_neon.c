/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_mv_neon. */
#include "kernels/mv.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define MV he_mv_neon
#include "kernels/mv.inc"

#endif
