/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Stored numbers <-> sRGB: see colour.h. */
#include "plugin/gimp/colour.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "image/transfer.h"
#include "plugin/gimp/stored.h"

#define INTENT GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC

struct HeGimpColour {
    gboolean is_grey, has_alpha;
    gboolean is_linear, is_srgb; /* the stored numbers: linear light, sRGB's primaries */
    double full_scale;
    const Babl *native; /* as pixels are stored */
    const Babl *raw;    /* the stored numbers as floats, of the image's space */
    const Babl *srgb;   /* R'G'B' or Y' of sRGB, same alpha */
    const Babl *linear; /* the same in linear light */
    /* Where the space is none of babl's; else NULL. */
    GimpColorTransform *to_srgb, *from_srgb;
};

static void convert_to_srgb(const HeGimpColour *colour, const float *stored, float *out,
                            size_t n)
{
    if (colour->to_srgb)
        gimp_color_transform_process_pixels(colour->to_srgb, colour->raw, stored,
                                            colour->srgb, out, (gsize)n);
    else
        babl_process(babl_fish(colour->raw, colour->srgb), stored, out, (glong)n);
}

/* Most profiles are sRGB's under one of its many names, exact to its own rounding: then nothing is to be
 * done. Tried on colours of all kinds, to half a level of 8 bits. */
