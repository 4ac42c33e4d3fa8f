/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_wino.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define NCHWC_WINO         he_nchwc_wino_neon
#define NCHWC_WINO_PRODUCT he_blocks_neon
#include "kernels/nchwc_wino.inc"

#endif
