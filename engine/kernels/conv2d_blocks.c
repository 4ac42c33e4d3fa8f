/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 2-D convolution with more weights than a cache keeps, of maps that it does keep, NCHW, by blocks of 16 channels
 * (blocks.h): weights are read once, in the order in which they stand, and asked for before they are needed.
 *
 * The input is first brought into blocks with its borders, [c / 16][rows][columns][16], once for all tiles. A tile is
 * two blocks (AVX-512; AVX2: one) of channels of the result at all pixels: it takes weights that are packed, or packs
 * them some channels at a time, and turns its result into planes. Backward is the same with the kernel reversed;
 * there are no strides here. Sums run over (block of channels, tap, channel) in order. */
#include <string.h>

#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/blocks_shape.h"

#ifdef __x86_64__

#define TILES         16     /* of one sample, at most: two for each of eight threads */
#define LEAST_WEIGHTS 400000 /* more than stay in a second-level cache beside the input */
#define MOST_NUMBERS  (1 << 20) /* of the input: it stays in that cache */
#define MOST_RUNS     (HE_BLOCKS_K_STEP / HE_BLOCK + HE_MM_TAPS)
#define MOST_BLOCKS   2 /* of any set at once */

/* In double: a hostile file's borders may be of any size. */
static gboolean is_small(const HeConv2d *s, gboolean is_backward)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    double numbers = (double)z.in_blocks * HE_BLOCK * (double)z.height * (double)z.width;
    return z.pixels > 0 && numbers * (double)s->n <= MOST_NUMBERS;
}

static gboolean fits(const HeConv2d *s)
{
    return s->group == 1 && s->sy == 1 && s->sx == 1 && s->kh >= 1 && s->kw >= 1 &&
           s->kh <= HE_MM_TAPS && s->kw <= HE_MM_TAPS && s->kh * s->kw <= HE_MM_TAPS &&
           s->n > 0 && s->c * s->oc * s->kh * s->kw >= LEAST_WEIGHTS &&
           is_small(s, FALSE) && is_small(s, TRUE);
}

/* ---- tiles ------------------------------------------------------------------------------------------- */

/* Blocks of the result in a tile. */
static size_t tile_blocks(const HeBlocksShape *z)
{
    return MAX(he_div_up(z->out_blocks, TILES), MOST_BLOCKS);
}

static size_t tiles_of(const HeConv2d *s, gboolean is_backward)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    return s->n * he_div_up(z.out_blocks, tile_blocks(&z));
}

static HeRegion region_of(const HeBlocksShape *z, size_t tile)
{
    size_t parts = he_div_up(z->out_blocks, tile_blocks(z));
    size_t oc = tile % parts * tile_blocks(z) * HE_BLOCK;
    return (HeRegion){.n = tile / parts,
                      .oc = oc,
                      .n_oc = MIN(tile_blocks(z) * HE_BLOCK, z->part.m - oc),
                      .n_p = z->pixels};
}

static size_t weights_numbers(const HeBlocksShape *z)
{
    return z->step * z->part.n_taps * HE_BLOCK * HE_BLOCK;
}

/* The result in blocks, weights, and one block of the result as planes. */
static size_t scratch_by(const HeBlocksSet *set, const HeConv2d *s, gboolean is_backward)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    size_t result = z.pixels * HE_BLOCK;
    return (set->blocks * (result + weights_numbers(&z)) + result) * sizeof(float);
}

static size_t forward_tiles(const HeConv2d *s)
{
    return tiles_of(s, FALSE);
}

static size_t backward_tiles(const HeConv2d *s)
{
    return tiles_of(s, TRUE);
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    HeBlocksShape z = he_blocks_shape(s, FALSE);
    return region_of(&z, tile);
}

typedef struct {
    const HeBlocksSet *set;
    const HeBlocksShape *z;
    const HeConv2dRun_f32 *r;
    HeRegion at;       /* of the blocks that are computed at once */
    gboolean has_next; /* as many more blocks follow in the tile */
    float *y, *weights, *planes;
} Tile;

/* All pixels under blocks C .. PAST - 1 of the input. */
static void run_pixels(const Tile *t, HeBlocks *s, size_t c, size_t past)
{
    const HeBlocksShape *z = t->z;
    const HeMmPart *part = &z->part;
    gint32 offset[MOST_RUNS];
    size_t n = 0;
    for (; c < past; c++)
        for (size_t i = 0; i < part->n_taps; i++)
            offset[n++] =
                (gint32)(((c * z->height + (size_t)(part->tap[i].y - z->first_y)) *
                              z->width +
                          (size_t)(part->tap[i].x - z->first_x)) *
                         HE_BLOCK);
    s->offset = offset;
    s->n_runs = n;
    s->pixels = z->is_whole ? z->pixels : part->grid.cols;
    for (size_t p = 0; p < z->pixels; p += s->pixels) {
        t->set->run(s);
        s->x += (z->is_whole ? s->pixels : z->width) * HE_BLOCK;
        s->y += s->pixels * HE_BLOCK;
    }
}

