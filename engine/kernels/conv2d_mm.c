/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 2-D convolution as matrix products on kernels of our own (product.h), by sample and group, NCHW:
 *
 *   forward    y[m, p] = sum over k of w[m, k] col[k, p],   m: output channels, p: output pixels,
 *                                                           k: (input channel, tap)
 *   backward   the same product with m: input channels, p: pixels of dx, k: (output channel, tap).
 *
 * Backward, dx falls into sy * sx phases, each of which sees its own part of the kernel and, of dy,
 * consecutive numbers (a "sub-pixel" convolution): nothing is multiplied by zero and no two tiles meet.
 * A tile is a block of m by a block of p. By blocks of k, the worker's scratch gets the columns, and panel
 * by panel the weights. Sums run over k in order whatever the tile. */
#include <string.h>

#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/columns.h"
#include "kernels/kernels.h"
#include "kernels/product.h"
#include "kernels/split.h"

#define MAX_TAPS 128
#define K_BLOCK                                                                          \
    256 /* rows of columns at once: a panel of weights stays in the first cache */
#define FEW_ROWS     28 /* of the result: they do not pay for bringing columns together */
#define SHARE_MOST   (5 << 18) /* numbers: they should stay in a second-level cache */
#define SHARE_CHUNK  1024      /* points gathered at once, */
#define SHARE_WORK   (1 << 15) /* numbers of a tile */
#define LINE         16        /* floats of a cache line */
#define GATHER_COST  2         /* a read and a write */
#define FEW_CHANNELS 32

typedef struct {
    gssize y, x;
    size_t index; /* in the kernel */
} Tap;

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
    Tap tap[MAX_TAPS];
} Part;

extern const HeConv2dKernel_f32 he_conv2d_f32_openblas;

static gboolean fits(const HeConv2d *s)
{
    /* A single channel per group is the depthwise kernels' trade. */
    return s->kh * s->kw <= MAX_TAPS && s->kh <= MAX_TAPS && s->kw <= MAX_TAPS &&
           (s->group == 1 || s->c / s->group > 1 || s->oc / s->group > 1);
}

static void finish_part(Part *part, size_t taps)
{
    const HeGrid *g = &part->grid;
    part->k = part->channels * part->n_taps;
    part->p = g->rows * g->cols;
    part->is_whole = part->n_taps == taps;
    part->is_direct = taps == 1 && part->n_taps == 1 && part->tap[0].y == 0 &&
                      part->tap[0].x == 0 && g->sy == 1 && g->sx == 1 &&
                      g->rows == g->h && g->cols == g->w;
}

/* Numbers of all columns of one sample and group, in panels. */
static size_t columns_of(const Part *part)
{
    return he_div_up(part->p, HE_PRODUCT_PANEL) * HE_PRODUCT_PANEL * part->k;
}

static void share_part(const HeConv2d *s, Part *part)
{
    part->is_shared = !part->is_direct && part->m > FEW_ROWS && part->p > 0 &&
                      columns_of(part) <= SHARE_MOST / MAX(s->n, 1) / s->group;
}

static Part forward_part(const HeConv2d *s)
{
    Part part = {.m = s->oc / s->group, .channels = s->c / s->group};
    part.grid = (HeGrid){s->h, s->w, s->oh, s->ow, s->sy, s->sx};
    part.w_c = s->kh * s->kw;
    part.w_m = part.channels * part.w_c;
    for (size_t ky = 0; ky < s->kh; ky++)
        for (size_t kx = 0; kx < s->kw; kx++)
            part.tap[part.n_taps++] =
                (Tap){(gssize)(ky * s->dy) - (gssize)s->pt,
                      (gssize)(kx * s->dx) - (gssize)s->pl, ky * s->kw + kx};
    finish_part(&part, s->kh * s->kw);
    share_part(s, &part);
    return part;
}

