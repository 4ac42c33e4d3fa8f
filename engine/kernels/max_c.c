/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_max_c, for any processor, and the choice between all of them. */
#include <string.h>

#include "kernels/max.h"

typedef float Vec __attribute__((vector_size(16)));
typedef size_t Mask; /* how many count */

/* N numbers; the others are 0. */
static inline Vec load(const float *p, size_t n)
{
    Vec v = {0};
    memcpy(&v, p, n * sizeof *p);
    return v;
}

#define MAX_ROW he_max_c
#define TARGET
#define LANES           4
#define LOAD(p)         load(p, LANES)
#define FIRST(n)        (n)
#define LOAD_PART(p, m) load(p, m)
#include "kernels/max.inc"

HeMaxFunc he_max_find(HeKernelSet set)
{
#ifdef __x86_64__
    if (set >= HE_SET_AVX512 && he_kernels_best() >= HE_SET_AVX512)
        return he_max_avx512;
    if (set >= HE_SET_AVX2 && he_kernels_best() >= HE_SET_AVX2)
        return he_max_avx2;
#endif
    (void)set;
    return he_max_c;
}
