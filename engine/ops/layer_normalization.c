/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* LayerNormalization over the axes from `axis` on: with n the numbers of one line over these axes,
 *
 *   y = scale x' + bias      x' = (x - mean) s      s = 1 / sqrt(mean((x - mean)^2) + epsilon)
 *   dx = s (h - mean(h) - x' mean(h x')) + (g_mean - g_s s^2 x') / n        h = scale g
 *
 * Ba, Kiros, Hinton 2016, Layer Normalization. Outputs 1 and 2 are mean and s, g_mean and g_s what comes back
 * by them. Scale and bias carry no gradient. Input and scale are saved. */
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    double epsilon;
    int axis;
} Params;

/* Input I stretches to the shape of input 0. */
static gboolean need_stretch(const HeNode *node, int i, GError **error)
{
    const HeTensor *x = node->in[0], *t = node->in[i];
    gint64 dim[HE_MAX_RANK];
    int rank;
    HeTensor both;
    if (!he_node_has_in(node, i))
        return TRUE;
    if (!he_node_need_float(node, i, error))
        return FALSE;
    if (he_broadcast(x, t, &rank, dim)) {
        he_tensor_init(&both, x->type, rank, dim);
        if (he_tensor_same_shape(&both, x))
            return TRUE;
    }
    g_autofree char *st = he_tensor_shape_text(t);
    g_autofree char *sx = he_tensor_shape_text(x);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %d has shape %s, which does not stretch to %s", i, st,
                         sx);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params;
    gint64 axis, dim[HE_MAX_RANK];
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 1, HE_MAX_RANK, error) ||
        !need_stretch(node, 1, error) || !need_stretch(node, 2, error) ||
        !he_attr_int(node, "axis", -1, &axis, error) ||
        !he_attr_float(node, "epsilon", 1e-5, &params.epsilon, error) ||
        !he_node_axis(node, axis, x->rank, &params.axis, error) ||
        !he_node_set_out_like(node, 0, x, error))
        return FALSE;
    for (int k = 0; k < x->rank; k++)
        dim[k] = k < params.axis ? x->dim[k] : 1;
    for (int o = 1; o < node->n_out; o++)
        if (node->out[o] && !he_node_set_out(node, o, x->type, x->rank, dim, error))
            return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* One line: what its runs add up and use. X: which of the tensors is x. */
typedef struct {
    int x;
    gboolean has_bias, accumulate;
    double mean, square, s; /* of x */
    double share;           /* of g: 0 when nothing comes back by y */
    double sum_h, sum_hx; /* of h, and of h x'; then what dx loses evenly, and along x' */
} Line;

static void mean_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    Line *line = data;
    const real *x = (const real *)p[line->x];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        line->mean += (double)x[k * step[line->x]];
}

static void square_run(void *data, size_t i, size_t n, char *const p[],
                       const ptrdiff_t step[])
{
    Line *line = data;
    const real *x = (const real *)p[line->x];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        double v = (double)x[k * step[line->x]] - line->mean;
        line->square += v * v;
    }
}

static void measure(Line *line, const HeWalk *walk, char *const p[], double epsilon)
{
    he_walk_range(walk, p, 0, walk->n, mean_run, line);
    line->mean /= (double)walk->n;
    he_walk_range(walk, p, 0, walk->n, square_run, line);
    line->s = 1 / sqrt(line->square / (double)walk->n + epsilon);
}

/* ---- forward; p: y, x, scale, bias ------------------------------------------------------------------- */

static void forward_run(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    const Line *line = data;
    real *y = (real *)p[0];
    const real *x = (const real *)p[1], *a = (const real *)p[2], *b = (const real *)p[3];
    real mean = (real)line->mean, s = (real)line->s;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real v = (x[k * step[1]] - mean) * s * a[k * step[2]];
        y[k * step[0]] = line->has_bias ? v + b[k * step[3]] : v;
    }
}

static void set_statistic(const HeRun *run, int o, size_t i, double value)
{
    if (o >= run->node->n_out || !run->out[o])
        return;
    real *data = run->out[o]->data;
    data[he_tensor_offset(run->out[o], run->out[o]->rank, i)] = (real)value;
}

static void forward_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    Line line = {.x = 1, .has_bias = he_node_has_in(run->node, 2)};
    measure(&line, walk, p, params->epsilon);
    he_walk_range(walk, p, 0, walk->n, forward_run, &line);
    set_statistic(run, 1, i, line.mean);
    set_statistic(run, 2, i, line.s);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    int n = he_node_has_in(run->node, 2) ? 4 : 3;
    (void)error;
    he_walk_lines(run->pool, run->out[0], ~0u << params->axis, n,
                  (const HeTensor *const[]){run->out[0], run->in[0], run->in[1],
                                            n == 4 ? run->in[2] : NULL},
                  forward_line, (void *)run);
    return TRUE;
}

/* ---- backward; p: d, g, x, scale --------------------------------------------------------------------- */

static void sums_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    Line *line = data;
    const real *g = (const real *)p[1], *x = (const real *)p[2], *a = (const real *)p[3];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        double h = line->share * (double)g[k * step[1]] * (double)a[k * step[3]];
        line->sum_h += h;
        line->sum_hx += h * ((double)x[k * step[2]] - line->mean) * line->s;
    }
}

static void grad_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    const Line *line = data;
    real *d = (real *)p[0];
    const real *g = (const real *)p[1], *x = (const real *)p[2], *a = (const real *)p[3];
    real mean = (real)line->mean, s = (real)line->s;
    real mean_h = (real)line->sum_h, mean_hx = (real)line->sum_hx,
         share = (real)line->share;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real h = share * g[k * step[1]] * a[k * step[3]];
        real term = s * (h - mean_h - (x[k * step[2]] - mean) * s * mean_hx);
        d[k * step[0]] = line->accumulate ? d[k * step[0]] + term : term;
    }
}

static double get_statistic(const HeRun *run, int o, size_t i)
{
    const HeTensor *g = o < run->node->n_out ? run->d_out[o] : NULL;
    return g ? (double)((const real *)g->data)[he_tensor_offset(g, g->rank, i)] : 0;
}

static void backward_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    Line line = {
        .x = 2, .accumulate = run->accumulate[0], .share = run->d_out[0] ? 1 : 0};
    measure(&line, walk, p, params->epsilon);
    he_walk_range(walk, p, 0, walk->n, sums_run, &line);
    line.sum_h = (line.sum_h - get_statistic(run, 1, i) / line.s) / (double)walk->n;
    line.sum_hx = (line.sum_hx + get_statistic(run, 2, i) * line.s) / (double)walk->n;
    he_walk_range(walk, p, 0, walk->n, grad_run, &line);
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    const HeTensor *g = run->d_out[0] ? run->d_out[0] : run->in[0];
    if (run->d_in[0])
        he_walk_lines(run->pool, run->d_in[0], ~0u << params->axis, 4,
                      (const HeTensor *const[]){run->d_in[0], g, run->in[0], run->in[1]},
                      backward_line, (void *)run);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0) | HE_SAVE_IN(1);
}

const HeOp HE_REAL(he_op_layer_normalization) = {
    .name = "LayerNormalization",
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 3,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
