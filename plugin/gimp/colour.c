/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Stored numbers <-> sRGB: see colour.h. */
#include "plugin/gimp/colour.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "image/space.h"
#include "image/transfer.h"
#include "plugin/gimp/stored.h"

#define INTENT GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC

struct HeGimpColour {
    gboolean is_grey, has_alpha;
    gboolean is_linear, is_srgb; /* the stored numbers: linear light, sRGB's primaries */
    double full_scale;
    const Babl *native; /* as pixels are stored */
    const Babl *raw;    /* the stored numbers as floats; the space's name means nothing */
    const Babl *srgb;   /* R'G'B' or Y' of sRGB, same alpha */
    HeSpace *space;     /* of the image's profile; or, where it has tables: */
    GimpColorTransform *to_srgb, *from_srgb;
};

static size_t n_components(const HeGimpColour *colour)
{
    return (size_t)babl_format_get_n_components(colour->raw);
}

/* sRGB's own curve on colours, not on alpha. */
static void bend(const HeGimpColour *colour, float *pixels, size_t n, gboolean to_linear)
{
    const size_t step = n_components(colour);
    const int channels = he_gimp_colour_get_channels(colour);
    const HeTransfer *transfer = he_transfer_get();

    for (size_t i = 0; i < n; i++) {
        float *pixel = pixels + i * step;
        float in[3] = {pixel[0], channels == 3 ? pixel[1] : 0,
                       channels == 3 ? pixel[2] : 0};
        float out[3];

        (to_linear ? he_transfer_decode : he_transfer_encode)(transfer, in, out);
        memcpy(pixel, out, (size_t)channels * sizeof(float));
    }
}

/* In place; else from sRGB. */
static void convert(const HeGimpColour *colour, gboolean is_to_srgb, float *pixels,
                    size_t n)
{
    if (colour->space)
        (is_to_srgb ? he_space_to_srgb : he_space_from_srgb)(
            colour->space, colour->is_linear, n_components(colour), pixels, n);
    else
        gimp_color_transform_process_pixels(
            is_to_srgb ? colour->to_srgb : colour->from_srgb,
            is_to_srgb ? colour->raw : colour->srgb, pixels,
            is_to_srgb ? colour->srgb : colour->raw, pixels, (gsize)n);
}

/* Most profiles are sRGB's under one of its many names, exact to its own rounding: then nothing is to be
 * done. Tried on colours of all kinds, to half a level of 8 bits. */
static gboolean changes_nothing(const HeGimpColour *colour)
{
    enum { STEPS = 6, N = STEPS * STEPS * STEPS, MAX_COMPONENTS = 4 };
    const size_t channels = (size_t)he_gimp_colour_get_channels(colour);
    const size_t components = channels + (colour->has_alpha ? 1 : 0);
    float ours[N * MAX_COMPONENTS], srgb[N * MAX_COMPONENTS];
    size_t n = 0;

    for (int i = 0; i < N; i++) {
        const int levels[] = {i % STEPS, i / STEPS % STEPS, i / (STEPS * STEPS)};

        for (size_t c = 0; c < components; c++)
            ours[n++] = c < channels ? (float)levels[c] / (STEPS - 1) : 1.0f;
    }
    memcpy(srgb, ours, n * sizeof(float));
    convert(colour, TRUE, ours, N);
    if (colour->is_linear)
        bend(colour, srgb, N, FALSE);
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(ours[i] - srgb[i]) <= 0.5f / 255))
            return FALSE;
    return TRUE;
}

static gboolean open_transforms(HeGimpColour *colour, GimpColorProfile *profile,
                                GError **error)
{
    GimpColorProfile *srgb = colour->is_grey ? gimp_color_profile_new_d65_gray_srgb_trc()
                                             : gimp_color_profile_new_rgb_srgb();

    colour->to_srgb =
        gimp_color_transform_new(profile, colour->raw, srgb, colour->srgb, INTENT, 0);
    colour->from_srgb =
        gimp_color_transform_new(srgb, colour->srgb, profile, colour->raw, INTENT, 0);
    g_object_unref(srgb);
    if (colour->to_srgb && colour->from_srgb)
        return TRUE;
    g_set_error(
        error, HE_ERROR, HE_ERROR_UNSUPPORTED,
        _("The image's color profile \"%s\" cannot be converted to sRGB and back. "
          "Convert the image to another profile first."),
        gimp_color_profile_get_label(profile));
    return FALSE;
}

/* GIMP takes a profile by its curves and primaries where babl does, and else by its tables. */
static gboolean open_profile(HeGimpColour *colour, GimpColorProfile *profile,
                             GError **error)
{
    gsize n;
    const guint8 *bytes = gimp_color_profile_get_icc_profile(profile, &n);

    if (gimp_color_profile_get_space(profile, INTENT, NULL))
        colour->space = he_space_new(he_gimp_colour_get_channels(colour), bytes, n);
    if (colour->space == NULL && !open_transforms(colour, profile, error))
        return FALSE;
    colour->is_srgb = changes_nothing(colour);
    return TRUE;
}

