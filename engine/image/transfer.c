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
#define LOWEST       0x1p-9f        /* 2^-OCTAVES, and */
#define LOWEST_BITS  ((guint32)(127 - OCTAVES) << MANTISSA) /* its bits */

/* A value of the curve, and the way to the next. */
typedef struct {
    float at, step;
} Entry;

struct HeTransfer {
    Entry decode[DECODE_STEPS + 1];
    Entry encode[ENCODE_STEPS + 1];
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

static void set_steps(Entry *entries, size_t n, float past)
{
    for (size_t i = 0; i < n; i++)
        entries[i].step = (i + 1 < n ? entries[i + 1].at : past) - entries[i].at;
}

static gpointer make_tables(gpointer unused)
{
    (void)unused;
    HeTransfer *t = g_new(HeTransfer, 1);
    for (int i = 0; i <= DECODE_STEPS; i++)
        t->decode[i].at = (float)he_srgb_to_linear((double)i / DECODE_STEPS);
    for (guint32 i = 0; i <= ENCODE_STEPS; i++)
        t->encode[i].at = (float)he_linear_to_srgb((double)step_value(i));
    set_steps(t->decode, DECODE_STEPS + 1,
              (float)he_srgb_to_linear(1 + 1.0 / DECODE_STEPS));
    set_steps(t->encode, ENCODE_STEPS + 1,
              (float)he_linear_to_srgb((double)step_value(ENCODE_STEPS + 1)));
    return t;
}

const HeTransfer *he_transfer_get(void)
{
    static GOnce once = G_ONCE_INIT;
    return g_once(&once, make_tables, NULL);
}

/* V in 0..1. */
static inline float decode_plain(const HeTransfer *t, float v)
{
    float at = v * DECODE_STEPS;
    int i = (int)at;
    return t->decode[i].at + (at - (float)i) * t->decode[i].step;
}

/* V in 2^-OCTAVES..1. */
static inline float encode_plain(const HeTransfer *t, float v)
{
    guint32 bits;
    memcpy(&bits, &v, sizeof bits);
    bits -= LOWEST_BITS;
    const Entry *entry = &t->encode[bits >> STEP_BITS];
    float part =
        (float)(gint32)(bits & ((1u << STEP_BITS) - 1)) * (1.0f / (1u << STEP_BITS));
    return entry->at + part * entry->step;
}

static float decode_one(const HeTransfer *t, float v)
{
    return v >= 0 && v <= 1 ? decode_plain(t, v) : (float)he_srgb_to_linear((double)v);
}

static float encode_one(const HeTransfer *t, float v)
{
    if (!(v >= LOWEST))
        return v * 12.92f;
    return v <= 1 ? encode_plain(t, v) : (float)he_linear_to_srgb((double)v);
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

/* Nearly all pixels are: then no number needs a question of its own. */
static gboolean are_within(const float *rgba, size_t n, float least)
{
    int out = 0;
    for (size_t i = 0; i < n * 4; i++)
        out |= !((rgba[i] >= least) & (rgba[i] <= 1));
    return !out;
}

void he_transfer_decode_pixels(const HeTransfer *t, const float *encoded, float *linear,
                               size_t n)
{
    gboolean is_plain = are_within(encoded, n, 0);
    for (size_t i = 0; i < n * 4; i += 4) {
        if (is_plain)
            for (size_t c = 0; c < 3; c++)
                linear[i + c] = decode_plain(t, encoded[i + c]);
        else
            he_transfer_decode(t, encoded + i, linear + i);
        linear[i + 3] = encoded[i + 3];
    }
}

void he_transfer_encode_pixels(const HeTransfer *t, const float *linear, float *encoded,
                               size_t n)
{
    gboolean is_plain = are_within(linear, n, LOWEST);
    for (size_t i = 0; i < n * 4; i += 4) {
        if (is_plain)
            for (size_t c = 0; c < 3; c++)
                encoded[i + c] = encode_plain(t, linear[i + c]);
        else
            he_transfer_encode(t, linear + i, encoded + i);
        encoded[i + 3] = linear[i + 3];
    }
}
