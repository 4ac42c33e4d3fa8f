/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Parts of a direct convolution in blocks, and the copy of its input; weights of kernels that go tap by tap. */
#include <string.h>

#include "kernels/nchwc_shape.h"

#define MOST_PHASES 16 /* of strides of 4: parts of a way back */

/* Rounds down. */
static gssize divide(gssize a, size_t stride)
{
    gssize s = (gssize)stride;
    return a >= 0 ? a / s : -((-a + s - 1) / s);
}

static size_t phase_of(gssize a, size_t stride)
{
    return (size_t)(a - divide(a, stride) * (gssize)stride);
}

typedef struct {
    gssize first, last;
    size_t outputs;
} Reach;

static void reach(Reach *r, gssize at, size_t outputs, gboolean is_first)
{
    r->first = is_first ? at : MIN(r->first, at);
    r->last = is_first ? at : MAX(r->last, at);
    r->outputs = MAX(r->outputs, outputs);
}

/* All parts read one copy. */
static void reach_all(const HeConv2d *s, gboolean is_backward, Reach *y, Reach *x)
{
    size_t n = 0;
    for (size_t i = 0; i < he_mm_n_parts(s, is_backward); i++) {
        HeMmPart part = he_mm_part(s, is_backward, i);
        const HeGrid *g = &part.grid;
        for (size_t t = 0; t < part.n_taps; t++, n++) {
            reach(y, divide(part.tap[t].y, g->sy), g->rows, n == 0);
            reach(x, divide(part.tap[t].x, g->sx), g->cols, n == 0);
        }
    }
}

static void make(HeNchwcShape *z, const HeConv2d *s, gboolean is_backward, size_t part)
{
    Reach y = {0}, x = {0};
    *z = (HeNchwcShape){.blocks = {.part = he_mm_part(s, is_backward, part)}};
    const HeGrid *g = &z->blocks.part.grid;
    reach_all(s, is_backward, &y, &x);
    z->first_y = y.first;
    z->first_x = x.first;
    z->height = y.outputs + (size_t)(y.last - y.first);
    z->width = x.outputs + (size_t)(x.last - x.first);
    z->n_phases = g->sy * g->sx;
    z->is_copied = z->n_phases > 1 || y.first != 0 || x.first != 0 || z->height != g->h ||
                   z->width != g->w;
    z->is_whole = z->width == g->cols && !z->blocks.part.is_spread;
    z->blocks.in_blocks = he_nchwc_blocks(z->blocks.part.channels);
    z->blocks.out_blocks = he_nchwc_blocks(z->blocks.part.m);
    z->blocks.pixels = g->rows * g->cols;
    z->blocks.step = MAX(z->blocks.in_blocks, 1);
    if (z->blocks.part.n_taps > 0)
        z->blocks.step =
            CLAMP(HE_BLOCKS_K_STEP / HE_BLOCK / z->blocks.part.n_taps, 1, z->blocks.step);
}

/* HeConv2d has no gaps. */
static gboolean is_same(const HeConv2d *a, const HeConv2d *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

const HeNchwcShape *he_nchwc_shape(const HeConv2d *s, gboolean is_backward, size_t part)
{
    static _Thread_local struct {
        gboolean is_made, is_backward;
        size_t part;
        HeConv2d conv;
        HeNchwcShape shape;
    } known[MOST_PHASES], *k;
    k = &known[part % MOST_PHASES];
    if (!k->is_made || k->is_backward != is_backward || k->part != part ||
        !is_same(&k->conv, s)) {
        make(&k->shape, s, is_backward, part);
        k->conv = *s;
        k->is_backward = is_backward;
        k->part = part;
        k->is_made = TRUE;
    }
    return &k->shape;
}

double he_nchwc_input(const HeNchwcShape *z)
{
    return (double)z->blocks.in_blocks * (double)z->n_phases * (double)z->height *
           (double)z->width * HE_NCHWC;
}

static size_t tap_phase(const HeNchwcShape *z, size_t i)
{
    const HeMmTap *tap = &z->blocks.part.tap[i];
    const HeGrid *g = &z->blocks.part.grid;
    return phase_of(tap->y, g->sy) * g->sx + phase_of(tap->x, g->sx);
}

size_t he_nchwc_tap(const HeNchwcShape *z, size_t c, size_t i)
{
    const HeMmTap *tap = &z->blocks.part.tap[i];
    const HeGrid *g = &z->blocks.part.grid;
    size_t y = (size_t)(divide(tap->y, g->sy) - z->first_y);
    size_t x = (size_t)(divide(tap->x, g->sx) - z->first_x);
    return (((c * z->n_phases + tap_phase(z, i)) * z->height + y) * z->width + x) *
           HE_NCHWC;
}

/* ---- the copy ---------------------------------------------------------------------------------------- */

static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    const HeNchwcShape *z = he_nchwc_shape(s, is_backward, 0);
    return z->is_copied ? s->n * (size_t)he_nchwc_input(z) : 0;
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    return s->n * he_nchwc_shape(s, is_backward, 0)->blocks.in_blocks;
}

