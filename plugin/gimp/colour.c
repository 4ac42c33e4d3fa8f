/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Stored numbers <-> sRGB: see colour.h. */
#include "plugin/gimp/colour.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"

struct HeGimpColour {
    gboolean is_grey, has_alpha;
    double full_scale;
    const Babl *raw;                         /* the stored numbers as floats */
    const Babl *srgb;                        /* R'G'B' or Y' of sRGB, same alpha */
    const Babl *linear;                      /* the same in linear light */
    GimpColorTransform *to_srgb, *from_srgb; /* NULL: the numbers are sRGB's already */
};

/* SPACE: NULL is sRGB. */
static const Babl *float_format(gboolean is_grey, gboolean is_linear, gboolean has_alpha,
                                const Babl *space)
{
    static const char *const names[2][2][2] = {
        {{"R'G'B' float", "R'G'B'A float"}, {"RGB float", "RGBA float"}},
        {{"Y' float", "Y'A float"}, {"Y float", "YA float"}},
    };

    return babl_format_with_space(names[is_grey != 0][is_linear != 0][has_alpha != 0],
                                  space);
}

const Babl *he_gimp_native_float(const Babl *native)
{
    const gboolean has_alpha = babl_format_has_alpha(native) != 0;
    const Babl *space = babl_format_get_space(native);
    BablModelFlag flags;

    if (babl_format_is_palette(native))
        return float_format(FALSE, FALSE, has_alpha, space);
    flags = babl_get_model_flags(babl_format_get_model(native));
    return float_format((flags & BABL_MODEL_FLAG_GRAY) != 0,
                        (flags & BABL_MODEL_FLAG_LINEAR) != 0, has_alpha, space);
}

static double full_scale_of(const Babl *native)
{
    const char *type;

    if (babl_format_is_palette(native))
        return 255.0;
    type = babl_get_name(babl_format_get_type(native, 0));
    if (strcmp(type, "u8") == 0)
        return 255.0;
    if (strcmp(type, "u16") == 0)
        return 65535.0;
    if (strcmp(type, "u32") == 0)
        return 4294967295.0;
    return 1.0;
}

static GimpColorTransform *transform_new(GimpColorProfile *from, const Babl *from_format,
                                         GimpColorProfile *to, const Babl *to_format)
{
    return gimp_color_transform_new(from, from_format, to, to_format,
                                    GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC, 0);
}

/* Most profiles are sRGB's under one of its many names, exact to its own rounding: then nothing is to be
 * done. Tried on colours of all kinds, to half a level of 8 bits. */
static gboolean changes_nothing(const HeGimpColour *colour)
{
    enum { STEPS = 6, N = STEPS * STEPS * STEPS, MAX_COMPONENTS = 4 };
    const size_t channels = (size_t)he_gimp_colour_get_channels(colour);
    const size_t components = channels + (colour->has_alpha ? 1 : 0);
    float stored[N * MAX_COMPONENTS], ours[N * MAX_COMPONENTS], babls[N * MAX_COMPONENTS];
    size_t n = 0;

    for (int i = 0; i < N; i++) {
        const int levels[] = {i % STEPS, i / STEPS % STEPS, i / (STEPS * STEPS)};

        for (size_t c = 0; c < components; c++)
            stored[n++] = c < channels ? (float)levels[c] / (STEPS - 1) : 1.0f;
    }
    gimp_color_transform_process_pixels(colour->to_srgb, colour->raw, stored,
                                        colour->srgb, ours, N);
    babl_process(babl_fish(colour->raw, colour->srgb), stored, babls, N);
    for (size_t i = 0; i < n; i++)
        if (fabsf(ours[i] - babls[i]) > 0.5f / 255)
            return FALSE;
    return TRUE;
}

static gboolean open_profile(HeGimpColour *colour, GimpColorProfile *profile,
                             GError **error)
{
    g_autoptr(GObject) srgb = NULL;
    GimpColorProfile *target;

    target = colour->is_grey ? gimp_color_profile_new_d65_gray_srgb_trc()
                             : gimp_color_profile_new_rgb_srgb();
    srgb = G_OBJECT(target);
    colour->to_srgb = transform_new(profile, colour->raw, target, colour->srgb);
    colour->from_srgb = transform_new(target, colour->srgb, profile, colour->raw);
    if (colour->to_srgb && changes_nothing(colour)) {
        g_clear_object(&colour->to_srgb);
        g_clear_object(&colour->from_srgb);
        return TRUE;
    }
    if (colour->to_srgb && colour->from_srgb)
        return TRUE;
    g_set_error(
        error, HE_ERROR, HE_ERROR_UNSUPPORTED,
        _("The image's color profile \"%s\" cannot be converted to sRGB and back. "
          "Convert the image to another profile first."),
        gimp_color_profile_get_label(profile));
    return FALSE;
}

