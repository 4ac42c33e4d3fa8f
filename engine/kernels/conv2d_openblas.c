/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 2-D convolution as matrix products, by sample and group:
 *
 *   forward    y[oc, p] = w[oc, K] col[K, p],      K = (ic, ky, kx), p = output pixels
 *   backward   dcol[K, p] = w^T dy[oc, p],          then dx += col2im(dcol)
 *
 * (Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing",
 * 2006). A forward tile is a block of output channels by a block of pixels; its columns are gathered into
 * the worker's scratch. A backward tile is a block of input channels by a block of input rows: it computes
 * all output rows that reach its own rows, some of them again, so that no two tiles write the same dx. A
 * 1x1 kernel with stride 1 and no padding needs no columns: x and dy are the matrices. */
#include <string.h>

#include "kernels/axis.h"
#include "kernels/columns.h"
#include "kernels/openblas.h"
#include "kernels/split.h"

/* A column costs a read, a write and the packing by OpenBLAS; a packed number one of these. */
#define GATHER_COST 3

typedef struct {
    size_t cg, og;      /* channels of a group */
    size_t taps, K;     /* kh * kw, cg * taps */
    size_t in, out;     /* pixels of a plane */
    gboolean is_direct; /* no columns needed */
} Sizes;

static Sizes sizes(const HeConv2d *s)
{
    Sizes z = {.cg = s->c / s->group, .og = s->oc / s->group, .taps = s->kh * s->kw};
    z.K = z.cg * z.taps;
    z.in = s->h * s->w;
    z.out = s->oh * s->ow;
    z.is_direct = z.taps == 1 && s->sy == 1 && s->sx == 1 && s->pt == 0 && s->pl == 0 &&
                  s->oh == s->h && s->ow == s->w;
    return z;
}

static double work_of(const Sizes *z)
{
    return (double)z->og * (double)z->K * (double)z->out;
}

static gboolean fits(const HeConv2d *s)
{
    Sizes z = sizes(s);
    HeGemm forward_s = {
        .m = z.og, .n = z.out, .k = z.K, .lda = z.K, .ldb = z.in, .ldc = z.out};
    return he_openblas_can(&forward_s);
}

/* ---- forward ------------------------------------------------------------------------------------ */

static HeSplit forward_split(const HeConv2d *s, const Sizes *z)
{
    (void)s;
    HeCut cut = {
        .m = z->og, .n = z->out, .m_grain = 16, .n_grain = 16, .work = work_of(z)};
    cut.m_cost = (double)z->K;
    cut.n_cost = (double)z->K * (z->is_direct ? 1 : GATHER_COST);
    cut.n_scratch = z->is_direct ? 0 : (double)z->K;
    return he_split(&cut);
}

static size_t forward_tiles(const HeConv2d *s)
{
    Sizes z = sizes(s);
    HeSplit sp = forward_split(s, &z);
    return s->n * s->group * sp.m_blocks * sp.n_blocks;
}

static size_t forward_scratch(const HeConv2d *s)
{
    Sizes z = sizes(s);
    return z.is_direct ? 0 : z.K * forward_split(s, &z).n_block * sizeof(float);
}

static void im2col(const HeConv2d *s, const Sizes *z, const float *x, size_t p,
                   size_t past, float *col)
{
    HeGrid grid = {s->h, s->w, s->oh, s->ow, s->sy, s->sx};
    for (size_t ic = 0; ic < z->cg; ic++, x += z->in)
        for (size_t ky = 0; ky < s->kh; ky++)
            for (size_t kx = 0; kx < s->kw; kx++, col += past - p)
                he_columns_gather(&grid, x, (gssize)(ky * s->dy) - (gssize)s->pt,
                                  (gssize)(kx * s->dx) - (gssize)s->pl, p, past, col);
}

