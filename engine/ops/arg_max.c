/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ArgMax and ArgMin along an axis: the first index of the largest or smallest, or the last
 * (`select_last_index`). No gradient. */
#include "ops/support.h"
#include "ops/walk.h"

typedef struct {
    int axis;
    gboolean is_min, is_last;
} Params;

static gboolean infer(HeNode *node, gboolean is_min, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {.is_min = is_min};
    gint64 axis, keep, last, dim[HE_MAX_RANK];
    int rank = 0;
    if (!he_node_need_float(node, 0, error) ||
        !he_attr_int(node, "axis", 0, &axis, error) ||
        !he_attr_int(node, "keepdims", 1, &keep, error) ||
        !he_attr_int(node, "select_last_index", 0, &last, error) ||
        !he_node_axis(node, axis, x->rank, &params.axis, error))
        return FALSE;
    if (x->dim[params.axis] == 0)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "axis %d is empty",
                             params.axis);
    params.is_last = last != 0;
    for (int k = 0; k < x->rank; k++)
        if (k != params.axis || keep)
            dim[rank++] = k == params.axis ? 1 : x->dim[k];
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, HE_I64, rank, dim, error);
}

static gboolean max_infer(HeNode *node, GError **error)
{
    return infer(node, FALSE, error);
}

static gboolean min_infer(HeNode *node, GError **error)
{
    return infer(node, TRUE, error);
}

typedef struct {
    gboolean is_min, is_last;
    real best;
    gint64 at;
} Line;

/* p: y, x */
static void best_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    Line *line = data;
    const real *x = (const real *)p[1];
    for (size_t k = 0; k < n; k++) {
        real v = x[(ptrdiff_t)k * step[1]];
        v = line->is_min ? -v : v;
        if (i + k == 0 || v > line->best || (line->is_last && v >= line->best)) {
            line->best = v;
            line->at = (gint64)(i + k);
        }
    }
}

static void best_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    const Params *params = data;
    Line line = {.is_min = params->is_min, .is_last = params->is_last};
    (void)i;
    he_walk_range(walk, p, 0, walk->n, best_run, &line);
    *(gint64 *)p[0] = line.at;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    const HeTensor *x = run->in[0];
    HeTensor y = *run->out[0];
    (void)error;
    if (y.rank < x->rank) {
        for (int k = x->rank - 1; k > params->axis; k--) {
            y.dim[k] = y.dim[k - 1];
            y.stride[k] = y.stride[k - 1];
        }
        y.rank = x->rank;
        y.dim[params->axis] = 1;
    }
    he_walk_lines(run->pool, x, 1u << params->axis, 2, (const HeTensor *const[]){&y, x},
                  best_line, (void *)params);
    return TRUE;
}

const HeOp HE_REAL(he_op_arg_max) = {
    .name = "ArgMax",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = max_infer,
    .forward = forward,
};

const HeOp HE_REAL(he_op_arg_min) = {
    .name = "ArgMin",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = min_infer,
    .forward = forward,
};
