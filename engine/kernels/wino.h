/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 3x3 convolution by Winograd's algorithm, taken apart: how it is cut, and what conv2d_wino.c has transformed
 * first. */
#ifndef HE_KERNELS_WINO_H
#define HE_KERNELS_WINO_H

#include "kernels/kernels.h"
#include "kernels/winograd.h"

#define HE_WINO_C_BLOCK 64 /* channels of u at once */
#define HE_WINO_ROWS    16 /* at least the rows of every product */
#define HE_WINO_X_ROOM                                                                   \
    (1 << 13) /* numbers of the rows under a block, where v is shared */

/* Both directions: planes of SRC, H x W, give planes of OH x OW. */
typedef struct {
    size_t m, c; /* channels of the result, to sum over */
    size_t h, w, oh, ow;
    size_t pt, pl;
    size_t w_m, w_c; /* distances of weights */
    gboolean is_backward;
    size_t th, tw;       /* tiles */
    size_t rows, blocks; /* rows of tiles in a block, blocks */
    size_t m_block, m_blocks;
    gboolean is_shared; /* v is made once for all blocks of channels */
} HeWinoShape;

HeWinoShape he_wino_shape(const HeConv2d *s, gboolean is_backward);

/* An odd number of lines, in numbers: what stands so far apart uses all sets of a cache. */
size_t he_wino_lines(size_t n);
/* Numbers of a row of v or m, of one point of v, of v of one block of rows of tiles. */
size_t he_wino_v_row(const HeWinoShape *z);
size_t he_wino_v_point(const HeWinoShape *z);
size_t he_wino_v_block(const HeWinoShape *z);
/* Of one input row, as four phases, and of the rows under a block. */
static inline size_t he_wino_phase(const HeWinoShape *z)
{
    return z->tw + 1;
}
size_t he_wino_x_row(const HeWinoShape *z);
size_t he_wino_x_numbers(const HeWinoShape *z);

/* Rows of tiles [TY_0, TY_0 + N_ROWS) of the planes SRC; room for the rows under them, and for one. */
typedef struct {
    const HeWinoSet *set;
    const HeWinoShape *z;
    const float *src;
    size_t ty_0, n_rows;
    float *x, *row, *v;
} HeWinoRows;
/* V of channels [C, PAST). */
void he_wino_transform_in(const HeWinoRows *t, size_t c, size_t past);

/* A block of U: rows by channels, for each point. */
typedef struct {
    size_t m, rows, c, n; /* rows [M, M + ROWS) of the result, channels [C, C + N) */
} HeWinoBlock;

/* U of block B of the weights W; ROOM is as large as the block's weights. */
void he_wino_transform_weights(const HeWinoSet *set, const HeWinoShape *z,
                               const guint8 *w, const HeWinoBlock *b, float *room,
                               float *u, size_t u_point);

/* Panels of M rows; numbers from one point of what is packed to the next, and of a panel. */
size_t he_wino_panels(const HeWinoSet *set, size_t m);
size_t he_wino_packed_point(const HeWinoSet *set, const HeWinoShape *z);
size_t he_wino_packed_panel(const HeWinoSet *set, const HeWinoShape *z);

/* HeConv2dPack and HeConv2dShare. */
size_t he_wino_pack_numbers(const HeWinoSet *set, const HeConv2d *s,
                            gboolean is_backward);
size_t he_wino_pack_tiles(const HeConv2d *s, gboolean is_backward);
void he_wino_pack(const HeWinoSet *set, const HeConv2d *s, gboolean is_backward,
                  const void *w, float *out, size_t tile);
size_t he_wino_share_numbers(const HeConv2d *s, gboolean is_backward);
size_t he_wino_share_tiles(const HeConv2d *s, gboolean is_backward);
void he_wino_share(const HeWinoSet *set, const HeConv2d *s, gboolean is_backward,
                   const float *in, float *out, size_t tile);

#endif