static HeRegion region_of(const HeConv2d *s, const Sizes *z, const HeSplit *sp,
                          size_t tile)
{
    size_t o = tile % sp->m_blocks * sp->m_block, part = tile / sp->m_blocks;
    size_t p = part % sp->n_blocks * sp->n_block, sample = part / sp->n_blocks;
    return (HeRegion){.n = sample / s->group,
                      .oc = sample % s->group * z->og + o,
                      .n_oc = MIN(sp->m_block, z->og - o),
                      .p = p,
                      .n_p = MIN(sp->n_block, z->out - p)};
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    Sizes z = sizes(s);
    HeSplit sp = forward_split(s, &z);
    return region_of(s, &z, &sp, tile);
}

static void forward(const HeConv2d *s, const HeConv2dRun_f32 *r, size_t tile,
                    void *scratch)
{
    Sizes z = sizes(s);
    HeSplit sp = forward_split(s, &z);
    HeRegion at = region_of(s, &z, &sp, tile);
    HeGemm gemm = {.m = at.n_oc, .n = at.n_p};
    gemm.k = gemm.lda = z.K;
    gemm.ldb = z.is_direct ? z.in : gemm.n;
    gemm.ldc = z.out;
    gemm.accumulate = r->bias != NULL;

    const float *x = r->in + at.n * s->x_n + at.oc / z.og * z.cg * z.in;
    if (z.is_direct)
        x += at.p;
    else
        im2col(s, &z, x, at.p, at.p + gemm.n, scratch);
    float *y = r->out + at.n * s->y_n + at.oc * z.out + at.p;
    for (size_t i = 0; i < gemm.m && r->bias != NULL; i++)
        for (size_t j = 0; j < gemm.n; j++)
            y[i * z.out + j] = r->bias[at.oc + i];
    he_openblas_gemm(&gemm, (const float *)r->w + at.oc * z.K, z.is_direct ? x : scratch,
                     y);
}

/* ---- backward by data ----------------------------------------------------------------------------- */

/* M: input channels. N: pixels when direct, else input rows. */
static HeSplit backward_split(const HeConv2d *s, const Sizes *z)
{
    HeCut cut = {.m = z->cg, .m_grain = 1, .n_grain = 1, .work = work_of(z)};
    cut.m_cost = (double)(z->taps * z->og);
    if (z->is_direct) {
        cut.n = z->in;
        cut.m_grain = cut.n_grain = 16;
        cut.n_cost = (double)z->og;
    } else {
        double columns = (double)s->ow / (double)s->sy; /* for each input row */
        cut.n = s->h;
        cut.n_overlap = (s->kh - 1) * s->dy;
        cut.n_cost = columns * (double)z->og;
        cut.mn_scratch = columns * (double)z->taps;
    }
    return he_split(&cut);
}

static size_t backward_tiles(const HeConv2d *s)
{
    Sizes z = sizes(s);
    HeSplit sp = backward_split(s, &z);
    return s->n * s->group * sp.m_blocks * sp.n_blocks;
}

/* The most output rows that reach a block of N_ROWS input rows. */
static size_t reach(const HeConv2d *s, size_t n_rows)
{
    return MIN(s->oh, (n_rows - 1 + (s->kh - 1) * s->dy) / s->sy + 1);
}

static size_t backward_scratch(const HeConv2d *s)
{
    Sizes z = sizes(s);
    HeSplit sp = backward_split(s, &z);
    return z.is_direct ? 0
                       : MIN(sp.m_block, z.cg) * z.taps * reach(s, sp.n_block) * s->ow *
                             sizeof(float);
}

/* Adds the row (ic, ky, kx) of dcol, output rows [OY, OY_PAST), to input rows [IY, IY_PAST) of dx. */
static void scatter(const HeConv2d *s, const float *dcol, size_t ky, size_t kx,
                    size_t oy_0, size_t oy_past, size_t iy_0, size_t iy_past, float *dx)
{
    size_t at = kx * s->dx, first = he_axis_first(0, at, s->sx, s->pl);
    size_t past = he_axis_past(s->w, at, s->sx, s->pl, s->ow);
    for (size_t oy = oy_0; oy < oy_past; oy++, dcol += s->ow) {
        size_t iy = oy * s->sy + ky * s->dy - s->pt; /* wraps above the top */
        if (iy < iy_0 || iy >= iy_past)
            continue;
        float *row = dx + iy * s->w;
        for (size_t ox = first; ox < past; ox++)
            row[ox * s->sx + at - s->pl] += dcol[ox];
    }
}

