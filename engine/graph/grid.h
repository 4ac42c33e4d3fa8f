/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where the numbers of a tensor stand in the picture: [N, C, H, W], [N, H, W, C], or tokens [N, T, C]
 * with T = h * w after (or before) class tokens and registers. */
#ifndef HE_GRAPH_GRID_H
#define HE_GRAPH_GRID_H

#include "graph/graph.h"

/* Channel k at (y, x) is element offset + k * channel_stride + y * y_stride + x * x_stride of the
 * contiguous tensor. */
typedef struct {
    gint64 channels, height, width;
    gint64 offset, channel_stride, y_stride, x_stride;
    int channel;         /* its axis */
    guint positions;     /* mask of the axes that are places in the picture */
    gboolean has_others; /* there are tokens that are no places */
} HeGrid;

/* FALSE: it is not known that tensor NAME has places. */
gboolean he_plan_find_grid(const HePlan *plan, const char *name, HeGrid *out);

#endif
