/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Profiles of curves and primaries: see icc.h. ICC.1:2010, sections 7.3 (tag table), 8.3.3, 10.5 (curveType),
 * 10.15 (parametricCurveType), 10.30 (XYZType); Bradford adaptation as in ICC.1; IEC 61966-2-1 (sRGB). */
#include "image/icc.h"

#include <math.h>
#include <string.h>

#define MAX_TAGS 1000

static const double srgb_from_xyz[3][3] = {{3.2404541621, -1.5371385128, -0.4985314096},
                                           {-0.9692660305, 1.8760108454, 0.0415560175},
                                           {0.0556434310, -0.2040259135, 1.0572251882}};
static const double bradford[3][3] = {
    {0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}};
static const double bradford_inverse[3][3] = {{0.9869929, -0.1470543, 0.1599627},
                                              {0.4323053, 0.5183603, 0.0492912},
                                              {-0.0085287, 0.0400428, 0.9684867}};
static const double d65[3] = {0.9504559271, 1.0, 1.0890577508};

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

static gboolean read_parametric(Span tag, HeIccCurve *curve)
{
    static const guint n_of_type[] = {1, 3, 4, 5, 7};
    curve->type = u16(tag.bytes + 8);
    if (curve->type >= G_N_ELEMENTS(n_of_type) ||
        tag.n < 12 + 4 * (size_t)n_of_type[curve->type])
        return FALSE;
    for (guint i = 0; i < n_of_type[curve->type]; i++)
        curve->p[i] = fixed(tag.bytes + 12 + 4 * (size_t)i);
    return TRUE;
}

static gboolean read_sampled(Span tag, HeIccCurve *curve)
{
    guint32 n = u32(tag.bytes + 8);
    if (n > (tag.n - 12) / 2)
        return FALSE;
    if (n > 1) {
        curve->samples = tag.bytes + 12;
        curve->n_samples = n;
    }
    curve->p[0] = n == 1 ? u16(tag.bytes + 12) / 256.0 : 1;
    return TRUE;
}

static gboolean read_curve(Span tag, HeIccCurve *curve)
{
    *curve = (HeIccCurve){0};
    if (tag.n > 0 && memcmp(tag.bytes, "curv", 4) == 0)
        return read_sampled(tag, curve);
    return tag.n > 0 && memcmp(tag.bytes, "para", 4) == 0 && read_parametric(tag, curve);
}

double he_icc_light(const HeIccCurve *curve, double v)
{
    return curve->samples ? sampled(curve->samples, curve->n_samples, v)
                          : parametric(curve->type, curve->p, v);
}

gboolean he_icc_is_same(const HeIccCurve *a, const HeIccCurve *b)
{
    const size_t samples = 2 * (size_t)a->n_samples;
    return a->n_samples == b->n_samples && a->type == b->type &&
           memcmp(a->p, b->p, sizeof a->p) == 0 &&
           (samples == 0 || memcmp(a->samples, b->samples, samples) == 0);
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

gboolean he_icc_read(HeIcc *icc, int channels, const guint8 *profile, size_t n)
{
    static const char *const rgb[] = {"rTRC", "gTRC", "bTRC"};
    const Span span = {profile, n};
    icc->channels = channels;
    if (n <= 132 || memcmp(profile + 20, "XYZ ", 4) != 0 ||
        memcmp(profile + 16, channels == 3 ? "RGB " : "GRAY", 4) != 0 ||
        (channels == 3 && !read_primaries(span, icc->xyz)))
        return FALSE;
    for (int c = 0; c < channels; c++)
        if (!read_curve(find_tag(span, channels == 3 ? rgb[c] : "kTRC"), &icc->curve[c]))
            return FALSE;
    return TRUE;
}

static void multiply(const double a[3][3], const double b[3][3], double out[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

void he_icc_to_srgb(const double xyz[3][3], double matrix[3][3])
{
    double adapt[3][3], scaled[3][3], to_d65[3][3];
    double white[3];
    for (int i = 0; i < 3; i++)
        white[i] = xyz[i][0] + xyz[i][1] + xyz[i][2];
    for (int i = 0; i < 3; i++) {
        const double *row = bradford[i];
        double from = row[0] * white[0] + row[1] * white[1] + row[2] * white[2];
        double to = row[0] * d65[0] + row[1] * d65[1] + row[2] * d65[2];
        for (int j = 0; j < 3; j++)
            scaled[i][j] = row[j] * (from > 1e-6 ? to / from : 1);
    }
    multiply(bradford_inverse, scaled, adapt);
    multiply(adapt, xyz, to_d65);
    multiply(srgb_from_xyz, to_d65, matrix);
}
