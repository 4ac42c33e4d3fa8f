/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3) (winograd.h), by sample and group, NCHW. Backward
 * is the same with weights transposed and flipped and what is left of the padding. For each of the 36 points
 *
 *   m[row, t] = sum over channels c of u[row, c] v[c, t],   row: channel of the result, t: tile.
 *
 * A tile of work is a block of channels of the result by some rows of tiles: their v stands in the worker's
 * scratch, then panel by panel u and m. Sums run over c in order whatever the block. */
#include <string.h>

#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/kernels.h"
#include "kernels/winograd.h"

#define C_BLOCK    64        /* channels of u at once */
#define V_NUMBERS  (1 << 18) /* of scratch for v: half of a second-level cache, */
#define TILES      64 /* but each block transforms the weights again: it has this many tiles */
#define MAX_ROWS   16 /* at least the rows of every product */
#define LINE       16
#define MIN_SIDE   9 /* smaller maps and fewer channels do not pay for the transforms */
#define FEW        16
#define MANY       2048 /* channels; and v of one row of tiles: */
#define V_MOST     (1 << 21)
#define SHARE_MOST (5 << 18) /* numbers of v: they should stay in a second-level cache */
#define SHARE_ROOM (1 << 13) /* numbers of the rows under a block */
#define SHARE_WORK (1 << 15) /* numbers of v of a tile */
#define TILE_WORK  2e6       /* multiply-adds */
#define BLOCKS     4         /* of channels, at most: each computes v again */

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
} Shape;

static gboolean is_within(size_t channels, size_t width)
{
    return channels >= FEW && channels <= MANY &&
           he_div_up(width, HE_WINO_OUT) <= V_MOST / HE_WINO_POINTS / channels;
}

static gboolean fits(const HeConv2d *s)
{
    return s->kh == 3 && s->kw == 3 && s->sy == 1 && s->sx == 1 && s->dy == 1 &&
           s->dx == 1 && s->pt <= 2 && s->pl <= 2 && MIN(s->h, s->w) >= MIN_SIDE &&
           MIN(s->oh, s->ow) >= MIN_SIDE && is_within(s->c / s->group, s->ow) &&
           is_within(s->oc / s->group, s->w);
}

static void cut(Shape *z)
{
    z->th = he_div_up(z->oh, HE_WINO_OUT);
    z->tw = he_div_up(z->ow, HE_WINO_OUT);
    double row_numbers = (double)HE_WINO_POINTS * (double)z->c * (double)z->tw;
    double rows = MAX(V_NUMBERS / row_numbers, TILES / (double)z->tw);
    z->rows = (size_t)CLAMP(rows, 1, (double)z->th);
    z->blocks = he_div_up(z->th, z->rows);
    z->rows = he_div_up(z->th, z->blocks);
    z->blocks = he_div_up(z->th, z->rows);
    double work = row_numbers * (double)z->rows * (double)z->m;
    z->m_blocks = (size_t)CLAMP(work / TILE_WORK, 1, z->blocks < 16 ? BLOCKS : 1);
    z->m_block = he_div_up(z->m, z->m_blocks);
    z->m_blocks = he_div_up(z->m, z->m_block);
}

/* An odd number of lines: what stands so far apart uses all sets of a cache. */
static size_t odd_lines(size_t n)
{
    return (he_div_up(n, LINE) | 1) * LINE;
}

/* Numbers of a row of v or m, and of v of one block of rows of tiles. */
static size_t v_row(const Shape *z)
{
    return odd_lines(z->rows * z->tw);
}

static size_t v_point(const Shape *z)
{
    return odd_lines(z->c * v_row(z));
}

static size_t v_block(const Shape *z)
{
    return HE_WINO_POINTS * v_point(z) + HE_WINO_SLACK;
}

/* One input row as four phases, and the rows under a block. */
static size_t phase_of(const Shape *z)
{
    return z->tw + 1;
}

static size_t x_row(const Shape *z)
{
    return 4 * phase_of(z);
}

static size_t x_numbers(const Shape *z)
{
    return (HE_WINO_OUT * z->rows + 2) * x_row(z) + HE_WINO_SLACK;
}

static void share_v(const HeConv2d *s, Shape *z)
{
    size_t parts = MAX(s->n, 1) * s->group * z->blocks;
    z->is_shared =
        z->m_blocks > 1 && x_numbers(z) <= SHARE_ROOM && v_block(z) <= SHARE_MOST / parts;
}

