/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 3x3 convolution with stride 1 by Winograd's algorithm in blocks of channels (nchwc_wino.h). Backward is the same
 * with weights transposed and flipped and what is left of the padding. For each point
 *
 *   m[t][o] = sum over channels c of v[t][c] u[c][o],   t: tile, o: channel of the result,
 *
 * by the loop of blocks.h, where tiles are the pixels. A tile of work is some rows of tiles by some blocks of the
 * result. It goes from point to point: one point's v stays in a second-level cache while u, read once, passes by. Each
 * makes the v it needs, which is faster than to read what another has made. Its parts (he_pool_share) are blocks of the
 * input, points, and blocks of the result. */
#include <string.h>

#include "kernels/nchwc_wino.h"
#include "kernels/product.h"

#define C_STEP 18 /* blocks of channels of v at once */

/* ---- weights: [block of the result][point][c][16] ------------------------------------------------------ */

static size_t u_point(const HeNchwcWinoShape *z)
{
    return z->c * HE_NCHWC * HE_NCHWC;
}

static size_t pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    HeNchwcWinoShape z = he_nchwc_wino_shape(s, is_backward);
    return z.m * z.points * u_point(&z);
}

static size_t pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    return he_nchwc_blocks(is_backward ? s->c : s->oc);
}

/* Channel C's taps for ROWS channels of the result from M on: [9][16]. */
static void read_taps(const HeConv2d *s, gboolean is_backward, const guint8 *w, size_t m,
                      size_t rows, size_t c, float *out)
{
    size_t w_m = is_backward ? 9 : 9 * s->c, w_c = is_backward ? 9 * s->c : 9;
    w += (m * w_m + c * w_c) * sizeof *out;
    if (rows == HE_NCHWC) {
        he_product_pack(w, w_m, HE_NCHWC, 9, out);
        return;
    }
    memset(out, 0, 9 * HE_NCHWC * sizeof *out);
    for (size_t i = 0; i < rows; i++)
        for (size_t t = 0; t < 9; t++)
            memcpy(out + t * HE_NCHWC + i, w + (i * w_m + t) * sizeof *out, sizeof *out);
}

static const HeNchwcWinoTile *tile_of(const HeNchwcWinoSet *set,
                                      const HeNchwcWinoShape *z)
{
    return z->side == 4 ? &set->four : &set->two;
}

static void pack(const HeNchwcWinoSet *set, const HeConv2d *s, gboolean is_backward,
                 const void *w, float *out, size_t tile)
{
    HeNchwcWinoShape z = he_nchwc_wino_shape(s, is_backward);
    size_t m = tile * HE_NCHWC;
    float room[HE_NCHWC * 9 * HE_NCHWC];
    out += tile * z.points * u_point(&z);
    for (size_t c = 0; c < z.c * HE_NCHWC; c += HE_NCHWC) {
        HeNchwcWinoWeights u = {
            .w = room, .channels = HE_NCHWC, .is_flipped = is_backward};
        u.u = out + c * HE_NCHWC;
        u.u_point = u_point(&z);
        for (size_t i = 0; i < HE_NCHWC; i++) {
            if (c + i < z.channels)
                read_taps(s, is_backward, w, m, MIN(HE_NCHWC, z.results - m), c + i,
                          room + i * 9 * HE_NCHWC);
            else
                memset(room + i * 9 * HE_NCHWC, 0, 9 * HE_NCHWC * sizeof *room);
        }
        tile_of(set, &z)->weights(&u);
    }
}

/* ---- tiles of work ------------------------------------------------------------------------------------- */

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    HeNchwcWinoShape z = he_nchwc_wino_shape(s, is_backward);
    return s->n * z.groups * z.m_parts;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    HeNchwcWinoShape z = he_nchwc_wino_shape(s, is_backward);
    return z.points * (z.v_point + z.m_point) * sizeof(float);
}

typedef struct {
    const HeNchwcWinoTile *set;
    const HeBlocksSet *loop;
    const HeNchwcWinoShape *z;
    const HeNchwcRun *r;
    size_t row, rows; /* of tiles */
    size_t b, past;   /* blocks of the result */
    const float *in;  /* the sample's input */
    float *out;       /* and result */
    float *v, *m;
} Tile;

/* V of block C of the input. */
static void transform_in(void *data, size_t c, int worker)
{
    const Tile *t = data;
    const HeNchwcWinoShape *z = t->z;
    HeNchwcWinoIn k = {.h = z->h, .w = z->w, .x = -(gssize)z->pl, .n = z->tw};
    (void)worker;
    k.plane = t->in + c * z->h * z->w * HE_NCHWC;
    k.v = t->v + c * t->rows * z->tw * HE_NCHWC;
    k.v_point = z->v_point;
    for (size_t r = 0; r < t->rows; r++, k.v += z->tw * HE_NCHWC) {
        k.y = (gssize)((t->row + r) * z->side) - (gssize)z->pt;
        t->set->in(&k);
    }
}

/* Where U of point P of block B begins. */
static const float *u_of(const Tile *t, size_t b, size_t p)
{
    return t->r->packed + (b * t->z->points + p) * u_point(t->z);
}

