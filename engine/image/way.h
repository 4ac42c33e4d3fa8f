/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The way of a map back onto the source's pixels, row by row: what holds for every row is found once. */
#ifndef HE_IMAGE_WAY_H
#define HE_IMAGE_WAY_H

#include "human-eye.h"

/* Between which two cells a pixel's centre lies; a < 0: the network was not shown it. */
typedef struct {
    int a, b;
    float part; /* of b */
} HeWay;

/* Of each column of the source; g_free. */
HeWay *he_map_ways(const HeMap *map);
/* Row Y of the source, [source_w]. LINE: room for [map->width]. */
void he_map_resize_row(const HeMap *map, const float *plane, const HeWay *ways, int y,
                       float *line, float *out);

#endif
