/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_product_avx2: vectors of eight, fused multiply and add; 16 registers hold 6 rows of two. */
#include "kernels/product.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define PRODUCT    he_product_avx2
#define MOST       6
#define THRICE     4
#define FOUR_TIMES 2
#define ROWS       UP_TO_6
#include "kernels/product.inc"

#endif
