/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A HeSource over a GeglBuffer: see source.h. Rows are read at scale 1: GEGL's scaled reads average in
 * linear light, which no network was trained on. */
#include "plugin/gimp/source.h"

#include <glib/gi18n.h>

#include "core/alloc.h"
#include "plugin/gimp/own.h"
#include "plugin/gimp/stored.h"
#include "plugin/gimp/tiles.h"

#define DETACH_ROWS 256

gsize he_gimp_source_row_bytes(const HeGimpSource *source)
{
    const Babl *rows = he_gimp_stored_rows(gegl_buffer_get_format(source->buffer));

    return (gsize)source->base.width * (gsize)babl_format_get_bytes_per_pixel(rows);
}

/* Those from Y on to the end of a row of tiles, so that none is fetched twice. */
static gboolean keep_rows(HeGimpSource *source, int y, GError **error)
{
    const Babl *native = gegl_buffer_get_format(source->buffer);
    const Babl *format = he_gimp_stored_rows(native);
    const int width = source->base.width, tile = (int)gimp_tile_height();
    const int most = he_gimp_tiles_band(he_gimp_source_row_bytes(source));
    const GeglRectangle rect = {0, y, width,
                                MIN(most, MIN(tile - y % tile, source->base.height - y))};

    if (source->rows == NULL)
        source->rows = he_gimp_stored_new(native, (size_t)most * (size_t)width, error);
    if (source->rows == NULL)
        return FALSE;
    gegl_buffer_get(source->buffer, &rect, 1.0, format, source->rows, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_CLAMP);
    source->rows_y = y;
    source->n_rows = rect.height;
    return TRUE;
}

/* Up to *N rows from Y on, as they are stored. */
static const void *stored_rows(HeSource *self, int y, int *n, GError **error)
{
    HeGimpSource *source = self->data;
    const gboolean is_kept = y >= source->rows_y && y < source->rows_y + source->n_rows;

    if (!is_kept && !keep_rows(source, y, error))
        return NULL;
    *n = MIN(*n, source->rows_y + source->n_rows - y);
    return (const guint8 *)source->rows +
           (gsize)(y - source->rows_y) * he_gimp_source_row_bytes(source);
}

static gboolean read_rows(HeSource *self, HeEncoding encoding, int y, int n, float *out,
                          GError **error)
{
    HeGimpSource *source = self->data;
    const size_t width = (size_t)self->width;
    const size_t samples = width * (size_t)(self->channels + (self->has_alpha ? 1 : 0));

    for (int past = y + n, part; y < past; y += part, out += (size_t)part * samples) {
        const void *rows;

        part = past - y;
        rows = stored_rows(self, y, &part, error);
        if (rows == NULL)
            return FALSE;
        he_gimp_colour_decode(source->colour, rows, (size_t)part * width, encoding, out);
    }
    return TRUE;
}

static gboolean decode_rows(HeSource *self, HeEncoding encoding, const void *stored,
                            int n, float *out, GError **error G_GNUC_UNUSED)
{
    const HeGimpSource *source = self->data;

    he_gimp_colour_decode(source->colour, stored, (size_t)n * (size_t)self->width,
                          encoding, out);
    return TRUE;
}

gboolean he_gimp_source_read(const HeGimpSource *source, const GeglRectangle *rect,
                             double scale, HeEncoding encoding, float *out,
                             GError **error)
{
    const Babl *native = gegl_buffer_get_format(source->buffer);
    const size_t n = (size_t)rect->width * (size_t)rect->height;
    void *rows = he_gimp_stored_new(native, n, error);

    if (rows == NULL)
        return FALSE;
    gegl_buffer_get(source->buffer, rect, scale, he_gimp_stored_rows(native), rows,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_CLAMP);
    he_gimp_colour_decode(source->colour, rows, n, encoding, out);
    he_free(rows);
    return TRUE;
}

static gboolean refuse(GError **error, const char *why)
{
    g_set_error_literal(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, why);
    return FALSE;
}

static gboolean check_layer(HeGimpDrawable drawable, GError **error)
{
    const HeGimpItem item = he_gimp_item(drawable);

    if (!gimp_item_is_valid(item))
        return refuse(error, _("There is no such layer."));
    if (he_gimp_is_own_result(item))
        return refuse(error, _("This layer is an explanation. Pick the photograph that "
                               "it explains."));
    if (gimp_item_is_group(item))
        return refuse(error, _("A layer group has no pixels of its own. Pick a layer "
                               "inside it, or explain the visible picture "
                               "(source=visible)."));
    if (!gimp_item_is_layer(item))
        return refuse(error, _("A channel is not a picture. Pick a layer."));
    if (gimp_layer_is_floating_sel(he_gimp_layer(drawable)))
        return refuse(error, _("A floating selection is not a layer yet. Anchor it, or "
                               "make it a new layer."));
    return TRUE;
}

