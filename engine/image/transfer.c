/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The sRGB transfer curve: v / 12.92 below 0.04045, else ((v + 0.055) / 1.055)^2.4, and its inverse.
 *
 * Tables, read with linear interpolation: decoding has even steps; encoding, whose curve is steep near
 * zero, has 128 steps per octave, found from the bits of the float, above 2^-9; below is the straight
 * part of the curve. */
#include "image/transfer.h"

#include <math.h>
#include <string.h>

#define DECODE_STEPS 4096
#define OCTAVES      9 /* 2^-9 < 0.0031308, the end of the straight part */
#define OCTAVE_STEPS 128
#define ENCODE_STEPS (OCTAVES * OCTAVE_STEPS)
#define MANTISSA     23
#define STEP_BITS    (MANTISSA - 7) /* mantissa bits below one step */
#define LOWEST_BITS  ((guint32)(127 - OCTAVES) << MANTISSA) /* the bits of 2^-OCTAVES */

struct HeTransfer {
    float decode[DECODE_STEPS + 2];
    float encode[ENCODE_STEPS + 2];
};

double he_srgb_to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

double he_linear_to_srgb(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static float step_value(guint32 step)
{
    guint32 bits = LOWEST_BITS + (step << STEP_BITS);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static gpointer make_tables(gpointer unused)
{
    (void)unused;
    HeTransfer *t = g_new(HeTransfer, 1);
    for (int i = 0; i < DECODE_STEPS + 2; i++)
        t->decode[i] = (float)he_srgb_to_linear((double)i / DECODE_STEPS);
    for (guint32 i = 0; i < ENCODE_STEPS + 2; i++)
        t->encode[i] = (float)he_linear_to_srgb((double)step_value(i));
    return t;
}

const HeTransfer *he_transfer_get(void)
{
    static GOnce once = G_ONCE_INIT;
    return g_once(&once, make_tables, NULL);
}

static float decode_one(const HeTransfer *t, float v)
{
    if (!(v >= 0 && v <= 1))
        return (float)he_srgb_to_linear((double)v);
    float at = v * DECODE_STEPS;
    int i = (int)at;
    return t->decode[i] + (at - (float)i) * (t->decode[i + 1] - t->decode[i]);
}

static float encode_one(const HeTransfer *t, float v)
{
    if (!(v >= 0x1p-9f))
        return v * 12.92f;
    if (v > 1)
        return (float)he_linear_to_srgb((double)v);
    guint32 bits;
    memcpy(&bits, &v, sizeof bits);
    bits -= LOWEST_BITS;
    guint32 i = bits >> STEP_BITS;
    float part = (float)(bits & ((1u << STEP_BITS) - 1)) * (1.0f / (1u << STEP_BITS));
    return t->encode[i] + part * (t->encode[i + 1] - t->encode[i]);
}

void he_transfer_decode(const HeTransfer *t, const float *encoded, float *linear)
{
    for (int c = 0; c < 3; c++)
        linear[c] = decode_one(t, encoded[c]);
}

void he_transfer_encode(const HeTransfer *t, const float *linear, float *encoded)
{
    for (int c = 0; c < 3; c++)
        encoded[c] = encode_one(t, linear[c]);
}