HeGimpColour *he_gimp_colour_new(HeGimpImage image, const Babl *native, GError **error)
{
    g_autoptr(HeGimpColour) colour = g_new0(HeGimpColour, 1);
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    gboolean is_good = TRUE;

    colour->is_grey = gimp_image_get_base_type(image) == GIMP_GRAY;
    colour->has_alpha = babl_format_has_alpha(native) != 0;
    colour->full_scale = he_gimp_stored_full_scale(native);
    colour->native = native;
    colour->is_linear = he_gimp_stored_is_linear(native);
    colour->is_srgb = profile == NULL;
    colour->raw =
        he_gimp_float_format(colour->is_grey, colour->is_linear, colour->has_alpha);
    colour->srgb = he_gimp_float_format(colour->is_grey, FALSE, colour->has_alpha);
    if (profile)
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
    he_space_free(colour->space);
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

/* rint in a form that compilers turn into vectors: 2^23 + 2^22 leaves a float no bits for a fraction. */
static void restore_plain(float *pixels, size_t n, float full)
{
    for (size_t i = 0; i < n; i++)
        pixels[i] = (pixels[i] * full + 0x1.8p23f) - 0x1.8p23f;
}

/* Integers come back from 0..1 as the whole numbers they were; floats are what they are, and so is
 * alpha. */
static void restore_stored_numbers(const HeGimpColour *colour, float *pixels, size_t n)
{
    const double full = colour->full_scale;
    const size_t channels = (size_t)he_gimp_colour_get_channels(colour);
    const size_t step = n_components(colour);

    if (full == 1.0)
        return;
    if (step == channels && full <= G_MAXUINT16) {
        restore_plain(pixels, n * step, (float)full);
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < channels; c++)
            pixels[i * step + c] = (float)rint(pixels[i * step + c] * full);
}

static float *new_pixels(const HeGimpColour *colour, size_t n, GError **error)
{
    return he_alloc(n, n_components(colour) * sizeof(float), _("rows of a layer"), error);
}

/* ---- from rows ------------------------------------------------------------------------------------- */

void he_gimp_colour_decode(const HeGimpColour *colour, const void *rows, size_t n,
                           HeEncoding encoding, float *out)
{
    const gboolean wants_linear = encoding == HE_ENCODING_LINEAR;
    gboolean is_linear = colour->is_linear;

    he_gimp_stored_decode(colour->native, rows, out, n);
    if (encoding == HE_ENCODING_RAW) {
        restore_stored_numbers(colour, out, n);
        return;
    }
    if (!colour->is_srgb) {
        convert(colour, TRUE, out, n);
        is_linear = FALSE;
    }
    if (is_linear != wants_linear)
        bend(colour, out, n, wants_linear);
}

/* ---- to rows --------------------------------------------------------------------------------------- */

/* sRGB's luma. */
static float luma(const float *rgb)
{
    return 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
}

/* Of R'G'B'A what the buffer has. */
static void pick(const HeGimpColour *colour, const float *rgba, size_t n, float *out)
{
    const size_t channels = (size_t)he_gimp_colour_get_channels(colour);

    for (size_t i = 0; i < n; i++, rgba += 4, out += n_components(colour)) {
        if (channels == 1)
            out[0] = luma(rgba);
        else
            memcpy(out, rgba, channels * sizeof(float));
        if (colour->has_alpha)
            out[channels] = rgba[3];
    }
}

static gboolean encode_converted(const HeGimpColour *colour, const float *rgba, size_t n,
                                 void *rows, GError **error)
{
    float *out = new_pixels(colour, n, error);

    if (out == NULL)
        return FALSE;
    pick(colour, rgba, n, out);
    if (!colour->is_srgb)
        convert(colour, FALSE, out, n);
    else if (colour->is_linear)
        bend(colour, out, n, TRUE);
    he_gimp_stored_encode(colour->native, out, rows, n);
    he_free(out);
    return TRUE;
}

/* Nothing but the type of the numbers has to change. */
static gboolean is_plain_rgba(const HeGimpColour *colour)
{
    return colour->is_srgb && !colour->is_linear &&
           colour->srgb == babl_format("R'G'B'A float");
}

gboolean he_gimp_colour_is_bytes(const HeGimpColour *colour)
{
    return is_plain_rgba(colour) && colour->full_scale == 255;
}

gboolean he_gimp_colour_encode(const HeGimpColour *colour, const float *rgba, size_t n,
                               void *rows, GError **error)
{
    if (is_plain_rgba(colour)) {
        he_gimp_stored_encode(colour->native, rgba, rows, n);
        return TRUE;
    }
    return encode_converted(colour, rgba, n, rows, error);
}
