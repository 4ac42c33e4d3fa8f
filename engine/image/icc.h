/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ICC profiles of the kind that pictures carry: a curve per channel and three primaries in XYZ of D50
 * ("matrix/TRC"), or one curve of grey. Profiles of tables (scanners, printers) are not read. */
#ifndef HE_IMAGE_ICC_H
#define HE_IMAGE_ICC_H

#include <glib.h>

/* From a stored number in 0..1 to linear light, points into the profile. */
typedef struct {
    const guint8 *samples; /* [n_samples] of 16 bits; NULL: the formula */
    guint32 n_samples;
    guint32 type; /* of parametricCurveType; 0: light = v^p[0] */
    double p[7];  /* g a b c d e f */
} HeIccCurve;

typedef struct {
    int channels; /* 1 or 3 */
    HeIccCurve curve[3];
    double xyz[3][3]; /* columns X, Y, Z of red, green, blue */
} HeIcc;

/* A profile of N bytes, which must outlive ICC. FALSE: none of CHANNELS channels, or of another kind. */
gboolean he_icc_read(HeIcc *icc, int channels, const guint8 *profile, size_t n);
/* V >= 0; above 1 the curve goes on. */
double he_icc_light(const HeIccCurve *curve, double v);
gboolean he_icc_is_same(const HeIccCurve *a, const HeIccCurve *b);

/* From linear light of primaries XYZ, whose sum is white, to that of sRGB. */
void he_icc_to_srgb(const double xyz[3][3], double matrix[3][3]);

#endif
