/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* CumSum along an axis: y[i] = sum of x[j], j <= i (`exclusive`: j < i; `reverse`: from the end). The way back
 * is the same sum from the other end. Sums in double; integers wrap. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int axis;
    gboolean is_exclusive, is_reverse;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_autofree gint64 *axis = NULL;
    gint64 exclusive, reverse;
    Params params;
    size_t n;
    if (!(he_type_is_float(x->type) || he_node_need_whole(node, 0, error)) ||
        !he_node_const_ints(node, 1, &axis, &n, error) ||
        !he_attr_int(node, "exclusive", 0, &exclusive, error) ||
        !he_attr_int(node, "reverse", 0, &reverse, error))
        return FALSE;
    if (n != 1)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "axis has %d numbers, expected one", (int)n);
    if (!he_node_axis(node, axis[0], x->rank, &params.axis, error))
        return FALSE;
    params.is_exclusive = exclusive != 0;
    params.is_reverse = reverse != 0;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, x, error);
}

typedef struct {
    gboolean is_exclusive, is_reverse, accumulate;
    HeType type;
} Job;

/* p: y, x; the line is one axis */
static void real_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    const Job *job = data;
    double sum = 0;
    (void)i;
    for (size_t k = 0; k < line->n; k++) {
        ptrdiff_t at = (ptrdiff_t)(job->is_reverse ? line->n - 1 - k : k);
        real *y = (real *)p[0] + at * line->step[0][0];
        double x = (double)((const real *)p[1])[at * line->step[1][0]];
        real value = (real)(job->is_exclusive ? sum : sum + x);
        sum += x;
        *y = job->accumulate ? *y + value : value;
    }
}

static void whole_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    const Job *job = data;
    ptrdiff_t size = (ptrdiff_t)he_type_size(job->type);
    guint64 sum = 0;
    (void)i;
    for (size_t k = 0; k < line->n; k++) {
        ptrdiff_t at = (ptrdiff_t)(job->is_reverse ? line->n - 1 - k : k) * size;
        guint64 x = (guint64)he_whole_get(job->type, p[1] + at * line->step[1][0]);
        he_whole_set(job->type, p[0] + at * line->step[0][0],
                     (gint64)(job->is_exclusive ? sum : sum + x));
        sum += x;
    }
}

static void add_up(const HeRun *run, const HeTensor *y, const HeTensor *x, Job *job)
{
    const Params *params = run->node->params;
    job->is_exclusive = params->is_exclusive;
    job->type = x->type;
    he_walk_lines(run->pool, x, 1u << params->axis, 2, (const HeTensor *const[]){y, x},
                  he_type_is_float(x->type) ? real_line : whole_line, job);
}

static gboolean forward(const HeRun *run, GError **error)
{
    Job job = {.is_reverse = ((const Params *)run->node->params)->is_reverse};
    (void)error;
    add_up(run, run->out[0], run->in[0], &job);
    return TRUE;
}

static void backward(const HeRun *run)
{
    Job job = {.is_reverse = !((const Params *)run->node->params)->is_reverse,
               .accumulate = run->accumulate[0]};
    if (run->d_in[0])
        add_up(run, run->d_in[0], run->d_out[0], &job);
}

const HeOp HE_REAL(he_op_cum_sum) = {
    .name = "CumSum",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
