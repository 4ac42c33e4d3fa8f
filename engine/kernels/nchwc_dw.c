/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Depthwise convolution in blocks of channels (nchwc.h): row by row (nchwc_dw.h), borders inside. Backward the result
 * falls into phases of the strides, each of which sees its own taps (mm.h): nothing is multiplied by zero. A tile is
 * some rows of one block. */
#include "kernels/nchwc_dw.h"
#include "kernels/mm.h"

#define TILE_WORK (1 << 18) /* multiply-adds */

static gboolean fits(const HeConv2d *s, gboolean is_backward, const void *loops)
{
    (void)is_backward;
    (void)loops;
    return s->group == s->c && s->oc == s->c && s->c >= HE_NCHWC_FEW && s->kh >= 1 &&
           s->kw >= 1 && s->kh <= HE_MM_TAPS && s->kw <= HE_MM_TAPS &&
           s->kh * s->kw <= HE_MM_TAPS && s->sy <= 4 && s->sx <= 4;
}

/* ---- tiles ------------------------------------------------------------------------------------------- */

static size_t height_of(const HeConv2d *s, gboolean is_backward)
{
    return is_backward ? s->h : s->oh;
}

static size_t width_of(const HeConv2d *s, gboolean is_backward)
{
    return is_backward ? s->w : s->ow;
}

static size_t tile_rows(const HeConv2d *s, gboolean is_backward)
{
    size_t row = width_of(s, is_backward) * s->kh * s->kw * HE_NCHWC;
    return CLAMP(TILE_WORK / MAX(row, 1), 1, MAX(height_of(s, is_backward), 1));
}

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    size_t rows = he_div_up(height_of(s, is_backward), tile_rows(s, is_backward));
    return s->n * he_nchwc_blocks(s->c) * rows;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    (void)s;
    (void)is_backward;
    return 0;
}

/* ---- one row ----------------------------------------------------------------------------------------- */

typedef struct {
    const HeNchwcDwSet *set;
    const HeConv2d *s;
    const float *x, *w; /* the block's input and weights */
    float *y;           /* the block's result, */
    size_t at;          /* which begins with this number of all */
    size_t h, width;    /* of the input */
    HeNchwcDw row;
} Block;

/* The kernel's rows whose row of the input, FIRST + its own, is inside. */
static void forward_row(Block *b, size_t y)
{
    const HeConv2d *s = b->s;
    HeNchwcTap tap[HE_MM_TAPS];
    b->row.n_taps = 0;
    for (size_t ky = 0; ky < s->kh; ky++) {
        gssize at = (gssize)(y * s->sy + ky * s->dy) - (gssize)s->pt;
        for (size_t kx = 0; at >= 0 && at < (gssize)b->h && kx < s->kw; kx++)
            tap[b->row.n_taps++] = (HeNchwcTap){b->x + (size_t)at * b->width * HE_NCHWC,
                                                (gssize)(kx * s->dx) - (gssize)s->pl,
                                                b->w + (ky * s->kw + kx) * HE_NCHWC};
    }
    b->row.tap = tap;
    b->row.n = s->ow;
    b->row.stride = s->sx;
    b->row.y_step = 1;
    b->row.y = b->y + y * s->ow * HE_NCHWC;
    b->set->row(&b->row);
}

/* One part of row Y: every stride-th pixel. */
static void backward_row(Block *b, const HeMmPart *part, size_t px, size_t y)
{
    const HeConv2d *s = b->s;
    HeNchwcTap tap[HE_MM_TAPS];
    b->row.n_taps = 0;
    for (size_t t = 0; t < part->n_taps; t++) {
        gssize at = (gssize)(y / s->sy) + part->tap[t].y;
        if (at >= 0 && at < (gssize)b->h)
            tap[b->row.n_taps++] =
                (HeNchwcTap){b->x + (size_t)at * b->width * HE_NCHWC, part->tap[t].x,
                             b->w + part->tap[t].index * HE_NCHWC};
    }
    b->row.tap = tap;
    b->row.n = part->grid.cols;
    b->row.stride = 1;
    b->row.y_step = s->sx;
    b->row.y = b->y + (y * s->w + px) * HE_NCHWC;
    b->row.at = b->at + (y * s->w + px) * HE_NCHWC;
    b->set->row(&b->row);
}

static void backward_rows(Block *b, size_t y, size_t past)
{
    const HeConv2d *s = b->s;
    for (size_t phase = 0; phase < s->sy * s->sx; phase++) {
        HeMmPart part = he_mm_part(s, TRUE, phase);
        size_t first = y + (phase / s->sx + s->sy - y % s->sy) % s->sy;
        for (size_t row = first; part.grid.cols > 0 && row < past; row += s->sy)
            backward_row(b, &part, phase % s->sx, row);
    }
}

static void run(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *room)
{
    static const float none[HE_NCHWC];
    size_t height = height_of(s, is_backward), rows = tile_rows(s, is_backward);
    size_t parts = he_div_up(height, rows), blocks = he_nchwc_blocks(s->c);
    size_t block = tile / parts, n = block / blocks, c = block % blocks;
    size_t y = tile % parts * rows, past = MIN(y + rows, height);
    (void)room;
    Block b = {.set = loops, .s = s, .h = is_backward ? s->oh : s->h};
    b.width = is_backward ? s->ow : s->w;
    b.x = r->in + n * (is_backward ? s->y_n : s->x_n) + c * b.h * b.width * HE_NCHWC;
    b.w = r->packed + c * s->kh * s->kw * HE_NCHWC;
    b.y = r->out + n * (is_backward ? s->x_n : s->y_n) +
          c * height * width_of(s, is_backward) * HE_NCHWC;
    b.at = (size_t)(b.y - r->out);
    b.row.width = b.width;
    b.row.start = r->accumulate ? NULL : r->bias ? r->bias + c * HE_NCHWC : none;
    b.row.finish = r->finish;
    b.row.channel = c * HE_NCHWC;
    if (is_backward)
        backward_rows(&b, y, past);
    for (; !is_backward && y < past; y++) {
        b.row.at = b.at + y * s->ow * HE_NCHWC;
        forward_row(&b, y);
    }
}

#ifdef __x86_64__
HE_NCHWC_ROW(dw, avx2, AVX2, &he_nchwc_dw_avx2, &he_nchwc_pack_taps, NULL)
HE_NCHWC_ROW(dw, avx512, AVX512, &he_nchwc_dw_avx512, &he_nchwc_pack_taps, NULL)
#endif
