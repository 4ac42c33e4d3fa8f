/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 2-D convolution as matrix products on kernels of our own (product.h), by sample and group, NCHW:
 *
 *   forward    y[m, p] = sum over k of w[m, k] col[k, p],   m: output channels, p: output pixels,
 *                                                           k: (input channel, tap)
 *   backward   the same product with m: input channels, p: pixels of dx, k: (output channel, tap).
 *
 * Backward, dx falls into sy * sx phases, each of which sees its own part of the kernel and, of dy,
 * consecutive numbers (a "sub-pixel" convolution): nothing is multiplied by zero and no two tiles meet.
 * A tile is a block of m by a block of p. By blocks of k, it takes weights and columns that are ready
 * (mm_pack.c, mm_share.c) or makes them in the worker's scratch. Sums run over k in order whatever the tile. */
#include <string.h>

#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/mm.h"

#define LINE         16 /* floats of a cache line */
#define FEW_CHANNELS 32

extern const HeConv2dKernel_f32 he_conv2d_f32_openblas;

static gboolean fits(const HeConv2d *s)
{
    /* A single channel per group is the depthwise kernels' trade. */
    return s->kh * s->kw <= HE_MM_TAPS && s->kh <= HE_MM_TAPS && s->kw <= HE_MM_TAPS &&
           (s->group == 1 || s->c / s->group > 1 || s->oc / s->group > 1);
}

/* ---- tiles and scratch ---------------------------------------------------------------------------- */

static size_t tiles_of(const HeConv2d *s, const HeSplit *split)
{
    return s->n * s->group * split->m_blocks * split->n_blocks;
}

/* An odd number of lines: rows of the columns then use all sets of a cache. */
static size_t row_of(size_t cols)
{
    return (he_div_up(cols, LINE) | 1) * LINE;
}

/* Where what stands in a worker's scratch begins, and its end. */
typedef struct {
    size_t columns, weights, result, end; /* after the panel of columns */
} Scratch;

static Scratch scratch_of(const HeMmPart *part, const HeSplit *split)
{
    size_t row = row_of(split->n_block), k = he_mm_gathered(part);
    Scratch s = {.columns = HE_PRODUCT_PANEL * HE_MM_K_BLOCK};
    s.weights = s.columns + k * row;
    s.result = s.weights + he_div_up(split->m_block * HE_MM_K_BLOCK, LINE) * LINE;
    s.end = s.result + (part->is_spread ? split->m_block * row : 0);
    return s;
}

static size_t forward_tiles(const HeConv2d *s)
{
    HeMmPart part = he_mm_part(s, FALSE, 0);
    HeSplit split = he_mm_split(&part);
    return tiles_of(s, &split);
}

static size_t forward_scratch(const HeConv2d *s)
{
    HeMmPart part = he_mm_part(s, FALSE, 0);
    HeSplit split = he_mm_split(&part);
    return scratch_of(&part, &split).end * sizeof(float);
}

/* Where gathering costs too much - strides, few channels - columns of the result are computed and added to it
 * instead, which is what the kernel on OpenBLAS does; NULL: not here. */
const HeConv2dKernel_f32 *he_mm_other_backward(const HeConv2d *s)
{
    const HeConv2dKernel_f32 *other = &he_conv2d_f32_openblas;
    gboolean is_wanted =
        s->kh * s->kw > 1 && (s->sy > 1 || s->sx > 1 || s->c / s->group < FEW_CHANNELS);
    return is_wanted && other->fits(s) ? other : NULL;
}

static size_t backward_tiles(const HeConv2d *s)
{
    if (he_mm_other_backward(s))
        return he_mm_other_backward(s)->backward_tiles(s);
    size_t n = 0;
    for (size_t phase = 0; phase < s->sy * s->sx; phase++) {
        HeMmPart part = he_mm_part(s, TRUE, phase);
        HeSplit split = he_mm_split(&part);
        n += tiles_of(s, &split);
    }
    return n;
}

