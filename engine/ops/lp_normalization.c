/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* LpNormalization along an axis: y = x / |x|, with p = 1 or 2; a line of zeros stays. With h the gradient of y,
 *
 *   p = 2   dx = (h - y sum(h y)) / |x|        p = 1   dx = (h - sign(x) sum(h y)) / |x| */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    int axis;
    gboolean is_l1;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 axis, p;
    Params params;
    if (!he_node_need_float(node, 0, error) ||
        !he_attr_int(node, "axis", -1, &axis, error) ||
        !he_attr_int(node, "p", 2, &p, error) ||
        !he_node_axis(node, axis, x->rank, &params.axis, error))
        return FALSE;
    if (p != 1 && p != 2)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "p is %" G_GINT64_FORMAT ", expected 1 or 2", p);
    params.is_l1 = p == 1;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, x, error);
}

/* Element K of a line of one axis, in tensor T. */
static real *at(const HeWalk *line, char *const p[], int t, size_t k)
{
    return (real *)p[t] + (ptrdiff_t)k * line->step[t][0];
}

static double norm(const Params *params, const HeWalk *line, char *const p[], int t)
{
    double sum = 0;
    for (size_t k = 0; k < line->n; k++) {
        double v = (double)*at(line, p, t, k);
        sum += params->is_l1 ? fabs(v) : v * v;
    }
    return params->is_l1 ? sum : sqrt(sum);
}

/* p: y, x */
static void forward_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    double length = norm(data, line, p, 1);
    (void)i;
    for (size_t k = 0; k < line->n; k++) {
        double v = (double)*at(line, p, 1, k);
        *at(line, p, 0, k) = (real)(length > 0 ? v / length : v);
    }
}

static gboolean forward(const HeRun *run, GError **error)
{
    Params *params = run->node->params;
    (void)error;
    he_walk_lines(run->pool, run->in[0], 1u << params->axis, 2,
                  (const HeTensor *const[]){run->out[0], run->in[0]}, forward_line,
                  params);
    return TRUE;
}

typedef struct {
    const Params *params;
    gboolean accumulate;
} Job;

/* p: d, g, x */
static void backward_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    const Job *job = data;
    double length = norm(job->params, line, p, 2), along = 0;
    (void)i;
    if (!(length > 0))
        length = 1; /* zeros: nothing is along them */
    for (size_t k = 0; k < line->n; k++)
        along += (double)*at(line, p, 1, k) * (double)*at(line, p, 2, k) / length;
    for (size_t k = 0; k < line->n; k++) {
        real *d = at(line, p, 0, k);
        double v = (double)*at(line, p, 2, k);
        double way = !job->params->is_l1 ? v / length : v > 0 ? 1 : v < 0 ? -1 : 0;
        real term = (real)(((double)*at(line, p, 1, k) - way * along) / length);
        *d = job->accumulate ? *d + term : term;
    }
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    Job job = {params, run->accumulate[0]};
    if (run->d_in[0])
        he_walk_lines(run->pool, run->d_in[0], 1u << params->axis, 3,
                      (const HeTensor *const[]){run->d_in[0], run->d_out[0], run->in[0]},
                      backward_line, &job);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0);
}

const HeOp HE_REAL(he_op_lp_normalization) = {
    .name = "LpNormalization",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