/* What is multiplied after channels .. PAST of blocks B .. of point P. */
static void set_ahead(const Tile *t, HeBlocks *s, size_t b, size_t p, size_t past)
{
    size_t next = past < t->z->c ? b : b + s->blocks;
    if (past < t->z->c)
        s->ahead = s->w + s->n_runs * HE_NCHWC * HE_NCHWC;
    else if (next < t->past)
        s->ahead = u_of(t, next, p);
    else if (p + 1 < t->z->points)
        s->ahead = u_of(t, next = t->b, p + 1);
    s->ahead_blocks = MIN(s->blocks, t->past - next);
}

/* Blocks B .. of point P. */
static void multiply(const Tile *t, size_t b, size_t p, const gint32 *offset)
{
    static const float none[HE_NCHWC_WINO_BLOCKS * HE_NCHWC];
    const HeNchwcWinoShape *z = t->z;
    size_t pixels = t->rows * z->tw;
    HeBlocks s = {.offset = offset, .pixels = pixels, .start = none};
    s.blocks = MIN(t->loop->blocks, t->past - b);
    s.w_block = z->points * u_point(z);
    s.y = t->m + p * z->m_point + (b - t->b) * pixels * HE_NCHWC;
    s.y_block = pixels * HE_NCHWC;
    for (size_t c = 0; c < z->c; c += C_STEP, s.start = NULL) {
        s.n_runs = MIN(C_STEP, z->c - c);
        s.x = t->v + p * z->v_point + c * pixels * HE_NCHWC;
        s.w = u_of(t, b, p) + c * HE_NCHWC * HE_NCHWC;
        set_ahead(t, &s, b, p, c + C_STEP);
        t->loop->run(&s);
    }
}

static void multiply_point(void *data, size_t p, int worker)
{
    const Tile *t = data;
    gint32 offset[C_STEP];
    (void)worker;
    for (size_t i = 0; i < C_STEP; i++)
        offset[i] = (gint32)(i * t->rows * t->z->tw * HE_NCHWC);
    for (size_t b = t->b; b < t->past; b += t->loop->blocks)
        multiply(t, b, p, offset);
}

/* The tile's block PART of the result. */
static void transform_out(void *data, size_t part, int worker)
{
    static const float none[HE_NCHWC];
    const Tile *t = data;
    const HeNchwcWinoShape *z = t->z;
    HeNchwcWinoOut k = {.m_point = z->m_point, .n = z->tw, .h = z->oh, .w = z->ow};
    (void)worker;
    k.channel = (t->b + part) * HE_NCHWC;
    k.plane = t->out + k.channel * z->oh * z->ow;
    k.at = (size_t)(k.plane - t->r->out);
    k.finish = t->r->finish;
    k.bias = t->r->accumulate ? NULL : t->r->bias ? t->r->bias + k.channel : none;
    k.m = t->m + part * t->rows * z->tw * HE_NCHWC;
    for (size_t r = 0; r < t->rows; r++, k.m += z->tw * HE_NCHWC) {
        k.y = (t->row + r) * z->side;
        t->set->out(&k);
    }
}

static void run_tile(Tile *t)
{
    he_pool_share(t->r->pool, t->z->c, transform_in, t);
    he_pool_share(t->r->pool, t->z->points, multiply_point, t);
    he_pool_share(t->r->pool, t->past - t->b, transform_out, t);
}

static gboolean fits(const HeConv2d *s, gboolean is_backward, const void *loops)
{
    (void)loops;
    return he_nchwc_wino_fits(s, is_backward);
}

static void run(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *room)
{
    const HeNchwcWinoSet *set = loops;
    HeNchwcWinoShape z = he_nchwc_wino_shape(s, is_backward);
    size_t group = tile / z.m_parts, n = group / z.groups;
    Tile t = {.set = tile_of(set, &z), .loop = set->product, .z = &z, .r = r};
    t.row = group % z.groups * z.th / z.groups;
    t.rows = (group % z.groups + 1) * z.th / z.groups - t.row;
    t.b = tile % z.m_parts * z.m_part;
    t.past = MIN(t.b + z.m_part, z.m);
    t.in = r->in + n * (is_backward ? s->y_n : s->x_n);
    t.out = r->out + n * (is_backward ? s->x_n : s->y_n);
    t.v = room;
    t.m = t.v + z.points * z.v_point;
    run_tile(&t);
}

#define ROW(variant, SET)                                                                \
    static void pack_##variant(const HeConv2d *s, gboolean is_backward, const void *w,   \
                               float *out, size_t tile)                                  \
    {                                                                                    \
        pack(&he_nchwc_wino_##variant, s, is_backward, w, out, tile);                    \
    }                                                                                    \
    static const HeConv2dPack packed_##variant = {pack_numbers, pack_tiles,              \
                                                  pack_##variant};                       \
    HE_NCHWC_ROW(wino, variant, SET, &he_nchwc_wino_##variant, &packed_##variant, NULL)

#ifdef __x86_64__
ROW(avx2, AVX2)
ROW(avx512, AVX512)
#endif
#ifdef __aarch64__
ROW(neon, NEON)
#endif
