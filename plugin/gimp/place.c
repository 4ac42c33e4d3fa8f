/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Selection and source -> place of the result: see place.h. */
#include "plugin/gimp/place.h"

#include <glib/gi18n.h>

#include "plugin/gimp/stored.h"

static gboolean find_box(HeGimpPlace *place, const HeGimpSource *source)
{
    gint x1, y1, x2, y2;
    gboolean has_bounds;

    if (source->layer != HE_GIMP_NONE)
        return gimp_drawable_mask_intersect(he_gimp_drawable(source->layer), &place->x,
                                            &place->y, &place->width, &place->height);
    if (!gimp_selection_bounds(source->image, &has_bounds, &x1, &y1, &x2, &y2))
        return FALSE;
    place->x = x1;
    place->y = y1;
    place->width = x2 - x1;
    place->height = y2 - y1;
    return place->width > 0 && place->height > 0;
}

static void take_whole_source(HeGimpPlace *place, const HeGimpSource *source)
{
    *place = (HeGimpPlace){
        .width = source->base.width,
        .height = source->base.height,
        .look = {0, 0, source->base.width, source->base.height},
        .offset_x = source->offset_x,
        .offset_y = source->offset_y,
    };
}

/* The user may select something else while a dialog is open: the answer is to the first. */
static GeglBuffer *copy_selection(const HeGimpPlace *place, HeGimpImage image)
{
    const GeglRectangle box = {place->x + place->offset_x, place->y + place->offset_y,
                               place->width, place->height};
    GeglBuffer *all =
        gimp_drawable_get_buffer(he_gimp_drawable(gimp_image_get_selection(image)));
    GeglBuffer *copy = gegl_buffer_new(&box, gegl_buffer_get_format(all));

    gegl_buffer_copy(all, &box, GEGL_ABYSS_NONE, copy, &box);
    g_object_unref(all);
    return copy;
}

gboolean he_gimp_place_init(HeGimpPlace *place, const HeGimpSource *source,
                            HeSelection selection, GError **error)
{
    take_whole_source(place, source);
    if (selection == HE_SELECTION_IGNORE || gimp_selection_is_empty(source->image))
        return TRUE;
    if (!find_box(place, source)) {
        g_set_error_literal(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                            _("The selection does not touch the layer. Move it, or "
                              "select nothing."));
        return FALSE;
    }
    if (selection == HE_SELECTION_LOOK) {
        place->look[0] = place->x;
        place->look[1] = place->y;
        place->look[2] = place->width;
        place->look[3] = place->height;
    }
    place->selection = copy_selection(place, source->image);
    return TRUE;
}

void he_gimp_place_clear(HeGimpPlace *place)
{
    g_clear_object(&place->selection);
}

/* The stored number is the strength: a conversion between Y' and Y would bend it. */
gboolean he_gimp_place_strength(const HeGimpPlace *place, const GeglRectangle *rect,
                                float *out, GError **error)
{
    const GeglRectangle there = {rect->x + place->offset_x, rect->y + place->offset_y,
                                 rect->width, rect->height};

    return he_gimp_stored_read(place->selection, &there, 1.0, out, error);
}
