/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_mv_avx512. */
#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define MV he_mv_avx512
#include "kernels/mv.inc"

#endif
