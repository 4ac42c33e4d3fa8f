/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Direct convolution of one group in blocks of channels (nchwc.h), by the loop of blocks.h: a few pixels of the
 * result by one or two blocks of it at a time, numbers of the input broadcast, weights along the vectors.
 *
 * A tile is some blocks of one part of the result (nchwc_shape.h) at some rows of it, or, where all pixels follow one
 * another, at some pixels. Its weights are taken some channels at a time, which stay in the first cache while all
 * pixels pass by. Sums run over (block of channels, tap, channel) in order. Its parts (he_pool_share) are as many blocks
 * as the set takes at once. */
#include <string.h>

#include "kernels/nchwc_shape.h"

#define MOST_RUNS    (HE_BLOCKS_K_STEP / HE_BLOCK + HE_MM_TAPS)
#define MOST_BLOCKS  2          /* of any set at once */
#define MOST_NUMBERS 0x40000000 /* of the input: they are counted in 32 bits */
#define PIXELS                                                                           \
    7 /* of a tile whose pixels all follow one another, or a multiple: maps of 14 x 14 fall into even parts */
#define READ_COST 0.25 /* of what is read again, beside that of a copy */

static gboolean fits(const HeConv2d *s, gboolean is_backward, const void *loops)
{
    (void)loops;
    if (s->group != 1 || s->c < HE_NCHWC_FEW || s->kh < 1 || s->kw < 1 ||
        s->kh > HE_MM_TAPS || s->kw > HE_MM_TAPS || s->kh * s->kw > HE_MM_TAPS ||
        s->sy > 4 || s->sx > 4)
        return FALSE;
    const HeNchwcShape *z = he_nchwc_shape(s, is_backward, 0);
    double plain = (double)he_nchwc_blocks(s->c) * (double)s->h * (double)s->w * HE_NCHWC;
    return he_nchwc_input(z) < MIN(MOST_NUMBERS, 4 * plain + (1 << 20));
}

/* ---- weights: blocks of the result, part by part ------------------------------------------------------ */

static size_t packed_before(const HeConv2d *s, gboolean is_backward, size_t part)
{
    size_t numbers = 0;
    for (size_t i = 0; i < part; i++) {
        const HeNchwcShape *z = he_nchwc_shape(s, is_backward, i);
        numbers += z->blocks.out_blocks * he_blocks_packed(&z->blocks);
    }
    return numbers;
}

static size_t pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    return packed_before(s, is_backward, he_mm_n_parts(s, is_backward));
}

static size_t pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    return he_mm_n_parts(s, is_backward) * he_nchwc_blocks(is_backward ? s->c : s->oc);
}

static void pack(const HeConv2d *s, gboolean is_backward, const void *w, float *out,
                 size_t tile)
{
    size_t n_parts = he_mm_n_parts(s, is_backward), part = tile % n_parts,
           b = tile / n_parts;
    const HeNchwcShape *z = he_nchwc_shape(s, is_backward, part);
    if (z->blocks.part.n_taps > 0)
        he_blocks_pack_one(&z->blocks, w, b, 0, z->blocks.in_blocks,
                           out + packed_before(s, is_backward, part) +
                               b * he_blocks_packed(&z->blocks));
}

static const HeConv2dPack packed = {pack_numbers, pack_tiles, pack};

/* ---- tiles ------------------------------------------------------------------------------------------- */

/* Rows, or pixels, of a part. */
static size_t lines_of(const HeNchwcShape *z)
{
    return z->is_whole ? z->blocks.pixels : z->blocks.part.grid.rows;
}

static HeSplit split_of(const HeNchwcShape *z)
{
    const HeMmPart *part = &z->blocks.part;
    size_t pixels = z->is_whole ? 1 : part->grid.cols;
    double k = (double)(z->blocks.in_blocks * HE_NCHWC * part->n_taps);
    double numbers = (double)(z->blocks.in_blocks * HE_NCHWC * pixels);
    HeCut cut = {.m = z->blocks.out_blocks, .n = lines_of(z), .m_grain = MOST_BLOCKS};
    cut.n_grain = z->is_whole ? PIXELS : 1;
    cut.work = k * HE_NCHWC * (double)(cut.m * z->blocks.pixels);
    cut.m_cost = k * HE_NCHWC * READ_COST;
    cut.n_cost = numbers * READ_COST;
    cut.n_scratch = numbers;
    cut.n_overlap = z->is_whole ? 0 : z->height - part->grid.rows;
    return he_split(&cut);
}

/* A tile: its part, and blocks and lines of one sample. */
typedef struct {
    size_t part, n, b, n_b, line, n_lines;
} Place;

static size_t part_tiles(const HeConv2d *s, const HeNchwcShape *z)
{
    HeSplit split = split_of(z);
    return z->blocks.pixels == 0 ? 0 : s->n * split.m_blocks * split.n_blocks;
}

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    for (size_t i = 0; i < he_mm_n_parts(s, is_backward); i++)
        n += part_tiles(s, he_nchwc_shape(s, is_backward, i));
    return n;
}

static Place place_of(const HeConv2d *s, gboolean is_backward, size_t tile)
{
    Place at = {0};
    const HeNchwcShape *z = he_nchwc_shape(s, is_backward, 0);
    for (; tile >= part_tiles(s, z); z = he_nchwc_shape(s, is_backward, ++at.part))
        tile -= part_tiles(s, z);
    HeSplit split = split_of(z);
    size_t rest = tile / split.m_blocks;
    at.b = tile % split.m_blocks * split.m_block;
    at.n_b = MIN(split.m_block, z->blocks.out_blocks - at.b);
    at.line = rest % split.n_blocks * split.n_block;
    at.n_lines = MIN(split.n_block, lines_of(z) - at.line);
    at.n = rest / split.n_blocks;
    return at;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    (void)s;
    (void)is_backward;
    return 0;
}

