/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Depthwise convolution: every group has one input channel (and one or more output channels). Each plane
 * is copied into the worker's scratch with its border of zeros, then every output is a weighted sum of
 * neighbours (taps.h), without a branch.
 *
 * Forward, stride sx: a padded row is stored as sx phases (columns 0, sx, 2 sx ...; 1, sx + 1 ...), so that
 * the neighbours of consecutive outputs are consecutive. Backward: dx falls into sy * sx phases, each of
 * which sees its own part of the kernel and, of padded dy, consecutive numbers:
 *
 *   dx[iy][ix] = sum of w[ky][kx] * dy[(iy + pt - ky * dy) / sy][(ix + pl - kx * dx) / sx]
 *
 * over the taps for which both divide. A tile is as many channels as make some 20 to 40 microseconds. */
#include <string.h>

#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/kernels.h"
#include "kernels/taps.h"

#define MAX_TAPS  128
#define TILE_WORK 300000 /* multiply-adds */
#define COPY_WORK                                                                        \
    4 /* multiply-adds in the time that one number is copied to its padded place */

static gboolean fits(const HeConv2d *s)
{
    return s->group == s->c && s->kh * s->kw <= MAX_TAPS;
}

static size_t channels_of_tile(const HeConv2d *s)
{
    size_t work = s->oc / s->c * s->oh * s->ow * s->kh * s->kw + s->h * s->w * COPY_WORK;
    return CLAMP(he_div_up(TILE_WORK, MAX(work, 1)), 1, MAX(s->c, 1));
}

static size_t tiles(const HeConv2d *s)
{
    return s->n * he_div_up(s->c, channels_of_tile(s));
}

/* ---- the padded plane ------------------------------------------------------------------------------ */

typedef struct {
    size_t rows, cols; /* with the border, before phases */
    size_t top, left;  /* border */
    size_t n_phases;   /* of columns */
    size_t phase, row; /* numbers of one phase of a row, of a row */
} Padded;

static void set_row(Padded *p)
{
    p->phase = he_div_up(p->cols, p->n_phases);
    p->row = p->phase * p->n_phases;
}

static Padded padded_x(const HeConv2d *s)
{
    Padded p = {.top = s->pt, .left = s->pl, .n_phases = s->sx};
    p.rows = (s->oh - 1) * s->sy + (s->kh - 1) * s->dy + 1;
    p.cols = (s->ow - 1) * s->sx + (s->kw - 1) * s->dx + 1;
    set_row(&p);
    return p;
}

/* dx[iy] reads dy from row -(kh - 1) * dy / sy, rounded away from 0, to row (h - 1 + pt) / sy. */
static Padded padded_dy(const HeConv2d *s)
{
    Padded p = {.n_phases = 1};
    p.top = he_div_up((s->kh - 1) * s->dy, s->sy);
    p.left = he_div_up((s->kw - 1) * s->dx, s->sx);
    p.rows = p.top + (s->h - 1 + s->pt) / s->sy + 1;
    p.cols = p.left + (s->w - 1 + s->pl) / s->sx + 1;
    set_row(&p);
    return p;
}

/* Blocks of the loop reach over the end by rows and columns that do not count. */
static size_t padded_bytes(const Padded *p, size_t row_step)
{
    return ((p->rows + (HE_TAPS_ROWS - 1) * row_step) * p->row + HE_TAPS_COLS) *
           sizeof(float);
}

/* One phase of one row: OUT[j] = row[j * n_phases + phase - left], 0 outside [0, W). */
static void copy_phase(const Padded *p, const float *row, size_t w, size_t phase,
                       float *out)
{
    size_t first = MIN(p->phase, he_axis_first(0, phase, p->n_phases, p->left));
    size_t past = MAX(first, he_axis_past(w, phase, p->n_phases, p->left, p->phase));
    memset(out, 0, first * sizeof *out);
    if (past > first)
        he_axis_gather(row + first * p->n_phases + phase - p->left, p->n_phases,
                       past - first, out + first);
    memset(out + past, 0, (p->phase - past) * sizeof *out);
}

