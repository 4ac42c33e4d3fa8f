/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Depthwise convolution with a stride of 1 or 2, by strips (strips.h), straight from the planes. Backward with
 * stride t: rows of dx fall into t phases, each of which sees its own rows of the kernel, turned round; so do
 * columns, and the strips join these again:
 *
 *   dx[iy][ix] = sum of w[ky][kx] * dy[(iy + pt - ky) / t][(ix + pl - kx) / t], where t divides both.
 *
 * A tile is as many channels as make some ten microseconds. */
#include <string.h>

#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/kernels.h"
#include "kernels/strips.h"

#ifdef __x86_64__

#define MAX_KW    16
#define TILE_WORK 400000 /* multiply-adds */
#define PAIR      2      /* planes that a tile does not part */
/* A masked load that touches a page not there is right, but takes hundreds of times as long: the row of zeros,
 * read at every block, has this much on both sides. */
#define MARGIN    32

static gboolean fits(const HeConv2d *s)
{
    return s->group == s->c && s->dy == 1 && s->dx == 1 && s->sy == s->sx && s->sx <= 2 &&
           s->kh >= s->sy && s->kw >= s->sx && s->kh <= HE_STRIPS_KH && s->kw <= MAX_KW;
}

static size_t channels_of_tile(const HeConv2d *s)
{
    size_t work = s->oc / s->c * s->oh * s->ow * s->kh * s->kw + s->h * s->w;
    return he_div_up(he_div_up(TILE_WORK, MAX(work, 1)), PAIR) * PAIR;
}

static size_t tiles(const HeConv2d *s)
{
    return s->n * he_div_up(s->c, channels_of_tile(s));
}

/* The input channels of a tile. */
typedef struct {
    size_t n, c, past;
} Channels;

static Channels channels_at(const HeConv2d *s, size_t tile)
{
    size_t n_channels = channels_of_tile(s), per_sample = he_div_up(s->c, n_channels);
    size_t c = tile % per_sample * n_channels;
    return (Channels){tile / per_sample, c, MIN(s->c, c + n_channels)};
}

/* How many of the planes from I to PAST go at once; ROW is the longest of their rows of sums. */
static size_t planes_at_once(const HeStripsSet *set, size_t row, size_t i, size_t past)
{
    return row <= set->pair && past - i >= PAIR ? PAIR : 1;
}

/* ---- forward ----------------------------------------------------------------------------------------- */

static size_t forward_scratch(const HeConv2d *s)
{
    return (s->w + 2 * MARGIN) * sizeof(float);
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    Channels at = channels_at(s, tile);
    size_t mult = s->oc / s->c;
    return (HeRegion){at.n, at.c * mult, (at.past - at.c) * mult, 0, s->oh * s->ow};
}

/* WEIGHT by columns of the kernel W. */
static void turn(const HeConv2d *s, const float *w, float *weight)
{
    for (size_t kx = 0; kx < s->kw; kx++)
        for (size_t ky = 0; ky < s->kh; ky++)
            *weight++ = w[ky * s->kw + kx];
}

static void forward_by(const HeStripsSet *set, const HeConv2d *s,
                       const HeConv2dRun_f32 *r, size_t tile, float *zeros)
{
    Channels at = channels_at(s, tile);
    size_t mult = s->oc / s->c, out = s->oh * s->ow, past = at.past * mult, n;
    float weight[PAIR][HE_STRIPS_KH * MAX_KW];
    HeStrips t = {.zeros = zeros + MARGIN, .h = s->h, .w = s->w, .kh = s->kh};
    t.y = -(gssize)s->pt;
    t.taps[0] = (HeStripsTaps){
        .weight = {weight[0], weight[1]}, .kw = s->kw, .x = -(gssize)s->pl};
    t.rows = s->oh;
    t.cols = t.out_row = s->ow;
    memset(zeros, 0, forward_scratch(s));
    for (size_t oc = at.c * mult; oc < past && out > 0; oc += n) {
        n = planes_at_once(set, s->ow, oc, past);
        t.in[1] = NULL;
        for (size_t i = 0; i < n; i++) {
            t.in[i] = r->in + at.n * s->x_n + (oc + i) / mult * s->h * s->w;
            t.init[i] = r->bias != NULL ? r->bias[oc + i] : 0;
            t.out[i] = r->out + at.n * s->y_n + (oc + i) * out;
            turn(s, (const float *)r->w + (oc + i) * s->kh * s->kw, weight[i]);
        }
        (s->sx == 1 ? set->same : set->down)[s->kh](&t);
    }
}

/* ---- backward by data -------------------------------------------------------------------------------- */

static size_t backward_scratch(const HeConv2d *s)
{
    return (s->ow + 2 * MARGIN) * sizeof(float);
}

/* The part of an axis of the kernel that phase P of the inputs sees: FIRST, FIRST + stride ..., N of them; the
 * last one at output START. */
