/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_taps_c: for any processor, by the compiler's vectors of four; multiply and add are separate. */
#include "kernels/taps.h"

#include <string.h>

typedef float Vec __attribute__((vector_size(16)));

static inline Vec load(const float *p)
{
    Vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store(float *p, Vec v)
{
    memcpy(p, &v, sizeof v);
}

#define TAPS he_taps_c
#define TARGET
#define LANES                 4
#define LOAD(p)               load(p)
#define STORE(p, v)           store(p, v)
#define SET(f)                ((Vec){f, f, f, f})
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#define ADD(a, b)             ((a) + (b))
#include "kernels/taps.inc"
