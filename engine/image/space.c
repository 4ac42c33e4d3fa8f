/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Another space <-> sRGB: see space.h. linear = curve(stored), sRGB's linear = matrix * linear, and back.
 *
 * Curves are tables over 0..2, read with linear interpolation, of the absolute value: light has even steps of the
 * stored number; a stored number has even steps of the root of light, for which most curves are nearly
 * straight. Further out they are computed. The same tables on every machine, by one way: layers are the same. */
#include "image/space.h"

#include <math.h>
#include <string.h>

#include "image/icc.h"
#include "image/transfer.h"

#define END   2    /* of the tables */
#define STEPS 4096 /* from 0 to 1 */
#define SIZE  (END * STEPS)
#define FAR   64.0 /* curves end here */
#define BLOCK ((size_t)64)

typedef struct {
    HeIccCurve exact;
    float light[SIZE + 1], number[SIZE + 1];
} Curve;

struct HeSpace {
    int channels;
    guint8 *profile; /* what the curves point into */
    float to_srgb[3][3], from_srgb[3][3];
    Curve *curve[3]; /* most profiles have one for all */
};

typedef void (*BlockFunc)(const HeSpace *space, gboolean is_linear, float *block,
                          size_t n);

/* ---- tables ---------------------------------------------------------------------------------------- */

