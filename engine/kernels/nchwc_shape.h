/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Direct convolution of values in blocks of channels, taken apart: what nchwc_direct.c multiplies, and what it has
 * copied first. Forward there is one part; backward one for each phase of the strides (mm.h). */
#ifndef HE_KERNELS_NCHWC_SHAPE_H
#define HE_KERNELS_NCHWC_SHAPE_H

#include "kernels/blocks_shape.h"

/* One part. The input is read where it stands, or as a copy with borders: planes of every stride-th row and column,
 * [c / 16][phase][height][width][16], in which all pixels of the result find a tap's numbers side by side. */
typedef struct {
    HeBlocksShape blocks; /* part, in_blocks, out_blocks, pixels, step */
    gboolean is_copied;
    gssize first_y, first_x; /* row and column of the planes' first pixel, in strides */
    size_t height, width;    /* of a plane */
    size_t n_phases;
    gboolean
        is_whole; /* rows of a plane are as long as those of the result: all pixels of both follow one another */
} HeNchwcShape;

/* Every tile asks: the last one of each part is remembered. Until this thread asks for the same part of another. */
const HeNchwcShape *he_nchwc_shape(const HeConv2d *s, gboolean is_backward, size_t part);
/* Numbers of a sample's input, copied or not; in double: hostile borders may be of any size. */
double he_nchwc_input(const HeNchwcShape *z);
/* Where tap I of block C of the input begins, in numbers. */
size_t he_nchwc_tap(const HeNchwcShape *z, size_t c, size_t i);

extern const HeConv2dShare he_nchwc_share;

#endif
