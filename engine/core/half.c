/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* binary16 and bfloat16. Down: a value v with exponent e lies on the grid of step 2^(e - fraction bits), or
 * of the smallest step for denormals, so rounding to the format is one nearbyint of v / step, and its bits
 * are that integer plus the exponent's offset. */
#include "core/half.h"

#include <math.h>
#include <string.h>

typedef struct {
    int fraction, bias; /* bits of the fraction; exponent of one */
} Format;

static const Format f16 = {10, 15}, bf16 = {7, 127};

/* A double has the same parts, only wider: they are moved to their places. */
static inline double to_double(guint16 bits, Format f)
{
    guint64 exponent = (bits & 0x7fffu) >> f.fraction;
    guint64 fraction = bits & ((1u << f.fraction) - 1);
    double v;
    if (exponent == 0) {
        v = ldexp((double)fraction, 1 - f.bias - f.fraction);
    } else {
        gboolean is_finite = exponent != (guint64)(2 * f.bias + 1);
        guint64 wide = is_finite ? exponent + 1023 - (guint64)f.bias : 2047;
        guint64 parts = wide << 52 | fraction << (52 - f.fraction);
        memcpy(&v, &parts, sizeof v);
    }
    return bits & 0x8000 ? -v : v;
}

static inline guint16 from_double(double value, Format f)
{
    guint sign = signbit(value) ? 0x8000 : 0;
    guint infinity = (guint)(2 * f.bias + 1) << f.fraction;
    if (isnan(value))
        return (guint16)(sign | infinity | 1u << (f.fraction - 1));
    if (isinf(value))
        return (guint16)(sign | infinity);
    if (value == 0)
        return (guint16)sign;
    int exponent = MAX(ilogb(value), 1 - f.bias); /* denormals share the least exponent */
    /* A round-up to the next power of two carries into the exponent by itself. */
    double grid = nearbyint(ldexp(fabs(value), f.fraction - exponent));
    if (exponent > f.bias)
        return (guint16)(sign | infinity);
    guint bits = (guint)grid + ((guint)(exponent + f.bias - 1) << f.fraction);
    return (guint16)(sign | MIN(bits, infinity));
}

double he_f16_to_double(guint16 bits)
{
    return to_double(bits, f16);
}

guint16 he_f16_from_double(double value)
{
    return from_double(value, f16);
}

double he_bf16_to_double(guint16 bits)
{
    return to_double(bits, bf16);
}

guint16 he_bf16_from_double(double value)
{
    return from_double(value, bf16);
}
