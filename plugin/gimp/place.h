/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where the result goes: all of the source, or the bounding box of source and selection, with the
 * selection's strength as a factor of the result's alpha. */
#ifndef HE_GIMP_PLACE_H
#define HE_GIMP_PLACE_H

#include "plugin/core/request.h"
#include "plugin/gimp/source.h"

typedef struct {
    int x, y, width, height; /* of the result, in the source's pixels */
    double look[4];          /* what the network is shown, likewise */
    int offset_x, offset_y;  /* of the source in the image */
    GeglBuffer *selection;   /* a copy of its part over the place, in the image's pixels;
                              * NULL: the result counts everywhere */
} HeGimpPlace;

/* No overlap of selection and source is an error. */
gboolean he_gimp_place_init(HeGimpPlace *place, const HeGimpSource *source,
                            HeSelection selection, GError **error);
void he_gimp_place_clear(HeGimpPlace *place);

/* Strength of the selection, 0..1, on RECT of the source, inside the place. Only where there is one. */
gboolean he_gimp_place_strength(const HeGimpPlace *place, const GeglRectangle *rect,
                                float *out, GError **error);

#endif
