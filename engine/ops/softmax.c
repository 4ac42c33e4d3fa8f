/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Softmax and LogSoftmax along lines of the input: one axis from opset 13 on, before that all axes from
 * `axis` on together. The output is saved.
 *
 *   Softmax     y = e^(x - max) / sum     dx = y (g - sum(g y))
 *   LogSoftmax  y = x - max - log sum     dx = g - e^y sum(g) */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    guint axes;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params;
    gint64 axis;
    int at = 0;
    gboolean is_flat = node->opset < 13;
    if (!he_node_need_float(node, 0, error) ||
        !he_attr_int(node, "axis", is_flat ? 1 : -1, &axis, error))
        return FALSE;
    if (is_flat && axis == x->rank)
        params.axes = 0; /* lines of one element */
    else if (!he_node_axis(node, axis, x->rank, &at, error))
        return FALSE;
    else
        params.axes = is_flat ? ~0u << at : 1u << at;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, x, error);
}

typedef struct {
    gboolean is_log, accumulate;
    real max;
    double sum;
} Line;

/* ---- forward; p: y, x -------------------------------------------------------------------------------- */

static void max_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    Line *line = data;
    const real *x = (const real *)p[1];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        if (x[k * step[1]] > line->max)
            line->max = x[k * step[1]];
}

/* y = e^(x - max), and their sum. */
static void exp_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    Line *line = data;
    const real *x = (const real *)p[1];
    real *y = (real *)p[0];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real v = x[k * step[1]] - line->max, e = R_(exp)(v);
        line->sum += (double)e;
        y[k * step[0]] = line->is_log ? v : e;
    }
}

static void scale_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Line *line = data;
    real *y = (real *)p[0], log_sum = (real)log(line->sum), scale = (real)(1 / line->sum);
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real v = y[k * step[0]];
        y[k * step[0]] = line->is_log ? v - log_sum : v * scale;
    }
}

static void forward_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = *(const Line *)data;
    (void)i;
    he_walk_range(walk, p, 0, walk->n, max_run, &line);
    he_walk_range(walk, p, 0, walk->n, exp_run, &line);
    he_walk_range(walk, p, 0, walk->n, scale_run, &line);
}

static gboolean forward(const HeRun *run, gboolean is_log)
{
    const Params *params = run->node->params;
    Line line = {.is_log = is_log, .max = (real)-INFINITY};
    he_walk_lines(run->pool, run->out[0], params->axes, 2,
                  (const HeTensor *const[]){run->out[0], run->in[0]}, forward_line,
                  &line);
    return TRUE;
}

static gboolean softmax_forward(const HeRun *run, GError **error)
{
    (void)error;
    return forward(run, FALSE);
}

static gboolean log_softmax_forward(const HeRun *run, GError **error)
{
    (void)error;
    return forward(run, TRUE);
}

/* ---- backward; p: d, g, y ---------------------------------------------------------------------------- */

static void dot_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    Line *line = data;
    const real *g = (const real *)p[1], *y = (const real *)p[2];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        line->sum += (double)g[k * step[1]] * (line->is_log ? 1 : (double)y[k * step[2]]);
}

static void grad_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    const Line *line = data;
    real *d = (real *)p[0], sum = (real)line->sum;
    const real *g = (const real *)p[1], *y = (const real *)p[2];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real gk = g[k * step[1]], yk = y[k * step[2]];
        real term = line->is_log ? gk - R_(exp)(yk) * sum : yk * (gk - sum);
        d[k * step[0]] = line->accumulate ? d[k * step[0]] + term : term;
    }
}

static void backward_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = *(const Line *)data;
    (void)i;
    he_walk_range(walk, p, 0, walk->n, dot_run, &line);
    he_walk_range(walk, p, 0, walk->n, grad_run, &line);
}

static void backward(const HeRun *run, gboolean is_log)
{
    const Params *params = run->node->params;
    Line line = {.is_log = is_log, .accumulate = run->accumulate[0]};
    he_walk_lines(run->pool, run->d_in[0], params->axes, 3,
                  (const HeTensor *const[]){run->d_in[0], run->d_out[0], run->out[0]},
                  backward_line, &line);
}

static void softmax_backward(const HeRun *run)
{
    backward(run, FALSE);
}

static void log_softmax_backward(const HeRun *run)
{
    backward(run, TRUE);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_OUT(0);
}

#define SOFTMAX_OP(symbol, onnx_name)                                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = 1,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .flags = HE_OP_IN_PLACE,                                                         \
        .infer = infer,                                                                  \
        .forward = symbol##_forward,                                                     \
        .backward = symbol##_backward,                                                   \
        .saves = saves,                                                                  \
    };
SOFTMAX_OP(softmax, "Softmax")
SOFTMAX_OP(log_softmax, "LogSoftmax")
