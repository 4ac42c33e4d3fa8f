/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where a picture stands in a tensor: the four fit rules as one affine map. */
#ifndef HE_IMAGE_VIEW_H
#define HE_IMAGE_VIEW_H

#include "human-eye.h"

typedef struct {
    HeView view;                    /* box and affine map */
    int limit_x, limit_y;           /* whole pixels of the source that may be read: the */
    int limit_w, limit_h;           /* looked-at rectangle, rounded outwards */
    int out_x, out_y, out_w, out_h; /* the part of the tensor that view's box fills */
} HePlacement;

/* LOOK: x, y, w, h in source pixels, clipped to the picture; w = h = 0: all of it. FIT: HeFit or -1:
 * the descriptor's. Errors: a rectangle outside the picture, a fit that the network cannot take. */
gboolean he_view_place(const HeDescriptor *descriptor, int source_w, int source_h,
                       const double look[4], int fit, HePlacement *out, GError **error);

#endif
