/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture that is explained: a layer, or all that is visible but our own results, as a HeSource. */
#ifndef HE_GIMP_SOURCE_H
#define HE_GIMP_SOURCE_H

#include "human-eye.h"
#include "plugin/gimp/colour.h"
#include "plugin/gimp/compat.h"

typedef struct {
    HeSource base; /* rows for the engine; `data` is this struct */
    HeGimpImage image;
    HeGimpLayer layer;      /* HE_GIMP_NONE: the visible picture */
    int offset_x, offset_y; /* of the source in the image */
    GeglBuffer *buffer;     /* its pixels; libgimp's own until detached */
    GeglBuffer *copy;       /* being filled by he_gimp_source_detach */
    int n_copied;           /* rows */
    HeGimpColour *colour;
    void *
        rows; /* a band of them as they are stored, kept: the next question is often for the same */
    int rows_y, n_rows;
} HeGimpSource;

/* The layer that DRAWABLE stands for: itself, or the layer whose mask it is. Refuses what has no pixels
 * to explain (groups, channels, floating selections, our own results) in words for the user. */
HeGimpLayer he_gimp_source_layer(HeGimpDrawable drawable, GError **error);

HeGimpSource *he_gimp_source_new_layer(HeGimpImage image, HeGimpLayer layer,
                                       GError **error);
HeGimpSource *he_gimp_source_new_visible(HeGimpImage image, GError **error);
void he_gimp_source_free(HeGimpSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeGimpSource, he_gimp_source_free)

/* Bytes of a row as it is stored. */
gsize he_gimp_source_row_bytes(const HeGimpSource *source);
/* Pixels of RECT, read at SCALE (RECT in scaled pixels), as ENCODING asks. */
gboolean he_gimp_source_read(const HeGimpSource *source, const GeglRectangle *rect,
                             double scale, HeEncoding encoding, float *out,
                             GError **error);

/* Copies the next band of rows out of libgimp's reach, so that a thread may read them. TRUE: call again;
 * FALSE: all is copied. */
gboolean he_gimp_source_detach(HeGimpSource *source);

#endif