static void pad_plane(const Padded *p, const float *plane, size_t h, size_t w, float *out)
{
    for (size_t r = 0; r < p->rows; r++, out += p->row) {
        size_t y = r - p->top; /* wraps in the border */
        if (y >= h)
            memset(out, 0, p->row * sizeof *out);
        else
            for (size_t phase = 0; phase < p->n_phases; phase++)
                copy_phase(p, plane + y * w, w, phase, out + phase * p->phase);
    }
}

/* ---- forward ----------------------------------------------------------------------------------------- */

static size_t forward_scratch(const HeConv2d *s)
{
    if (s->oh == 0 || s->ow == 0)
        return 0;
    Padded p = padded_x(s);
    return padded_bytes(&p, s->sy);
}

static void forward_offsets(const HeConv2d *s, const Padded *p, size_t *offset)
{
    for (size_t ky = 0; ky < s->kh; ky++)
        for (size_t kx = 0; kx < s->kw; kx++) {
            size_t at = kx * s->dx;
            *offset++ = ky * s->dy * p->row + at % s->sx * p->phase + at / s->sx;
        }
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

static HeRegion forward_region(const HeConv2d *s, size_t tile)
{
    Channels at = channels_at(s, tile);
    size_t mult = s->oc / s->c;
    return (HeRegion){at.n, at.c * mult, (at.past - at.c) * mult, 0, s->oh * s->ow};
}

static void forward_by(HeTapsFunc run, const HeConv2d *s, const HeConv2dRun_f32 *r,
                       size_t tile, float *scratch)
{
    Channels at = channels_at(s, tile);
    size_t mult = s->oc / s->c, taps = s->kh * s->kw, out = s->oh * s->ow,
           offset[MAX_TAPS];
    if (out == 0)
        return;
    Padded p = padded_x(s);
    HeTaps t = {
        .src = scratch, .src_row = s->sy * p.row, .offset = offset, .n_taps = taps};
    t.rows = s->oh;
    t.cols = t.out_row = s->ow;
    t.out_col = 1;
    forward_offsets(s, &p, offset);
    for (size_t c = at.c; c < at.past; c++) {
        pad_plane(&p, r->in + at.n * s->x_n + c * s->h * s->w, s->h, s->w, scratch);
        for (size_t oc = c * mult; oc < (c + 1) * mult; oc++) {
            t.weight = (const float *)r->w + oc * taps;
            t.init = r->bias != NULL ? r->bias[oc] : 0;
            t.out = r->out + at.n * s->y_n + oc * out;
            run(&t);
        }
    }
}

/* ---- backward by data -------------------------------------------------------------------------------- */

static size_t backward_scratch(const HeConv2d *s)
{
    if (s->h == 0 || s->w == 0)
        return 0;
    Padded p = padded_dy(s);
    return padded_bytes(&p, 1);
}

/* The taps that inputs of phase (PY, PX) see: which, and where in padded dy their first one stands. */
static size_t phase_taps(const HeConv2d *s, const Padded *p, size_t py, size_t px,
                         size_t *tap, size_t *offset)
{
    size_t n = 0, up = p->top * s->sy,
           left = p->left * s->sx; /* keep differences positive */
    for (size_t ky = 0; ky < s->kh; ky++)
        for (size_t kx = 0; kx < s->kw; kx++) {
            size_t y = up + py + s->pt - ky * s->dy, x = left + px + s->pl - kx * s->dx;
            if (y % s->sy != 0 || x % s->sx != 0)
                continue;
            tap[n] = ky * s->kw + kx;
            offset[n++] = y / s->sy * p->row + x / s->sx;
        }
    return n;
}

/* DX, one plane, (+)= what one output channel sends back; SRC is its padded dy. */
static void backward_plane(HeTapsFunc run, const HeConv2d *s, const Padded *p,
                           const float *src, const float *w, float *dx,
                           gboolean accumulate)
{
    size_t tap[MAX_TAPS], offset[MAX_TAPS];
    float weight[MAX_TAPS];
    HeTaps t = {.src = src, .src_row = p->row, .offset = offset, .weight = weight};
    t.out_row = s->sy * s->w;
    t.out_col = s->sx;
    t.accumulate = accumulate;
    for (size_t py = 0; py < MIN(s->sy, s->h); py++)
        for (size_t px = 0; px < MIN(s->sx, s->w); px++) {
            t.n_taps = phase_taps(s, p, py, px, tap, offset);
            for (size_t i = 0; i < t.n_taps; i++)
                weight[i] = w[tap[i]];
            t.rows = he_div_up(s->h - py, s->sy);
            t.cols = he_div_up(s->w - px, s->sx);
            t.out = dx + py * s->w + px;
            run(&t);
        }
}

static void backward_by(HeTapsFunc run, const HeConv2d *s, const HeConv2dRun_f32 *r,
                        size_t tile, float *scratch)
{
    Channels at = channels_at(s, tile);
    size_t mult = s->oc / s->c, in = s->h * s->w, out = s->oh * s->ow;
    if (in == 0)
        return;
    Padded p = padded_dy(s);
    for (size_t c = at.c; c < at.past; c++)
        for (size_t oc = c * mult; oc < (c + 1) * mult; oc++) {
            pad_plane(&p, r->in + at.n * s->y_n + oc * out, s->oh, s->ow, scratch);
            backward_plane(run, s, &p, scratch, (const float *)r->w + oc * s->kh * s->kw,
                           r->out + at.n * s->x_n + c * in,
                           r->accumulate || oc > c * mult);
        }
}

/* ---- rows of the table -------------------------------------------------------------------------------- */

static void forward_c(const HeConv2d *s, const HeConv2dRun_f32 *r, size_t tile,
                      void *scratch)
{
    forward_by(he_taps_c, s, r, tile, scratch);
}

static void backward_c(const HeConv2d *s, const HeConv2dRun_f32 *r, size_t tile,
                       void *scratch)
{
    backward_by(he_taps_c, s, r, tile, scratch);
}

const HeConv2dKernel_f32 he_conv2d_f32_dw;
const HeConv2dKernel_f32 he_conv2d_f32_dw = {
    .name = "conv2d_f32_dw",
    .set = HE_SET_OPENBLAS,
    .fits = fits,
    .forward_tiles = tiles,
    .forward_scratch = forward_scratch,
    .forward = forward_c,
    .forward_region = forward_region,
    .backward_tiles = tiles,
    .backward_scratch = backward_scratch,
    .backward = backward_c,
};

#define ROW(variant, VARIANT, is_there)                                                  \
    static gboolean fits_##variant(const HeConv2d *s)                                    \
    {                                                                                    \
        return fits(s) && is_there();                                                    \
    }                                                                                    \
    static void forward_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,           \
                                  size_t tile, void *scratch)                            \
    {                                                                                    \
        forward_by(he_taps_##variant, s, r, tile, scratch);                              \
    }                                                                                    \
    static void backward_##variant(const HeConv2d *s, const HeConv2dRun_f32 *r,          \
                                   size_t tile, void *scratch)                           \
    {                                                                                    \
        backward_by(he_taps_##variant, s, r, tile, scratch);                             \
    }                                                                                    \
    const HeConv2dKernel_f32 he_conv2d_f32_dw_##variant;                                 \
    const HeConv2dKernel_f32 he_conv2d_f32_dw_##variant = {                              \
        .name = "conv2d_f32_dw_" #variant,                                               \
        .set = HE_SET_##VARIANT,                                                         \
        .fits = fits_##variant,                                                          \
        .forward_tiles = tiles,                                                          \
        .forward_scratch = forward_scratch,                                              \
        .forward = forward_##variant,                                                    \
        .forward_region = forward_region,                                                \
        .backward_tiles = tiles,                                                         \
        .backward_scratch = backward_scratch,                                            \
        .backward = backward_##variant,                                                  \
    };

#ifdef __x86_64__
ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
#endif
#ifdef __aarch64__
ROW(neon, NEON, he_os_cpu_has_neon)
#endif
