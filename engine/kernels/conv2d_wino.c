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
#include "kernels/wino.h"

#ifdef __x86_64__

#define MIN_SIDE 9 /* smaller maps and fewer channels do not pay for the transforms */
#define FEW      16
#define MANY     2048 /* channels; and v of one row of tiles: */
#define V_MOST   (1 << 21)

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

/* ---- scratch ---------------------------------------------------------------------------------------- */

typedef struct {
    float *v, *u, *m, *w, *x, *row;
    size_t v_point, u_point, m_point; /* from one point's matrix to the next */
    size_t bytes;
} Scratch;

static Scratch scratch_of(const HeWinoShape *z, char *memory)
{
    size_t at = 0, c = MIN(z->c, HE_WINO_C_BLOCK);
    Scratch s = {.v_point = he_wino_v_point(z),
                 .u_point = he_wino_lines(HE_WINO_ROWS * c + HE_WINO_SLACK),
                 .m_point = he_wino_lines(HE_WINO_ROWS * he_wino_v_row(z))};
#define TAKE(field, n)                                                                   \
    s.field = memory ? (float *)(void *)(memory + at) : NULL;                            \
    at += ((n) + HE_WINO_SLACK) * sizeof(float)
    TAKE(v, z->is_shared ? 0 : HE_WINO_POINTS * s.v_point);
    TAKE(u, HE_WINO_POINTS * s.u_point);
    TAKE(m, HE_WINO_POINTS * s.m_point);
    TAKE(w, 9 * HE_WINO_ROWS * c);
    TAKE(x, z->is_shared ? 0 : he_wino_x_numbers(z));
    TAKE(row, MAX(he_wino_x_row(z), HE_WINO_OUT * HE_WINO_OUT * z->tw));
#undef TAKE
    s.bytes = at;
    return s;
}

/* ---- one tile ---------------------------------------------------------------------------------------- */

