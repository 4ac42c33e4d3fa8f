/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Thumbnails: see thumbnail.h. The map is rendered at the thumbnail's own resolution: for its pixel t and
 * the source's pixel x, x + 0.5 = (t + 0.5) * step + place.x, so the view's affine map only changes its
 * factor and offset. */
#include "plugin/gimp/thumbnail.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"

void he_gimp_thumbnail_init(HeGimpThumbnail *thumbnail, const HeGimpPlace *place,
                            int side)
{
    const double scale = MIN(1.0, (double)side / MAX(place->width, place->height));

    *thumbnail = (HeGimpThumbnail){
        .width = MAX(1, (int)lround(place->width * scale)),
        .height = MAX(1, (int)lround(place->height * scale)),
    };
}

void he_gimp_thumbnail_clear(HeGimpThumbnail *thumbnail)
{
    g_clear_pointer(&thumbnail->picture, he_free);
    g_clear_pointer(&thumbnail->strength, he_free);
}

static size_t n_pixels(const HeGimpThumbnail *thumbnail)
{
    return (size_t)thumbnail->width * (size_t)thumbnail->height;
}

/* ---- picture and selection ------------------------------------------------------------------------- */

/* Grey or colour, with or without alpha -> RGBA, from the last pixel on, in place. */
static void expand_to_rgba(float *pixels, size_t n, int channels, gboolean has_alpha)
{
    const size_t from = (size_t)(channels + (has_alpha ? 1 : 0));

    for (size_t i = n; i-- > 0;) {
        const float *in = pixels + i * from;
        const float alpha = has_alpha ? in[channels] : 1.0f;
        const float red = in[0];
        const float green = channels == 3 ? in[1] : red;
        const float blue = channels == 3 ? in[2] : red;
        float *out = pixels + i * 4;

        out[0] = red;
        out[1] = green;
        out[2] = blue;
        out[3] = alpha;
    }
}

static gboolean read_strength(HeGimpThumbnail *thumbnail, const HeGimpPlace *place,
                              GError **error)
{
    const double step_x = (double)place->width / thumbnail->width;
    const double step_y = (double)place->height / thumbnail->height;
    gboolean is_read = TRUE;
    float *row, *out;

    if (place->selection == NULL)
        return TRUE;
    row = he_alloc((size_t)place->width, sizeof(float), _("preview"), error);
    out = row ? he_alloc(n_pixels(thumbnail), sizeof(float), _("preview"), error) : NULL;
    for (int y = 0; out && is_read && y < thumbnail->height; y++) {
        const GeglRectangle rect = {place->x, place->y + (int)((y + 0.5) * step_y),
                                    place->width, 1};

        is_read = he_gimp_place_strength(place, &rect, row, error);
        for (int x = 0; is_read && x < thumbnail->width; x++)
            out[(size_t)y * (size_t)thumbnail->width + (size_t)x] =
                row[(int)((x + 0.5) * step_x)];
    }
    he_free(row);
    thumbnail->strength = out;
    return out && is_read;
}

gboolean he_gimp_thumbnail_read(HeGimpThumbnail *thumbnail, const HeGimpSource *source,
                                const HeGimpPlace *place, GError **error)
{
    const double scale = (double)thumbnail->width / place->width;
    const GeglRectangle rect = {(int)(place->x * scale), (int)(place->y * scale),
                                thumbnail->width, thumbnail->height};
    float *pixels = he_alloc(n_pixels(thumbnail), 4 * sizeof(float), _("preview"), error);

    if (pixels == NULL)
        return FALSE;
    if (!he_gimp_source_read(source, &rect, scale, HE_ENCODING_SRGB, pixels, error)) {
        he_free(pixels);
        return FALSE;
    }
    expand_to_rgba(pixels, n_pixels(thumbnail), source->base.channels,
                   source->base.has_alpha);
    thumbnail->picture = pixels;
    return read_strength(thumbnail, place, error);
}

/* ---- maps over it ---------------------------------------------------------------------------------- */

static HeMap at_thumbnail_size(const HeMap *map, const HeGimpThumbnail *thumbnail,
                               const HeGimpPlace *place)
{
    const double step_x = (double)place->width / thumbnail->width;
    const double step_y = (double)place->height / thumbnail->height;
    HeMap small = *map;
    HeView *view = &small.view;

    view->offset_x += place->x * view->scale_x;
    view->offset_y += place->y * view->scale_y;
    view->scale_x *= step_x;
    view->scale_y *= step_y;
    view->x = (view->x - place->x) / step_x;
    view->y = (view->y - place->y) / step_y;
    view->w /= step_x;
    view->h /= step_y;
    view->source_w = thumbnail->width;
    view->source_h = thumbnail->height;
    return small;
}

static void lay_over(const HeGimpThumbnail *thumbnail, const HeGimpPlace *place,
                     const HeResult *result, float *map_rgba, float *picture)
{
    const HeDisplay *display = &result->recipe->display;
    const HeMap small = at_thumbnail_size(result->map, thumbnail, place);

    he_map_render_rows(&small, result->plane, display, result->scale, 0,
                       thumbnail->height, map_rgba);
    for (size_t i = 0; thumbnail->strength && i < n_pixels(thumbnail); i++)
        map_rgba[4 * i + 3] *= thumbnail->strength[i];
    he_blend_rows(map_rgba, picture, n_pixels(thumbnail), display->blend,
                  display->opacity);
}

static void to_bytes(const float *rgba, guint8 *out, size_t n_values)
{
    for (size_t i = 0; i < n_values; i++)
        out[i] = (guint8)(CLAMP(rgba[i], 0.0f, 1.0f) * 255.0f + 0.5f);
}

gboolean he_gimp_thumbnail_render(const HeGimpThumbnail *thumbnail,
                                  const HeGimpPlace *place, const HeOutcome *outcome,
                                  guint8 *rgba, GError **error)
{
    const size_t n_values = n_pixels(thumbnail) * 4;
    float *picture = he_alloc(2 * n_values, sizeof(float), _("preview"), error);

    if (picture == NULL)
        return FALSE;
    memcpy(picture, thumbnail->picture, n_values * sizeof(float));
    for (int i = outcome ? outcome->n_results : 0; i-- > 0;)
        lay_over(thumbnail, place, &outcome->results[i], picture + n_values, picture);
    to_bytes(picture, rgba, n_values);
    he_free(picture);
    return TRUE;
}