/* Weights of blocks C .. PAST - 1 of the input, as S wants them. */
static void take_weights(const Tile *t, HeBlocks *s, size_t c, size_t past)
{
    const HeBlocksShape *z = t->z;
    size_t first = t->at.oc / HE_BLOCK, each = z->part.n_taps * HE_BLOCK * HE_BLOCK;
    if (t->r->packed) {
        s->w = t->r->packed + first * he_blocks_packed(z) + c * each;
        s->w_block = he_blocks_packed(z);
        gboolean has_more = past < z->in_blocks;
        s->ahead = has_more ? s->w + (past - c) * each
                            : t->r->packed + (first + s->blocks) * he_blocks_packed(z);
        s->ahead_blocks = has_more || t->has_next ? s->blocks : 0;
        return;
    }
    s->w = t->weights;
    s->w_block = weights_numbers(z);
    for (size_t b = 0; b < s->blocks; b++)
        he_blocks_pack_one(z, t->r->w, first + b, c, past, t->weights + b * s->w_block);
}

static void run_tile(const Tile *t)
{
    const HeBlocksShape *z = t->z;
    float start[MOST_BLOCKS * HE_BLOCK] = {0};
    if (t->r->bias)
        memcpy(start, t->r->bias + t->at.oc, t->at.n_oc * sizeof *start);
    for (size_t c = 0; c < z->in_blocks; c += z->step) {
        HeBlocks s = {.y = t->y, .y_block = z->pixels * HE_BLOCK};
        s.x = t->r->shared + t->at.n * he_blocks_shared(z);
        s.blocks = he_div_up(t->at.n_oc, HE_BLOCK);
        s.start = c == 0 ? start : NULL;
        take_weights(t, &s, c, MIN(c + z->step, z->in_blocks));
        run_pixels(t, &s, c, MIN(c + z->step, z->in_blocks));
    }
}

/* The result becomes planes of OUT. */
static void turn(const Tile *t, float *out)
{
    size_t pixels = t->z->pixels;
    const float *y = t->y;
    for (size_t oc = 0; oc < t->at.n_oc; oc += HE_BLOCK, y += pixels * HE_BLOCK) {
        size_t n = MIN(HE_BLOCK, t->at.n_oc - oc) * pixels;
        float *to = out + oc * pixels;
        if (!t->r->accumulate) {
            he_product_pack(y, HE_BLOCK, pixels, n / pixels, to);
            continue;
        }
        he_product_pack(y, HE_BLOCK, pixels, n / pixels, t->planes);
        for (size_t i = 0; i < n; i++)
            to[i] += t->planes[i];
    }
}

static void run_by(const HeBlocksSet *set, const HeConv2d *s, gboolean is_backward,
                   const HeConv2dRun_f32 *r, size_t tile, float *scratch)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    HeRegion at = region_of(&z, tile);
    float *out = r->out;
    size_t past = at.oc + at.n_oc, step = set->blocks * HE_BLOCK;
    Tile t = {.set = set, .z = &z, .r = r, .at = at, .y = scratch};
    t.planes = t.y + set->blocks * z.pixels * HE_BLOCK;
    t.weights = t.planes + z.pixels * HE_BLOCK;
    out += at.n * (is_backward ? s->x_n : s->y_n);
    for (; t.at.oc < past; t.at.oc += step) {
        t.at.n_oc = MIN(step, past - t.at.oc);
        t.has_next = past - t.at.oc >= 2 * step;
        run_tile(&t);
        turn(&t, out + t.at.oc * z.pixels);
    }
}

/* ---- rows of the table -------------------------------------------------------------------------------- */

#define DIRECTION(variant, direction, is_backward)                                       \
    static size_t direction##_scratch_##variant(const HeConv2d *s)                       \
    {                                                                                    \
        return scratch_by(&he_blocks_##variant, s, is_backward);                         \
    }                                                                                    \
    static void direction##_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,       \
                                      size_t tile, void *scratch)                        \
    {                                                                                    \
        run_by(&he_blocks_##variant, s, is_backward, r, tile, scratch);                  \
    }

#define ROW(variant, VARIANT, is_there)                                                  \
    DIRECTION(variant, forward, FALSE)                                                   \
    DIRECTION(variant, backward, TRUE)                                                   \
    static gboolean fits_##variant(const HeConv2d *s)                                    \
    {                                                                                    \
        return fits(s) && is_there();                                                    \
    }                                                                                    \
    const HeConv2dKernel_f32 he_conv2d_f32_blocks_##variant;                             \
    const HeConv2dKernel_f32 he_conv2d_f32_blocks_##variant = {                          \
        .name = "conv2d_f32_blocks_" #variant,                                           \
        .set = HE_SET_##VARIANT,                                                         \
        .fits = fits_##variant,                                                          \
        .forward_tiles = forward_tiles,                                                  \
        .forward_scratch = forward_scratch_##variant,                                    \
        .forward = forward_##variant,                                                    \
        .forward_region = forward_region,                                                \
        .backward_tiles = backward_tiles,                                                \
        .backward_scratch = backward_scratch_##variant,                                  \
        .backward = backward_##variant,                                                  \
        .pack = &he_blocks_pack,                                                         \
        .share = &he_blocks_share,                                                       \
    };

ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
ROW(avx512, AVX512, he_os_cpu_has_avx512)

#endif
