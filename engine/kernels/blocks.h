/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of convolution over blocks of 16 channels, a few pixels of the result at a time:
 *
 *   y[p][o] = start[o] + sum over r < n_runs, i < 16 of x[p][offset[r] + i] * w[16 r + i][o]
 *
 * in that order. Output channels (o) run along the vectors, numbers of x are broadcast; the sums stay in registers.
 * Pixels of x stand 16 numbers apart, those of y too, or further. */
#ifndef HE_KERNELS_BLOCKS_H
#define HE_KERNELS_BLOCKS_H

#include "kernels/nchwc.h"

#define HE_BLOCK 16 /* channels */

typedef struct {
    const float *x;
    const gint32 *offset; /* [n_runs] */
    size_t n_runs, pixels;
    const float *w; /* [16 n_runs][16] of each block of output channels */
    size_t w_block; /* from block to block */
    size_t blocks;  /* at most what the set takes */
    float *y;
    size_t y_block;
    size_t y_gap;       /* between one pixel and the next */
    const float *start; /* [16 blocks]; NULL: the sums are added to y */
    const HeNchwcFinish
        *finish; /* NULL: nothing; else channel and number that y begins with */
    size_t channel, at;
    size_t at_block; /* as y_block, of AT */
    /* What will be read next is asked for meanwhile: AHEAD_BLOCKS times as many weights, W_BLOCK apart, one with
     * each part of the pixels; run takes off what it has asked for. */
    const float *ahead;
    size_t ahead_blocks;
} HeBlocks;

/* The first layer's: x is [rows][columns][channels], a run is some columns' numbers of all channels, and pixels stand
 * STEP numbers apart, one of he_blocks_steps. */
typedef struct {
    void (*run)(HeBlocks *s);
    /* Runs of N numbers. At least FIRST pixels; nothing is asked for ahead. */
    void (*run_first)(const HeBlocks *s, size_t n, size_t step);
    size_t blocks; /* at once */
    size_t first;
} HeBlocksSet;

static inline gboolean he_blocks_has_step(size_t step)
{
    return step == 3 || step == 6 ||
           step == 12; /* three channels, strides of 1, 2 and 4 */
}

/* x86-64 only. */
extern const HeBlocksSet he_blocks_avx2;
extern const HeBlocksSet he_blocks_avx512;
extern const HeBlocksSet he_blocks_neon; /* AArch64 only */

#endif
