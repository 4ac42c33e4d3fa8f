/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Stored numbers <-> floats: see stored.h. */
#include "plugin/gimp/stored.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/half.h"

static void decode_u8(const void *in, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)((const guint8 *)in)[i] / 255.0f;
}

/* 0..1 -> the nearest whole number in 0..FULL, in a form that compilers turn into vectors; NaN is 0. */
static inline int whole(float v, float full)
{
    v = v > 0 ? v : 0;
    v = v < 1 ? v : 1;
    return (int)(v * full + 0.5f);
}

static void encode_u8(const float *in, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((guint8 *)out)[i] = (guint8)whole(in[i], 255.0f);
}

static void decode_u16(const void *in, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)((const guint16 *)in)[i] / 65535.0f;
}

static void encode_u16(const float *in, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((guint16 *)out)[i] = (guint16)whole(in[i], 65535.0f);
}

static void decode_u32(const void *in, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(((const guint32 *)in)[i] / 4294967295.0);
}

static void encode_u32(const float *in, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((guint32 *)out)[i] =
            (guint32)(CLAMP((double)in[i], 0.0, 1.0) * 4294967295.0 + 0.5);
}

static void decode_half(const void *in, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)he_f16_to_double(((const guint16 *)in)[i]);
}

static void encode_half(const float *in, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((guint16 *)out)[i] = he_f16_from_double((double)in[i]);
}

static void decode_float(const void *in, float *out, size_t n)
{
    memcpy(out, in, n * sizeof(float));
}

static void encode_float(const float *in, void *out, size_t n)
{
    memcpy(out, in, n * sizeof(float));
}

static void decode_double(const void *in, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)((const double *)in)[i];
}

static void encode_double(const float *in, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((double *)out)[i] = (double)in[i];
}

typedef struct {
    const char *babl;
    double full_scale;
    void (*decode)(const void *in, float *out, size_t n);
    void (*encode)(const float *in, void *out, size_t n);
} Number;

static const Number numbers[] = {
    {"double", 1, decode_double, encode_double}, {"float", 1, decode_float, encode_float},
    {"half", 1, decode_half, encode_half},       {"u16", 65535, decode_u16, encode_u16},
    {"u32", 4294967295, decode_u32, encode_u32}, {"u8", 255, decode_u8, encode_u8},
};

/* NULL: babl's business (palettes). */
static const Number *number_of(const Babl *native)
{
    const char *type;

    if (babl_format_is_palette(native))
        return NULL;
    type = babl_get_name(babl_format_get_type(native, 0));
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (strcmp(numbers[i].babl, type) == 0)
            return &numbers[i];
    return NULL;
}

double he_gimp_stored_full_scale(const Babl *native)
{
    const Number *number = number_of(native);

    if (babl_format_is_palette(native))
        return 255.0;
    return number ? number->full_scale : 1.0;
}

gboolean he_gimp_stored_is_plain(const Babl *native)
{
    const Number *number = number_of(native);

    if (number == NULL)
        return FALSE;
    if (number->decode == decode_u8)
        return TRUE;
    return G_BYTE_ORDER == G_LITTLE_ENDIAN &&
           (number->decode == decode_u16 || number->decode == decode_float);
}

gboolean he_gimp_stored_is_linear(const Babl *native)
{
    return !babl_format_is_palette(native) &&
           (babl_get_model_flags(babl_format_get_model(native)) &
            BABL_MODEL_FLAG_LINEAR) != 0;
}

const Babl *he_gimp_float_format(gboolean is_grey, gboolean is_linear, gboolean has_alpha)
{
    static const char *const names[2][2][2] = {
        {{"R'G'B' float", "R'G'B'A float"}, {"RGB float", "RGBA float"}},
        {{"Y' float", "Y'A float"}, {"Y float", "YA float"}},
    };

    return babl_format(names[is_grey != 0][is_linear != 0][has_alpha != 0]);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

const Babl *he_gimp_stored_rows(const Babl *native)
{
    if (number_of(native))
        return native;
    return babl_format_with_space(babl_format_has_alpha(native) ? "R'G'B'A u8"
                                                                : "R'G'B' u8",
                                  babl_format_get_space(native));
}

static size_t n_numbers(const Babl *rows, size_t n_pixels)
{
    return n_pixels * (size_t)babl_format_get_n_components(rows);
}

void he_gimp_stored_decode(const Babl *native, const void *rows, float *out,
                           size_t n_pixels)
{
    const Babl *format = he_gimp_stored_rows(native);

    number_of(format)->decode(rows, out, n_numbers(format, n_pixels));
}

void he_gimp_stored_encode(const Babl *native, const float *in, void *rows,
                           size_t n_pixels)
{
    const Babl *format = he_gimp_stored_rows(native);

    number_of(format)->encode(in, rows, n_numbers(format, n_pixels));
}

gboolean he_gimp_stored_read(GeglBuffer *buffer, const GeglRectangle *rect, double scale,
                             float *out, GError **error)
{
    const Babl *native = gegl_buffer_get_format(buffer);
    const size_t n = (size_t)rect->width * (size_t)rect->height;
    void *rows = he_gimp_stored_new(native, n, error);

    if (rows == NULL)
        return FALSE;
    gegl_buffer_get(buffer, rect, scale, he_gimp_stored_rows(native), rows,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_CLAMP);
    he_gimp_stored_decode(native, rows, out, n);
    he_free(rows);
    return TRUE;
}

void *he_gimp_stored_new(const Babl *native, size_t n_pixels, GError **error)
{
    const Babl *format = he_gimp_stored_rows(native);

    return he_alloc(n_pixels, (size_t)babl_format_get_bytes_per_pixel(format),
                    _("rows of a layer"), error);
}
