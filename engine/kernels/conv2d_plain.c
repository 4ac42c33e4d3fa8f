/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* 2-D convolution, the reference: y[o][oy][ox] = bias[o] + sum over ic, ky, kx, in this order, of
 * w[o][ic][ky][kx] * x[ic][oy * sy + ky * dy - pt][ox * sx + kx * dx - pl], and its transpose. Built from
 * separate multiplications and additions (-ffp-contract=off). NCHW. A tile is one output plane (forward)
 * or one input plane (backward), row by row, so that the running row stays in the first cache. */
#include <string.h>

#include "kernels/axis.h"
#include "kernels/kernels.h"

static gboolean fits(const HeConv2d *s)
{
    (void)s;
    return TRUE;
}

static size_t no_scratch(const HeConv2d *s)
{
    (void)s;
    return 0;
}

static size_t forward_tiles(const HeConv2d *s)
{
    return s->n * s->oc;
}

static size_t backward_tiles(const HeConv2d *s)
{
    return s->n * s->c;
}

/* Y, one row, += one row of one input plane under one row of the kernel. */
static void add_row(const HeConv2d *s, const real *x, const real *w, real *y)
{
    for (size_t kx = 0; kx < s->kw; kx++) {
        size_t at = kx * s->dx, past = he_axis_past(s->w, at, s->sx, s->pl, s->ow);
        for (size_t ox = he_axis_first(0, at, s->sx, s->pl); ox < past; ox++)
            y[ox] += w[kx] * x[ox * s->sx + at - s->pl];
    }
}

static void forward(const HeConv2d *s, const HeConv2dRun *r, size_t tile, void *scratch)
{
    const real *x = r->in, *w = r->w, *bias = r->bias;
    real *y = r->out;
    (void)scratch;
    size_t n = tile / s->oc, oc = tile % s->oc, cg = s->c / s->group;
    size_t taps = s->kh * s->kw, plane = s->h * s->w;
    x += n * s->x_n + oc / (s->oc / s->group) * cg * plane;
    w += oc * cg * taps;
    y += n * s->y_n + oc * s->oh * s->ow;
    for (size_t oy = 0; oy < s->oh; oy++, y += s->ow) {
        for (size_t ox = 0; ox < s->ow; ox++)
            y[ox] = bias != NULL ? bias[oc] : 0;
        for (size_t ic = 0; ic < cg; ic++)
            for (size_t ky = 0; ky < s->kh; ky++) {
                size_t iy = oy * s->sy + ky * s->dy - s->pt; /* wraps above the top */
                if (iy < s->h)
                    add_row(s, x + ic * plane + iy * s->w, w + ic * taps + ky * s->kw, y);
            }
    }
}

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    return (HeRegion){tile / s->oc, tile % s->oc, 1, 0, s->oh * s->ow};
}

/* DX, one row, += one row of dy spread by one row of the kernel. */
static void spread_row(const HeConv2d *s, const real *dy, const real *w, real *dx)
{
    for (size_t kx = 0; kx < s->kw; kx++) {
        size_t at = kx * s->dx, past = he_axis_past(s->w, at, s->sx, s->pl, s->ow);
        for (size_t ox = he_axis_first(0, at, s->sx, s->pl); ox < past; ox++)
            dx[ox * s->sx + at - s->pl] += w[kx] * dy[ox];
    }
}

static void backward(const HeConv2d *s, const HeConv2dRun *r, size_t tile, void *scratch)
{
    const real *dy = r->in, *w = r->w;
    real *dx = r->out;
    (void)scratch;
    size_t n = tile / s->c, c = tile % s->c, cg = s->c / s->group, og = s->oc / s->group;
    size_t taps = s->kh * s->kw, plane = s->oh * s->ow, oc_0 = c / cg * og;
    dx += n * s->x_n + c * s->h * s->w;
    dy += n * s->y_n + oc_0 * plane;
    w += (oc_0 * cg + c % cg) * taps;
    for (size_t iy = 0; iy < s->h; iy++, dx += s->w) {
        if (!r->accumulate)
            memset(dx, 0, s->w * sizeof *dx);
        for (size_t oc = 0; oc < og; oc++)
            for (size_t ky = 0; ky < s->kh; ky++) {
                size_t from = iy + s->pt - ky * s->dy; /* wraps above the top */
                size_t oy = from / s->sy;
                if (from % s->sy == 0 && oy < s->oh)
                    spread_row(s, dy + oc * plane + oy * s->ow,
                               w + oc * cg * taps + ky * s->kw, dx);
            }
    }
}

const HeConv2dKernel HE_REAL_KERNEL(conv2d, plain);
const HeConv2dKernel HE_REAL_KERNEL(conv2d, plain) = {
    .name = "conv2d_" HE_REAL_WORD "_plain",
    .set = HE_SET_PLAIN,
    .fits = fits,
    .forward_tiles = forward_tiles,
    .forward_scratch = no_scratch,
    .forward = forward,
    .forward_region = forward_region,
    .backward_tiles = backward_tiles,
    .backward_scratch = no_scratch,
    .backward = backward,
};
