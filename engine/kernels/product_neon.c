/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_product_neon: vectors of four; 32 registers hold 12 rows of two, or 8 of three. */
#include "kernels/product.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define PRODUCT    he_product_neon
#define MOST       12
#define THRICE     8
#define FOUR_TIMES 6
#define ROWS       UP_TO_12
#include "kernels/product.inc"

#endif