/* dx[py + r * sy] sees dy[r + t] under the taps for which t = (py + pt - ky * dy) / sy is whole. */
static Part backward_part(const HeConv2d *s, size_t phase)
{
    size_t py = phase / s->sx, px = phase % s->sx;
    Part part = {.m = s->c / s->group, .channels = s->oc / s->group};
    part.grid = (HeGrid){s->oh, s->ow, 0, 0, 1, 1};
    if (py < s->h && px < s->w) {
        part.grid.rows = he_div_up(s->h - py, s->sy);
        part.grid.cols = he_div_up(s->w - px, s->sx);
    }
    part.w_m = s->kh * s->kw;
    part.w_c = part.m * part.w_m;
    part.is_spread = s->sy > 1 || s->sx > 1;
    part.first = py * s->w + px;
    part.row = s->sy * s->w;
    part.col = s->sx;
    for (size_t ky = 0; ky < s->kh; ky++)
        for (size_t kx = 0; kx < s->kw; kx++) {
            gssize y = (gssize)(py + s->pt) - (gssize)(ky * s->dy);
            gssize x = (gssize)(px + s->pl) - (gssize)(kx * s->dx);
            if (y % (gssize)s->sy == 0 && x % (gssize)s->sx == 0)
                part.tap[part.n_taps++] =
                    (Tap){y / (gssize)s->sy, x / (gssize)s->sx, ky * s->kw + kx};
        }
    finish_part(&part, s->kh * s->kw);
    share_part(s, &part);
    return part;
}

/* ---- tiles and scratch ---------------------------------------------------------------------------- */

/* Channels of a block of k: whole ones. */
static size_t channels_of(const Part *part)
{
    return MIN(part->channels, K_BLOCK / MAX(part->n_taps, 1));
}

/* Rows of columns that are gathered at once. */
static size_t gathered_of(const Part *part)
{
    return part->is_direct || part->is_shared ? 0 : channels_of(part) * part->n_taps;
}

static HeSplit split_of(const Part *part)
{
    HeCut cut = {.m = part->m, .n = part->p, .m_grain = 1, .n_grain = HE_PRODUCT_PANEL};
    cut.work = (double)part->m * (double)part->p * (double)part->k;
    cut.m_cost = (double)part->k;
    gboolean is_there = part->is_direct || part->is_shared;
    cut.n_cost = (double)MAX(part->k, 1) * (is_there ? 0.5 : GATHER_COST);
    cut.n_scratch = (double)gathered_of(part) * 2; /* half of split.c's memory */
    cut.mn_scratch = part->is_spread ? 1 : 0;
    return he_split(&cut);
}

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

static Scratch scratch_of(const Part *part, const HeSplit *split)
{
    size_t row = row_of(split->n_block), k = gathered_of(part);
    Scratch s = {.columns = HE_PRODUCT_PANEL * K_BLOCK};
    s.weights = s.columns + k * row;
    s.result = s.weights + he_div_up(split->m_block * K_BLOCK, LINE) * LINE;
    s.end = s.result + (part->is_spread ? split->m_block * row : 0);
    return s;
}

static size_t forward_tiles(const HeConv2d *s)
{
    Part part = forward_part(s);
    HeSplit split = split_of(&part);
    return tiles_of(s, &split);
}

static size_t forward_scratch(const HeConv2d *s)
{
    Part part = forward_part(s);
    HeSplit split = split_of(&part);
    return scratch_of(&part, &split).end * sizeof(float);
}

/* Where gathering costs too much - strides, few channels - columns of the result are computed and added to it
 * instead, which is what the kernel on OpenBLAS does; NULL: not here. */
static const HeConv2dKernel_f32 *other_backward(const HeConv2d *s)
{
    const HeConv2dKernel_f32 *other = &he_conv2d_f32_openblas;
    gboolean is_wanted =
        s->kh * s->kw > 1 && (s->sy > 1 || s->sx > 1 || s->c / s->group < FEW_CHANNELS);
    return is_wanted && other->fits(s) ? other : NULL;
}

static size_t backward_tiles(const HeConv2d *s)
{
    if (other_backward(s))
        return other_backward(s)->backward_tiles(s);
    size_t n = 0;
    for (size_t phase = 0; phase < s->sy * s->sx; phase++) {
        Part part = backward_part(s, phase);
        HeSplit split = split_of(&part);
        n += tiles_of(s, &split);
    }
    return n;
}

