/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 2-D convolution of values in blocks of 16 channels, [n][c / 16][h][w][16], which is NCHW16c: channels run along
 * the vectors, nothing is turned between layers. Channels past the last one are there, as finite numbers; weights
 * of them are 0. One layout serves all sets.
 *
 * Kernels stand in kernels.def like those of NCHW; an operator asks he_nchwc_find for the first that fits. Forward
 * and backward by data are one kernel's two directions; each may find another. Weights are always packed first.
 * Their oracle is the plain kernel of NCHW. */
#ifndef HE_KERNELS_NCHWC_H
#define HE_KERNELS_NCHWC_H

#include "core/pool.h"
#include "kernels/axis.h"
#include "kernels/kernels.h"

#define HE_NCHWC 16 /* channels of a block */
#define HE_NCHWC_FEW                                                                     \
    4 /* values of fewer channels stay planes: so a first convolution reads them */

/* What is done to each number y of the result before it is stored, in this order. Forward: y = scale y + shift, y += add, its
 * gate is written, y = min(max(y, low), high) where NaN stays. Of a gradient: y += add, then it is let through
 * (kernels/gates.h). */
typedef struct {
    const float *scale, *shift; /* [oc / 16][16]; NULL: nothing */
    const float *add;           /* as the result, which it may be; NULL: nothing */
    gboolean is_gradient;
    gboolean is_positive; /* y = max(y, 0) */
    const guint8
        *open; /* bit i, of the result's number i: y = 0 where it is 0; NULL: all pass */
    float low, high; /* infinite: no bound */
    guint8 *gate; /* bit i, of the result's number i: low < y < high; NULL: not asked */
} HeNchwcFinish;

typedef struct {
    const float *in;     /* forward: x, backward: dy */
    const float *packed; /* what pack made for this direction */
    const float *shared; /* what share made of in, if it is to make something */
    const float *bias;   /* forward, [oc / 16][16]; NULL: 0 */
    float *out;
    gboolean accumulate;         /* backward: add to out, before what finish does */
    const HeNchwcFinish *finish; /* NULL: nothing */
    HePool
        *pool; /* whose threads a tile's parts are shared with (he_pool_share), or NULL */
} HeNchwcRun;

/* S is the forward convolution, whatever the direction; x_n and y_n are distances of samples in blocks. */
typedef struct {
    const char *name;
    HeKernelSet set;
    const void *loops; /* of the set: what fits and run are given */
    gboolean (*fits)(const HeConv2d *s, gboolean is_backward, const void *loops);
    const HeConv2dPack *pack;   /* of weights [oc, c / group, kh, kw] */
    const HeConv2dShare *share; /* NULL: nothing */
    size_t (*tiles)(const HeConv2d *s, gboolean is_backward);
    size_t (*scratch)(const HeConv2d *s, gboolean is_backward); /* bytes per worker */
    void (*run)(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *scratch);
} HeNchwcKernel;

/* A row of the table; the file has fits, tiles, scratch and run. PACK and SHARE: pointers. */
#define HE_NCHWC_ROW(method, variant, SET, LOOPS, PACK, SHARE)                           \
    const HeNchwcKernel he_nchwc_f32_##method##_##variant;                               \
    const HeNchwcKernel he_nchwc_f32_##method##_##variant = {                            \
        .name = "nchwc_f32_" #method "_" #variant,                                       \
        .set = HE_SET_##SET,                                                             \
        .loops = LOOPS,                                                                  \
        .fits = fits,                                                                    \
        .pack = PACK,                                                                    \
        .share = SHARE,                                                                  \
        .tiles = tiles,                                                                  \
        .scratch = scratch,                                                              \
        .run = run,                                                                      \
    };

/* The weights as [oc / 16][tap][c / group][16], of channels past the last 0. */
extern const HeConv2dPack he_nchwc_pack_taps;

/* The first kernel of SET, as far as this processor has it, that fits, or NULL. */
const HeNchwcKernel *he_nchwc_find(HeKernelSet set, const HeConv2d *s,
                                   gboolean is_backward);
/* All rows, for tests: index from 0; NULL past the end. */
const HeNchwcKernel *he_nchwc_get(size_t i);

/* A pointwise convolution (1x1) and the depthwise one that alone reads it, in one pass: rows of what lies between them are
 * made where the second reads them and nowhere else, so that MobileNets' widest values (Sandler et al. 2018) never leave
 * the first caches. Backward the first is the way back of a pointwise convolution that follows the depthwise one. Numbers
 * are the same as those of its two kernels one after the other. */
typedef struct {
    const char *name;
    const HeNchwcKernel *point, *depth; /* whose packed weights it reads */
} HeNchwcPair;

/* P and D: the two convolutions, of kernels POINT and DEPTH. NULL: there is none for them. */
const HeNchwcPair *he_nchwc_pair_find(const HeNchwcKernel *point, const HeConv2d *p,
                                      const HeNchwcKernel *depth, const HeConv2d *d,
                                      gboolean is_backward);
size_t he_nchwc_pair_tiles(const HeNchwcPair *pair, const HeConv2d *p, const HeConv2d *d,
                           gboolean is_backward);
/* Bytes per worker. */
size_t he_nchwc_pair_scratch(const HeNchwcPair *pair, const HeConv2d *d,
                             gboolean is_backward);
/* R_P has no out, adds to none; R_D has no in. */
void he_nchwc_pair_run(const HeNchwcPair *pair, const HeConv2d *p, const HeConv2d *d,
                       gboolean is_backward, const HeNchwcRun *r_p, const HeNchwcRun *r_d,
                       size_t tile, void *scratch);

static inline size_t he_nchwc_blocks(size_t channels)
{
    return he_div_up(channels, HE_NCHWC);
}

#endif
