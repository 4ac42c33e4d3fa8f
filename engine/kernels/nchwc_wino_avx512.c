/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_wino.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define NCHWC_WINO         he_nchwc_wino_avx512
#define NCHWC_WINO_PRODUCT he_blocks_avx512
#include "kernels/nchwc_wino.inc"

#endif
