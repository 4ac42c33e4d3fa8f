/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_product_avx512: vectors of sixteen; 32 registers hold 14 rows of two. */
#include "kernels/product.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define PRODUCT    he_product_avx512
#define MOST       14
#define THRICE     9
#define FOUR_TIMES 6
#define ROWS       UP_TO_14
#include "kernels/product.inc"

#endif
