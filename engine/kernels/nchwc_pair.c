/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A pointwise convolution and the depthwise one that reads it (nchwc.h). A tile is some rows of some blocks of the result:
 * for as many blocks as the loops take at once, rows between are made in the second's ring (nchwc_ring.h), by the loop of
 * blocks.h in the order of nchwc_direct.c. Rows that two tiles see are made by both. */
#include <string.h>

#include "kernels/blocks_shape.h"
#include "kernels/nchwc_ring.h"

#define MOST_BLOCKS 2 /* of any set at once */
#define MOST_STEP   (HE_BLOCKS_K_STEP / HE_BLOCK)
#define NARROW      14         /* pixels: rows of fewer are made together */
#define READ_COST   0.25       /* of what is read again, beside that of a copy */
#define DEPTH_WORK  4          /* multiply-adds of others in the time of one depthwise */
#define MOST_INPUT  0x40000000 /* numbers: they are counted in 32 bits */

#ifdef __x86_64__
extern const HeNchwcKernel he_nchwc_f32_direct_avx2, he_nchwc_f32_dw_avx2;
extern const HeNchwcKernel he_nchwc_f32_direct_avx512, he_nchwc_f32_dw_avx512;
#endif
#ifdef __aarch64__
extern const HeNchwcKernel he_nchwc_f32_direct_neon, he_nchwc_f32_dw_neon;
#endif

static const HeNchwcPair pairs[] = {
#ifdef __x86_64__
    {"nchwc_f32_pair_avx2", &he_nchwc_f32_direct_avx2, &he_nchwc_f32_dw_avx2},
    {"nchwc_f32_pair_avx512", &he_nchwc_f32_direct_avx512, &he_nchwc_f32_dw_avx512},
#endif
#ifdef __aarch64__
    {"nchwc_f32_pair_neon", &he_nchwc_f32_direct_neon, &he_nchwc_f32_dw_neon},
#endif
    {NULL, NULL, NULL},
};

static const HeBlocksSet *blocks_of(const HeNchwcPair *pair)
{
    return pair->point->loops;
}

static size_t in_blocks_of(const HeConv2d *p, gboolean is_backward)
{
    return he_nchwc_blocks(is_backward ? p->oc : p->c);
}

static gboolean is_pointwise(const HeConv2d *p)
{
    return p->group == 1 && p->kh == 1 && p->kw == 1 && p->sy == 1 && p->sx == 1 &&
           p->pt == 0 && p->pl == 0 && p->oh == p->h && p->ow == p->w;
}

/* Whether D reads what P makes. */
static gboolean is_chain(const HeConv2d *p, const HeConv2d *d, gboolean is_backward)
{
    return p->n == d->n && (is_backward ? p->c == d->oc && p->h == d->oh && p->w == d->ow
                                        : p->oc == d->c && p->h == d->h && p->w == d->w);
}

/* Whether every row between is seen, and so made: its gates are read. */
static gboolean is_all_seen(const HeConv2d *d, gboolean is_backward)
{
    HeNchwcRing ring;
    size_t from, past, end;
    if (!he_nchwc_ring_init(&ring, d, is_backward) || ring.rows == 0 ||
        (!is_backward && ring.last - ring.first + 1 < (gssize)d->sy))
        return FALSE;
    he_nchwc_ring_reach(&ring, 0, 1, &from, &past);
    he_nchwc_ring_reach(&ring, ring.rows - 1, ring.rows, &past, &end);
    return from == 0 && end == ring.h;
}

const HeNchwcPair *he_nchwc_pair_find(const HeNchwcKernel *point, const HeConv2d *p,
                                      const HeNchwcKernel *depth, const HeConv2d *d,
                                      gboolean is_backward)
{
    double input =
        (double)in_blocks_of(p, is_backward) * HE_NCHWC * (double)p->h * (double)p->w;
    if (!is_pointwise(p) || !is_chain(p, d, is_backward) || input >= MOST_INPUT ||
        !is_all_seen(d, is_backward))
        return NULL;
    for (const HeNchwcPair *pair = pairs; pair->name; pair++)
        if (pair->point == point && pair->depth == depth)
            return pair;
    return NULL;
}

