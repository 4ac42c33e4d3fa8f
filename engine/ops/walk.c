/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Walks over strided tensors; see walk.h. */
#include "ops/walk.h"

/* Step of T along axis K of a shape with RANK axes; 0 where T has one element there. */
static ptrdiff_t step_of(const HeTensor *t, int rank, int k)
{
    int own = k - (rank - t->rank);
    return own < 0 || t->dim[own] == 1 ? 0 : (ptrdiff_t)t->stride[own];
}

static gboolean axis_continues(const HeWalk *walk, const ptrdiff_t *step, size_t dim)
{
    int last = walk->rank - 1;
    if (last < 0)
        return FALSE;
    for (int t = 0; t < walk->n_tensors; t++)
        if (walk->step[t][last] != step[t] * (ptrdiff_t)dim)
            return FALSE;
    return TRUE;
}

static void axis_push(HeWalk *walk, const ptrdiff_t *step, size_t dim)
{
    if (axis_continues(walk, step, dim)) {
        walk->dim[walk->rank - 1] *= dim;
    } else {
        walk->rank++;
        walk->dim[walk->rank - 1] = dim;
    }
    for (int t = 0; t < walk->n_tensors; t++)
        walk->step[t][walk->rank - 1] = step[t];
}

void he_walk_init(HeWalk *walk, const HeTensor *shape, guint axes, int n_tensors,
                  const HeTensor *const tensors[])
{
    *walk = (HeWalk){.n_tensors = n_tensors, .n = 1};
    for (int t = 0; t < n_tensors; t++) {
        walk->size[t] = (ptrdiff_t)he_type_size(tensors[t]->type);
        walk->base[t] = tensors[t]->data;
    }
    for (int k = 0; k < shape->rank; k++) {
        ptrdiff_t step[HE_WALK_TENSORS];
        if (!(axes & (1u << k)))
            continue;
        walk->n *= (size_t)shape->dim[k];
        if (shape->dim[k] == 1)
            continue;
        for (int t = 0; t < n_tensors; t++)
            step[t] = step_of(tensors[t], shape->rank, k);
        axis_push(walk, step, (size_t)shape->dim[k]);
    }
    if (walk->rank == 0)
        axis_push(walk, (const ptrdiff_t[HE_WALK_TENSORS]){0}, 1);
}

/* Runs of one element where a step is neither 0 nor 1. */
static void walk_split(HeWalk *walk)
{
    gboolean is_unit = TRUE;
    for (int t = 0; t < walk->n_tensors; t++)
        is_unit &=
            walk->step[t][walk->rank - 1] == 0 || walk->step[t][walk->rank - 1] == 1;
    if (is_unit)
        return;
    walk->dim[walk->rank] = 1;
    for (int t = 0; t < walk->n_tensors; t++)
        walk->step[t][walk->rank] = 0;
    walk->rank++;
}

static void walk_seek(const HeWalk *walk, char *const base[], size_t i, size_t *at,
                      char **p)
{
    for (int t = 0; t < walk->n_tensors; t++)
        p[t] = base[t];
    for (int k = walk->rank - 1; k >= 0; k--) {
        at[k] = i % walk->dim[k];
        i /= walk->dim[k];
        for (int t = 0; t < walk->n_tensors; t++)
            if (at[k])
                p[t] += (ptrdiff_t)at[k] * walk->step[t][k] * walk->size[t];
    }
}

/* From the end of a run to the start of the next. */
static void walk_carry(const HeWalk *walk, size_t *at, char **p)
{
    for (int k = walk->rank - 1; k >= 0; k--) {
        if (at[k] < walk->dim[k])
            return;
        for (int t = 0; t < walk->n_tensors; t++) {
            ptrdiff_t back = (ptrdiff_t)walk->dim[k] * walk->step[t][k];
            p[t] += ((k > 0 ? walk->step[t][k - 1] : 0) - back) * walk->size[t];
        }
        at[k] = 0;
        if (k > 0)
            at[k - 1]++;
    }
}