/* ---- one tile ---------------------------------------------------------------------------------------- */

typedef struct {
    const HeBlocksSet *set;
    const HeNchwcShape *z;
    const HeNchwcRun *r;
    Place at;
    const float *x;      /* the sample's input */
    const float *packed; /* the part's weights */
    float *out;          /* the sample's result */
    size_t plane;        /* numbers of a block of the result, */
    size_t first, line;  /* before its first pixel, from one line to the next, */
    size_t gap;          /* between two pixels */
} Tile;

static void set_offsets(const HeNchwcShape *z, HeBlocks *s, gint32 *offset, size_t c,
                        size_t past)
{
    s->offset = offset;
    for (; c < past; c++)
        for (size_t i = 0; i < z->blocks.part.n_taps; i++)
            offset[s->n_runs++] = (gint32)he_nchwc_tap(z, c, i);
}

static void set_weights(const Tile *t, HeBlocks *s, size_t b, size_t c, size_t past)
{
    const HeBlocksShape *z = &t->z->blocks;
    size_t each = z->part.n_taps * HE_BLOCK * HE_BLOCK, next = b + s->blocks;
    s->w_block = he_blocks_packed(z);
    s->w = t->packed + b * s->w_block + c * each;
    gboolean has_more = past < z->in_blocks;
    s->ahead = has_more ? s->w + (past - c) * each : t->packed + next * s->w_block;
    s->ahead_blocks = has_more ? s->blocks : MIN(s->blocks, t->at.b + t->at.n_b - next);
}

/* All pixels of the tile. */
static void run_lines(const Tile *t, HeBlocks *s)
{
    const HeNchwcShape *z = t->z;
    size_t n = z->is_whole ? 1 : t->at.n_lines;
    s->pixels = z->is_whole ? t->at.n_lines : z->blocks.part.grid.cols;
    s->x = t->x + t->at.line * (z->is_whole ? 1 : z->width) * HE_NCHWC;
    for (size_t i = 0; i < n; i++, s->x += z->width * HE_NCHWC) {
        t->set->run(s);
        s->y += t->line;
        s->at += t->line;
    }
}

/* The tile's PART: as many blocks as the set takes at once. */
static void run_blocks(void *data, size_t part, int worker)
{
    static const float none[MOST_BLOCKS * HE_NCHWC];
    const Tile *t = data;
    const HeBlocksShape *z = &t->z->blocks;
    size_t b = t->at.b + part * t->set->blocks;
    size_t blocks = MIN(t->set->blocks, t->at.b + t->at.n_b - b);
    float *y = t->out + b * t->plane + t->first + t->at.line * t->line;
    gint32 offset[MOST_RUNS];
    (void)worker;
    for (size_t c = 0; c < MAX(z->in_blocks, 1); c += z->step) {
        size_t past = MIN(c + z->step, z->in_blocks);
        HeBlocks s = {.blocks = blocks, .y = y, .y_block = t->plane, .y_gap = t->gap};
        if (c == 0 && !t->r->accumulate)
            s.start = t->r->bias ? t->r->bias + b * HE_NCHWC : none;
        if (past == z->in_blocks) {
            s.finish = t->r->finish;
            s.channel = b * HE_NCHWC;
            s.at = (size_t)(y - t->r->out);
            s.at_block = t->plane;
        }
        set_offsets(t->z, &s, offset, c, past);
        set_weights(t, &s, b, c, past);
        run_lines(t, &s);
    }
}

/* A line is a row of the part, or one pixel where all follow one another. */
static void set_places(Tile *t)
{
    const HeMmPart *part = &t->z->blocks.part;
    t->line = (t->z->is_whole ? 1 : part->grid.cols) * HE_NCHWC;
    if (!part->is_spread)
        return;
    t->first = part->first * HE_NCHWC;
    t->line = part->row * HE_NCHWC;
    t->gap = (part->col - 1) * HE_NCHWC;
}

static void run(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *room)
{
    Place at = place_of(s, is_backward, tile);
    const HeNchwcShape *z = he_nchwc_shape(s, is_backward, at.part);
    Tile t = {.set = loops, .z = z, .r = r, .at = at};
    (void)room;
    if (z->blocks.part.n_taps == 0 && r->accumulate && !r->finish)
        return;
    t.plane = (is_backward ? s->h * s->w : s->oh * s->ow) * HE_NCHWC;
    t.packed = r->packed + packed_before(s, is_backward, at.part);
    t.x = z->is_copied ? r->shared + at.n * (size_t)he_nchwc_input(z)
                       : r->in + at.n * (is_backward ? s->y_n : s->x_n);
    t.out = r->out + at.n * (is_backward ? s->x_n : s->y_n);
    set_places(&t);
    he_pool_share(r->pool, he_div_up(at.n_b, t.set->blocks), run_blocks, &t);
}

#ifdef __x86_64__
HE_NCHWC_ROW(direct, avx2, AVX2, &he_blocks_avx2, &packed, &he_nchwc_share)
HE_NCHWC_ROW(direct, avx512, AVX512, &he_blocks_avx512, &packed, &he_nchwc_share)
#endif
#ifdef __aarch64__
HE_NCHWC_ROW(direct, neon, NEON, &he_blocks_neon, &packed, &he_nchwc_share)
#endif
