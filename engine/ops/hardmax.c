/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Hardmax: 1 at the first maximum of each line, 0 elsewhere. A line is one axis, or before opset 13 all axes
 * from `axis` on. No gradient. */
#include "ops/support.h"
#include "ops/walk.h"

typedef struct {
    guint lines;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gboolean is_old = node->opset < 13;
    gint64 axis;
    int k;
    if (!he_node_need_float(node, 0, error) ||
        !he_attr_int(node, "axis", is_old ? 1 : -1, &axis, error) ||
        !he_node_axis(node, axis, x->rank, &k, error))
        return FALSE;
    Params params = {is_old ? ~0u << k : 1u << k};
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, x, error);
}

typedef struct {
    size_t at;
    real best;
} Line;

/* p: y, x */
static void best_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    Line *line = data;
    for (size_t k = 0; k < n; k++) {
        real v = ((const real *)p[1])[(ptrdiff_t)k * step[1]];
        if (i + k == 0 || v > line->best)
            *line = (Line){i + k, v};
    }
}

static void mark_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    const Line *line = data;
    for (size_t k = 0; k < n; k++)
        ((real *)p[0])[(ptrdiff_t)k * step[0]] = i + k == line->at ? 1 : 0;
}

static void line_func(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = {0, 0};
    (void)data;
    (void)i;
    he_walk_range(walk, p, 0, walk->n, best_run, &line);
    he_walk_range(walk, p, 0, walk->n, mark_run, &line);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    (void)error;
    he_walk_lines(run->pool, run->in[0], params->lines, 2,
                  (const HeTensor *const[]){run->out[0], run->in[0]}, line_func, NULL);
    return TRUE;
}

const HeOp HE_REAL(he_op_hardmax) = {
    .name = "Hardmax",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
};
