/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Depthwise convolution of a few blocks of channels, row by row of the result. Rows of the input stand in a ring with
 * zeros beside them, as many as a row of the result sees, so that no pixel is an edge; who calls fills it, by copies
 * (nchwc_dw.c) or by making them there (nchwc_pair.c). Backward the result falls into phases of the strides, each of
 * which sees its own taps (mm.h): nothing is multiplied by zero. */
#ifndef HE_KERNELS_NCHWC_RING_H
#define HE_KERNELS_NCHWC_RING_H

#include "kernels/nchwc_dw.h"

typedef struct {
    const HeConv2d *s;
    gboolean is_backward;
    size_t h, w;          /* of the input, in this direction; */
    size_t rows, cols;    /* of the result */
    gssize first, last;   /* what a row of the result sees, beside he_nchwc_ring_row */
    size_t left, width;   /* zeros before a row; pixels of it with all zeros */
    size_t chunk, places; /* rows filled at once; there at once */
} HeNchwcRing;

/* FALSE: it would be too large. */
gboolean he_nchwc_ring_init(HeNchwcRing *ring, const HeConv2d *s, gboolean is_backward);

/* Numbers of one block of channels. */
static inline size_t he_nchwc_ring_numbers(const HeNchwcRing *ring)
{
    return ring->places * ring->width * HE_NCHWC;
}

/* Where row R of the input stands in a block of it, from its first pixel on. */
static inline size_t he_nchwc_ring_place(const HeNchwcRing *ring, size_t r)
{
    return (r % ring->places * ring->width + ring->left) * HE_NCHWC;
}

/* Rows [*FROM, *PAST) of the input are what rows [Y, END) of the result see. */
void he_nchwc_ring_reach(const HeNchwcRing *ring, size_t y, size_t end, size_t *from,
                         size_t *past);

/* Rows [Y, END) of BLOCKS blocks of the result, from block B of sample N on, after R. */
typedef struct {
    const HeNchwcRing *ring;
    const HeNchwcDwSet *set;
    const HeNchwcRun *r;
    size_t n, b, blocks, y, end;
    const float *memory; /* [blocks] rings, or whole planes; zeros stand there */
    /* Brings rows [FROM, PAST), at most CHUNK of them, of all blocks to their places; NULL: they are there. */
    void (*fill)(void *data, size_t from, size_t past);
    void *data;
} HeNchwcRingRun;

void he_nchwc_ring_run(const HeNchwcRingRun *run);

#endif
