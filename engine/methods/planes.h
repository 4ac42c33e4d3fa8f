/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A layer seen as channels, a plane of places each. */
#ifndef HE_METHODS_PLANES_H
#define HE_METHODS_PLANES_H

#include "graph/grid.h"

typedef struct {
    HeGrid grid;
    HeTensor t;  /* contiguous floats or doubles */
    void *owned; /* he_free; NULL: t is borrowed */
} HePlanes;

/* T seen by GRID; copied only where its numbers do not stand one behind another. */
gboolean he_planes_init(HePlanes *planes, const HeGrid *grid, const HeTensor *t,
                        GError **error);
void he_planes_clear(HePlanes *planes);
/* How many places a plane has. */
size_t he_planes_size(const HePlanes *planes);
/* Channel K as doubles, row by row. */
void he_planes_read(const HePlanes *planes, gint64 k, double *plane);
/* Makes OUT the map sum over k of weights[k] A_k, summed in double in the order of k. */
gboolean he_planes_weigh(const HePlanes *planes, const double *weights, HeMap *out,
                         GError **error);

#endif
