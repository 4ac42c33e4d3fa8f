/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a convolution is cut for Winograd's algorithm: tiles, blocks of them, and where their numbers stand. */
#include "kernels/axis.h"
#include "kernels/wino.h"

#define V_NUMBERS  (1 << 18) /* of scratch for v: half of a second-level cache, */
#define TILES      64 /* but each block transforms the weights again: it has this many tiles */
#define LINE       16
#define SHARE_MOST (5 << 18) /* numbers of v: they should stay in a second-level cache */
#define TILE_WORK  2e6       /* multiply-adds */
#define BLOCKS     4 /* of channels, at most: where v is not shared each computes it again */

static void cut(HeWinoShape *z)
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

size_t he_wino_lines(size_t n)
{
    return (he_div_up(n, LINE) | 1) * LINE;
}

size_t he_wino_v_row(const HeWinoShape *z)
{
    return he_wino_lines(z->rows * z->tw);
}

size_t he_wino_v_point(const HeWinoShape *z)
{
    return he_wino_lines(z->c * he_wino_v_row(z));
}

size_t he_wino_v_block(const HeWinoShape *z)
{
    return HE_WINO_POINTS * he_wino_v_point(z) + HE_WINO_SLACK;
}

size_t he_wino_x_row(const HeWinoShape *z)
{
    return 4 * he_wino_phase(z);
}

size_t he_wino_x_numbers(const HeWinoShape *z)
{
    return (HE_WINO_OUT * z->rows + 2) * he_wino_x_row(z) + HE_WINO_SLACK;
}

static void share_v(const HeConv2d *s, HeWinoShape *z)
{
    size_t parts = MAX(s->n, 1) * s->group * z->blocks;
    z->is_shared = z->m_blocks > 1 && he_wino_x_numbers(z) <= HE_WINO_X_ROOM &&
                   he_wino_v_block(z) <= SHARE_MOST / parts;
}

static HeWinoShape forward_shape(const HeConv2d *s)
{
    HeWinoShape z = {
        .m = s->oc / s->group, .c = s->c / s->group, .pt = s->pt, .pl = s->pl};
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

static HeWinoShape backward_shape(const HeConv2d *s)
{
    HeWinoShape z = {.m = s->c / s->group, .c = s->oc / s->group, .is_backward = TRUE};
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

HeWinoShape he_wino_shape(const HeConv2d *s, gboolean is_backward)
{
    return is_backward ? backward_shape(s) : forward_shape(s);
}
