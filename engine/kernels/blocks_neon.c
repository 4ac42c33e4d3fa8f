/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_blocks_neon: 32 registers hold the sums of 6 pixels by one block. */
#include "kernels/blocks.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define BLOCKS he_blocks_neon
#define MOST   6
#define PIXELS UP_TO_6
#define BY_LANE
#include "kernels/blocks.inc"

#endif
