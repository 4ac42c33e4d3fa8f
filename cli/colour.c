/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Stored numbers to sRGB. Tables are double precision inside, made once for each depth; light outside
 * sRGB's gamut keeps its sign, so nothing is clipped before the network sees it.
 * PNG specification 1.2, sections 4.2.2.1-4. */
#include "cli/colour.h"

#include <math.h>

#include "image/icc.h"
#include "image/transfer.h"

CliColour *cli_colour_new(int full)
{
    CliColour *colour = g_new0(CliColour, 1);
    colour->full = full;
    return colour;
}

void cli_colour_free(CliColour *colour)
{
    if (!colour)
        return;
    for (int c = 0; c < 3; c++) {
        g_free(colour->linear[c]);
        g_free(colour->table[c][HE_ENCODING_SRGB]);
        g_free(colour->table[c][HE_ENCODING_LINEAR]);
    }
    g_free(colour);
}

void cli_colour_set_gamma(CliColour *colour, double file_gamma)
{
    /* 1/2.2 is how sRGB is written as a gAMA; within libpng's own threshold it means sRGB. */
    if (file_gamma <= 0 || fabs(file_gamma * 2.2 - 1) < 0.01)
        return;
    for (int c = 0; c < 3; c++) {
        colour->linear[c] = g_new(float, (gsize)colour->full + 1);
        for (int v = 0; v <= colour->full; v++)
            colour->linear[c][v] = (float)pow((double)v / colour->full, 1 / file_gamma);
    }
}

static gboolean is_near_srgb(const CliColour *colour, const float *linear)
{
    for (int v = 0; v <= colour->full; v++)
        if (fabs(he_linear_to_srgb((double)linear[v]) - (double)v / colour->full) >
            1.0 / 512)
            return FALSE;
    return TRUE;
}

void cli_colour_take_curves(CliColour *colour, int channels, float *const *linear)
{
    gboolean is_srgb = TRUE;
    for (int c = 0; c < channels; c++)
        is_srgb = is_srgb && is_near_srgb(colour, linear[c]);
    for (int c = 0; c < channels; c++) {
        if (is_srgb)
            g_free(linear[c]);
        else
            colour->linear[c] = linear[c];
    }
}

void cli_colour_set_primaries(CliColour *colour, const double xyz[3][3])
{
    double off = 0;
    he_icc_to_srgb(xyz, colour->matrix);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            off = fmax(off, fabs(colour->matrix[i][j] - (i == j)));
    colour->has_matrix = off > 2e-3;
}

static gboolean fill_curve(const CliColour *colour, const HeIccCurve *curve,
                           float **linear)
{
    gboolean is_good = TRUE;
    *linear = g_new(float, (gsize)colour->full + 1);
    for (int v = 0; v <= colour->full; v++) {
        (*linear)[v] = (float)he_icc_light(curve, (double)v / colour->full);
        is_good = is_good && isfinite((*linear)[v]);
    }
    return is_good;
}

gboolean cli_colour_set_profile(CliColour *colour, int channels, const guint8 *profile,
                                size_t n)
{
    float *linear[3] = {NULL};
    gboolean is_good;
    HeIcc icc;
    if (!he_icc_read(&icc, channels, profile, n))
        return FALSE;
    is_good = TRUE;
    for (int c = 0; c < channels; c++)
        is_good = fill_curve(colour, &icc.curve[c], &linear[c]) && is_good;
    if (is_good) {
        cli_colour_take_curves(colour, channels, linear);
        if (channels == 3)
            cli_colour_set_primaries(colour, (const double(*)[3])icc.xyz);
        return TRUE;
    }
    for (int c = 0; c < 3; c++)
        g_free(linear[c]);
    return FALSE;
}

static float *make_table(const CliColour *colour, int c, HeEncoding encoding)
{
    float *table = g_new(float, (gsize)colour->full + 1);
    for (int v = 0; v <= colour->full; v++) {
        float stored = (float)v / (float)colour->full;
        const float *linear = colour->linear[c];
        if (encoding == HE_ENCODING_SRGB)
            table[v] = linear ? (float)he_linear_to_srgb((double)linear[v]) : stored;
        else
            table[v] = linear ? linear[v] : (float)he_srgb_to_linear((double)stored);
    }
    return table;
}

/* Threads may ask at once. */
static const float *get_table(CliColour *colour, int c, HeEncoding encoding)
{
    float **table = &colour->table[c][encoding];
    if (g_once_init_enter(table))
        g_once_init_leave(table, make_table(colour, c, encoding));
    return *table;
}

static void apply_matrix(const CliColour *colour, const HeTransfer *transfer, float *p)
{
    double in[3] = {(double)p[0], (double)p[1], (double)p[2]};
    for (int i = 0; i < 3; i++) {
        const double *row = colour->matrix[i];
        p[i] = (float)(row[0] * in[0] + row[1] * in[1] + row[2] * in[2]);
    }
    if (transfer)
        he_transfer_encode(transfer, p, p);
}

void cli_colour_convert(CliColour *colour, HeEncoding encoding, int channels, int step,
                        float *pixels, size_t n)
{
    gboolean has_matrix = colour->has_matrix && channels == 3;
    const HeTransfer *transfer = encoding == HE_ENCODING_SRGB ? he_transfer_get() : NULL;
    const float *table[3];
    for (int c = 0; c < channels; c++)
        table[c] = get_table(colour, c, has_matrix ? HE_ENCODING_LINEAR : encoding);
    for (size_t i = 0; i < n; i++) {
        float *p = pixels + i * (size_t)step;
        for (int c = 0; c < channels; c++)
            p[c] = table[c][(int)p[c]];
        if (has_matrix)
            apply_matrix(colour, transfer, p);
    }
}