static gboolean changes_nothing(const HeGimpColour *colour)
{
    enum { STEPS = 6, N = STEPS * STEPS * STEPS, MAX_COMPONENTS = 4 };
    const Babl *plain = colour->is_linear ? colour->linear : colour->srgb;
    const size_t channels = (size_t)he_gimp_colour_get_channels(colour);
    const size_t components = channels + (colour->has_alpha ? 1 : 0);
    float stored[N * MAX_COMPONENTS], ours[N * MAX_COMPONENTS], srgb[N * MAX_COMPONENTS];
    size_t n = 0;

    for (int i = 0; i < N; i++) {
        const int levels[] = {i % STEPS, i / STEPS % STEPS, i / (STEPS * STEPS)};

        for (size_t c = 0; c < components; c++)
            stored[n++] = c < channels ? (float)levels[c] / (STEPS - 1) : 1.0f;
    }
    convert_to_srgb(colour, stored, ours, N);
    babl_process(babl_fish(plain, colour->srgb), stored, srgb, N);
    for (size_t i = 0; i < n; i++)
        if (fabsf(ours[i] - srgb[i]) > 0.5f / 255)
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

/* What the numbers are, where their format claims sRGB and the image has a profile. */
static gboolean open_profile(HeGimpColour *colour, GimpColorProfile *profile,
                             GError **error)
{
    const Babl *space = gimp_color_profile_get_space(profile, INTENT, NULL);

    if (space == NULL)
        return open_transforms(colour, profile, error);
    colour->raw = babl_format_with_space(babl_format_get_encoding(colour->raw), space);
    return TRUE;
}

static void drop_space(HeGimpColour *colour)
{
    colour->is_srgb = TRUE;
    colour->raw = colour->is_linear ? colour->linear : colour->srgb;
    g_clear_object(&colour->to_srgb);
    g_clear_object(&colour->from_srgb);
}

HeGimpColour *he_gimp_colour_new(HeGimpImage image, const Babl *native, GError **error)
{
    const Babl *space = babl_format_get_space(native);
    const Babl *srgb = babl_space("sRGB");
    g_autoptr(HeGimpColour) colour = g_new0(HeGimpColour, 1);
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    gboolean is_good = TRUE;

    colour->is_grey = gimp_image_get_base_type(image) == GIMP_GRAY;
    colour->has_alpha = babl_format_has_alpha(native) != 0;
    colour->full_scale = he_gimp_stored_full_scale(native);
    colour->native = native;
    colour->raw = he_gimp_stored_format(native);
    colour->is_linear = he_gimp_stored_is_linear(native);
    colour->srgb = he_gimp_float_format(colour->is_grey, FALSE, colour->has_alpha, srgb);
    colour->linear = he_gimp_float_format(colour->is_grey, TRUE, colour->has_alpha, srgb);
    if (profile && space == srgb)
        is_good = open_profile(colour, profile, error);
    g_clear_object(&profile);
    if (is_good && changes_nothing(colour))
        drop_space(colour);
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

static size_t n_components(const HeGimpColour *colour)
{
    return (size_t)babl_format_get_n_components(colour->raw);
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

/* ---- from rows ------------------------------------------------------------------------------------- */

static gboolean decode_through_space(const HeGimpColour *colour, const void *rows,
                                     size_t n, float *out, GError **error)
{
    float *stored = new_pixels(colour, n, error);

    if (stored == NULL)
        return FALSE;
    he_gimp_stored_decode(colour->native, rows, stored, n);
    convert_to_srgb(colour, stored, out, n);
    he_free(stored);
    return TRUE;
}

gboolean he_gimp_colour_decode(const HeGimpColour *colour, const void *rows, size_t n,
                               HeEncoding encoding, float *out, GError **error)
{
    const gboolean wants_linear = encoding == HE_ENCODING_LINEAR;
    gboolean is_linear = FALSE;

    if (encoding != HE_ENCODING_RAW && !colour->is_srgb) {
        if (!decode_through_space(colour, rows, n, out, error))
            return FALSE;
    } else {
        he_gimp_stored_decode(colour->native, rows, out, n);
        is_linear = colour->is_linear;
    }
    if (encoding == HE_ENCODING_RAW)
        restore_stored_numbers(colour, out, n);
    else if (is_linear != wants_linear)
        bend(colour, out, n, wants_linear);
    return TRUE;
}

/* ---- to rows --------------------------------------------------------------------------------------- */

static gboolean encode_through_profile(const HeGimpColour *colour, const float *srgb,
                                       size_t n, void *rows, GError **error)
{
    float *stored = new_pixels(colour, n, error);

    if (stored == NULL)
        return FALSE;
    gimp_color_transform_process_pixels(colour->from_srgb, colour->srgb, srgb,
                                        colour->raw, stored, (gsize)n);
    he_gimp_stored_encode(colour->native, stored, rows, n);
    he_free(stored);
    return TRUE;
}

static gboolean encode_converted(const HeGimpColour *colour, const Babl *to,
                                 const float *rgba, size_t n, void *rows, GError **error)
{
    float *out = new_pixels(colour, n, error);
    gboolean is_good = out != NULL;

    if (!is_good)
        return FALSE;
    babl_process(babl_fish(babl_format("R'G'B'A float"), to), rgba, out, (glong)n);
    if (colour->is_srgb && colour->is_linear)
        bend(colour, out, n, TRUE);
    if (colour->from_srgb)
        is_good = encode_through_profile(colour, out, n, rows, error);
    else
        he_gimp_stored_encode(colour->native, out, rows, n);
    he_free(out);
    return is_good;
}

/* Nothing but the type of the numbers has to change. */
static gboolean is_plain_rgba(const HeGimpColour *colour)
{
    return colour->is_srgb && !colour->is_linear &&
           colour->srgb == babl_format("R'G'B'A float");
}

gboolean he_gimp_colour_is_bytes(const HeGimpColour *colour)
{
    return is_plain_rgba(colour) && colour->full_scale == 255 &&
           he_gimp_stored_rows(colour->native) == colour->native; /* no palette's */
}

gboolean he_gimp_colour_encode(const HeGimpColour *colour, const float *rgba, size_t n,
                               void *rows, GError **error)
{
    const gboolean is_by_babl = !colour->is_srgb && colour->from_srgb == NULL;
    const Babl *to = is_by_babl ? colour->raw : colour->srgb;

    if (is_plain_rgba(colour)) {
        he_gimp_stored_encode(colour->native, rgba, rows, n);
        return TRUE;
    }
    return encode_converted(colour, to, rgba, n, rows, error);
}