static Shape forward_shape(const HeConv2d *s)
{
    Shape z = {.m = s->oc / s->group, .c = s->c / s->group, .pt = s->pt, .pl = s->pl};
    z.h = s->h;
    z.w = s->w;
    z.oh = s->oh;
    z.ow = s->ow;
    z.w_c = 9;
    z.w_m = 9 * z.c;
    cut(&z);
    share_v(s, &z);
    return z;
}

static Shape backward_shape(const HeConv2d *s)
{
    Shape z = {.m = s->c / s->group, .c = s->oc / s->group, .is_backward = TRUE};
    z.h = s->oh;
    z.w = s->ow;
    z.oh = s->h;
    z.ow = s->w;
    z.pt = 2 - s->pt;
    z.pl = 2 - s->pl;
    z.w_m = 9;
    z.w_c = 9 * z.m;
    cut(&z);
    share_v(s, &z);
    return z;
}

/* ---- scratch ---------------------------------------------------------------------------------------- */

typedef struct {
    float *v, *u, *m, *w, *x, *row;
    size_t v_point, u_point, m_point; /* from one point's matrix to the next */
    size_t bytes;
} Scratch;

static Scratch scratch_of(const Shape *z, char *memory)
{
    size_t at = 0, c = MIN(z->c, C_BLOCK);
    Scratch s = {.v_point = v_point(z),
                 .u_point = odd_lines(MAX_ROWS * c + HE_WINO_SLACK),
                 .m_point = odd_lines(MAX_ROWS * v_row(z))};
#define TAKE(field, n)                                                                   \
    s.field = memory ? (float *)(void *)(memory + at) : NULL;                            \
    at += ((n) + HE_WINO_SLACK) * sizeof(float)
    TAKE(v, z->is_shared ? 0 : HE_WINO_POINTS * s.v_point);
    TAKE(u, HE_WINO_POINTS * s.u_point);
    TAKE(m, HE_WINO_POINTS * s.m_point);
    TAKE(w, 9 * MAX_ROWS * c);
    TAKE(x, z->is_shared ? 0 : x_numbers(z));
    TAKE(row, MAX(x_row(z), HE_WINO_OUT * HE_WINO_OUT * z->tw));
#undef TAKE
    s.bytes = at;
    return s;
}

/* ---- one tile ---------------------------------------------------------------------------------------- */

typedef struct {
    const HeWinoSet *set;
    const Shape *z;
    Scratch s;
    const float *src;    /* planes of the sample and group */
    const guint8 *w;     /* weights of the group, at any byte */
    const float *packed; /* U of the block's first panel, or NULL */
    float *out;          /* plane of the first channel of the result in this block */
    const float *bias;   /* of that channel, or NULL */
    gboolean accumulate;
    size_t m_0, m;       /* channels of the result */
    size_t ty_0, n_rows; /* rows of tiles */
} Tile;

/* Plane C's rows under the block, with their borders, split into phases. */
static void load_plane(const Tile *t, size_t c)
{
    const Shape *z = t->z;
    const float *plane = t->src + c * z->h * z->w;
    size_t width = x_row(z), n = MIN(z->w, width - z->pl);
    float *out = t->s.x;
    memset(t->s.row, 0, width * sizeof(float));
    for (size_t i = 0; i < HE_WINO_OUT * t->n_rows + 2; i++, out += width) {
        size_t y = HE_WINO_OUT * t->ty_0 + i - z->pt; /* wraps above the top */
        if (y >= z->h) {
            memset(out, 0, width * sizeof(float));
            continue;
        }
        memcpy(t->s.row + z->pl, plane + y * z->w, n * sizeof(float));
        he_product_pack(t->s.row, 4, phase_of(z), 4, out);
    }
}

static void transform_in(const Tile *t, size_t c, size_t past)
{
    const Shape *z = t->z;
    for (; c < past; c++) {
        load_plane(t, c);
        for (size_t r = 0; r < t->n_rows; r++) {
            HeWinoIn in = {.x = t->s.x + HE_WINO_OUT * r * x_row(z), .n = z->tw};
            in.x_row = x_row(z);
            in.x_phase = phase_of(z);
            in.v = t->s.v + c * v_row(z) + r * z->tw;
            in.v_point = t->s.v_point;
            t->set->in(&in);
        }
    }
}

