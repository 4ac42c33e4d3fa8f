/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The two 16-bit floats: IEEE binary16 (1 sign, 5 exponent, 10 fraction bits) and bfloat16 (the upper half
 * of a binary32). Conversion down rounds to nearest, ties to even, once: from double, since going through
 * float would round twice. NaN stays NaN, what is too large becomes infinity. */
#ifndef HE_CORE_HALF_H
#define HE_CORE_HALF_H

#include <glib.h>

double he_f16_to_double(guint16 bits);
guint16 he_f16_from_double(double value);
double he_bf16_to_double(guint16 bits);
guint16 he_bf16_from_double(double value);

#endif
