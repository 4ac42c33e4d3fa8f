/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_wino_avx2: vectors of eight, fused multiply and add. */
#include "kernels/winograd.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define WINO         he_wino_avx2
#define WINO_PRODUCT he_product_avx2
#include "kernels/winograd.inc"

#endif
