/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Lookup in the colour maps. jet is OpenCV's and MATLAB's: clamp(1.5 - |4 t - k|) with k = 3, 2, 1 for
 * red, green, blue, which is straight between multiples of 1/8. The others: colormap_tables.c. */
#include "image/colormap.h"

#define FULL 65535
#define HALF 32768

static const guint16 jet[][3] = {
    {0, 0, HALF},    {0, 0, FULL},       {0, HALF, FULL},
    {0, FULL, FULL}, {HALF, FULL, HALF}, {FULL, FULL, 0},
    {FULL, HALF, 0}, {FULL, 0, 0},       {HALF, 0, 0},
};
static const guint16 grey[][3] = {{0, 0, 0}, {FULL, FULL, FULL}};

HeColors he_colormap_get(HeColormap colormap)
{
    switch (colormap) {
    case HE_COLORMAP_JET:
        return (HeColors){jet, G_N_ELEMENTS(jet)};
    case HE_COLORMAP_TURBO:
        return (HeColors){he_colormap_turbo, G_N_ELEMENTS(he_colormap_turbo)};
    case HE_COLORMAP_VIRIDIS:
        return (HeColors){he_colormap_viridis, G_N_ELEMENTS(he_colormap_viridis)};
    case HE_COLORMAP_INFERNO:
        return (HeColors){he_colormap_inferno, G_N_ELEMENTS(he_colormap_inferno)};
    case HE_COLORMAP_DIVERGING:
        return (HeColors){he_colormap_diverging, G_N_ELEMENTS(he_colormap_diverging)};
    case HE_COLORMAP_GREY:
        break;
    }
    return (HeColors){grey, G_N_ELEMENTS(grey)};
}

void he_colors_table(HeColors colors, HeColorTable *table)
{
    table->n = colors.n;
    for (int i = 0; i < colors.n; i++)
        for (int c = 0; c < 4; c++) {
            float a = c < 3 ? colors.entries[i][c] : 0;
            float b = c < 3 && i + 1 < colors.n ? colors.entries[i + 1][c] : a;
            table->entry[i][c] = a;
            table->step[i][c] = b - a;
        }
}