typedef struct {
    const HeWinoSet *set;
    const HeWinoShape *z;
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

static void multiply(const Tile *t, const HeWinoBlock *b, const float *u, size_t u_point)
{
    const HeWinoShape *z = t->z;
    size_t rows = b->rows, c = b->c, n = b->n;
    HeProduct p = {
        .rows = rows, .k = n, .b_row = he_wino_v_row(z), .c_row = he_wino_v_row(z)};
    p.cols = t->n_rows * z->tw;
    p.accumulate = c > 0;
    for (size_t point = 0; point < HE_WINO_POINTS; point++) {
        p.a = u + point * u_point;
        p.b = t->s.v + point * t->s.v_point + c * he_wino_v_row(z);
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
    const HeWinoShape *z = t->z;
    size_t y_row = HE_WINO_OUT * z->tw;
    for (size_t i = 0; i < rows; i++) {
        float *plane = t->out + (m + i) * z->oh * z->ow;
        for (size_t r = 0; r < t->n_rows; r++) {
            HeWinoOut out = {.n = z->tw, .y = t->s.row, .y_row = y_row};
            out.m = t->s.m + i * he_wino_v_row(z) + r * z->tw;
            out.m_point = t->s.m_point;
            t->set->out(&out);
            size_t y = HE_WINO_OUT * (t->ty_0 + r), n = MIN(HE_WINO_OUT, z->oh - y);
            for (size_t j = 0; j < n; j++)
                hand_over(t, t->s.row + j * y_row, z->ow, t->bias ? t->bias[m + i] : 0,
                          plane + (y + j) * z->ow);
        }
    }
}

static void run_panel(const Tile *t, HeWinoBlock *b, const float *packed)
{
    size_t point = he_wino_packed_point(t->set, t->z);
    for (b->c = 0; b->c < t->z->c; b->c += HE_WINO_C_BLOCK) {
        b->n = MIN(HE_WINO_C_BLOCK, t->z->c - b->c);
        if (packed) {
            multiply(t, b, packed + b->c / HE_WINO_C_BLOCK * HE_WINO_POINTS * point,
                     point);
        } else {
            he_wino_transform_weights(t->set, t->z, t->w, b, t->s.w, t->s.u,
                                      t->s.u_point);
            multiply(t, b, t->s.u, t->s.u_point);
        }
    }
    transform_out(t, b->m - t->m_0, b->rows);
}

static void run_tile(const Tile *t)
{
    size_t height = he_div_up(t->m, he_wino_panels(t->set, t->m));
    const float *packed = t->packed;
    if (!t->z->is_shared) {
        HeWinoRows rows = {.set = t->set, .z = t->z, .src = t->src, .x = t->s.x};
        rows.ty_0 = t->ty_0;
        rows.n_rows = t->n_rows;
        rows.row = t->s.row;
        rows.v = t->s.v;
        he_wino_transform_in(&rows, 0, t->z->c);
    }
    for (size_t m = 0; m < t->m; m += height) {
        HeWinoBlock b = {.m = t->m_0 + m, .rows = MIN(height, t->m - m)};
        run_panel(t, &b, packed);
        packed = packed ? packed + he_wino_packed_panel(t->set, t->z) : NULL;
    }
}

/* Of a tile: its sample; channels and pixels of the result. */
static HeRegion region_of(const HeConv2d *s, const HeWinoShape *z, size_t tile)
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
static void run(const HeWinoSet *set, const HeConv2d *s, const HeWinoShape *z,
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
    if (r->w)
        t.w = (const guint8 *)r->w + group * z->m * z->c * 9 * sizeof(float);
    if (r->packed)
        t.packed = r->packed +
                   block * he_wino_panels(set, z->m_block) * he_wino_packed_panel(set, z);
    t.bias = r->bias ? r->bias + at.oc : NULL;
    if (z->is_shared)
        t.s.v = (float *)(guintptr)r->shared + tile / z->m_blocks * he_wino_v_block(z);
    t.out = r->out + at.n * out_n + at.oc * z->oh * z->ow;
    run_tile(&t);
}

static size_t tiles_of(const HeConv2d *s, const HeWinoShape *z)
{
    return s->n * s->group * z->m_blocks * z->blocks;
}

static size_t forward_tiles(const HeConv2d *s)
{
    HeWinoShape z = he_wino_shape(s, FALSE);
    return tiles_of(s, &z);
}

static size_t backward_tiles(const HeConv2d *s)
{
    HeWinoShape z = he_wino_shape(s, TRUE);
    return tiles_of(s, &z);
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    HeWinoShape z = he_wino_shape(s, FALSE);
    return region_of(s, &z, tile);
}

static size_t forward_scratch(const HeConv2d *s)
{
    HeWinoShape z = he_wino_shape(s, FALSE);
    return scratch_of(&z, NULL).bytes;
}

static size_t backward_scratch(const HeConv2d *s)
{
    HeWinoShape z = he_wino_shape(s, TRUE);
    return scratch_of(&z, NULL).bytes;
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
        HeWinoShape z = he_wino_shape(s, FALSE);                                         \
        run(&he_wino_##variant, s, &z, r, s->x_n, s->y_n, tile, scratch);                \
    }                                                                                    \
    static void backward_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,          \
                                   size_t tile, void *scratch)                           \
    {                                                                                    \
        HeWinoShape z = he_wino_shape(s, TRUE);                                          \
        run(&he_wino_##variant, s, &z, r, s->y_n, s->x_n, tile, scratch);                \
    }                                                                                    \
    static size_t pack_numbers_##variant(const HeConv2d *s, gboolean is_backward)        \
    {                                                                                    \
        return he_wino_pack_numbers(&he_wino_##variant, s, is_backward);                 \
    }                                                                                    \
    static void pack_##variant(const HeConv2d *s, gboolean is_backward, const void *w,   \
                               float *out, size_t tile)                                  \
    {                                                                                    \
        he_wino_pack(&he_wino_##variant, s, is_backward, w, out, tile);                  \
    }                                                                                    \
    static void share_##variant(const HeConv2d *s, gboolean is_backward,                 \
                                const float *in, float *out, size_t tile)                \
    {                                                                                    \
        he_wino_share(&he_wino_##variant, s, is_backward, in, out, tile);                \
    }                                                                                    \
    static const HeConv2dShare shared_##variant = {                                      \
        he_wino_share_numbers, he_wino_share_tiles, share_##variant};                    \
    static const HeConv2dPack packed_##variant = {pack_numbers_##variant,                \
                                                  he_wino_pack_tiles, pack_##variant};   \
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
