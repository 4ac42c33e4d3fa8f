/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Colour maps: 0..1 to R'G'B', linear between evenly spaced entries. */
#ifndef HE_IMAGE_COLORMAP_H
#define HE_IMAGE_COLORMAP_H

#include <string.h>

#include "human-eye.h"

typedef struct {
    const guint16 (*entries)[3]; /* R'G'B' in 1/65535 */
    int n;
} HeColors;

HeColors he_colormap_get(HeColormap colormap);

/* The same, ready for many pixels: R, G, B and nothing of each entry, and the way to the next. */
#define HE_COLORS_MOST 256
typedef float HeFour __attribute__((vector_size(16)));
typedef struct {
    HeFour entry[HE_COLORS_MOST], step[HE_COLORS_MOST];
    int n;
} HeColorTable;

void he_colors_table(HeColors colors, HeColorTable *table);

/* The entry before T in 0..1, from which the way to the next is gone. */
static inline int he_colors_piece(const HeColorTable *table, float t)
{
    return MIN((int)(t * (float)(table->n - 1)), table->n - 2);
}

/* T in 0..1. The last number of RGB_ is anything. */
static inline void he_colors_look_up(const HeColorTable *table, float t, float rgb_[4])
{
    float at = t * (float)(table->n - 1);
    int i = he_colors_piece(table, t);
    HeFour color = table->entry[i] + (at - (float)i) * table->step[i];
    color *= 1.0f / 65535;
    memcpy(rgb_, &color, sizeof color);
}

extern const guint16 he_colormap_turbo[256][3], he_colormap_viridis[256][3],
    he_colormap_inferno[256][3], he_colormap_diverging[33][3];

#endif
