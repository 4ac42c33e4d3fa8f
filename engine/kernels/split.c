/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Tries blocks of 1, 1/2, 1/4 ... of each side and takes the cheapest. */
#include "kernels/split.h"

#include <string.h>

#include "kernels/axis.h"

#define TILE_WORK     1e6 /* multiply-adds: some 20 microseconds */
#define TILES         16  /* as many as two for each of eight threads, if there is work */
#define SCRATCH       (1 << 18) /* numbers: half of a second-level cache */
#define WORK_PER_COPY 32        /* multiply-adds in the time that one number is copied */

static size_t block_of(size_t n, guint halvings, size_t grain)
{
    return he_div_up(he_div_up(n, (size_t)1 << halvings), grain) * grain;
}

static double cost_of(const HeCut *cut, const HeSplit *split)
{
    double m_blocks = (double)split->m_blocks, n_blocks = (double)split->n_blocks;
    double columns = n_blocks * (double)(split->n_block + cut->n_overlap);
    double cost = n_blocks * (double)cut->m * cut->m_cost +
                  m_blocks * columns * cut->n_cost +
                  columns / (double)cut->n * cut->work / WORK_PER_COPY;
    double wanted = CLAMP(cut->work / TILE_WORK, 1, TILES);
    return cost * MAX(wanted / (m_blocks * n_blocks), 1);
}

static gboolean has_room(const HeCut *cut, const HeSplit *split)
{
    double columns = (double)(split->n_block + cut->n_overlap);
    return columns * (cut->n_scratch + cut->mn_scratch * (double)split->m_block) <=
           SCRATCH;
}

static HeSplit halved(const HeCut *cut, guint m_halvings, guint n_halvings)
{
    HeSplit split = {.m_block = block_of(cut->m, m_halvings, cut->m_grain),
                     .n_block = block_of(cut->n, n_halvings, cut->n_grain)};
    split.m_blocks = he_div_up(cut->m, split.m_block);
    split.n_blocks = he_div_up(cut->n, split.n_block);
    return split;
}

/* How often N can be halved before a block is one grain. */
static guint halvings_of(size_t n, size_t grain)
{
    return (guint)g_bit_storage(he_div_up(n, grain) - 1);
}

static HeSplit find(const HeCut *cut)
{
    if (cut->m == 0 || cut->n == 0)
        return (HeSplit){.m_block = 1, .n_block = 1};
    guint m_most = halvings_of(cut->m, cut->m_grain);
    guint n_most = halvings_of(cut->n, cut->n_grain);
    HeSplit best = halved(cut, m_most, n_most); /* taken when nothing else has room */
    double best_cost = has_room(cut, &best) ? cost_of(cut, &best) : G_MAXDOUBLE;
    for (guint i = 0; i <= m_most; i++)
        for (guint j = 0; j <= n_most; j++) {
            HeSplit split = halved(cut, i, j);
            double cost = cost_of(cut, &split);
            if (has_room(cut, &split) && cost < best_cost) {
                best = split;
                best_cost = cost;
            }
        }
    return best;
}

/* HeCut has no gaps. */
static gboolean is_same(const HeCut *a, const HeCut *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Every tile asks again: the last answer of this thread is remembered. */
HeSplit he_split(const HeCut *cut)
{
    static _Thread_local HeCut last;
    static _Thread_local HeSplit split = {.m_block = 1, .n_block = 1};
    if (!is_same(cut, &last)) {
        split = find(cut);
        last = *cut;
    }
    return split;
}
