/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The result as a small picture: the source under the place, and the maps over it. */
#ifndef HE_GIMP_THUMBNAIL_H
#define HE_GIMP_THUMBNAIL_H

#include "plugin/core/run.h"
#include "plugin/gimp/place.h"

typedef struct {
    int width, height;
    float *picture;  /* [height, width, 4], R'G'B'A sRGB */
    float *strength; /* [height, width], of the selection; NULL: 1 everywhere */
} HeGimpThumbnail;

/* Chooses width and height: the place's aspect, at most SIDE, never larger than the place. */
void he_gimp_thumbnail_init(HeGimpThumbnail *thumbnail, const HeGimpPlace *place,
                            int side);
/* Reads picture and selection; from a thread only when SOURCE is detached. */
gboolean he_gimp_thumbnail_read(HeGimpThumbnail *thumbnail, const HeGimpSource *source,
                                const HeGimpPlace *place, GError **error);
/* The picture with OUTCOME (NULL: nothing) over it as GIMP will show it: [height, width, 4] bytes. */
gboolean he_gimp_thumbnail_render(const HeGimpThumbnail *thumbnail,
                                  const HeGimpPlace *place, const HeOutcome *outcome,
                                  guint8 *rgba, GError **error);
void he_gimp_thumbnail_clear(HeGimpThumbnail *thumbnail);

#endif
