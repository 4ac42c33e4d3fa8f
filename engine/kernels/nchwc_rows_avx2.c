/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_rows.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define ROWS he_nchwc_rows_avx2
#include "kernels/nchwc_rows.inc"

#endif
