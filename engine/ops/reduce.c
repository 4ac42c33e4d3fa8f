/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ReduceMean, ReduceSum, ReduceMax, ReduceMin over some axes; GlobalAveragePool and GlobalMaxPool, which
 * reduce all axes from 2 on. Sums are taken in double, in one order. An extremum saves where it stood (the
 * first on ties, 32 bits a result), and its gradient goes there. */
#include "ops/reduce.h"

#include "ops/support.h"

/* ---- infer ------------------------------------------------------------------------------------------- */

static gboolean infer_axes(HeNode *node, guint axes, gboolean keep, GError **error)
{
    const HeTensor *x = node->in[0];
    HeReduce params = {.axes = axes, .n = 1, .kept = *x};
    gint64 dim[HE_MAX_RANK];
    int rank = 0;
    for (int k = 0; k < x->rank; k++) {
        gboolean is_reduced = (axes >> k) & 1;
        params.n *= is_reduced ? (size_t)x->dim[k] : 1;
        if (is_reduced)
            params.kept.dim[k] = 1;
        if (!is_reduced || keep)
            dim[rank++] = params.kept.dim[k];
    }
    if (params.n == 0 || params.n > G_MAXUINT32) {
        g_autofree char *shape = he_tensor_shape_text(x);
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "reduces %" G_GSIZE_FORMAT " numbers of shape %s to one",
                             params.n, shape);
    }
    he_tensor_set_contiguous(&params.kept);
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, rank, dim, error);
}

gboolean he_reduce_infer(HeNode *node, int from, GError **error)
{
    guint axes;
    gint64 keep, noop;
    gboolean is_given;
    if (!he_type_is_float(node->in[0]->type) && !he_node_need_whole(node, 0, error))
        return FALSE;
    if (!he_attr_int(node, "keepdims", 1, &keep, error) ||
        !he_attr_int(node, "noop_with_empty_axes", 0, &noop, error) ||
        !he_node_axes(node, 1, from, node->in[0]->rank, &axes, &is_given, error))
        return FALSE;
    if (axes == 0 && !noop)
        axes = (1u << node->in[0]->rank) - 1;
    return infer_axes(node, axes, keep != 0, error);
}

gboolean he_reduce_find_axis(const HeNode *node, int k, int *input, int *axis)
{
    const HeReduce *params = node->params;
    gboolean has_all = node->out[0]->rank == params->kept.rank;
    *input = 0;
    for (*axis = 0; *axis < params->kept.rank; (*axis)++)
        if ((has_all || !(params->axes >> *axis & 1)) && k-- == 0)
            return TRUE;
    return FALSE;
}

static gboolean sum_infer(HeNode *node, GError **error)
{
    return he_reduce_infer(node, 13, error);
}

static gboolean extremum_infer(HeNode *node, GError **error)
{
    return he_reduce_infer(node, 18, error);
}

static gboolean mean_infer(HeNode *node, GError **error)
{
    return he_node_need_float(node, 0, error) && he_reduce_infer(node, 18, error);
}

static gboolean global_infer(HeNode *node, GError **error)
{
    int rank = node->in[0]->rank;
    return he_node_need_float(node, 0, error) &&
           he_node_need_rank(node, 0, 3, HE_MAX_RANK, error) &&
           infer_axes(node, ((1u << rank) - 1) & ~3u, TRUE, error);
}

/* ---- lines; p: y, x, and for a maximum where it stands ------------------------------------------------ */

typedef struct {
    double scale, sum;
    HeType type;
    gint64 whole;
    int sign; /* 1: maximum, -1: minimum, 0: sum */
    real best;
    guint32 at;
    guint32 *saved;
} Line;

HeTensor he_reduce_view(const HeRun *run, const HeTensor *t)
{
    const HeReduce *params = run->node->params;
    HeTensor view = params->kept;
    view.type = t->type;
    view.data = t->data;
    for (int k = 0, own = 0; k < view.rank; k++)
        if (t->rank == view.rank || !((params->axes >> k) & 1))
            view.stride[k] = t->stride[own++];
    return view;
}

static void sum_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    Line *line = data;
    (void)i;
    line->sum += he_sum((const real *)p[1], n, step[1]);
}

static void sum_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = *(const Line *)data;
    (void)i;
    he_walk_range(walk, p, 0, walk->n, sum_run, &line);
    *(real *)p[0] = (real)(line.sum * line.scale);
}

static void extremum_run(void *data, size_t i, size_t n, char *const p[],
                         const ptrdiff_t step[])
{
    Line *line = data;
    const real *x = (const real *)p[1];
    for (size_t k = 0; k < n; k++) {
        real v = x[(ptrdiff_t)k * step[1]];
        gboolean is_better = line->sign > 0 ? v > line->best : v < line->best;
        if (is_better || (isnan(v) && !isnan(line->best))) {
            line->best = v;
            line->at = (guint32)(i + k);
        }
    }
}

