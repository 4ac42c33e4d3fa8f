/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_dw.h"

#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define DW        he_nchwc_dw_avx512
#define BY_WINDOW /* 32 registers; loads of whole lines are what is scarce */
#include "kernels/nchwc_dw.inc"

#endif