/* A block of U: rows by channels, for each point. */
typedef struct {
    size_t m, rows, c, n; /* rows [M, M + ROWS) of the result, channels [C, C + N) */
} Block;

/* U of block B of the weights W; ROOM is as large as the block's weights. */
static void transform_weights(const HeWinoSet *set, const Shape *z, const guint8 *w,
                              const Block *b, float *room, float *u, size_t u_point)
{
    const size_t step = z->w_c * sizeof(float);
    w += b->m * z->w_m * sizeof(float) + b->c * step;
    if (z->w_c == 9)
        he_product_pack(w, z->w_m, b->rows, 9 * b->n, room);
    else
        for (size_t i = 0; i < b->n; i++)
            he_product_pack(w + i * step, z->w_m, b->rows, 9, room + i * 9 * b->rows);
    HeWinoWeights weights = {.w = room, .rows = b->rows, .channels = b->n, .u = u};
    weights.is_flipped = z->is_backward;
    weights.u_point = u_point;
    set->weights(&weights);
}

static void multiply(const Tile *t, const Block *b, const float *u, size_t u_point)
{
    const Shape *z = t->z;
    size_t rows = b->rows, c = b->c, n = b->n;
    HeProduct p = {.rows = rows, .k = n, .b_row = v_row(z), .c_row = v_row(z)};
    p.cols = t->n_rows * z->tw;
    p.accumulate = c > 0;
    for (size_t point = 0; point < HE_WINO_POINTS; point++) {
        p.a = u + point * u_point;
        p.b = t->s.v + point * t->s.v_point + c * v_row(z);
        p.c = t->s.m + point * t->s.m_point;
        t->set->product->run(&p);
    }
}

/* N numbers of the result. */
static void hand_over(const Tile *t, const float *from, size_t n, float bias, float *to)
{
    if (t->accumulate)
        for (size_t i = 0; i < n; i++)
            to[i] += from[i];
    else
        for (size_t i = 0; i < n; i++)
            to[i] = from[i] + bias;
}

/* Rows [M, M + ROWS), counted from M_0, of the result. */
static void transform_out(const Tile *t, size_t m, size_t rows)
{
    const Shape *z = t->z;
    size_t y_row = HE_WINO_OUT * z->tw;
    for (size_t i = 0; i < rows; i++) {
        float *plane = t->out + (m + i) * z->oh * z->ow;
        for (size_t r = 0; r < t->n_rows; r++) {
            HeWinoOut out = {.n = z->tw, .y = t->s.row, .y_row = y_row};
            out.m = t->s.m + i * v_row(z) + r * z->tw;
            out.m_point = t->s.m_point;
            t->set->out(&out);
            size_t y = HE_WINO_OUT * (t->ty_0 + r), n = MIN(HE_WINO_OUT, z->oh - y);
            for (size_t j = 0; j < n; j++)
                hand_over(t, t->s.row + j * y_row, z->ow, t->bias ? t->bias[m + i] : 0,
                          plane + (y + j) * z->ow);
        }
    }
}

static size_t panels_of(const HeWinoSet *set, size_t m)
{
    return he_div_up(m, set->product->rows);
}

/* Numbers from one point of what is packed to the next, and of a panel. */
static size_t packed_point(const HeWinoSet *set, const Shape *z)
{
    size_t height =
        MIN(z->m_block, set->product->rows); /* the last block's may be higher */
    return odd_lines(height * MIN(z->c, C_BLOCK) + HE_WINO_SLACK);
}

static size_t packed_panel(const HeWinoSet *set, const Shape *z)
{
    return he_div_up(z->c, C_BLOCK) * HE_WINO_POINTS * packed_point(set, z);
}

static void run_panel(const Tile *t, Block *b, const float *packed)
{
    size_t point = packed_point(t->set, t->z);
    for (b->c = 0; b->c < t->z->c; b->c += C_BLOCK) {
        b->n = MIN(C_BLOCK, t->z->c - b->c);
        if (packed) {
            multiply(t, b, packed + b->c / C_BLOCK * HE_WINO_POINTS * point, point);
        } else {
            transform_weights(t->set, t->z, t->w, b, t->s.w, t->s.u, t->s.u_point);
            multiply(t, b, t->s.u, t->s.u_point);
        }
    }
    transform_out(t, b->m - t->m_0, b->rows);
}

