/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Results -> layers. GIMP cancels a plug-in by killing it, so layers are finished outside the image
 * (he_gimp_layers_new) and then inserted by one short call (he_gimp_layers_insert), the only change of
 * the user's image and one undo step. */
#ifndef HE_GIMP_LAYER_H
#define HE_GIMP_LAYER_H

#include "plugin/core/run.h"
#include "plugin/gimp/place.h"

/* GIMP's mode for a blend of the engine. */
GimpLayerMode he_gimp_blend_mode(HeBlend blend);

/* One finished layer per result, in no image's stack yet; g_free. NULL: error, nothing is left. */
HeGimpLayer *he_gimp_layers_new(const HeGimpSource *source, const HeGimpPlace *place,
                                const HeOutcome *outcome, GError **error);
/* Inserts them above the source, several of them as a pass-through group, and gives the user's chosen
 * layers back. REPLACE: an own result directly above the source goes. Returns the layer or the group. */
HeGimpLayer he_gimp_layers_insert(const HeGimpSource *source, const HeOutcome *outcome,
                                  const HeGimpLayer *layers, gboolean replace);

#endif
