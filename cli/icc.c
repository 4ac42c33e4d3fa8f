/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ICC profiles of the kind that pictures carry: a curve per channel and three primaries in XYZ of D50
 * ("matrix/TRC"), or one curve of grey. ICC.1:2010, sections 7.3 (tag table), 8.3.3, 10.5 (curveType),
 * 10.15 (parametricCurveType), 10.30 (XYZType). Profiles of tables (scanners, printers) are not read. */
#include <math.h>
#include <string.h>

#include "cli/colour.h"

#define MAX_TAGS 1000

typedef struct {
    const guint8 *bytes;
    size_t n;
} Span;

static guint32 u16(const guint8 *p)
{
    return (guint32)p[0] << 8 | p[1];
}

static guint32 u32(const guint8 *p)
{
    return u16(p) << 16 | u16(p + 2);
}

static double fixed(const guint8 *p)
{
    return (gint32)u32(p) / 65536.0;
}

/* The tag's data, at least 12 bytes; n = 0: there is none. */
static Span find_tag(Span profile, const char *name)
{
    guint32 count = profile.n >= 132 ? u32(profile.bytes + 128) : 0;
    for (guint32 i = 0; i < count && i < MAX_TAGS && profile.n >= 144 + 12 * (size_t)i;
         i++) {
        const guint8 *entry = profile.bytes + 132 + 12 * (size_t)i;
        size_t at = u32(entry + 4), n = u32(entry + 8);
        if (memcmp(entry, name, 4) == 0 && n >= 12 && at <= profile.n &&
            n <= profile.n - at)
            return (Span){profile.bytes + at, n};
    }
    return (Span){NULL, 0};
}

static double sampled(const guint8 *table, guint32 n, double v)
{
    double at = v * (n - 1);
    guint32 low = MIN((guint32)at, n - 2);
    double a = u16(table + 2 * (size_t)low), b = u16(table + 2 * (size_t)low + 2);
    return (a + (at - low) * (b - a)) / 65535;
}

/* g a b c d e f, those that the type has. */
static double parametric(guint32 type, const double p[7], double v)
{
    double g = p[0], a = p[1], b = p[2], c = p[3], d = p[4], e = p[5], f = p[6];
    switch (type) {
    case 0:
        return pow(v, g);
    case 1:
        return a * v + b >= 0 ? pow(a * v + b, g) : 0;
    case 2:
        return (a * v + b >= 0 ? pow(a * v + b, g) : 0) + c;
    case 3:
        return v >= d ? pow(a * v + b, g) : c * v;
    default:
        return v >= d ? pow(a * v + b, g) + e : c * v + f;
    }
}

static gboolean fill_parametric(Span tag, float *linear, int full)
{
    static const guint n_of_type[] = {1, 3, 4, 5, 7};
    guint32 type = u16(tag.bytes + 8);
    double p[7] = {0};
    if (type >= G_N_ELEMENTS(n_of_type) || tag.n < 12 + 4 * (size_t)n_of_type[type])
        return FALSE;
    for (guint i = 0; i < n_of_type[type]; i++)
        p[i] = fixed(tag.bytes + 12 + 4 * (size_t)i);
    for (int v = 0; v <= full; v++)
        linear[v] = (float)parametric(type, p, (double)v / full);
    return TRUE;
}

static gboolean fill_sampled(Span tag, float *linear, int full)
{
    guint32 n = u32(tag.bytes + 8);
    if (n > (tag.n - 12) / 2)
        return FALSE;
    const guint8 *table = tag.bytes + 12;
    for (int v = 0; v <= full; v++) {
        double x = (double)v / full;
        linear[v] = (float)(n == 0   ? x
                            : n == 1 ? pow(x, u16(table) / 256.0)
                                     : sampled(table, n, x));
    }
    return TRUE;
}

static gboolean fill_curve(Span tag, float *linear, int full)
{
    gboolean is_good = FALSE;
    if (tag.n > 0 && memcmp(tag.bytes, "curv", 4) == 0)
        is_good = fill_sampled(tag, linear, full);
    else if (tag.n > 0 && memcmp(tag.bytes, "para", 4) == 0)
        is_good = fill_parametric(tag, linear, full);
    for (int v = 0; is_good && v <= full; v++)
        is_good = isfinite(linear[v]);
    return is_good;
}

static gboolean read_primaries(Span profile, double xyz[3][3])
{
    static const char *const names[] = {"rXYZ", "gXYZ", "bXYZ"};
    for (int c = 0; c < 3; c++) {
        Span tag = find_tag(profile, names[c]);
        if (tag.n < 20 || memcmp(tag.bytes, "XYZ ", 4) != 0)
            return FALSE;
        for (int i = 0; i < 3; i++)
            xyz[i][c] = fixed(tag.bytes + 8 + 4 * (size_t)i);
    }
    return TRUE;
}

gboolean cli_colour_set_profile(CliColour *colour, int channels, const guint8 *profile,
                                size_t n)
{
    static const char *const rgb[] = {"rTRC", "gTRC", "bTRC"};
    const Span span = {profile, n};
    float *linear[3] = {NULL};
    double xyz[3][3] = {{0}};
    gboolean is_good = n > 132 && memcmp(profile + 20, "XYZ ", 4) == 0 &&
                       memcmp(profile + 16, channels == 3 ? "RGB " : "GRAY", 4) == 0 &&
                       (channels != 3 || read_primaries(span, xyz));
    for (int c = 0; is_good && c < channels; c++) {
        linear[c] = g_new(float, (gsize)colour->full + 1);
        is_good = fill_curve(find_tag(span, channels == 3 ? rgb[c] : "kTRC"), linear[c],
                             colour->full);
    }
    if (is_good) {
        cli_colour_take_curves(colour, channels, linear);
        if (channels == 3)
            cli_colour_set_primaries(colour, (const double(*)[3])xyz);
        return TRUE;
    }
    for (int c = 0; c < 3; c++)
        g_free(linear[c]);
    return FALSE;
}