void he_walk_range(const HeWalk *walk, char *const base[], size_t begin, size_t end,
                   HeRunFunc func, void *data)
{
    size_t at[HE_MAX_RANK + 1];
    char *p[HE_WALK_TENSORS];
    ptrdiff_t step[HE_WALK_TENSORS];
    int last = walk->rank - 1;
    if (begin >= end)
        return;
    for (int t = 0; t < walk->n_tensors; t++)
        step[t] = walk->step[t][last];
    walk_seek(walk, base, begin, at, p);
    while (begin < end) {
        size_t n = MIN(walk->dim[last] - at[last], end - begin);
        func(data, begin, n, p, step);
        begin += n;
        at[last] += n;
        if (begin == end)
            break;
        for (int t = 0; t < walk->n_tensors; t++)
            p[t] += (ptrdiff_t)n * step[t] * walk->size[t];
        walk_carry(walk, at, p);
    }
}

/* ---- tiles ------------------------------------------------------------------------------------------ */

typedef struct {
    HeWalk walk, line;
    size_t block;
    HeRunFunc run;
    HeLineFunc each;
    void *data;
} Tiles;

static void tile_of_elements(void *data, size_t tile, int worker)
{
    const Tiles *t = data;
    size_t begin = tile * t->block, end = MIN(begin + t->block, t->walk.n);
    (void)worker;
    he_walk_range(&t->walk, t->walk.base, begin, end, t->run, t->data);
}

void he_walk_tiles(HePool *pool, const HeTensor *shape, int n_tensors,
                   const HeTensor *const tensors[], size_t block, HeRunFunc func,
                   void *data)
{
    Tiles t = {.block = block, .run = func, .data = data};
    he_walk_init(&t.walk, shape, ~0u, n_tensors, tensors);
    walk_split(&t.walk);
    he_pool_run(pool, (t.walk.n + block - 1) / block, tile_of_elements, &t);
}

static void run_of_lines(void *data, size_t i, size_t n, char *const p[],
                         const ptrdiff_t step[])
{
    const Tiles *t = data;
    char *at[HE_WALK_TENSORS];
    for (size_t k = 0; k < n; k++) {
        for (int j = 0; j < t->walk.n_tensors; j++)
            at[j] = p[j] + (ptrdiff_t)k * step[j] * t->walk.size[j];
        t->each(t->data, i + k, &t->line, at);
    }
}

static void tile_of_lines(void *data, size_t tile, int worker)
{
    Tiles *t = data;
    size_t begin = tile * t->block, end = MIN(begin + t->block, t->walk.n);
    (void)worker;
    he_walk_range(&t->walk, t->walk.base, begin, end, run_of_lines, t);
}

void he_walk_lines(HePool *pool, const HeTensor *shape, guint lines, int n_tensors,
                   const HeTensor *const tensors[], HeLineFunc func, void *data)
{
    Tiles t = {.each = func, .data = data};
    he_walk_init(&t.walk, shape, ~lines, n_tensors, tensors);
    he_walk_init(&t.line, shape, lines, n_tensors, tensors);
    t.block = MAX(HE_WALK_BLOCK / 4 / MAX(t.line.n, 1), 1);
    he_pool_run(pool, (t.walk.n + t.block - 1) / t.block, tile_of_lines, &t);
}

/* ---- op.h's plain form ------------------------------------------------------------------------------ */

typedef struct {
    HeRowFunc func;
    void *data;
} Rows;

static void run_of_rows(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    const Rows *rows = data;
    (void)i;
    rows->func(rows->data, n, p, step);
}

void he_walk(const HeTensor *shape, int n_tensors, const HeTensor *const tensors[],
             HeRowFunc func, void *data)
{
    HeWalk walk;
    Rows rows = {func, data};
    he_walk_init(&walk, shape, ~0u, n_tensors, tensors);
    he_walk_range(&walk, walk.base, 0, walk.n, run_of_rows, &rows);
}
