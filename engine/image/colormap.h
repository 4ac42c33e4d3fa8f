/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Colour maps: 0..1 to R'G'B', linear between evenly spaced entries. */
#ifndef HE_IMAGE_COLORMAP_H
#define HE_IMAGE_COLORMAP_H

#include "human-eye.h"

typedef struct {
    const guint16 (*entries)[3]; /* R'G'B' in 1/65535 */
    int n;
} HeColors;

HeColors he_colormap_get(HeColormap colormap);
/* T in 0..1 (clamped). */
void he_colormap_apply(HeColors colors, float t, float rgb[3]);

extern const guint16 he_colormap_turbo[256][3], he_colormap_viridis[256][3],
    he_colormap_inferno[256][3], he_colormap_diverging[33][3];

#endif
