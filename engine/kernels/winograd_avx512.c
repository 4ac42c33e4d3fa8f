/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_wino_avx512: vectors of sixteen. */
#include "kernels/winograd.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define WINO         he_wino_avx512
#define WINO_PRODUCT he_product_avx512
#include "kernels/winograd.inc"

#endif