HeGimpColour *he_gimp_colour_new(HeGimpImage image, const Babl *native, GError **error)
{
    g_autoptr(HeGimpColour) colour = g_new0(HeGimpColour, 1);
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    gboolean is_good = TRUE;

    colour->is_grey = gimp_image_get_base_type(image) == GIMP_GRAY;
    colour->has_alpha = babl_format_has_alpha(native) != 0;
    colour->full_scale = full_scale_of(native);
    colour->raw = he_gimp_native_float(native);
    colour->srgb = float_format(colour->is_grey, FALSE, colour->has_alpha, NULL);
    colour->linear = float_format(colour->is_grey, TRUE, colour->has_alpha, NULL);
    if (profile && babl_format_get_space(native) == babl_space("sRGB"))
        is_good = open_profile(colour, profile, error);
    g_clear_object(&profile);
    return is_good ? g_steal_pointer(&colour) : NULL;
}

void he_gimp_colour_free(HeGimpColour *colour)
{
    if (colour == NULL)
        return;
    g_clear_object(&colour->to_srgb);
    g_clear_object(&colour->from_srgb);
    g_free(colour);
}

int he_gimp_colour_get_channels(const HeGimpColour *colour)
{
    return colour->is_grey ? 1 : 3;
}

gboolean he_gimp_colour_has_alpha(const HeGimpColour *colour)
{
    return colour->has_alpha;
}

double he_gimp_colour_get_full_scale(const HeGimpColour *colour)
{
    return colour->full_scale;
}

/* Integers come back from 0..1 as the whole numbers they were; floats are what they are, and so is
 * alpha. */
static void restore_stored_numbers(const HeGimpColour *colour, float *pixels, size_t n)
{
    const double full = colour->full_scale;
    const size_t channels = (size_t)he_gimp_colour_get_channels(colour);
    const size_t step = channels + (colour->has_alpha ? 1 : 0);

    if (full == 1.0)
        return;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < channels; c++)
            pixels[i * step + c] = (float)rint(pixels[i * step + c] * full);
}

static float *new_pixels(const GeglRectangle *rect, int n_values, GError **error)
{
    size_t n;

    if (!he_size_mul((size_t)rect->width, (size_t)rect->height, &n) ||
        !he_size_mul(n, (size_t)n_values, &n)) {
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                    _("%d x %d pixels do not fit into memory"), rect->width,
                    rect->height);
        return NULL;
    }
    return he_alloc(n, sizeof(float), _("rows of a layer"), error);
}

static gboolean read_through_profile(const HeGimpColour *colour, GeglBuffer *buffer,
                                     const GeglRectangle *rect, double scale, float *out,
                                     GError **error)
{
    size_t n = (size_t)rect->width * (size_t)rect->height;
    float *stored = new_pixels(rect, babl_format_get_n_components(colour->raw), error);

    if (stored == NULL)
        return FALSE;
    gegl_buffer_get(buffer, rect, scale, colour->raw, stored, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_CLAMP);
    gimp_color_transform_process_pixels(colour->to_srgb, colour->raw, stored,
                                        colour->srgb, out, n);
    he_free(stored);
    return TRUE;
}

gboolean he_gimp_colour_read(const HeGimpColour *colour, GeglBuffer *buffer,
                             const GeglRectangle *rect, double scale, HeEncoding encoding,
                             float *out, GError **error)
{
    size_t n = (size_t)rect->width * (size_t)rect->height;
    const Babl *direct = encoding == HE_ENCODING_RAW      ? colour->raw
                         : encoding == HE_ENCODING_LINEAR ? colour->linear
                                                          : colour->srgb;

    if (encoding == HE_ENCODING_RAW || colour->to_srgb == NULL) {
        gegl_buffer_get(buffer, rect, scale, direct, out, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_CLAMP);
        if (encoding == HE_ENCODING_RAW)
            restore_stored_numbers(colour, out, n);
        return TRUE;
    }
    if (!read_through_profile(colour, buffer, rect, scale, out, error))
        return FALSE;
    if (encoding == HE_ENCODING_LINEAR)
        babl_process(babl_fish(colour->srgb, colour->linear), out, out, (glong)n);
    return TRUE;
}

gboolean he_gimp_colour_write(const HeGimpColour *colour, GeglBuffer *buffer,
                              const GeglRectangle *rect, const float *rgba,
                              GError **error)
{
    const Babl *rgba_format = babl_format("R'G'B'A float");
    size_t n = (size_t)rect->width * (size_t)rect->height;
    float *srgb, *stored = NULL;

    if (colour->to_srgb == NULL) {
        gegl_buffer_set(buffer, rect, 0, rgba_format, rgba, GEGL_AUTO_ROWSTRIDE);
        return TRUE;
    }
    srgb = new_pixels(rect, babl_format_get_n_components(colour->srgb), error);
    if (srgb)
        stored = new_pixels(rect, babl_format_get_n_components(colour->raw), error);
    if (stored) {
        babl_process(babl_fish(rgba_format, colour->srgb), rgba, srgb, (glong)n);
        gimp_color_transform_process_pixels(colour->from_srgb, colour->srgb, srgb,
                                            colour->raw, stored, n);
        gegl_buffer_set(buffer, rect, 0, colour->raw, stored, GEGL_AUTO_ROWSTRIDE);
    }
    he_free(srgb);
    he_free(stored);
    return stored != NULL;
}
