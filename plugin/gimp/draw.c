/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A result -> the pixels of a layer: see draw.h. Bands are rows of whole tiles: GIMP takes them without being
 * asked for what was there. A band is drawn strip by strip, on a thread, while the one before is handed over. */
#include "plugin/gimp/draw.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/alloc.h"
#include "core/relay.h"
#include "plugin/core/laps.h"
#include "plugin/gimp/stored.h"
#include "plugin/gimp/tiles.h"

#define STRIP_PIXELS (1 << 15) /* whose numbers stay in a second-level cache */

typedef struct {
    const HeGimpSource *source;
    const HeGimpPlace *place;
    GeglBuffer *buffer;
    HeGimpColour *colour;
    HeRender *render;
    gboolean is_bytes;   /* rows are stored as the renderer makes them */
    int n_band, n_strip; /* rows */
    float *strip;
    guint8 *rows[HE_RELAY_ROOMS]; /* bands as they are stored */
} Drawing;

/* From [n, source_w, 4] to the place's columns, in place: each row moves towards the start. */
static void crop_rows(const HeGimpPlace *place, int source_w, int n, float *rgba)
{
    const size_t row = (size_t)place->width * 4;

    if (place->width == source_w)
        return;
    for (int i = 0; i < n; i++)
        memmove(rgba + (size_t)i * row,
                rgba + ((size_t)i * (size_t)source_w + (size_t)place->x) * 4,
                row * sizeof(float));
}

static gboolean weaken_rows(const HeGimpPlace *place, int y, int n, float *rgba,
                            GError **error)
{
    const GeglRectangle rect = {place->x, place->y + y, place->width, n};
    const size_t n_pixels = (size_t)n * (size_t)place->width;
    gboolean is_read;
    float *strength;

    if (place->selection == NULL)
        return TRUE;
    strength = he_alloc(n_pixels, sizeof(float), _("rows of the selection"), error);
    if (strength == NULL)
        return FALSE;
    is_read = he_gimp_place_strength(place, &rect, strength, error);
    for (size_t i = 0; is_read && i < n_pixels; i++)
        rgba[4 * i + 3] *= strength[i];
    he_free(strength);
    return is_read;
}

static gboolean draw_strip(const Drawing *drawing, int y, int n, void *rows,
                           GError **error)
{
    const HeGimpPlace *place = drawing->place;

    if (drawing->is_bytes) {
        he_render_bytes(drawing->render, place->y + y, n, rows);
        return TRUE;
    }
    he_render_rows(drawing->render, place->y + y, n, drawing->strip);
    crop_rows(place, drawing->source->base.width, n, drawing->strip);
    return weaken_rows(place, y, n, drawing->strip, error) &&
           he_gimp_colour_encode(drawing->colour, drawing->strip,
                                 (size_t)n * (size_t)place->width, rows, error);
}

static GeglRectangle band_rect(const Drawing *drawing, int band)
{
    const int y = band * drawing->n_band;

    return (GeglRectangle){0, y, drawing->place->width,
                           MIN(drawing->n_band, drawing->place->height - y)};
}

static size_t row_bytes(const Drawing *drawing)
{
    const Babl *native = gegl_buffer_get_format(drawing->buffer);

    return (size_t)drawing->place->width *
           (size_t)babl_format_get_bytes_per_pixel(he_gimp_stored_rows(native));
}

static gboolean draw_band(void *data, int band, int room, GError **error)
{
    const Drawing *drawing = data;
    const GeglRectangle rect = band_rect(drawing, band);

    for (int y = 0; y < rect.height; y += drawing->n_strip)
        if (!draw_strip(drawing, rect.y + y, MIN(drawing->n_strip, rect.height - y),
                        drawing->rows[room] + (size_t)y * row_bytes(drawing), error))
            return FALSE;
    return TRUE;
}

static gboolean hand_over_band(void *data, int band, int room,
                               GError **error G_GNUC_UNUSED)
{
    const Drawing *drawing = data;
    const GeglRectangle rect = band_rect(drawing, band);

    gegl_buffer_set(drawing->buffer, &rect, 0,
                    he_gimp_stored_rows(gegl_buffer_get_format(drawing->buffer)),
                    drawing->rows[room], GEGL_AUTO_ROWSTRIDE);
    return TRUE;
}

static void drawing_clear(Drawing *drawing)
{
    for (int i = 0; i < HE_RELAY_ROOMS; i++)
        he_free(drawing->rows[i]);
    he_free(drawing->strip);
    he_render_free(drawing->render);
    he_gimp_colour_free(drawing->colour);
    g_clear_object(&drawing->buffer);
}

static gboolean drawing_make_room(Drawing *drawing, GError **error)
{
    const HeGimpPlace *place = drawing->place;
    const int source_w = drawing->source->base.width;

    drawing->n_band = he_gimp_tiles_band(row_bytes(drawing));
    drawing->n_strip = CLAMP(STRIP_PIXELS / source_w, 1, drawing->n_band);
    drawing->strip = he_alloc((size_t)drawing->n_strip * (size_t)source_w,
                              4 * sizeof(float), _("rows of the result"), error);
    for (int i = 0; drawing->strip && i < HE_RELAY_ROOMS; i++) {
        drawing->rows[i] = he_gimp_stored_new(
            gegl_buffer_get_format(drawing->buffer),
            (size_t)MIN(drawing->n_band, place->height) * (size_t)place->width, error);
        if (drawing->rows[i] == NULL)
            return FALSE;
    }
    return drawing->strip != NULL;
}

static gboolean drawing_init(Drawing *drawing, const HeResult *result, GError **error)
{
    drawing->colour = he_gimp_colour_new(drawing->source->image,
                                         gegl_buffer_get_format(drawing->buffer), error);
    if (drawing->colour == NULL || !drawing_make_room(drawing, error))
        return FALSE;
    drawing->is_bytes = he_gimp_colour_is_bytes(drawing->colour) &&
                        drawing->place->selection == NULL &&
                        drawing->place->width == drawing->source->base.width;
    drawing->render = he_render_new(result->map, result->plane, &result->recipe->display,
                                    result->scale);
    return TRUE;
}

/* A thread keeps off every buffer, the selection's too: GEGL may write tiles of any other when it reads. */
gboolean he_gimp_draw(const HeGimpSource *source, const HeGimpPlace *place,
                      const HeResult *result, HeGimpLayer layer, GError **error)
{
    Drawing drawing = {
        .source = source,
        .place = place,
        .buffer = gimp_drawable_get_buffer(he_gimp_drawable(layer)),
    };
    gboolean is_good = drawing_init(&drawing, result, error);

    he_lap("write");
    if (is_good && place->selection == NULL)
        he_gimp_tiles_pass(row_bytes(&drawing));
    if (is_good) {
        const HeRelay relay = {
            .fill = draw_band,
            .empty = hand_over_band,
            .data = &drawing,
            .n_turns = (place->height + drawing.n_band - 1) / drawing.n_band,
            .beside = place->selection ? HE_RELAY_NONE : HE_RELAY_FILL,
        };

        is_good = he_relay_run(&relay, error);
    }
    drawing_clear(&drawing);
    return is_good;
}
