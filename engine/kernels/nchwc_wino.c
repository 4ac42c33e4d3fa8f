/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3) in blocks of channels (nchwc_wino.h). Backward is the same
 * with weights transposed and flipped and what is left of the padding. For each of the 36 points
 *
 *   m[t][o] = sum over channels c of v[t][c] u[c][o],   t: tile, o: channel of the result,
 *
 * by the loop of blocks.h, where tiles are the pixels. A tile of work is some rows of tiles by some blocks of the
 * result, one or two of them at a time, whose m stays in a second-level cache. Where many such read the same v, it is
 * made once for all. Maps that are too small do not win back what the weights' transform costs. */
#include <string.h>

#include "core/os.h"
#include "kernels/blocks.h"
#include "kernels/nchwc_wino.h"
#include "kernels/product.h"

#define MIN_PIXELS  400
#define MIN_SIDE    9
#define FEW         16
#define MANY        2048 /* channels */
#define MOST_WIDTH  4096
#define V_NUMBERS   (3 << 16) /* of the rows of tiles of a tile of work, */
#define TILES       48        /* which has at least so many, if there are */
#define ENOUGH      8 /* tiles of work without cutting the channels of the result */
#define WANTED      16
#define MOST_BLOCKS 2  /* of any set at once */
#define C_STEP      18 /* blocks of channels of v at once */

typedef struct {
    size_t c, m;     /* blocks of channels of the input, of the result */
    size_t channels; /* of the input */
    size_t results;  /* channels of the result */
    size_t h, w, oh, ow, pt, pl;
    size_t th, tw;          /* tiles */
    size_t rows, groups;    /* rows of tiles of a tile of work, such groups */
    size_t m_part, m_parts; /* blocks of the result in a tile of work, such parts */
    size_t v_point, m_point;
} Shape;

static Shape shape_of(const HeConv2d *s, gboolean is_backward)
{
    Shape z = {.channels = is_backward ? s->oc : s->c,
               .results = is_backward ? s->c : s->oc,
               .h = is_backward ? s->oh : s->h,
               .w = is_backward ? s->ow : s->w,
               .oh = is_backward ? s->h : s->oh,
               .ow = is_backward ? s->w : s->ow,
               .pt = is_backward ? 2 - s->pt : s->pt,
               .pl = is_backward ? 2 - s->pl : s->pl};
    z.c = he_nchwc_blocks(z.channels);
    z.m = he_nchwc_blocks(z.results);
    z.th = he_div_up(z.oh, HE_WINO_OUT);
    z.tw = he_div_up(z.ow, HE_WINO_OUT);
    size_t row = HE_WINO_POINTS * z.c * HE_NCHWC * z.tw;
    z.rows = CLAMP(MAX(V_NUMBERS / row, he_div_up(TILES, z.tw)), 1, z.th);
    z.groups = he_div_up(z.th, z.rows);
    z.rows = he_div_up(z.th, z.groups);
    z.groups = he_div_up(z.th, z.rows);
    size_t parts = z.groups >= ENOUGH ? 1 : he_div_up(WANTED, z.groups);
    z.m_part = he_div_up(he_div_up(z.m, parts), MOST_BLOCKS) * MOST_BLOCKS;
    z.m_parts = he_div_up(z.m, z.m_part);
    z.v_point = (z.c * z.rows * z.tw + 1) * HE_NCHWC;
    z.m_point = (MOST_BLOCKS * z.rows * z.tw + 1) * HE_NCHWC;
    return z;
}

static gboolean fits(const HeConv2d *s)
{
    return s->group == 1 && s->kh == 3 && s->kw == 3 && s->sy == 1 && s->sx == 1 &&
           s->dy == 1 && s->dx == 1 && s->pt <= 2 && s->pl <= 2 && s->c >= FEW &&
           s->oc >= FEW && s->c <= MANY && s->oc <= MANY &&
           MIN(MIN(s->h, s->w), MIN(s->oh, s->ow)) >= MIN_SIDE && s->h <= MOST_WIDTH &&
           s->w <= MOST_WIDTH && s->oh <= MOST_WIDTH && s->ow <= MOST_WIDTH &&
           s->oh * s->ow >= MIN_PIXELS;
}

/* ---- weights: [block of the result][point][c][16] ------------------------------------------------------ */

static size_t u_point(const Shape *z)
{
    return z->c * HE_NCHWC * HE_NCHWC;
}

