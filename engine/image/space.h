/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Numbers of another colour space <-> sRGB, in floats: the space of an ICC profile of curves (image/icc.h). */
#ifndef HE_IMAGE_SPACE_H
#define HE_IMAGE_SPACE_H

#include <glib.h>

typedef struct HeSpace HeSpace; /* read-only: any number of threads may use it */

/* Of a profile of N bytes with CHANNELS colours, 1 or 3. NULL: its space is none of curves and primaries. */
HeSpace *he_space_new(int channels, const guint8 *profile, size_t n);
void he_space_free(HeSpace *space);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeSpace, he_space_free)

/* N pixels STEP floats apart, in place: the space's numbers, or linear light of its primaries (IS_LINEAR), to
 * R'G'B' or Y' of sRGB, and back. What is outside 0..1 keeps its sign. */
void he_space_to_srgb(const HeSpace *space, gboolean is_linear, size_t step,
                      float *pixels, size_t n);
void he_space_from_srgb(const HeSpace *space, gboolean is_linear, size_t step,
                        float *pixels, size_t n);

#endif
