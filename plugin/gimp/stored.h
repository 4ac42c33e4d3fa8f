/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The numbers that a drawable stores, as floats and back: in its own model and space, integers 0..1.
 *
 * Not by babl: it chooses among its ways from one format to another by a race at run time, and their last
 * bits differ, which would make two runs, or two GIMPs, differ. */
#ifndef HE_GIMP_STORED_H
#define HE_GIMP_STORED_H

#include <libgimp/gimp.h>

/* R'G'B', RGB, Y' or Y float, of sRGB. */
const Babl *he_gimp_float_format(gboolean is_grey, gboolean is_linear,
                                 gboolean has_alpha);
gboolean he_gimp_stored_is_linear(const Babl *native);
/* The stored number of full white: 255, 65535, ...; 1 for floating point. */
double he_gimp_stored_full_scale(const Babl *native);

/* As HeSource's stored_rows gives them. */
gboolean he_gimp_stored_is_plain(const Babl *native);

/* Rows as they are taken from a buffer, or given to it: NATIVE; what is a palette's, as R'G'B' u8, which is
 * what a palette has: of its floats babl would make others by a profile's curve and back. */
const Babl *he_gimp_stored_rows(const Babl *native);
/* Room for them; he_free. */
void *he_gimp_stored_new(const Babl *native, size_t n_pixels, GError **error);
void he_gimp_stored_decode(const Babl *native, const void *rows, float *out,
                           size_t n_pixels);
void he_gimp_stored_encode(const Babl *native, const float *in, void *rows,
                           size_t n_pixels);

/* RECT at SCALE (RECT in scaled pixels), tightly packed, as floats. FALSE: there is no memory. */
gboolean he_gimp_stored_read(GeglBuffer *buffer, const GeglRectangle *rect, double scale,
                             float *out, GError **error);

#endif