/* The number in LOW..FAR whose light is LIGHT. Curves rise. */
static double find_number(const HeIccCurve *curve, double light, double low)
{
    double width = 1.0 / STEPS, high;

    while (low + width < FAR && he_icc_light(curve, low + width) < light)
        width *= 2;
    high = MIN(low + width, FAR);
    for (int i = 0; i < 60 && high - low > 1e-9; i++) {
        const double middle = (low + high) / 2;

        if (he_icc_light(curve, middle) < light)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static Curve *curve_new(const HeIccCurve *exact)
{
    g_autofree Curve *curve = g_new(Curve, 1);
    double number = 0;

    curve->exact = *exact;
    for (int i = 0; i <= SIZE; i++) {
        curve->light[i] = (float)he_icc_light(&curve->exact, MIN((double)i / STEPS, FAR));
        if (!isfinite(curve->light[i]) ||
            (i > 0 && curve->light[i] < curve->light[i - 1]))
            return NULL;
    }
    for (int i = 0; i <= SIZE; i++) {
        const double root = (double)i / STEPS;

        number = find_number(&curve->exact, root * root, number);
        curve->number[i] = (float)number;
    }
    return g_steal_pointer(&curve);
}

static gboolean invert(const double m[3][3], float out[3][3])
{
    double det = 0;

    for (int i = 0; i < 3; i++)
        det += m[0][i] * (m[1][(i + 1) % 3] * m[2][(i + 2) % 3] -
                          m[1][(i + 2) % 3] * m[2][(i + 1) % 3]);
    if (!(fabs(det) > 1e-6))
        return FALSE;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;

            out[i][j] = (float)((m[a][c] * m[b][d] - m[a][d] * m[b][c]) / det);
        }
    return TRUE;
}

static gboolean fill_matrices(HeSpace *space, const double xyz[3][3])
{
    double matrix[3][3];

    he_icc_to_srgb(xyz, matrix);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            space->to_srgb[i][j] = (float)matrix[i][j];
    return invert((const double(*)[3])matrix, space->from_srgb);
}

HeSpace *he_space_new(int channels, const guint8 *profile, size_t n)
{
    g_autoptr(HeSpace) space = g_new0(HeSpace, 1);
    HeIcc icc = {0};

    space->channels = channels;
    space->profile = g_memdup2(profile, n);
    if (!he_icc_read(&icc, channels, space->profile, n) ||
        (channels == 3 && !fill_matrices(space, (const double(*)[3])icc.xyz)))
        return NULL;
    for (int c = 0; c < channels; c++) {
        space->curve[c] = c > 0 && he_icc_is_same(&icc.curve[0], &icc.curve[c])
                              ? space->curve[0]
                              : curve_new(&icc.curve[c]);
        if (!space->curve[c])
            return NULL;
    }
    return g_steal_pointer(&space);
}

void he_space_free(HeSpace *space)
{
    if (!space)
        return;
    for (int c = space->channels - 1; c >= 0; c--)
        if (c == 0 || space->curve[c] != space->curve[0])
            g_free(space->curve[c]);
    g_free(space->profile);
    g_free(space);
}

/* ---- pixels ---------------------------------------------------------------------------------------- */

/* AT in 0..END. */
static inline float look_up(const float *table, float at)
{
    const float x = at * STEPS;
    const int i = (int)x;

    return table[i] + (x - (float)i) * (table[i + 1] - table[i]);
}

static inline float light_of(const Curve *curve, float number)
{
    const float v = fabsf(number);
    float light = v; /* what is no number */

    if (v < END)
        light = look_up(curve->light, v);
    else if (isfinite(v))
        light = (float)he_icc_light(&curve->exact, MIN((double)v, FAR));
    return number < 0 ? -light : light;
}

static inline float number_of(const Curve *curve, float light)
{
    const float v = fabsf(light), root = sqrtf(v);
    float number = v;

    if (root < END)
        number = look_up(curve->number, root);
    else if (isfinite(v))
        number = (float)find_number(&curve->exact, (double)v, 0);
    return light < 0 ? -number : number;
}

/* A block: pixels of four floats, of which the space has one or three; the others are 0.5. */
static void apply(const float matrix[3][3], float *block, size_t n)
{
    for (float *p = block; p < block + 4 * n; p += 4) {
        const float r = p[0], g = p[1], b = p[2];

        for (int i = 0; i < 3; i++)
            p[i] = matrix[i][0] * r + matrix[i][1] * g + matrix[i][2] * b;
    }
}

static inline void bend(const HeSpace *space, float (*curve)(const Curve *, float),
                        float *block, size_t n)
{
    for (size_t i = 0; i < 4 * n; i += 4)
        for (int c = 0; c < space->channels; c++)
            block[i + (size_t)c] = curve(space->curve[c], block[i + (size_t)c]);
}

static void block_to_srgb(const HeSpace *space, gboolean is_linear, float *block,
                          size_t n)
{
    if (!is_linear)
        bend(space, light_of, block, n);
    if (space->channels == 3)
        apply(space->to_srgb, block, n);
    he_transfer_encode_pixels(he_transfer_get(), block, block, n);
}

static void block_from_srgb(const HeSpace *space, gboolean is_linear, float *block,
                            size_t n)
{
    he_transfer_decode_pixels(he_transfer_get(), block, block, n);
    if (space->channels == 3)
        apply(space->from_srgb, block, n);
    if (!is_linear)
        bend(space, number_of, block, n);
}

static void convert(const HeSpace *space, BlockFunc function, gboolean is_linear,
                    size_t step, float *pixels, size_t n)
{
    const size_t bytes = (size_t)space->channels * sizeof(float);
    float block[4 * BLOCK];

    for (size_t i = 0; i < G_N_ELEMENTS(block); i++)
        block[i] = 0.5f;
    for (size_t done = 0, part; done < n; done += part, pixels += part * step) {
        part = MIN(BLOCK, n - done);
        for (size_t i = 0; i < part; i++)
            memcpy(block + 4 * i, pixels + i * step, bytes);
        function(space, is_linear, block, part);
        for (size_t i = 0; i < part; i++)
            memcpy(pixels + i * step, block + 4 * i, bytes);
    }
}

void he_space_to_srgb(const HeSpace *space, gboolean is_linear, size_t step,
                      float *pixels, size_t n)
{
    convert(space, block_to_srgb, is_linear, step, pixels, n);
}

void he_space_from_srgb(const HeSpace *space, gboolean is_linear, size_t step,
                        float *pixels, size_t n)
{
    convert(space, block_from_srgb, is_linear, step, pixels, n);
}
