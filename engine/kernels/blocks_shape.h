/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Convolution by blocks of channels, taken apart: what conv2d_blocks.c multiplies, and what it has packed and
 * brought into blocks first. */
#ifndef HE_KERNELS_BLOCKS_SHAPE_H
#define HE_KERNELS_BLOCKS_SHAPE_H

#include "kernels/blocks.h"
#include "kernels/mm.h"

#define HE_BLOCKS_K_STEP                                                                 \
    288 /* weights of a channel at once: they stay in the first cache */

/* One direction: planes of H x W in, ROWS x COLS out. */
typedef struct {
    HeMmPart part;
    size_t in_blocks, out_blocks;
    gssize first_y, first_x; /* of the taps */
    size_t height, width;    /* of a plane with its borders */
    size_t pixels;           /* of a plane of the result */
    size_t step;             /* blocks of input channels at once */
    gboolean is_whole;       /* pixels of input and result are the same */
} HeBlocksShape;

HeBlocksShape he_blocks_shape(const HeConv2d *s, gboolean is_backward);

/* Numbers of a sample's input in blocks, and of the weights of one block of the result. */
size_t he_blocks_shared(const HeBlocksShape *z);
size_t he_blocks_packed(const HeBlocksShape *z);
/* Weights of block B of the result, [block of channels][tap][16][16] from block C of the input to PAST. */
void he_blocks_pack_one(const HeBlocksShape *z, const void *w, size_t b, size_t c,
                        size_t past, float *out);

extern const HeConv2dPack he_blocks_pack;
extern const HeConv2dShare he_blocks_share;

#endif
