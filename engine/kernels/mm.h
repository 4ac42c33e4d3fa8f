/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Convolution as matrix products, taken apart: what conv2d_mm.c multiplies, and what it has packed and
 * gathered first. Forward there is one part; backward one for each phase of the strides. */
#ifndef HE_KERNELS_MM_H
#define HE_KERNELS_MM_H

#include "kernels/columns.h"
#include "kernels/kernels.h"
#include "kernels/product.h"
#include "kernels/split.h"

#define HE_MM_TAPS 128
#define HE_MM_K_BLOCK                                                                    \
    256 /* rows of columns at once: a panel of weights stays in the first cache */
#define HE_MM_FEW_ROWS                                                                   \
    28 /* of the result: they do not pay for bringing columns together */

typedef struct {
    gssize y, x;
    size_t index; /* in the kernel */
} HeMmTap;

/* One product: M rows, CHANNELS * N_TAPS long, for all points of a grid. */
typedef struct {
    size_t m, channels, n_taps, k;
    HeGrid grid;
    size_t p;        /* points */
    size_t w_m, w_c; /* distances of weights: from row to row, from channel to channel */
    gboolean is_direct;     /* the planes themselves are the columns */
    gboolean is_shared;     /* columns are gathered once for all tiles */
    gboolean is_whole;      /* all taps, in order */
    gboolean is_spread;     /* points are not consecutive in the result: */
    size_t first, row, col; /* where the first stands, and distances */
    HeMmTap tap[HE_MM_TAPS];
} HeMmPart;

size_t he_mm_n_parts(const HeConv2d *s, gboolean is_backward);
HeMmPart he_mm_part(const HeConv2d *s, gboolean is_backward, size_t i);

/* Channels of a block of k: whole ones. */
size_t he_mm_channels(const HeMmPart *part);
/* Rows of columns that a tile gathers at once; 0: it finds them made. */
size_t he_mm_gathered(const HeMmPart *part);
/* Numbers of all columns of one sample and group, in panels. */
size_t he_mm_columns(const HeMmPart *part);
HeSplit he_mm_split(const HeMmPart *part);
/* Rows of the panels of M rows. */
size_t he_mm_height(const HeProductSet *set, size_t m);

/* The kernel that is better backward here, which packs and shares nothing, or NULL. */
const HeConv2dKernel_f32 *he_mm_other_backward(const HeConv2d *s);

/* Rows [M_0, M_0 + ROWS) of the weights W of channels [C, PAST), k by k. */
void he_mm_pack_rows(const HeMmPart *part, const void *w, size_t m_0, size_t rows,
                     size_t c, size_t past, float *out);
/* Of W, at any byte, the weights of one group; NULL for none. */
const guint8 *he_mm_group(const HeMmPart *part, const void *w, size_t group);

/* HeConv2dPack and HeConv2dShare; SET: the loops that read what is packed. */
size_t he_mm_pack_numbers(const HeConv2d *s, gboolean is_backward);
size_t he_mm_pack_tiles(const HeConv2d *s, gboolean is_backward);
void he_mm_pack(const HeProductSet *set, const HeConv2d *s, gboolean is_backward,
                const void *w, float *out, size_t tile);
extern const HeConv2dShare he_mm_share;

#endif