static void run_tile(const Tile *t)
{
    size_t height = he_div_up(t->m, panels_of(t->set, t->m));
    const float *packed = t->packed;
    if (!t->z->is_shared)
        transform_in(t, 0, t->z->c);
    for (size_t m = 0; m < t->m; m += height) {
        Block b = {.m = t->m_0 + m, .rows = MIN(height, t->m - m)};
        run_panel(t, &b, packed);
        packed = packed ? packed + packed_panel(t->set, t->z) : NULL;
    }
}

/* Of a tile: its sample; channels and pixels of the result. */
static HeRegion region_of(const HeConv2d *s, const Shape *z, size_t tile)
{
    size_t rest = tile / z->m_blocks, sample = rest / z->blocks;
    size_t m = tile % z->m_blocks * z->m_block,
           y = rest % z->blocks * z->rows * HE_WINO_OUT;
    return (HeRegion){.n = sample / s->group,
                      .oc = sample % s->group * z->m + m,
                      .n_oc = MIN(z->m_block, z->m - m),
                      .p = y * z->ow,
                      .n_p = MIN(z->rows * HE_WINO_OUT, z->oh - y) * z->ow};
}

/* SRC_N, OUT_N: distances between samples. */
static void run(const HeWinoSet *set, const HeConv2d *s, const Shape *z,
                const HeConv2dRun_f32 *r, size_t src_n, size_t out_n, size_t tile,
                void *scratch)
{
    HeRegion at = region_of(s, z, tile);
    size_t group = at.oc / z->m, block = group * z->m_blocks + tile % z->m_blocks;
    Tile t = {.set = set, .z = z, .s = scratch_of(z, scratch)};
    t.accumulate = r->accumulate;
    t.m_0 = at.oc % z->m;
    t.m = at.n_oc;
    t.ty_0 = at.p / z->ow / HE_WINO_OUT;
    t.n_rows = MIN(z->rows, z->th - t.ty_0);
    t.src = r->in + at.n * src_n + group * z->c * z->h * z->w;
    t.w = (const guint8 *)r->w + group * z->m * z->c * 9 * sizeof(float);
    if (r->packed)
        t.packed = r->packed + block * panels_of(set, z->m_block) * packed_panel(set, z);
    t.bias = r->bias ? r->bias + at.oc : NULL;
    if (z->is_shared)
        t.s.v = (float *)(guintptr)r->shared + tile / z->m_blocks * v_block(z);
    t.out = r->out + at.n * out_n + at.oc * z->oh * z->ow;
    run_tile(&t);
}

/* ---- shared v ------------------------------------------------------------------------------------------- */

static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    Shape z = is_backward ? backward_shape(s) : forward_shape(s);
    return z.is_shared ? s->n * s->group * z.blocks * v_block(&z) : 0;
}

/* A tile of work is some channels of one block of rows of tiles. */
static size_t share_step(const Shape *z)
{
    return CLAMP(SHARE_WORK / (HE_WINO_POINTS * z->rows * z->tw), 1, z->c);
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    Shape z = is_backward ? backward_shape(s) : forward_shape(s);
    return s->n * s->group * z.blocks * he_div_up(z.c, share_step(&z));
}

static void share(const HeWinoSet *set, const HeConv2d *s, const Shape *z, size_t src_n,
                  const float *in, float *out, size_t tile)
{
    float x[SHARE_ROOM], row[SHARE_ROOM];
    size_t step = share_step(z), parts = he_div_up(z->c, step);
    size_t c = tile % parts * step, block = tile / parts, sample = block / z->blocks;
    Tile t = {.set = set, .z = z};
    t.ty_0 = block % z->blocks * z->rows;
    t.n_rows = MIN(z->rows, z->th - t.ty_0);
    t.src = in + sample / s->group * src_n + sample % s->group * z->c * z->h * z->w;
    t.s = (Scratch){.x = x, .row = row, .v = out + block * v_block(z)};
    t.s.v_point = v_point(z);
    transform_in(&t, c, MIN(c + step, z->c));
}

/* ---- packed weights ----------------------------------------------------------------------------------- */

