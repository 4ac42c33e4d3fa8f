/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/gates.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define GATES he_gates_avx2
#include "kernels/gates.inc"

#endif

HeGatesFunc he_gates_find(HeKernelSet set)
{
#ifdef __x86_64__
    return set >= HE_SET_AVX512 ? he_gates_avx512
           : set >= HE_SET_AVX2 ? he_gates_avx2
                                : NULL;
#else
    (void)set;
    return NULL;
#endif
}