static void extremum_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = *(const Line *)data;
    line.best = line.sign > 0 ? (real)-INFINITY : (real)INFINITY;
    he_walk_range(walk, p, 0, walk->n, extremum_run, &line);
    *(real *)p[0] = line.best;
    if (line.saved)
        line.saved[i] = line.at;
}

static void whole_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    Line *line = data;
    ptrdiff_t bytes = step[1] * (ptrdiff_t)he_type_size(line->type);
    for (size_t k = 0; k < n; k++) {
        gint64 v = he_whole_get(line->type, p[1] + (ptrdiff_t)k * bytes);
        if (line->sign == 0)
            line->whole = (gint64)((guint64)line->whole + (guint64)v);
        else if (i + k == 0 || (line->sign > 0 ? v > line->whole : v < line->whole))
            line->whole = v;
    }
}

static void whole_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = *(const Line *)data;
    (void)i;
    he_walk_range(walk, p, 0, walk->n, whole_run, &line);
    he_whole_set(line.type, p[0], line.whole);
}

static gboolean reduce(const HeRun *run, HeLineFunc func, Line *line)
{
    const HeReduce *params = run->node->params;
    HeTensor y = he_reduce_view(run, run->out[0]);
    line->type = y.type;
    he_walk_lines(run->pool, run->in[0], params->axes, 2,
                  (const HeTensor *const[]){&y, run->in[0]},
                  he_type_is_float(y.type) ? func : whole_line, line);
    return TRUE;
}

static gboolean sum_forward(const HeRun *run, GError **error)
{
    Line line = {.scale = 1};
    (void)error;
    return reduce(run, sum_line, &line);
}

static gboolean mean_forward(const HeRun *run, GError **error)
{
    Line line = {.scale = 1.0 / (double)((const HeReduce *)run->node->params)->n};
    (void)error;
    return reduce(run, sum_line, &line);
}

static gboolean max_forward(const HeRun *run, GError **error)
{
    Line line = {.sign = 1, .saved = run->saved};
    (void)error;
    return reduce(run, extremum_line, &line);
}

static gboolean min_forward(const HeRun *run, GError **error)
{
    Line line = {.sign = -1, .saved = run->saved};
    (void)error;
    return reduce(run, extremum_line, &line);
}

/* ---- backward ---------------------------------------------------------------------------------------- */

static void spread(const HeRun *run, double scale)
{
    HeTensor g = he_reduce_view(run, run->d_out[0]);
    if (run->d_in[0])
        he_grad_pass(run->pool, run->d_in[0], run->accumulate[0], &g, scale);
}

static void sum_backward(const HeRun *run)
{
    spread(run, 1);
}

static void mean_backward(const HeRun *run)
{
    spread(run, 1.0 / (double)((const HeReduce *)run->node->params)->n);
}

static void add_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    (void)i;
    (void)n;
    (void)step;
    *(real *)p[1] += *(const real *)data;
}

/* p: g, d */
static void extremum_grad_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    size_t at = ((const guint32 *)data)[i];
    real g = *(const real *)p[0];
    he_walk_range(walk, p, at, at + 1, add_run, &g);
}

static void extremum_backward(const HeRun *run)
{
    const HeReduce *params = run->node->params;
    HeTensor g = he_reduce_view(run, run->d_out[0]);
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    he_walk_lines(run->pool, run->d_in[0], params->axes, 2,
                  (const HeTensor *const[]){&g, run->d_in[0]}, extremum_grad_line,
                  run->saved);
}

static size_t extremum_saved_bytes(const HeNode *node)
{
    return he_tensor_n(node->out[0]) * sizeof(guint32);
}

#define REDUCE_OP(symbol, onnx_name, n_in_max, infer_func, forward_func, backward_func,  \
                  saved_func)                                                            \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = n_in_max,                                                              \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = infer_func,                                                             \
        .forward = forward_func,                                                         \
        .backward = backward_func,                                                       \
        .saved_bytes = saved_func,                                                       \
        .find_axis = he_reduce_find_axis,                                                \
    };
REDUCE_OP(global_average_pool, "GlobalAveragePool", 1, global_infer, mean_forward,
          mean_backward, NULL)
REDUCE_OP(global_max_pool, "GlobalMaxPool", 1, global_infer, max_forward,
          extremum_backward, extremum_saved_bytes)
REDUCE_OP(reduce_max, "ReduceMax", 2, extremum_infer, max_forward, extremum_backward,
          extremum_saved_bytes)
REDUCE_OP(reduce_mean, "ReduceMean", 2, mean_infer, mean_forward, mean_backward, NULL)
REDUCE_OP(reduce_min, "ReduceMin", 2, extremum_infer, min_forward, extremum_backward,
          extremum_saved_bytes)
REDUCE_OP(reduce_sum, "ReduceSum", 2, sum_infer, sum_forward, sum_backward, NULL)