static size_t backward_scratch(const HeConv2d *s)
{
    if (other_backward(s))
        return other_backward(s)->backward_scratch(s);
    size_t most = 0;
    for (size_t phase = 0; phase < s->sy * s->sx; phase++) {
        Part part = backward_part(s, phase);
        HeSplit split = split_of(&part);
        most = MAX(most, scratch_of(&part, &split).end * sizeof(float));
    }
    return most;
}

/* ---- one tile --------------------------------------------------------------------------------------- */

typedef struct {
    const HeProductSet *set;
    const Part *part;
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
    const Part *part = t->part;
    size_t plane = part->grid.h * part->grid.w;
    float *col = t->columns;
    for (; c < past; c++)
        for (size_t i = 0; i < part->n_taps; i++, col += row)
            he_columns_gather(&part->grid, t->x + c * plane, part->tap[i].y,
                              part->tap[i].x, t->p_0, t->p_0 + t->p, col);
}

/* Rows [M_0, M_0 + ROWS) of the weights W of channels [C, PAST), k by k. */
static void pack_rows(const Part *part, const guint8 *w, size_t m_0, size_t rows,
                      size_t c, size_t past, float *out)
{
    const size_t step = part->w_c * sizeof(float);
    w += m_0 * part->w_m * sizeof(float) + c * step;
    if (part->is_whole && part->w_m == 1)
        for (; c < past; c++, w += step, out += rows)
            memcpy(out, w, rows * sizeof *out);
    else if (part->is_whole && part->w_c == part->n_taps)
        he_product_pack(w, part->w_m, rows, (past - c) * part->n_taps, out);
    else if (part->is_whole)
        for (; c < past; c++, w += step, out += rows * part->n_taps)
            he_product_pack(w, part->w_m, rows, part->n_taps, out);
    else
        for (; c < past; c++, w += step)
            for (size_t i = 0; i < part->n_taps; i++)
                for (size_t r = 0; r < rows; r++)
                    memcpy(out++, w + (r * part->w_m + part->tap[i].index) * sizeof *out,
                           sizeof *out);
}

/* Rows of the panels of M rows. */
static size_t height_of(const HeProductSet *set, size_t m)
{
    return he_div_up(m, MAX(he_div_up(m, set->rows), 1));
}

/* The block's weights, panel by panel, in T's scratch. */
static void pack_block(const Tile *t, size_t height, size_t c, size_t past)
{
    size_t k = (past - c) * t->part->n_taps;
    for (size_t m = 0; m < t->m; m += height)
        pack_rows(t->part, t->w, t->m_0 + m, MIN(height, t->m - m), c, past,
                  t->weights + m * k);
}

