/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_max_avx2. */
#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define MAX_ROW he_max_avx2
#include "kernels/max.inc"

#else
typedef int he_max_avx2_is_empty;
#endif
