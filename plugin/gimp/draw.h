/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A result -> the pixels of a new layer, band by band. */
#ifndef HE_GIMP_DRAW_H
#define HE_GIMP_DRAW_H

#include "plugin/core/run.h"
#include "plugin/gimp/place.h"

/* Of LAYER, which is as large as PLACE and holds nothing yet. */
gboolean he_gimp_draw(const HeGimpSource *source, const HeGimpPlace *place,
                      const HeResult *result, HeGimpLayer layer, GError **error);

#endif
