/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_columns_gather, by whole rows, or by the whole block where a tap is one distance for all points. */
#include "kernels/columns.h"

#include <string.h>

#include "kernels/axis.h"

/* Point I of an axis reads I * STRIDE + T: the first one, up to N, for which this is at least START. */
static size_t first_at(gssize start, gssize t, size_t stride, size_t n)
{
    return start <= t ? 0 : MIN(n, he_div_up((size_t)(start - t), stride));
}

/* Points [FROM, PAST) of one row of the grid; ROW is the row of the plane. */
static void gather_run(const HeGrid *g, const float *row, gssize tx, size_t from,
                       size_t past, float *col)
{
    size_t first = CLAMP(first_at(0, tx, g->sx, g->cols), from, past);
    size_t end = CLAMP(first_at((gssize)g->w, tx, g->sx, g->cols), first, past);
    memset(col, 0, (first - from) * sizeof *col);
    if (end > first)
        he_axis_gather(row + ((gssize)(first * g->sx) + tx), g->sx, end - first,
                       col + (first - from));
    memset(col + (end - from), 0, (past - end) * sizeof *col);
}

static void gather_rows(const HeGrid *g, const float *plane, gssize ty, gssize tx,
                        size_t p, size_t past, float *col)
{
    while (p < past) {
        size_t r = p / g->cols, from = p % g->cols, n = MIN(g->cols - from, past - p);
        gssize y = (gssize)(r * g->sy) + ty;
        if (y < 0 || y >= (gssize)g->h)
            memset(col, 0, n * sizeof *col);
        else
            gather_run(g, plane + (size_t)y * g->w, tx, from, from + n, col);
        col += n;
        p += n;
    }
}

/* COL, points [P, PAST), is cleared where the column of the grid is in [FROM, TO). */
static void clear_columns(const HeGrid *g, size_t p, size_t past, size_t from, size_t to,
                          float *col)
{
    if (from >= to)
        return;
    for (size_t row = p / g->cols * g->cols; row < past; row += g->cols)
        for (size_t at = MAX(row + from, p); at < MIN(row + to, past); at++)
            col[at - p] = 0;
}

/* Rows of the grid are as long as those of the plane and the steps are 1: only what came round the ends of
 * rows must be cleared. */
static void gather_shifted(const HeGrid *g, const float *plane, gssize ty, gssize tx,
                           size_t p, size_t past, float *col)
{
    gssize far = ty * (gssize)g->w + tx;
    size_t first = CLAMP(first_at(0, far, 1, past), p, past);
    size_t end = CLAMP(first_at((gssize)(g->h * g->w), far, 1, past), first, past);
    memset(col, 0, (first - p) * sizeof *col);
    if (end > first)
        memcpy(col + (first - p), plane + ((gssize)first + far),
               (end - first) * sizeof *col);
    memset(col + (end - p), 0, (past - end) * sizeof *col);
    clear_columns(g, p, past, 0, first_at(0, tx, 1, g->cols), col);
    clear_columns(g, p, past, first_at((gssize)g->w, tx, 1, g->cols), g->cols, col);
}

void he_columns_gather(const HeGrid *g, const float *plane, gssize ty, gssize tx,
                       size_t p, size_t past, float *col)
{
    if (g->sy == 1 && g->sx == 1 && g->cols == g->w)
        gather_shifted(g, plane, ty, tx, p, past, col);
    else
        gather_rows(g, plane, ty, tx, p, past, col);
}
