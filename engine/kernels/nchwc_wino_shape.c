/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which convolutions Winograd's algorithm is for, which of its tiles, and how the work is cut: of all numbers of rows
 * and blocks that halving gives, those that should take the least time, by shape alone. The costs were fitted to
 * measurements of some thirty layers. */
#include "kernels/nchwc_wino.h"

/* Smaller maps are left to direct convolution; those below LARGE get the smaller tiles, whose weights are twice as many
 * as the convolution's, not four times. Back through the smallest ones little is gained for weights kept once more. */
#define MIN_SIDE      7
#define MIN_SIDE_BACK 12
#define LARGE_SIDE    15
#define FEW           16
#define MANY          2048 /* channels */
#define MOST_WIDTH    4096
#define MOST_ROW      (1 << 22) /* numbers of v of a row of tiles */
#define MOST                                                                             \
    (1 << 21) /* numbers of v and m of a tile of work, if its parts can be smaller */

/* Costs, in the time of one multiplication and addition of 14 vectors by two, divided by 14. */
#define READ   5 /* 16 numbers of u */
#define IN     8 /* a number of v in each of 16 channels */
#define OUT    6 /* and of m */
#define START  4000
#define CACHED 400000 /* numbers that stay in a second-level cache, and of others: */
#define MISS   0.8

static size_t least_side(const HeConv2d *s)
{
    return MIN(MIN(s->h, s->w), MIN(s->oh, s->ow));
}

static size_t side_of(const HeConv2d *s)
{
    return least_side(s) >= LARGE_SIDE ? 4 : 2;
}

gboolean he_nchwc_wino_fits(const HeConv2d *s, gboolean is_backward)
{
    if (s->group != 1 || s->kh != 3 || s->kw != 3 || s->sy != 1 || s->sx != 1 ||
        s->dy != 1 || s->dx != 1 || s->pt > 2 || s->pl > 2 || MIN(s->c, s->oc) < FEW ||
        MAX(s->c, s->oc) > MANY ||
        least_side(s) < (is_backward ? MIN_SIDE_BACK : MIN_SIDE) ||
        MAX(MAX(s->h, s->w), MAX(s->oh, s->ow)) > MOST_WIDTH)
        return FALSE;
    size_t side = side_of(s), points = (side + 2) * (side + 2);
    return points * he_nchwc_blocks(MAX(s->c, s->oc)) * HE_NCHWC *
               he_div_up(MAX(s->w, s->ow), side) <=
           MOST_ROW;
}

static double numbers_of(const HeNchwcWinoShape *z, size_t rows, size_t m_part)
{
    return (double)(z->points * HE_NCHWC * rows * z->tw * (z->c + m_part));
}

static double cost_of(const HeNchwcWinoShape *z, size_t n, size_t rows, size_t m_part)
{
    size_t pixels = rows * z->tw, k = z->points * z->c * HE_NCHWC;
    double cost = (double)(k * he_div_up(m_part, HE_NCHWC_WINO_BLOCKS)) *
                  (double)(pixels + he_div_up(pixels, 14));
    cost += (double)(k * m_part * READ) + START +
            (double)(z->points * pixels) * (double)(IN * z->c + OUT * m_part) +
            MAX(numbers_of(z, rows, m_part) - CACHED, 0) * MISS;
    size_t tiles = n * he_div_up(z->th, rows) * he_div_up(z->m, m_part);
    /* Of two threads, which share the last tiles' parts; half as much counts what eight would do. */
    return cost * ((double)MAX(tiles, 2) / 2 + 0.5 * (double)MAX(tiles, 8) / 8);
}

static void cut(HeNchwcWinoShape *z, size_t n)
{
    double best = G_MAXDOUBLE;
    size_t rows = z->th, m_part;
    for (;; rows = he_div_up(rows, 2)) {
        m_part = he_div_up(z->m, HE_NCHWC_WINO_BLOCKS) * HE_NCHWC_WINO_BLOCKS;
        for (;; m_part =
                    he_div_up(m_part, 2 * HE_NCHWC_WINO_BLOCKS) * HE_NCHWC_WINO_BLOCKS) {
            double cost = cost_of(z, MAX(n, 1), rows, m_part);
            gboolean is_least = rows == 1 && m_part == HE_NCHWC_WINO_BLOCKS;
            if (cost < best && (is_least || numbers_of(z, rows, m_part) <= MOST)) {
                best = cost;
                z->rows = rows;
                z->m_part = m_part;
            }
            if (m_part == HE_NCHWC_WINO_BLOCKS)
                break;
        }
        if (rows == 1)
            break;
    }
}

HeNchwcWinoShape he_nchwc_wino_shape(const HeConv2d *s, gboolean is_backward)
{
    HeNchwcWinoShape z = {.channels = is_backward ? s->oc : s->c,
                          .results = is_backward ? s->c : s->oc,
                          .h = is_backward ? s->oh : s->h,
                          .w = is_backward ? s->ow : s->w,
                          .oh = is_backward ? s->h : s->oh,
                          .ow = is_backward ? s->w : s->ow,
                          .pt = is_backward ? 2 - s->pt : s->pt,
                          .pl = is_backward ? 2 - s->pl : s->pl};
    z.c = he_nchwc_blocks(z.channels);
    z.m = he_nchwc_blocks(z.results);
    z.side = side_of(s);
    z.points = (z.side + 2) * (z.side + 2);
    z.th = he_div_up(z.oh, z.side);
    z.tw = he_div_up(z.ow, z.side);
    cut(&z, s->n);
    z.groups = he_div_up(z.th, z.rows);
    z.rows = he_div_up(z.th, z.groups);
    z.m_parts = he_div_up(z.m, z.m_part);
    z.v_point = (z.c * z.rows * z.tw + 1) * HE_NCHWC;
    z.m_point = (z.m_part * z.rows * z.tw + 1) * HE_NCHWC;
    return z;
}