static size_t backward_scratch(const HeConv2d *s)
{
    if (he_mm_other_backward(s))
        return he_mm_other_backward(s)->backward_scratch(s);
    size_t most = 0;
    for (size_t phase = 0; phase < s->sy * s->sx; phase++) {
        HeMmPart part = he_mm_part(s, TRUE, phase);
        HeSplit split = he_mm_split(&part);
        most = MAX(most, scratch_of(&part, &split).end * sizeof(float));
    }
    return most;
}

/* ---- one tile --------------------------------------------------------------------------------------- */

typedef struct {
    const HeProductSet *set;
    const HeMmPart *part;
    const float *x;      /* planes that the columns come from */
    const float *shared; /* the part's columns of this sample and group, or NULL */
    const float *packed; /* the part's weights of this group, or NULL: */
    const guint8 *w;     /* of the group, at any byte */
    size_t m_0, m, p_0, p;
    float *y; /* row m_0, point p_0 */
    size_t y_row;
    const float *bias;
    gboolean accumulate;
    float *panel, *columns, *weights; /* scratch */
} Tile;

/* The columns of channels [C, PAST). */
static void gather(const Tile *t, size_t c, size_t past, size_t row)
{
    const HeMmPart *part = t->part;
    size_t plane = part->grid.h * part->grid.w;
    float *col = t->columns;
    for (; c < past; c++)
        for (size_t i = 0; i < part->n_taps; i++, col += row)
            he_columns_gather(&part->grid, t->x + c * plane, part->tap[i].y,
                              part->tap[i].x, t->p_0, t->p_0 + t->p, col);
}

/* The block's weights, panel by panel, in T's scratch. */
static void pack_block(const Tile *t, size_t height, size_t c, size_t past)
{
    size_t k = (past - c) * t->part->n_taps;
    for (size_t m = 0; m < t->m; m += height)
        he_mm_pack_rows(t->part, t->w, t->m_0 + m, MIN(height, t->m - m), c, past,
                        t->weights + m * k);
}

/* A panel of columns B, the tile's from P on, by all rows. */
static void run_panel(const Tile *t, HeProduct *product, size_t p, size_t c)
{
    size_t height = he_mm_height(t->set, t->m), k = t->part->k;
    for (size_t m = 0; m < t->m; m += height) {
        product->rows = MIN(height, t->m - m);
        product->a = t->packed != NULL ? t->packed + (t->m_0 + m) * k +
                                             c * t->part->n_taps * product->rows
                                       : t->weights + m * product->k;
        product->c = t->y + m * t->y_row + p;
        product->bias = c == 0 && t->bias != NULL ? t->bias + m : NULL;
        t->set->run(product);
    }
}

/* Columns from P on of a block of k. Those that several panels of weights read are first brought together: a
 * panel of them then stays in the first cache. */
static void take_columns(const Tile *t, HeProduct *product, size_t c, size_t p)
{
    const HeMmPart *part = t->part;
    product->b_row = HE_PRODUCT_PANEL;
    if (t->shared) {
        product->b =
            t->shared + (t->p_0 + p) * part->k + c * part->n_taps * HE_PRODUCT_PANEL;
        return;
    }
    size_t row = part->is_direct ? part->p : row_of(t->p);
    const float *b = part->is_direct ? t->x + c * row + t->p_0 + p : t->columns + p;
    if (t->m > HE_MM_FEW_ROWS) {
        t->set->copy(b, row, product->cols, product->k, t->panel);
        product->b = t->panel;
    } else {
        product->b = b;
        product->b_row = row;
    }
}

static void run_block(const Tile *t, size_t c, size_t past)
{
    HeProduct product = {.k = (past - c) * t->part->n_taps, .c_row = t->y_row};
    gboolean in_panels = t->shared || t->m > HE_MM_FEW_ROWS;
    size_t step = in_panels ? HE_PRODUCT_PANEL : t->p;
    product.accumulate = c > 0 || t->accumulate;
    if (!t->part->is_direct && !t->shared)
        gather(t, c, past, row_of(t->p));
    if (t->packed == NULL)
        pack_block(t, he_mm_height(t->set, t->m), c, past);
    for (size_t p = 0; p < t->p; p += step) {
        product.cols = MIN(step, t->p - p);
        take_columns(t, &product, c, p);
        run_panel(t, &product, p, c);
    }
}

