/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_dw.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define DW he_nchwc_dw_neon
#include "kernels/nchwc_dw.inc"

#endif
