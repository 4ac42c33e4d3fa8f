/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The way back of a network's first convolution: a gradient in blocks of channels becomes that of one to three planes
 * (nchwc.h).
 *
 *   column[o][p] = sum over oc of dy[oc][p] w[oc][o], o = (ky, c, kx), by the loop of blocks.h
 *   dx[c][y][x] (+)= sum of column[ky, c, kx][oy, ox] where y = oy sy - pt + ky dy and x = ox sx - pl + kx
 *
 * The taps of one (ky, c), a group, stand side by side in a block of columns. A tile is some rows of dx, of all
 * planes, which it gathers with their borders; of a row of dy it computes the groups that reach them, and no others
 * but those of the same block. */
#include <string.h>

#include "kernels/blocks.h"
#include "kernels/nchwc_rows.h"

#define MOST_ROWS    16         /* of a kernel */
#define MOST_BLOCKS  64         /* of dy */
#define MOST_NUMBERS 0x10000000 /* of dy, and of a tile */
#define TILES        16         /* of a picture, as long as each has so many rows: */
#define LEAST_ROWS   8
#define PIXELS       56 /* whose columns stay in the first cache */

typedef struct {
    const HeBlocksSet *blocks;
    const HeNchwcRows *rows;
} Loops;

static size_t groups_of(const HeConv2d *s)
{
    return s->kh * s->c;
}

/* Groups of one block. */
static size_t in_block(const HeConv2d *s)
{
    return HE_NCHWC / s->kw;
}

static size_t column_blocks(const HeConv2d *s)
{
    return he_div_up(groups_of(s), in_block(s));
}

/* Of one plane, with borders: numbers that a group writes beside its own are there. */
static size_t width_of(const HeConv2d *s)
{
    return (s->ow - 1) * s->sx + HE_NCHWC;
}

static size_t rows_of(const HeConv2d *s)
{
    return MIN(s->h, MAX(he_div_up(s->h, TILES), LEAST_ROWS));
}

static gboolean fits(const HeConv2d *s, gboolean is_backward, const void *loops)
{
    (void)loops;
    if (!is_backward || s->group != 1 || s->c < 1 || s->c >= HE_NCHWC_FEW || s->dx != 1 ||
        s->kh < 1 || s->kh > MOST_ROWS || s->kw < 1 || s->kw > HE_NCHWC || s->oh < 1 ||
        s->ow < 1 || he_nchwc_blocks(s->oc) > MOST_BLOCKS)
        return FALSE;
    double width = (double)s->ow * (double)s->sx + HE_NCHWC;
    return (double)he_nchwc_blocks(s->oc) * (double)s->oh * (double)s->ow * HE_NCHWC <
               MOST_NUMBERS &&
           width * (double)rows_of(s) * (double)s->c < MOST_NUMBERS;
}

/* ---- weights, [block of columns][oc][16] ---------------------------------------------------------------- */

static size_t block_numbers(const HeConv2d *s)
{
    return he_nchwc_blocks(s->oc) * HE_NCHWC * HE_NCHWC;
}

static size_t pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return column_blocks(s) * block_numbers(s);
}

static size_t pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return column_blocks(s);
}

static void pack(const HeConv2d *s, gboolean is_backward, const void *w, float *out,
                 size_t tile)
{
    size_t first = tile * in_block(s), past = MIN(first + in_block(s), groups_of(s));
    const guint8 *from = w;
    (void)is_backward;
    out += tile * block_numbers(s);
    memset(out, 0, block_numbers(s) * sizeof *out);
    for (size_t oc = 0; oc < s->oc; oc++, out += HE_NCHWC)
        for (size_t g = first; g < past; g++) {
            size_t row = (oc * s->c + g % s->c) * s->kh + g / s->c;
            memcpy(out + (g - first) * s->kw, from + row * s->kw * sizeof *out,
                   s->kw * sizeof *out);
        }
}

static const HeConv2dPack packed = {pack_numbers, pack_tiles, pack};

/* ---- tiles ------------------------------------------------------------------------------------------- */

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return s->h == 0 || s->w == 0 ? 0 : s->n * he_div_up(s->h, rows_of(s));
}

/* Columns, and the numbers after them that the last group reads; then the rows of all planes. */
static size_t column_numbers(const HeConv2d *s)
{
    return (column_blocks(s) * PIXELS + 1) * HE_NCHWC;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return (column_numbers(s) + s->c * rows_of(s) * width_of(s)) * sizeof(float);
}

typedef struct {
    const Loops *loops;
    const HeConv2d *s;
    const float *packed, *dy; /* dy: the sample's */
    size_t y, past;           /* rows of dx */
    float *columns, *rows;
} Tile;