/* Row IN of W pixels becomes a row of the plane of columns PHASE, PHASE + stride, ... */
static void copy_row(const HeNchwcShape *z, const float *in, size_t phase, float *out)
{
    const HeGrid *g = &z->blocks.part.grid;
    gssize stride = (gssize)g->sx, first = z->first_x * stride + (gssize)phase;
    size_t from = first < 0 ? he_div_up((size_t)-first, g->sx) : 0, past = from;
    if (first + (gssize)from * stride < (gssize)g->w)
        past = MIN(z->width, he_div_up((size_t)((gssize)g->w - first), g->sx));
    past = MAX(past, from);
    from = MIN(from, z->width);
    past = MIN(past, z->width);
    memset(out, 0, from * HE_NCHWC * sizeof *out);
    memset(out + past * HE_NCHWC, 0, (z->width - past) * HE_NCHWC * sizeof *out);
    in += (first + (gssize)from * stride) * HE_NCHWC;
    if (stride == 1)
        memcpy(out + from * HE_NCHWC, in, (past - from) * HE_NCHWC * sizeof *out);
    else
        for (size_t q = from; q < past; q++, in += stride * HE_NCHWC)
            memcpy(out + q * HE_NCHWC, in, HE_NCHWC * sizeof *out);
}

static void copy_plane(const HeNchwcShape *z, const float *in, size_t phase, float *out)
{
    const HeGrid *g = &z->blocks.part.grid;
    for (size_t r = 0; r < z->height; r++, out += z->width * HE_NCHWC) {
        gssize y = (z->first_y + (gssize)r) * (gssize)g->sy + (gssize)(phase / g->sx);
        if (y < 0 || y >= (gssize)g->h)
            memset(out, 0, z->width * HE_NCHWC * sizeof *out);
        else
            copy_row(z, in + (size_t)y * g->w * HE_NCHWC, phase % g->sx, out);
    }
}

static gboolean is_phase_used(const HeNchwcShape *z, size_t phase)
{
    for (size_t i = 0; i < z->blocks.part.n_taps; i++)
        if (tap_phase(z, i) == phase)
            return TRUE;
    return FALSE;
}

/* A tile of work is one block of channels of a sample. */
static void share(const HeConv2d *s, gboolean is_backward, const float *in, float *out,
                  size_t tile)
{
    const HeNchwcShape *z = he_nchwc_shape(s, is_backward, 0);
    const HeGrid *g = &z->blocks.part.grid;
    size_t n = tile / z->blocks.in_blocks, b = tile % z->blocks.in_blocks;
    size_t plane = z->height * z->width * HE_NCHWC;
    in += n * (is_backward ? s->y_n : s->x_n) + b * g->h * g->w * HE_NCHWC;
    out += tile * z->n_phases * plane;
    for (size_t phase = 0; phase < z->n_phases; phase++)
        if (is_backward || is_phase_used(z, phase))
            copy_plane(z, in, phase, out + phase * plane);
}

const HeConv2dShare he_nchwc_share = {share_numbers, share_tiles, share};

/* ---- weights tap by tap ------------------------------------------------------------------------------ */

static size_t taps_of(const HeConv2d *s)
{
    return s->kh * s->kw * (s->c / s->group) * HE_NCHWC;
}

static size_t taps_numbers(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return he_nchwc_blocks(s->oc) * taps_of(s);
}

static size_t taps_tiles(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return he_nchwc_blocks(s->oc);
}

static void pack_taps(const HeConv2d *s, gboolean is_backward, const void *w, float *out,
                      size_t tile)
{
    const guint8 *from = w;
    size_t taps = s->kh * s->kw, channels = s->c / s->group;
    size_t rows = MIN(HE_NCHWC, s->oc - tile * HE_NCHWC);
    (void)is_backward;
    from += tile * HE_NCHWC * channels * taps * sizeof *out;
    out += tile * taps_of(s);
    memset(out, 0, taps_of(s) * sizeof *out);
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < channels; c++)
            for (size_t t = 0; t < taps; t++, from += sizeof *out)
                memcpy(out + (t * channels + c) * HE_NCHWC + i, from, sizeof *out);
}

const HeConv2dPack he_nchwc_pack_taps = {taps_numbers, taps_tiles, pack_taps};
