/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_blocks_avx2: 16 registers hold the sums of 6 pixels by one block. */
#include "kernels/blocks.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define BLOCKS he_blocks_avx2
#define MOST   6
#define PIXELS UP_TO_6
#include "kernels/blocks.inc"

#endif