static size_t pack_numbers(const HeWinoSet *set, const HeConv2d *s, const Shape *z)
{
    return s->group * z->m_blocks * panels_of(set, z->m_block) * packed_panel(set, z);
}

/* A tile of work packs one block of channels of the result. */
static void pack(const HeWinoSet *set, const Shape *z, const void *w, float *out,
                 size_t tile)
{
    float room[9 * MAX_ROWS * C_BLOCK + HE_WINO_SLACK];
    size_t group = tile / z->m_blocks, m_0 = tile % z->m_blocks * z->m_block;
    size_t n = MIN(z->m_block, z->m - m_0), point = packed_point(set, z);
    size_t height = he_div_up(n, panels_of(set, n));
    const guint8 *from = (const guint8 *)w + group * z->m * z->c * 9 * sizeof(float);
    out += tile * panels_of(set, z->m_block) * packed_panel(set, z);
    for (size_t m = 0; m < n; m += height, out += packed_panel(set, z))
        for (size_t c = 0; c < z->c; c += C_BLOCK) {
            Block b = {m_0 + m, MIN(height, n - m), c, MIN(C_BLOCK, z->c - c)};
            transform_weights(set, z, from, &b, room,
                              out + c / C_BLOCK * HE_WINO_POINTS * point, point);
        }
}

static size_t tiles_of(const HeConv2d *s, const Shape *z)
{
    return s->n * s->group * z->m_blocks * z->blocks;
}

static size_t forward_tiles(const HeConv2d *s)
{
    Shape z = forward_shape(s);
    return tiles_of(s, &z);
}

static size_t backward_tiles(const HeConv2d *s)
{
    Shape z = backward_shape(s);
    return tiles_of(s, &z);
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    Shape z = forward_shape(s);
    return region_of(s, &z, tile);
}

static size_t pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    Shape z = is_backward ? backward_shape(s) : forward_shape(s);
    return s->group * z.m_blocks;
}

static size_t forward_scratch(const HeConv2d *s)
{
    Shape z = forward_shape(s);
    return scratch_of(&z, NULL).bytes;
}

static size_t backward_scratch(const HeConv2d *s)
{
    Shape z = backward_shape(s);
    return scratch_of(&z, NULL).bytes;
}

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
        Shape z = forward_shape(s);                                                      \
        run(&he_wino_##variant, s, &z, r, s->x_n, s->y_n, tile, scratch);                \
    }                                                                                    \
    static void backward_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,          \
                                   size_t tile, void *scratch)                           \
    {                                                                                    \
        Shape z = backward_shape(s);                                                     \
        run(&he_wino_##variant, s, &z, r, s->y_n, s->x_n, tile, scratch);                \
    }                                                                                    \
    static size_t pack_numbers_##variant(const HeConv2d *s, gboolean is_backward)        \
    {                                                                                    \
        Shape z = is_backward ? backward_shape(s) : forward_shape(s);                    \
        return pack_numbers(&he_wino_##variant, s, &z);                                  \
    }                                                                                    \
    static void pack_##variant(const HeConv2d *s, gboolean is_backward, const void *w,   \
                               float *out, size_t tile)                                  \
    {                                                                                    \
        Shape z = is_backward ? backward_shape(s) : forward_shape(s);                    \
        pack(&he_wino_##variant, &z, w, out, tile);                                      \
    }                                                                                    \
    static void share_##variant(const HeConv2d *s, gboolean is_backward,                 \
                                const float *in, float *out, size_t tile)                \
    {                                                                                    \
        Shape z = is_backward ? backward_shape(s) : forward_shape(s);                    \
        share(&he_wino_##variant, s, &z, is_backward ? s->y_n : s->x_n, in, out, tile);  \
    }                                                                                    \
    static const HeConv2dShare shared_##variant = {share_numbers, share_tiles,           \
                                                   share_##variant};                     \
    static const HeConv2dPack packed_##variant = {pack_numbers_##variant, pack_tiles,    \
                                                  pack_##variant};                       \
    const HeConv2dKernel_f32 he_conv2d_f32_wino_##variant;                               \
    const HeConv2dKernel_f32 he_conv2d_f32_wino_##variant = {                            \
        .name = "conv2d_f32_wino_" #variant,                                             \
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
        .share = &shared_##variant,                                                      \
    };

ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
ROW(avx512, AVX512, he_os_cpu_has_avx512)

#endif