static size_t pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    Shape z = shape_of(s, is_backward);
    return z.m * HE_WINO_POINTS * u_point(&z);
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

static void pack(const HeNchwcWinoSet *set, const HeConv2d *s, gboolean is_backward,
                 const void *w, float *out, size_t tile)
{
    Shape z = shape_of(s, is_backward);
    size_t m = tile * HE_NCHWC;
    float room[HE_NCHWC * 9 * HE_NCHWC];
    out += tile * HE_WINO_POINTS * u_point(&z);
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
        set->weights(&u);
    }
}

/* ---- v ----------------------------------------------------------------------------------------------- */

static gboolean is_shared(const Shape *z)
{
    return z->m_parts > 1;
}

static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    Shape z = shape_of(s, is_backward);
    return is_shared(&z) ? s->n * z.groups * HE_WINO_POINTS * z.v_point : 0;
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    Shape z = shape_of(s, is_backward);
    return s->n * z.groups * z.c;
}

static size_t rows_of(const Shape *z, size_t group)
{
    return MIN(z->rows, z->th - group * z->rows);
}

/* Block C of the sample at IN. */
static void transform_in(const HeNchwcWinoSet *set, const Shape *z, const float *in,
                         size_t group, size_t c, float *v)
{
    size_t rows = rows_of(z, group);
    HeNchwcWinoIn k = {.h = z->h, .w = z->w, .x = -(gssize)z->pl, .n = z->tw};
    k.plane = in + c * z->h * z->w * HE_NCHWC;
    k.v_point = z->v_point;
    for (size_t r = 0; r < rows; r++) {
        k.y = (gssize)((group * z->rows + r) * HE_WINO_OUT) - (gssize)z->pt;
        k.v = v + (c * rows + r) * z->tw * HE_NCHWC;
        set->in(&k);
    }
}

/* A tile of work is one block of a group. */
static void share(const HeNchwcWinoSet *set, const HeConv2d *s, gboolean is_backward,
                  const float *in, float *out, size_t tile)
{
    Shape z = shape_of(s, is_backward);
    size_t group = tile / z.c, n = group / z.groups;
    transform_in(set, &z, in + n * (is_backward ? s->y_n : s->x_n), group % z.groups,
                 tile % z.c, out + group * HE_WINO_POINTS * z.v_point);
}

/* ---- tiles of work ------------------------------------------------------------------------------------- */

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    Shape z = shape_of(s, is_backward);
    return s->n * z.groups * z.m_parts;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    Shape z = shape_of(s, is_backward);
    return HE_WINO_POINTS * ((is_shared(&z) ? 0 : z.v_point) + z.m_point) * sizeof(float);
}

typedef struct {
    const HeNchwcWinoSet *set;
    const HeBlocksSet *loop;
    const Shape *z;
    const HeNchwcRun *r;
    size_t n, group, rows;
    const float *v;
    float *m;
    float *out; /* the sample's result */
} Tile;

/* BLOCKS blocks of the result from B on, all points. */
static void multiply(const Tile *t, size_t b, size_t blocks)
{
    static const float none[MOST_BLOCKS * HE_NCHWC];
    const Shape *z = t->z;
    size_t pixels = t->rows * z->tw, block = HE_WINO_POINTS * u_point(z);
    gint32 offset[C_STEP];
    for (size_t i = 0; i < C_STEP; i++)
        offset[i] = (gint32)(i * pixels * HE_NCHWC);
    for (size_t p = 0; p < HE_WINO_POINTS; p++)
        for (size_t c = 0; c < z->c; c += C_STEP) {
            HeBlocks s = {.offset = offset, .n_runs = MIN(C_STEP, z->c - c)};
            s.x = t->v + p * z->v_point + c * pixels * HE_NCHWC;
            s.pixels = pixels;
            s.w = t->r->packed + b * block + p * u_point(z) + c * HE_NCHWC * HE_NCHWC;
            s.w_block = block;
            s.blocks = blocks;
            s.y = t->m + p * z->m_point;
            s.y_block = pixels * HE_NCHWC;
            s.start = c == 0 ? none : NULL;
            s.ahead = s.w + s.n_runs * HE_NCHWC * HE_NCHWC;
            s.ahead_blocks = p + 1 < HE_WINO_POINTS ? blocks : 0;
            t->loop->run(&s);
        }
}

