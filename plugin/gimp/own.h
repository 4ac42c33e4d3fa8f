/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which layers are results of this plug-in: those that carry a recipe, and groups of nothing else. */
#ifndef HE_GIMP_OWN_H
#define HE_GIMP_OWN_H

#include "human-eye.h"
#include "plugin/gimp/compat.h"

gboolean he_gimp_is_own_result(HeGimpItem item);
/* Hides every own result of IMAGE (a copy of the user's image). */
void he_gimp_hide_own_results(HeGimpImage image);
/* The own result directly above LAYER in its group; HE_GIMP_NONE: there is none. */
HeGimpItem he_gimp_own_result_above(HeGimpImage image, HeGimpItem layer);
/* The own result on top of all layers. */
HeGimpItem he_gimp_own_result_on_top(HeGimpImage image);

#endif