/* ---- tiles ------------------------------------------------------------------------------------------- */

static HeSplit split_of(const HeNchwcPair *pair, const HeConv2d *p, const HeConv2d *d,
                        gboolean is_backward)
{
    HeNchwcRing ring;
    he_nchwc_ring_init(&ring, d, is_backward);
    HeCut cut = {.m = he_nchwc_blocks(d->c), .n = ring.rows, .n_grain = 1};
    size_t span = (size_t)(ring.last - ring.first);
    double k = (double)(in_blocks_of(p, is_backward) * HE_NCHWC);
    double taps = DEPTH_WORK * (double)(d->kh * d->kw * d->oh * d->ow);
    cut.m_grain = blocks_of(pair)->blocks;
    cut.work = ((double)(ring.h * ring.w) * k + taps) * HE_NCHWC * (double)cut.m;
    cut.m_cost = k * HE_NCHWC * READ_COST;
    cut.n_cost = k * (double)(ring.h * ring.w) / (double)MAX(ring.rows, 1) * READ_COST;
    cut.n_overlap =
        is_backward ? span * d->sy : (span + 1 > d->sy ? (span + 1 - d->sy) / d->sy : 0);
    return he_split(&cut);
}

size_t he_nchwc_pair_tiles(const HeNchwcPair *pair, const HeConv2d *p, const HeConv2d *d,
                           gboolean is_backward)
{
    HeSplit split = split_of(pair, p, d, is_backward);
    return d->n * split.m_blocks * split.n_blocks;
}

/* ---- rows between ------------------------------------------------------------------------------------ */

typedef struct {
    const HeBlocksSet *set;
    const HeNchwcRing *ring;
    const HeNchwcRun *r;
    size_t
        own_from; /* rows that no tile before makes, whose gates are written: from here on */
    size_t in_blocks, plane;
    const float *x;   /* the sample's input */
    size_t at;        /* of the sample, among numbers between */
    size_t b, blocks; /* of what is between */
    size_t more;      /* blocks that come next in this tile */
    float *memory;    /* rings, */
    float *narrow;    /* and rows one behind another, or NULL */
} Between;

/* Rows of few pixels are made together. */
static size_t narrow_numbers(const HeNchwcRing *ring)
{
    return ring->chunk > 1 && ring->w < NARROW ? ring->chunk * ring->w * HE_NCHWC : 0;
}

static void set_weights(const Between *t, HeBlocks *s, size_t c, size_t end)
{
    size_t each = HE_BLOCK * HE_BLOCK, block = t->in_blocks * each;
    const float *w = t->r->packed + t->b * block;
    gboolean is_last = end == t->in_blocks;
    s->w = w + c * each;
    s->w_block = block;
    s->ahead = is_last ? w + t->blocks * block : w + end * each;
    s->ahead_blocks = is_last ? MIN(t->more, t->blocks) : t->blocks;
}

/* Rows [FROM, PAST), by S. */
static void run_rows(const Between *t, HeBlocks *s, size_t from, size_t past)
{
    size_t step = t->narrow ? past - from : 1, row = t->ring->w * HE_NCHWC;
    s->pixels = step * t->ring->w;
    s->y_block = t->narrow ? narrow_numbers(t->ring) : he_nchwc_ring_numbers(t->ring);
    for (size_t r = from; r < past; r += step) {
        s->x = t->x + r * row;
        s->y = t->narrow ? t->narrow : t->memory + he_nchwc_ring_place(t->ring, r);
        s->at = t->at + t->b * t->plane + r * row;
        t->set->run(s);
    }
}

static void scatter(const Between *t, size_t from, size_t past)
{
    const HeNchwcRing *ring = t->ring;
    size_t row = ring->w * HE_NCHWC;
    for (size_t b = 0; b < t->blocks; b++)
        for (size_t r = from; r < past; r++)
            memcpy(t->memory + b * he_nchwc_ring_numbers(ring) +
                       he_nchwc_ring_place(ring, r),
                   t->narrow + b * narrow_numbers(ring) + (r - from) * row,
                   row * sizeof(float));
}