/* Without a channel or a tap the result is what it starts from. */
static void run_tile(const Tile *t)
{
    size_t channels = t->part->n_taps > 0 ? t->part->channels : 0;
    size_t step = he_mm_channels(t->part), c = 0;
    do {
        run_block(t, c, MIN(c + step, channels));
        c += step;
    } while (c < channels);
}

/* Channels are those of what is written. */
static HeRegion region_of(const HeConv2d *s, const HeMmPart *part, const HeSplit *split,
                          size_t tile)
{
    size_t m = tile % split->m_blocks * split->m_block, rest = tile / split->m_blocks;
    size_t p = rest % split->n_blocks * split->n_block, sample = rest / split->n_blocks;
    return (HeRegion){.n = sample / s->group,
                      .oc = sample % s->group * part->m + m,
                      .n_oc = MIN(split->m_block, part->m - m),
                      .p = p,
                      .n_p = MIN(split->n_block, part->p - p)};
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    HeMmPart part = he_mm_part(s, FALSE, 0);
    HeSplit split = he_mm_split(&part);
    return region_of(s, &part, &split, tile);
}

/* Of the columns of a part, those of a tile's sample and group. */
static size_t shared_at(const HeConv2d *s, const HeMmPart *part, const HeRegion *at)
{
    return (at->n * s->group + at->oc / part->m) * he_mm_columns(part);
}

/* Both directions: PACKED_AT numbers of what is packed belong to other parts, SHARED_AT to other tiles. */
static Tile tile_of(const HeProductSet *set, const HeConv2dRun_f32 *r,
                    const HeMmPart *part, const HeRegion *at, size_t packed_at,
                    size_t shared_at)
{
    size_t group = at->oc / part->m;
    return (Tile){.set = set,
                  .part = part,
                  .packed = r->packed ? r->packed + packed_at + group * part->m * part->k
                                      : NULL,
                  .shared = part->is_shared ? r->shared + shared_at : NULL,
                  .w = he_mm_group(part, r->w, group),
                  .m_0 = at->oc % part->m,
                  .m = at->n_oc,
                  .p_0 = at->p,
                  .p = at->n_p};
}

/* Returns where the result may stand. */
static float *set_scratch(Tile *t, const HeSplit *split, float *scratch)
{
    Scratch s = scratch_of(t->part, split);
    t->panel = scratch;
    t->columns = scratch + s.columns;
    t->weights = scratch + s.weights;
    return scratch + s.result;
}

static void forward_by(const HeProductSet *set, const HeConv2d *s,
                       const HeConv2dRun_f32 *r, size_t tile, float *scratch)
{
    HeMmPart part = he_mm_part(s, FALSE, 0);
    HeSplit split = he_mm_split(&part);
    HeRegion at = region_of(s, &part, &split, tile);
    Tile t = tile_of(set, r, &part, &at, 0, shared_at(s, &part, &at));
    set_scratch(&t, &split, scratch);
    t.x = r->in + at.n * s->x_n + at.oc / part.m * part.channels * s->h * s->w;
    t.y_row = part.p;
    t.y = r->out + at.n * s->y_n + at.oc * part.p + at.p;
    t.bias = r->bias != NULL ? r->bias + at.oc : NULL;
    run_tile(&t);
}

/* DX, the plane of row 0, gets the points of T's result. */
static void spread(const Tile *t, size_t plane, float *dx, gboolean accumulate)
{
    const HeMmPart *part = t->part;
    for (size_t m = 0; m < t->m; m++, dx += plane)
        for (size_t i = 0; i < t->p;) {
            size_t p = t->p_0 + i, q = p % part->grid.cols;
            size_t n = MIN(part->grid.cols - q, t->p - i);
            const float *from = t->y + m * t->y_row + i;
            float *to =
                dx + part->first + p / part->grid.cols * part->row + q * part->col;
            for (size_t j = 0; j < n; j++)
                to[j * part->col] = accumulate ? to[j * part->col] + from[j] : from[j];
            i += n;
        }
}