/* The groups [FIRST, PAST) of the N pixels from P on of row OY. */
static void make_columns(const Tile *t, size_t oy, size_t p, size_t n, size_t first,
                         size_t past)
{
    static const float none[2 * HE_NCHWC];
    const HeConv2d *s = t->s;
    size_t b = first / in_block(s), end = he_div_up(past, in_block(s));
    gint32 offset[MOST_BLOCKS];
    HeBlocks k = {.offset = offset,
                  .n_runs = he_nchwc_blocks(s->oc),
                  .pixels = n,
                  .x = t->dy + (oy * s->ow + p) * HE_NCHWC,
                  .w_block = block_numbers(s),
                  .y_block = PIXELS * HE_NCHWC,
                  .start = none};
    for (size_t r = 0; r < k.n_runs; r++)
        offset[r] = (gint32)(r * s->oh * s->ow * HE_NCHWC);
    for (; b < end; b += k.blocks) {
        k.blocks = MIN(t->loops->blocks->blocks, end - b);
        k.w = t->packed + b * k.w_block;
        k.y = t->columns + b * k.y_block;
        t->loops->blocks->run(&k);
    }
}

static void add_columns(const Tile *t, size_t oy, size_t p, size_t n, size_t first,
                        size_t past)
{
    const HeConv2d *s = t->s;
    const float *column[MOST_ROWS * HE_NCHWC_FEW];
    float *row[MOST_ROWS * HE_NCHWC_FEW];
    size_t width = width_of(s), rows = t->past - t->y, per = in_block(s);
    for (size_t g = first; g < past; g++) {
        size_t y = oy * s->sy + g / s->c * s->dy - s->pt - t->y;
        column[g - first] = t->columns + g / per * PIXELS * HE_NCHWC + g % per * s->kw;
        row[g - first] = t->rows + (g % s->c * rows + y) * width + p * s->sx;
    }
    HeNchwcScatter scatter = {.column = column,
                              .row = row,
                              .groups = past - first,
                              .taps = s->kw,
                              .step = s->sx,
                              .pixels = n};
    t->loops->rows->scatter(&scatter);
}

/* The first tap of row OY of dy that reaches row Y of dx, or one below it. */
static size_t first_tap(const HeConv2d *s, size_t oy, size_t y)
{
    size_t top = oy * s->sy;
    return y + s->pt <= top ? 0 : MIN(he_div_up(y + s->pt - top, s->dy), s->kh);
}

static void gather(const Tile *t)
{
    const HeConv2d *s = t->s;
    for (size_t oy = 0; oy < s->oh; oy++) {
        size_t first = first_tap(s, oy, t->y) * s->c;
        size_t past = first_tap(s, oy, t->past) * s->c;
        for (size_t p = 0; p < s->ow && first < past; p += PIXELS) {
            size_t n = MIN(PIXELS, s->ow - p);
            make_columns(t, oy, p, n, first, past);
            add_columns(t, oy, p, n, first, past);
        }
    }
}

/* The gathered rows without their borders go to DX, the sample's. */
static void give(const Tile *t, gboolean accumulate, float *dx)
{
    const HeConv2d *s = t->s;
    size_t width = width_of(s), rows = t->past - t->y;
    size_t from = MIN(s->pl, width), n = MIN(s->w, width - from);
    for (size_t i = 0; i < s->c * rows; i++) {
        const float *row = t->rows + i * width + from;
        float *to = dx + (i / rows * s->h + t->y + i % rows) * s->w;
        for (size_t x = 0; x < n; x++)
            to[x] = accumulate ? to[x] + row[x] : row[x];
        if (!accumulate)
            memset(to + n, 0, (s->w - n) * sizeof *to);
    }
}

static void run(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *room)
{
    size_t n_tiles = he_div_up(s->h, rows_of(s)), n = tile / n_tiles;
    Tile t = {.loops = loops, .s = s, .packed = r->packed, .dy = r->in + n * s->y_n};
    (void)is_backward;
    t.y = tile % n_tiles * rows_of(s);
    t.past = MIN(t.y + rows_of(s), s->h);
    t.columns = room;
    t.rows = t.columns + column_numbers(s);
    memset(t.rows, 0, s->c * (t.past - t.y) * width_of(s) * sizeof *t.rows);
    gather(&t);
    give(&t, r->accumulate, r->out + n * s->x_n);
}

#ifdef __x86_64__
static const Loops loops_avx2 = {&he_blocks_avx2, &he_nchwc_rows_avx2};
static const Loops loops_avx512 = {&he_blocks_avx512, &he_nchwc_rows_avx512};
HE_NCHWC_ROW(planes, avx2, AVX2, &loops_avx2, &packed, NULL)
HE_NCHWC_ROW(planes, avx512, AVX512, &loops_avx512, &packed, NULL)
#endif
