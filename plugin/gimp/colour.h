/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between the numbers a drawable stores and sRGB.
 *
 * Whether a buffer's format carries the space of the image's profile (GIMP 3) or says that it holds sRGB (2.10),
 * the stored numbers are taken as they are, and through the profile: its curves and primaries by the engine's
 * own code, as sRGB's curve (stored.h says why not by babl), its tables by GimpColorTransform. Rows are floats:
 * R'G'B' or Y', then alpha when the drawable has it. */
#ifndef HE_GIMP_COLOUR_H
#define HE_GIMP_COLOUR_H

#include "human-eye.h"
#include "plugin/gimp/compat.h"

typedef struct HeGimpColour HeGimpColour;

/* For the buffers of IMAGE whose pixels are stored as NATIVE. */
HeGimpColour *he_gimp_colour_new(HeGimpImage image, const Babl *native, GError **error);
void he_gimp_colour_free(HeGimpColour *colour);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeGimpColour, he_gimp_colour_free)

int he_gimp_colour_get_channels(const HeGimpColour *colour); /* 1 or 3 */
gboolean he_gimp_colour_has_alpha(const HeGimpColour *colour);
/* The stored number of full white: 255, 65535, ...; 1 for floating point. */
double he_gimp_colour_get_full_scale(const HeGimpColour *colour);

/* N pixels of ROWS (he_gimp_stored_rows) as ENCODING asks. Calls nothing of libgimp's or GEGL's. */
void he_gimp_colour_decode(const HeGimpColour *colour, const void *rows, size_t n,
                           HeEncoding encoding, float *out);
/* RGBA: R'G'B'A sRGB, not premultiplied; grey buffers take its luma. Likewise. */
gboolean he_gimp_colour_encode(const HeGimpColour *colour, const float *rgba, size_t n,
                               void *rows, GError **error);
/* What is stored is just that in 8 bits. */
gboolean he_gimp_colour_is_bytes(const HeGimpColour *colour);

#endif