HeGimpLayer he_gimp_source_layer(HeGimpDrawable drawable, GError **error)
{
    const HeGimpItem item = he_gimp_item(drawable);

    if (gimp_item_is_valid(item) && gimp_item_is_layer_mask(item))
        drawable = he_gimp_drawable(he_gimp_layer_of_mask(drawable));
    return check_layer(drawable, error) ? he_gimp_layer(drawable) : HE_GIMP_NONE;
}

static HeGimpSource *source_new(HeGimpImage image, GeglBuffer *buffer, GError **error)
{
    g_autoptr(HeGimpSource) source = g_new0(HeGimpSource, 1);

    if (buffer == NULL) {
        refuse(error, _("GIMP gives no access to the pixels."));
        return NULL;
    }
    source->image = image;
    source->layer = HE_GIMP_NONE;
    source->buffer = buffer;
    source->colour = he_gimp_colour_new(image, gegl_buffer_get_format(buffer), error);
    if (source->colour == NULL)
        return NULL;
    source->base = (HeSource){
        .width = gegl_buffer_get_width(buffer),
        .height = gegl_buffer_get_height(buffer),
        .channels = he_gimp_colour_get_channels(source->colour),
        .has_alpha = he_gimp_colour_has_alpha(source->colour),
        .full_scale = he_gimp_colour_get_full_scale(source->colour),
        .read_rows = read_rows,
        .decode_rows = decode_rows,
        .stored_rows =
            he_gimp_stored_is_plain(gegl_buffer_get_format(buffer)) ? stored_rows : NULL,
        .data = source,
    };
    return g_steal_pointer(&source);
}

HeGimpSource *he_gimp_source_new_layer(HeGimpImage image, HeGimpLayer layer,
                                       GError **error)
{
    HeGimpSource *source =
        source_new(image, gimp_drawable_get_buffer(he_gimp_drawable(layer)), error);

    if (source) {
        source->layer = layer;
        gimp_drawable_get_offsets(he_gimp_drawable(layer), &source->offset_x,
                                  &source->offset_y);
    }
    return source;
}

static gboolean copy_next_rows(HeGimpSource *source)
{
    const int n = MIN(DETACH_ROWS, source->base.height - source->n_copied);
    const GeglRectangle rows = {0, source->n_copied, source->base.width, n};

    gegl_buffer_copy(source->buffer, &rows, GEGL_ABYSS_NONE, source->copy, &rows);
    source->n_copied += n;
    return source->n_copied < source->base.height;
}

gboolean he_gimp_source_detach(HeGimpSource *source)
{
    if (source->n_copied == source->base.height)
        return FALSE;
    if (source->copy == NULL)
        source->copy = gegl_buffer_new(gegl_buffer_get_extent(source->buffer),
                                       gegl_buffer_get_format(source->buffer));
    if (copy_next_rows(source))
        return TRUE;
    g_object_unref(source->buffer);
    source->buffer = g_steal_pointer(&source->copy);
    source->n_rows = 0; /* what is kept may be older than the copy */
    return FALSE;
}

/* Works on a copy of the image, so that hiding our results is nobody's undo step. An indexed image is
 * seen in full colour, not in its palette. */
HeGimpSource *he_gimp_source_new_visible(HeGimpImage image, GError **error)
{
    HeGimpImage copy = gimp_image_duplicate(image);
    HeGimpLayer seen;
    HeGimpSource *source;

    he_gimp_hide_own_results(copy);
    if (gimp_image_get_base_type(copy) == GIMP_INDEXED)
        gimp_image_convert_rgb(copy);
    seen = gimp_layer_new_from_visible(copy, copy, "visible");
    source = source_new(image, gimp_drawable_get_buffer(he_gimp_drawable(seen)), error);
    while (source && he_gimp_source_detach(source))
        continue;
    gimp_item_delete(he_gimp_item(seen));
    gimp_image_delete(copy);
    return source;
}

void he_gimp_source_free(HeGimpSource *source)
{
    if (source == NULL)
        return;
    g_clear_object(&source->buffer);
    g_clear_object(&source->copy);
    he_gimp_colour_free(source->colour);
    he_free(source->rows);
    g_free(source);
}
