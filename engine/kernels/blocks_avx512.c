/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_blocks_avx512: 32 registers hold the sums of 14 pixels by two blocks. */
#include "kernels/blocks.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define BLOCKS he_blocks_avx512
#define MOST   14
#define PIXELS UP_TO_14
#include "kernels/blocks.inc"

#endif