typedef struct {
    size_t first, n;
    gssize start;
} Part;

static Part part_of(size_t p, size_t kernel, size_t stride, size_t pad)
{
    Part part = {.first = (p + pad) % stride};
    part.n = he_div_up(kernel - part.first, stride);
    part.start = (gssize)((p + pad) / stride) - (gssize)(part.n - 1);
    return part;
}

/* WEIGHT by columns of the part of the kernel W, from its end. */
static void turn_part(const HeConv2d *s, const Part *rows, const Part *cols,
                      const float *w, float *weight)
{
    for (size_t kx = cols->n; kx-- > 0;)
        for (size_t ky = rows->n; ky-- > 0;)
            *weight++ = w[(rows->first + ky * s->sy) * s->kw + cols->first + kx * s->sx];
}

/* Rows PY, PY + stride ... of N planes of dx from channel C on (+)= what output channel M of each sends back. */
static void backward_phase(const HeStripsSet *set, const HeConv2d *s,
                           const HeConv2dRun_f32 *r, const Channels *at, size_t n,
                           size_t m, size_t py, const float *zeros)
{
    float weight[2][PAIR][HE_STRIPS_KH * MAX_KW];
    size_t mult = s->oc / s->c;
    Part rows = part_of(py, s->kh, s->sy, s->pt);
    HeStrips t = {
        .zeros = zeros + MARGIN, .h = s->oh, .w = s->ow, .kh = rows.n, .y = rows.start};
    t.rows = he_div_up(s->h - py, s->sy);
    t.cols = s->w;
    t.out_row = s->sy * s->w;
    t.accumulate = r->accumulate || m > 0;
    for (size_t i = 0; i < n; i++) {
        size_t oc = (at->c + i) * mult + m;
        t.in[i] = r->in + at->n * s->y_n + oc * s->oh * s->ow;
        t.out[i] = r->out + at->n * s->x_n + ((at->c + i) * s->h + py) * s->w;
        for (size_t px = 0; px < s->sx; px++) {
            Part cols = part_of(px, s->kw, s->sx, s->pl);
            t.taps[px].kw = cols.n;
            t.taps[px].x = cols.start;
            t.taps[px].weight[i] = weight[px][i];
            turn_part(s, &rows, &cols, (const float *)r->w + oc * s->kh * s->kw,
                      weight[px][i]);
        }
    }
    (s->sx == 1 ? set->same : set->up)[rows.n](&t);
}

static void backward_by(const HeStripsSet *set, const HeConv2d *s,
                        const HeConv2dRun_f32 *r, size_t tile, float *zeros)
{
    Channels at = channels_at(s, tile);
    size_t n;
    memset(zeros, 0, backward_scratch(s));
    for (; at.c < at.past && s->w > 0; at.c += n) {
        n = planes_at_once(set, he_div_up(s->w, s->sx), at.c, at.past);
        for (size_t py = 0; py < MIN(s->sy, s->h); py++)
            for (size_t m = 0; m < s->oc / s->c; m++)
                backward_phase(set, s, r, &at, n, m, py, zeros);
    }
}

/* ---- rows of the table -------------------------------------------------------------------------------- */

static gboolean fits_avx2(const HeConv2d *s)
{
    return fits(s) && he_os_cpu_has_avx2_fma();
}

static gboolean fits_avx512(const HeConv2d *s)
{
    return fits(s) && he_os_cpu_has_avx512();
}

#define KERNEL(isa, SET)                                                                 \
    static void forward_##isa(const HeConv2d *s, const HeConv2dRun_f32 *r, size_t tile,  \
                              void *scratch)                                             \
    {                                                                                    \
        forward_by(&he_strips_##isa, s, r, tile, scratch);                               \
    }                                                                                    \
    static void backward_##isa(const HeConv2d *s, const HeConv2dRun_f32 *r, size_t tile, \
                               void *scratch)                                            \
    {                                                                                    \
        backward_by(&he_strips_##isa, s, r, tile, scratch);                              \
    }                                                                                    \
    const HeConv2dKernel_f32 he_conv2d_f32_strips_##isa;                                 \
    const HeConv2dKernel_f32 he_conv2d_f32_strips_##isa = {                              \
        .name = "conv2d_f32_strips_" #isa,                                               \
        .set = SET,                                                                      \
        .fits = fits_##isa,                                                              \
        .forward_tiles = tiles,                                                          \
        .forward_scratch = forward_scratch,                                              \
        .forward = forward_##isa,                                                        \
        .forward_region = forward_region,                                                \
        .backward_tiles = tiles,                                                         \
        .backward_scratch = backward_scratch,                                            \
        .backward = backward_##isa,                                                      \
    };
KERNEL(avx2, HE_SET_AVX2)
KERNEL(avx512, HE_SET_AVX512)

#endif
