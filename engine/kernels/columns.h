/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Columns of a convolution seen as a matrix product ("im2col"): one row of them is what all points of a
 * grid see of one plane under one tap,
 *
 *   col[r * cols + q - p] = plane[r * sy + ty][q * sx + tx],  0 outside the plane. */
#ifndef HE_KERNELS_COLUMNS_H
#define HE_KERNELS_COLUMNS_H

#include <glib.h>

typedef struct {
    size_t h, w;       /* the plane */
    size_t rows, cols; /* the grid of points */
    size_t sy, sx;     /* steps in the plane from one point to the next */
} HeGrid;

/* Points [P, PAST) of the grid, counted row by row. */
void he_columns_gather(const HeGrid *g, const float *plane, gssize ty, gssize tx,
                       size_t p, size_t past, float *col);

#endif