static void backward_by(const HeProductSet *set, const HeConv2d *s,
                        const HeConv2dRun_f32 *r, size_t tile, float *scratch)
{
    size_t phase = 0, plane = s->h * s->w, packed_at = 0, shared_0 = 0;
    if (he_mm_other_backward(s)) {
        he_mm_other_backward(s)->backward(s, r, tile, scratch);
        return;
    }
    HeMmPart part = he_mm_part(s, TRUE, phase);
    HeSplit split = he_mm_split(&part);
    while (tile >= tiles_of(s, &split)) {
        tile -= tiles_of(s, &split);
        packed_at += s->group * part.m * part.k;
        shared_0 += part.is_shared ? s->n * s->group * he_mm_columns(&part) : 0;
        part = he_mm_part(s, TRUE, ++phase);
        split = he_mm_split(&part);
    }
    HeRegion at = region_of(s, &part, &split, tile);
    Tile t = tile_of(set, r, &part, &at, packed_at, shared_0 + shared_at(s, &part, &at));
    float *result = set_scratch(&t, &split, scratch);
    t.x = r->in + at.n * s->y_n + at.oc / part.m * part.channels * s->oh * s->ow;
    float *dx = r->out + at.n * s->x_n + at.oc * plane;
    if (part.is_spread) {
        t.y_row = row_of(t.p);
        t.y = result;
        run_tile(&t);
        spread(&t, plane, dx, r->accumulate);
    } else {
        t.y_row = plane;
        t.y = dx + t.p_0;
        t.accumulate = r->accumulate;
        run_tile(&t);
    }
}

/* ---- rows of the table -------------------------------------------------------------------------------- */

#define ROW(variant, VARIANT, is_there)                                                  \
    static gboolean fits_##variant(const HeConv2d *s)                                    \
    {                                                                                    \
        return fits(s) && is_there();                                                    \
    }                                                                                    \
    static void forward_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,           \
                                  size_t tile, void *scratch)                            \
    {                                                                                    \
        forward_by(&he_product_##variant, s, r, tile, scratch);                          \
    }                                                                                    \
    static void backward_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,          \
                                   size_t tile, void *scratch)                           \
    {                                                                                    \
        backward_by(&he_product_##variant, s, r, tile, scratch);                         \
    }                                                                                    \
    static void pack_##variant(const HeConv2d *s, gboolean is_backward, const void *w,   \
                               float *out, size_t tile)                                  \
    {                                                                                    \
        he_mm_pack(&he_product_##variant, s, is_backward, w, out, tile);                 \
    }                                                                                    \
    static const HeConv2dPack packed_##variant = {he_mm_pack_numbers, he_mm_pack_tiles,  \
                                                  pack_##variant};                       \
    const HeConv2dKernel_f32 he_conv2d_f32_mm_##variant;                                 \
    const HeConv2dKernel_f32 he_conv2d_f32_mm_##variant = {                              \
        .name = "conv2d_f32_mm_" #variant,                                               \
        .set = HE_SET_##VARIANT,                                                         \
        .fits = fits_##variant,                                                          \
        .forward_tiles = forward_tiles,                                                  \
        .forward_scratch = forward_scratch,                                              \
        .forward = forward_##variant,                                                    \
        .forward_region = forward_region,                                                \
        .backward_tiles = backward_tiles,                                                \
        .backward_scratch = backward_scratch,                                            \
        .backward = backward_##variant,                                                  \
        .pack = &packed_##variant,                                                       \
        .share = &he_mm_share,                                                           \
    };

#ifdef __x86_64__
ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
ROW(avx512, AVX512, he_os_cpu_has_avx512)
#endif
#ifdef __aarch64__
ROW(neon, NEON, he_os_cpu_has_neon)
#endif
