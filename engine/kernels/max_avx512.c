/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_max_avx512. */
#ifdef __x86_64__

#include "kernels/vec_avx512.h"

#define MAX_ROW he_max_avx512
#include "kernels/max.inc"

#else
typedef int he_max_avx512_is_empty;
#endif