static void backward_direct(const HeConv2d *s, const Sizes *z, const float *dy,
                            const float *w, float *dx, gboolean accumulate, size_t ic,
                            size_t m, size_t p, size_t n)
{
    (void)s;
    HeGemm gemm = {.m = m, .n = n, .k = z->og, .ta = TRUE, .lda = z->cg, .ldb = z->out};
    gemm.ldc = z->in;
    gemm.accumulate = accumulate;
    he_openblas_gemm(&gemm, w + ic, dy + p, dx + ic * z->in + p);
}

static void backward_columns(const HeConv2d *s, const Sizes *z, const float *dy,
                             const float *w, float *dx, gboolean accumulate, size_t ic,
                             size_t m, size_t iy, size_t n, float *dcol)
{
    size_t iy_past = iy + n;
    size_t oy = he_axis_first(iy, (s->kh - 1) * s->dy, s->sy, s->pt);
    size_t oy_past = he_axis_past(iy_past, 0, s->sy, s->pt, s->oh);
    dx += ic * z->in;
    for (size_t i = 0; i < m && !accumulate; i++)
        memset(dx + i * z->in + iy * s->w, 0, n * s->w * sizeof *dx);
    if (oy >= oy_past)
        return;
    HeGemm gemm = {.m = m * z->taps, .k = z->og, .ta = TRUE, .lda = z->K, .ldb = z->out};
    gemm.n = gemm.ldc = (oy_past - oy) * s->ow;
    he_openblas_gemm(&gemm, w + ic * z->taps, dy + oy * s->ow, dcol);
    for (size_t i = 0; i < m; i++)
        for (size_t ky = 0; ky < s->kh; ky++)
            for (size_t kx = 0; kx < s->kw; kx++, dcol += gemm.n)
                scatter(s, dcol, ky, kx, oy, oy_past, iy, iy_past, dx + i * z->in);
}

static void backward(const HeConv2d *s, const HeConv2dRun_f32 *r, size_t tile,
                     void *scratch)
{
    const float *dy = r->in, *w = r->w;
    float *dx = r->out;
    Sizes z = sizes(s);
    HeSplit sp = backward_split(s, &z);
    size_t ic = tile % sp.m_blocks * sp.m_block, part = tile / sp.m_blocks;
    size_t at = part % sp.n_blocks * sp.n_block, sample = part / sp.n_blocks;
    size_t group = sample % s->group, n = sample / s->group;
    size_t m_here = MIN(sp.m_block, z.cg - ic);
    dy += n * s->y_n + group * z.og * z.out;
    dx += n * s->x_n + group * z.cg * z.in;
    w += group * z.og * z.K;
    if (z.is_direct)
        backward_direct(s, &z, dy, w, dx, r->accumulate, ic, m_here, at,
                        MIN(sp.n_block, z.in - at));
    else
        backward_columns(s, &z, dy, w, dx, r->accumulate, ic, m_here, at,
                         MIN(sp.n_block, s->h - at), scratch);
}

const HeConv2dKernel_f32 he_conv2d_f32_openblas;
const HeConv2dKernel_f32 he_conv2d_f32_openblas = {
    .name = "conv2d_f32_openblas",
    .set = HE_SET_OPENBLAS,
    .fits = fits,
    .forward_tiles = forward_tiles,
    .forward_scratch = forward_scratch,
    .forward = forward,
    .forward_region = forward_region,
    .backward_tiles = backward_tiles,
    .backward_scratch = backward_scratch,
    .backward = backward,
};