/* A panel of columns B, the tile's from P on, by all rows. */
static void run_panel(const Tile *t, HeProduct *product, size_t p, size_t c)
{
    size_t height = height_of(t->set, t->m), k = t->part->k;
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

/* Columns that several panels of weights read are first brought together: a panel of them then stays in the
 * first cache. */
static void run_block(const Tile *t, size_t c, size_t past)
{
    size_t height = height_of(t->set, t->m), row = row_of(t->p), step = t->p;
    const float *b = t->columns;
    HeProduct product = {.k = (past - c) * t->part->n_taps, .c_row = t->y_row};
    product.accumulate = c > 0 || t->accumulate;
    if (t->part->is_direct) {
        row = t->part->p;
        b = t->x + c * row + t->p_0;
    } else if (!t->shared) {
        gather(t, c, past, row);
    }
    if (t->packed == NULL)
        pack_block(t, height, c, past);
    if (t->shared || t->m > FEW_ROWS)
        step = HE_PRODUCT_PANEL;
    for (size_t p = 0; p < t->p; p += step) {
        product.cols = MIN(step, t->p - p);
        product.b = b + p;
        product.b_row = row;
        if (t->shared)
            product.b = t->shared + (t->p_0 + p) * t->part->k +
                        c * t->part->n_taps * HE_PRODUCT_PANEL;
        else if (step == HE_PRODUCT_PANEL)
            t->set->copy(product.b, row, product.cols, product.k, t->panel);
        if (!t->shared && step == HE_PRODUCT_PANEL)
            product.b = t->panel;
        if (step == HE_PRODUCT_PANEL)
            product.b_row = HE_PRODUCT_PANEL;
        run_panel(t, &product, p, c);
    }
}

/* Without a channel or a tap the result is what it starts from. */
static void run_tile(const Tile *t)
{
    size_t channels = t->part->n_taps > 0 ? t->part->channels : 0;
    size_t step = channels_of(t->part), c = 0;
    do {
        run_block(t, c, MIN(c + step, channels));
        c += step;
    } while (c < channels);
}

/* Channels are those of what is written. */
static HeRegion region_of(const HeConv2d *s, const Part *part, const HeSplit *split,
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
    Part part = forward_part(s);
    HeSplit split = split_of(&part);
    return region_of(s, &part, &split, tile);
}

/* Of the columns of a part, those of a tile's sample and group. */
static size_t shared_at(const HeConv2d *s, const Part *part, const HeRegion *at)
{
    return (at->n * s->group + at->oc / part->m) * columns_of(part);
}

/* Both directions: PACKED_AT numbers of what is packed belong to other parts, SHARED_AT to other tiles. */
static Tile tile_of(const HeProductSet *set, const HeConv2dRun_f32 *r, const Part *part,
                    const HeRegion *at, size_t packed_at, size_t shared_at)
{
    size_t group = at->oc / part->m;
    size_t w_group = part->m * part->channels * MIN(part->w_m, part->w_c);
    return (Tile){.set = set,
                  .part = part,
                  .packed = r->packed ? r->packed + packed_at + group * part->m * part->k
                                      : NULL,
                  .shared = part->is_shared ? r->shared + shared_at : NULL,
                  .w = (const guint8 *)r->w + group * w_group * sizeof(float),
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
    Part part = forward_part(s);
    HeSplit split = split_of(&part);
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
    const Part *part = t->part;
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
    if (other_backward(s)) {
        other_backward(s)->backward(s, r, tile, scratch);
        return;
    }
    Part part = backward_part(s, phase);
    HeSplit split = split_of(&part);
    while (tile >= tiles_of(s, &split)) {
        tile -= tiles_of(s, &split);
        packed_at += s->group * part.m * part.k;
        shared_0 += part.is_shared ? s->n * s->group * columns_of(&part) : 0;
        part = backward_part(s, ++phase);
        split = split_of(&part);
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

/* ---- packed weights ----------------------------------------------------------------------------------- */

/* By part, group and panel; a tile of work packs one block of rows. */
static size_t pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    size_t numbers = (s->c / s->group) * (s->oc / s->group) * s->group * s->kh * s->kw;
    return is_backward && other_backward(s) ? 0 : numbers;
}

static size_t n_parts(const HeConv2d *s, gboolean is_backward)
{
    return is_backward ? s->sy * s->sx : 1;
}

static Part part_at(const HeConv2d *s, gboolean is_backward, size_t i)
{
    return is_backward ? backward_part(s, i) : forward_part(s);
}

static size_t pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    for (size_t i = 0; i < n_parts(s, is_backward); i++) {
        Part part = part_at(s, is_backward, i);
        n += s->group * split_of(&part).m_blocks;
    }
    return n;
}

static void pack_by(const HeProductSet *set, const HeConv2d *s, gboolean is_backward,
                    const void *w, float *out, size_t tile)
{
    size_t i = 0;
    Part part = part_at(s, is_backward, i);
    HeSplit split = split_of(&part);
    while (tile >= s->group * split.m_blocks) {
        tile -= s->group * split.m_blocks;
        out += s->group * part.m * part.k;
        part = part_at(s, is_backward, ++i);
        split = split_of(&part);
    }
    HeConv2dRun_f32 run = {.w = w};
    HeRegion at = {.oc = tile / split.m_blocks * part.m};
    Tile t = tile_of(set, &run, &part, &at, 0, 0);
    size_t m_0 = tile % split.m_blocks * split.m_block;
    size_t n = MIN(split.m_block, part.m - m_0), height = height_of(set, n);
    for (size_t m = 0; m < n; m += height) {
        size_t rows = MIN(height, n - m), step = MAX(channels_of(&part), 1);
        float *panel = out + (at.oc + m_0 + m) * part.k;
        for (size_t c = 0; c < part.channels; c += step)
            pack_rows(&part, t.w, m_0 + m, rows, c, MIN(c + step, part.channels),
                      panel + c * part.n_taps * rows);
    }
}

/* ---- shared columns ------------------------------------------------------------------------------------ */

/* By part, sample, group and panel, k by k; a tile of work gathers some channels. */
static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    if (is_backward && other_backward(s))
        return 0;
    for (size_t i = 0; i < n_parts(s, is_backward); i++) {
        Part part = part_at(s, is_backward, i);
        n += part.is_shared ? s->n * s->group * columns_of(&part) : 0;
    }
    return n;
}

static size_t share_step(const Part *part)
{
    return CLAMP(SHARE_WORK / (part->p * MAX(part->n_taps, 1)), 1, part->channels);
}

static size_t share_tiles_of(const HeConv2d *s, const Part *part)
{
    return part->is_shared ? s->n * s->group * he_div_up(part->channels, share_step(part))
                           : 0;
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    for (size_t i = 0; i < n_parts(s, is_backward); i++) {
        Part part = part_at(s, is_backward, i);
        n += share_tiles_of(s, &part);
    }
    return n;
}

/* Row K of the columns, gathered from PLANE, to the panels OUT. */
static void share_row(const Part *part, const float *plane, const Tap *tap, size_t k,
                      float *out)
{
    float row[SHARE_CHUNK];
    for (size_t p = 0; p < part->p; p += SHARE_CHUNK) {
        size_t n = MIN(SHARE_CHUNK, part->p - p);
        he_columns_gather(&part->grid, plane, tap->y, tap->x, p, p + n, row);
        for (size_t i = 0; i < n; i += HE_PRODUCT_PANEL)
            memcpy(out + (p + i) * part->k + k * HE_PRODUCT_PANEL, row + i,
                   MIN(HE_PRODUCT_PANEL, n - i) * sizeof *row);
    }
}

static void share(const HeConv2d *s, gboolean is_backward, const float *in, float *out,
                  size_t tile)
{
    size_t i = 0, plane = is_backward ? s->oh * s->ow : s->h * s->w;
    Part part = part_at(s, is_backward, i);
    while (tile >= share_tiles_of(s, &part)) {
        tile -= share_tiles_of(s, &part);
        out += part.is_shared ? s->n * s->group * columns_of(&part) : 0;
        part = part_at(s, is_backward, ++i);
    }
    size_t step = share_step(&part), blocks = he_div_up(part.channels, step);
    size_t sample = tile / blocks, c = tile % blocks * step;
    size_t past = MIN(c + step, part.channels);
    in += sample / s->group * (is_backward ? s->y_n : s->x_n) +
          sample % s->group * part.channels * plane;
    out += sample * columns_of(&part);
    for (; c < past; c++)
        for (size_t t = 0; t < part.n_taps; t++)
            share_row(&part, in + c * plane, &part.tap[t], c * part.n_taps + t, out);
}

static const HeConv2dShare shared_columns = {share_numbers, share_tiles, share};

/* ---- rows of the table -------------------------------------------------------------------------------- */

#ifdef __x86_64__

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
        pack_by(&he_product_##variant, s, is_backward, w, out, tile);                    \
    }                                                                                    \
    static const HeConv2dPack packed_##variant = {pack_numbers, pack_tiles,              \
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
        .share = &shared_columns,                                                        \
    };

ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
ROW(avx512, AVX512, he_os_cpu_has_avx512)

#endif
