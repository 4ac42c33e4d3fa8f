/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a convolution falls into matrix products, and those into blocks. */
#include "kernels/axis.h"
#include "kernels/mm.h"

#define SHARE_MOST  (5 << 18) /* numbers: they should stay in a second-level cache */
#define GATHER_COST 2         /* a read and a write */

static void finish(HeMmPart *part, size_t taps)
{
    const HeGrid *g = &part->grid;
    part->k = part->channels * part->n_taps;
    part->p = g->rows * g->cols;
    part->is_whole = part->n_taps == taps;
    part->is_direct = taps == 1 && part->n_taps == 1 && part->tap[0].y == 0 &&
                      part->tap[0].x == 0 && g->sy == 1 && g->sx == 1 &&
                      g->rows == g->h && g->cols == g->w;
}

size_t he_mm_columns(const HeMmPart *part)
{
    return he_div_up(part->p, HE_PRODUCT_PANEL) * HE_PRODUCT_PANEL * part->k;
}

static void share_columns(const HeConv2d *s, HeMmPart *part)
{
    part->is_shared = !part->is_direct && part->m > HE_MM_FEW_ROWS && part->p > 0 &&
                      he_mm_columns(part) <= SHARE_MOST / MAX(s->n, 1) / s->group;
}

static HeMmPart forward_part(const HeConv2d *s)
{
    HeMmPart part = {.m = s->oc / s->group, .channels = s->c / s->group};
    part.grid = (HeGrid){s->h, s->w, s->oh, s->ow, s->sy, s->sx};
    part.w_c = s->kh * s->kw;
    part.w_m = part.channels * part.w_c;
    for (size_t ky = 0; ky < s->kh; ky++)
        for (size_t kx = 0; kx < s->kw; kx++)
            part.tap[part.n_taps++] =
                (HeMmTap){(gssize)(ky * s->dy) - (gssize)s->pt,
                          (gssize)(kx * s->dx) - (gssize)s->pl, ky * s->kw + kx};
    finish(&part, s->kh * s->kw);
    share_columns(s, &part);
    return part;
}

/* dx[py + r * sy] sees dy[r + t] under the taps for which t = (py + pt - ky * dy) / sy is whole. */
static HeMmPart backward_part(const HeConv2d *s, size_t phase)
{
    size_t py = phase / s->sx, px = phase % s->sx;
    HeMmPart part = {.m = s->c / s->group, .channels = s->oc / s->group};
    part.grid = (HeGrid){s->oh, s->ow, 0, 0, 1, 1};
    if (py < s->h && px < s->w) {
        part.grid.rows = he_div_up(s->h - py, s->sy);
        part.grid.cols = he_div_up(s->w - px, s->sx);
    }
    part.w_m = s->kh * s->kw;
    part.w_c = part.m * part.w_m;
    part.is_spread = s->sy > 1 || s->sx > 1;
    part.first = py * s->w + px;
    part.row = s->sy * s->w;
    part.col = s->sx;
    for (size_t ky = 0; ky < s->kh; ky++)
        for (size_t kx = 0; kx < s->kw; kx++) {
            gssize y = (gssize)(py + s->pt) - (gssize)(ky * s->dy);
            gssize x = (gssize)(px + s->pl) - (gssize)(kx * s->dx);
            if (y % (gssize)s->sy == 0 && x % (gssize)s->sx == 0)
                part.tap[part.n_taps++] =
                    (HeMmTap){y / (gssize)s->sy, x / (gssize)s->sx, ky * s->kw + kx};
        }
    finish(&part, s->kh * s->kw);
    share_columns(s, &part);
    return part;
}

size_t he_mm_channels(const HeMmPart *part)
{
    return MIN(part->channels, HE_MM_K_BLOCK / MAX(part->n_taps, 1));
}

size_t he_mm_gathered(const HeMmPart *part)
{
    return part->is_direct || part->is_shared ? 0 : he_mm_channels(part) * part->n_taps;
}

HeSplit he_mm_split(const HeMmPart *part)
{
    HeCut cut = {.m = part->m, .n = part->p, .m_grain = 1, .n_grain = HE_PRODUCT_PANEL};
    cut.work = (double)part->m * (double)part->p * (double)part->k;
    cut.m_cost = (double)part->k;
    gboolean is_there = part->is_direct || part->is_shared;
    cut.n_cost = (double)MAX(part->k, 1) * (is_there ? 0.5 : GATHER_COST);
    cut.n_scratch = (double)he_mm_gathered(part) * 2; /* half of split.c's memory */
    cut.mn_scratch = part->is_spread ? 1 : 0;
    return he_split(&cut);
}

size_t he_mm_n_parts(const HeConv2d *s, gboolean is_backward)
{
    return is_backward ? s->sy * s->sx : 1;
}

HeMmPart he_mm_part(const HeConv2d *s, gboolean is_backward, size_t i)
{
    return is_backward ? backward_part(s, i) : forward_part(s);
}

size_t he_mm_height(const HeProductSet *set, size_t m)
{
    return he_div_up(m, MAX(he_div_up(m, set->rows), 1));
}