static void transform_out(const Tile *t, size_t b, size_t block)
{
    static const float none[HE_NCHWC];
    const Shape *z = t->z;
    size_t plane = z->oh * z->ow * HE_NCHWC;
    HeNchwcWinoOut k = {.m_point = z->m_point, .n = z->tw, .h = z->oh, .w = z->ow};
    k.plane = t->out + (b + block) * plane;
    k.at = (size_t)(k.plane - t->r->out);
    k.channel = (b + block) * HE_NCHWC;
    k.finish = t->r->finish;
    k.bias = t->r->accumulate ? NULL : t->r->bias ? t->r->bias + k.channel : none;
    for (size_t r = 0; r < t->rows; r++) {
        k.m = t->m + (block * t->rows + r) * z->tw * HE_NCHWC;
        k.y = (t->group * z->rows + r) * HE_WINO_OUT;
        t->set->out(&k);
    }
}

static void run(const HeNchwcWinoSet *set, const HeBlocksSet *loop, const HeConv2d *s,
                gboolean is_backward, const HeNchwcRun *r, size_t tile, float *room)
{
    Shape z = shape_of(s, is_backward);
    size_t group = tile / z.m_parts, b = tile % z.m_parts * z.m_part;
    size_t past = MIN(b + z.m_part, z.m);
    Tile t = {.set = set, .loop = loop, .z = &z, .r = r};
    t.n = group / z.groups;
    t.group = group % z.groups;
    t.rows = rows_of(&z, t.group);
    t.m = room;
    t.v = is_shared(&z) ? r->shared + group * HE_WINO_POINTS * z.v_point
                        : room + HE_WINO_POINTS * z.m_point;
    t.out = r->out + t.n * (is_backward ? s->x_n : s->y_n);
    for (size_t c = 0; !is_shared(&z) && c < z.c; c++)
        transform_in(set, &z, r->in + t.n * (is_backward ? s->y_n : s->x_n), t.group, c,
                     room + HE_WINO_POINTS * z.m_point);
    for (; b < past; b += loop->blocks) {
        size_t blocks = MIN(loop->blocks, past - b);
        multiply(&t, b, blocks);
        for (size_t i = 0; i < blocks; i++)
            transform_out(&t, b, i);
    }
}

/* ---- rows of the table -------------------------------------------------------------------------------- */

#ifdef __x86_64__

#define ROW(variant, VARIANT, is_there)                                                  \
    static gboolean fits_##variant(const HeConv2d *s, gboolean is_backward)              \
    {                                                                                    \
        (void)is_backward;                                                               \
        return is_there() && fits(s);                                                    \
    }                                                                                    \
    static void pack_##variant(const HeConv2d *s, gboolean is_backward, const void *w,   \
                               float *out, size_t tile)                                  \
    {                                                                                    \
        pack(&he_nchwc_wino_##variant, s, is_backward, w, out, tile);                    \
    }                                                                                    \
    static void share_##variant(const HeConv2d *s, gboolean is_backward,                 \
                                const float *in, float *out, size_t tile)                \
    {                                                                                    \
        share(&he_nchwc_wino_##variant, s, is_backward, in, out, tile);                  \
    }                                                                                    \
    static void run_##variant(const HeConv2d *s, gboolean is_backward,                   \
                              const HeNchwcRun *r, size_t tile, void *room)              \
    {                                                                                    \
        run(&he_nchwc_wino_##variant, &he_blocks_##variant, s, is_backward, r, tile,     \
            room);                                                                       \
    }                                                                                    \
    static const HeConv2dShare shared_##variant = {share_numbers, share_tiles,           \
                                                   share_##variant};                     \
    const HeNchwcKernel he_nchwc_f32_wino_##variant;                                     \
    const HeNchwcKernel he_nchwc_f32_wino_##variant = {                                  \
        .name = "nchwc_f32_wino_" #variant,                                              \
        .set = HE_SET_##VARIANT,                                                         \
        .fits = fits_##variant,                                                          \
        .pack_numbers = pack_numbers,                                                    \
        .pack_tiles = pack_tiles,                                                        \
        .pack = pack_##variant,                                                          \
        .share = &shared_##variant,                                                      \
        .tiles = tiles,                                                                  \
        .scratch = scratch,                                                              \
        .run = run_##variant,                                                            \
    };

ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
ROW(avx512, AVX512, he_os_cpu_has_avx512)

#endif
