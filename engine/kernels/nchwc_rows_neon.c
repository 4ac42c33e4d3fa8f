/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_rows.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define ROWS he_nchwc_rows_neon
#include "kernels/nchwc_rows.inc"

#endif
