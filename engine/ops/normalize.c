/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Lines normalised; with n the numbers of one line,
 *
 *   y = scale x' + bias      x' = (x - mean) s      s = 1 / sqrt(mean((x - mean)^2) + epsilon)
 *   dx = s (h - mean(h) - x' mean(h x')) + (g_mean - g_s s^2 x') / n        h = scale g
 *
 * Ba, Kiros, Hinton 2016, Layer Normalization; Wu, He 2018, Group Normalization. Outputs 1 and 2, where an
 * operator has them, are mean and s, g_mean and g_s what comes back by them. */
#include "ops/normalize.h"

#include "ops/support.h"

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

void he_line_moments(const HeWalk *walk, char *const p[], int x, double *mean,
                     double *variance)
{
    Line line = {.x = x};
    he_walk_range(walk, p, 0, walk->n, mean_run, &line);
    line.mean /= (double)walk->n;
    he_walk_range(walk, p, 0, walk->n, square_run, &line);
    *mean = line.mean;
    *variance = line.square / (double)walk->n;
}

static void measure(Line *line, const HeWalk *walk, char *const p[], double epsilon)
{
    double variance;
    he_line_moments(walk, p, line->x, &line->mean, &variance);
    line->s = 1 / sqrt(variance + epsilon);
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

typedef struct {
    const HeRun *run;
    double epsilon;
    gboolean has_bias, has_g;
} Job;

static void forward_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    const Job *job = data;
    Line line = {.x = 1, .has_bias = job->has_bias};
    measure(&line, walk, p, job->epsilon);
    he_walk_range(walk, p, 0, walk->n, forward_run, &line);
    set_statistic(job->run, 1, i, line.mean);
    set_statistic(job->run, 2, i, line.s);
}

void he_normalize_forward(const HeRun *run, double epsilon, guint lines,
                          const HeTensor *y, const HeTensor *x, const HeTensor *scale,
                          const HeTensor *bias)
{
    Job job = {run, epsilon, bias != NULL, FALSE};
    he_walk_lines(run->pool, x, lines, bias ? 4 : 3,
                  (const HeTensor *const[]){y, x, scale, bias}, forward_line, &job);
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
    const Job *job = data;
    Line line = {
        .x = 2, .accumulate = job->run->accumulate[0], .share = job->has_g ? 1 : 0};
    measure(&line, walk, p, job->epsilon);
    he_walk_range(walk, p, 0, walk->n, sums_run, &line);
    line.sum_h = (line.sum_h - get_statistic(job->run, 1, i) / line.s) / (double)walk->n;
    line.sum_hx =
        (line.sum_hx + get_statistic(job->run, 2, i) * line.s) / (double)walk->n;
    he_walk_range(walk, p, 0, walk->n, grad_run, &line);
}

void he_normalize_backward(const HeRun *run, double epsilon, guint lines,
                           const HeTensor *d, const HeTensor *g, const HeTensor *x,
                           const HeTensor *scale)
{
    Job job = {run, epsilon, FALSE, g != NULL};
    he_walk_lines(run->pool, x, lines, 4,
                  (const HeTensor *const[]){d, g ? g : x, x, scale}, backward_line, &job);
}