/* Rows all of which the tile owns, or none; in the order of nchwc_direct.c. */
static void make_some(const Between *t, const HeNchwcFinish *finish, size_t from,
                      size_t past)
{
    static const float none[MOST_BLOCKS * HE_NCHWC];
    gint32 offset[MOST_STEP];
    for (size_t c = 0, end; c < t->in_blocks; c = end) {
        end = MIN(c + MOST_STEP, t->in_blocks);
        HeBlocks s = {.blocks = t->blocks, .offset = offset, .at_block = t->plane};
        for (; c + s.n_runs < end; s.n_runs++)
            offset[s.n_runs] = (gint32)((c + s.n_runs) * t->plane);
        if (c == 0)
            s.start = t->r->bias ? t->r->bias + t->b * HE_NCHWC : none;
        if (end == t->in_blocks) {
            s.finish = finish;
            s.channel = t->b * HE_NCHWC;
        }
        set_weights(t, &s, c, end);
        run_rows(t, &s, from, past);
    }
    if (t->narrow)
        scatter(t, from, past);
}

static void make_rows(void *data, size_t from, size_t past)
{
    const Between *t = data;
    const HeNchwcFinish *finish = t->r->finish;
    HeNchwcFinish other = finish ? *finish : (HeNchwcFinish){0};
    other.gate = NULL;
    for (size_t end; from < past; from = end) {
        gboolean is_own = from >= t->own_from;
        end = is_own ? past : MIN(past, t->own_from);
        make_some(t, finish && !is_own ? &other : finish, from, end);
    }
}

/* ---- one tile ---------------------------------------------------------------------------------------- */

size_t he_nchwc_pair_scratch(const HeNchwcPair *pair, const HeConv2d *d,
                             gboolean is_backward)
{
    HeNchwcRing ring;
    he_nchwc_ring_init(&ring, d, is_backward);
    return blocks_of(pair)->blocks * sizeof(float) *
           (he_nchwc_ring_numbers(&ring) + narrow_numbers(&ring));
}

void he_nchwc_pair_run(const HeNchwcPair *pair, const HeConv2d *p, const HeConv2d *d,
                       gboolean is_backward, const HeNchwcRun *r_p, const HeNchwcRun *r_d,
                       size_t tile, void *scratch)
{
    HeNchwcRing ring;
    HeSplit split = split_of(pair, p, d, is_backward);
    he_nchwc_ring_init(&ring, d, is_backward);
    size_t first = tile % split.m_blocks * split.m_block, rest = tile / split.m_blocks;
    size_t last = MIN(first + split.m_block, he_nchwc_blocks(d->c));
    size_t n = rest / split.n_blocks, most = blocks_of(pair)->blocks, from;
    Between between = {.set = blocks_of(pair), .ring = &ring, .r = r_p};
    HeNchwcRingRun run = {.ring = &ring, .set = pair->depth->loops, .r = r_d, .n = n};
    run.y = rest % split.n_blocks * split.n_block;
    run.end = MIN(run.y + split.n_block, ring.rows);
    if (run.y > 0)
        he_nchwc_ring_reach(&ring, 0, run.y, &from, &between.own_from);
    between.in_blocks = in_blocks_of(p, is_backward);
    between.plane = ring.h * ring.w * HE_NCHWC;
    between.x = r_p->in + n * (is_backward ? p->y_n : p->x_n);
    between.at = n * (is_backward ? p->x_n : p->y_n);
    between.memory = scratch;
    if (narrow_numbers(&ring) > 0)
        between.narrow = between.memory + most * he_nchwc_ring_numbers(&ring);
    run.memory = scratch;
    run.fill = make_rows;
    run.data = &between;
    memset(scratch, 0, most * he_nchwc_ring_numbers(&ring) * sizeof(float));
    for (size_t b = first; b < last; b += run.blocks) {
        run.b = between.b = b;
        run.blocks = between.blocks = MIN(most, last - b);
        between.more = last - b - run.blocks;
        he_nchwc_ring_run(&run);
    }
}
