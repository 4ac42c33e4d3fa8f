/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_blocks_avx512: 32 registers hold the sums of 14 pixels by two blocks. */
#include "kernels/blocks.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define BLOCKS he_blocks_avx512
#define MOST   14
#define PIXELS(CASE)                                                                     \
    CASE(1)                                                                              \
    CASE(2)                                                                              \
    CASE(3)                                                                              \
    CASE(4)                                                                              \
    CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#include "kernels/blocks.inc"

#endif
