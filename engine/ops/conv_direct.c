/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* y[o][oz][oy][ox] = bias[o] + sum over c, kz, ky, kx of w[o][c][kz][ky][kx] x[c][iz][iy][ix], i = o * stride +
 * k * dilation - pad, and its transpose. A tile is one plane of what is written; sums have one order. */
#include "ops/conv_direct.h"

typedef struct {
    const HeConvDirect *s;
    const real *x_in, *y_in, *weights, *bias;
    real *x_out, *y_out;
    gboolean accumulate;
} Job;

static size_t plane_of(const gint64 *dim)
{
    return (size_t)(dim[0] * dim[1] * dim[2]);
}

/* Outputs from .. to - 1 whose tap K lies inside the input. */
static void reach(const HeWindow *w, int axis, gint64 k, gint64 *from, gint64 *to)
{
    gint64 shift = k * w->dilation[axis] - w->pad[axis], stride = w->stride[axis];
    gint64 last = w->in[axis] - 1 - shift;
    *from = shift >= 0 ? 0 : (stride - 1 - shift) / stride;
    *to = last < 0 ? 0 : MIN(w->out[axis], last / stride + 1);
}

/* One row of outputs under one tap: the outputs are AT_Y + k, k < n, the inputs AT_X + k * stride. */
typedef struct {
    gint64 n, at_x, at_y, stride;
    real weight;
} Row;
typedef void (*RowFunc)(const Job *job, const Row *row, size_t x, size_t y);

static void gather_row(const Job *job, const Row *row, size_t x, size_t y)
{
    const real *from = job->x_in + x + row->at_x;
    real *to = job->y_out + y + row->at_y;
    for (gint64 k = 0; k < row->n; k++)
        to[k] += row->weight * from[k * row->stride];
}

static void spread_row(const Job *job, const Row *row, size_t x, size_t y)
{
    const real *from = job->y_in + y + row->at_y;
    real *to = job->x_out + x + row->at_x;
    for (gint64 k = 0; k < row->n; k++)
        to[k * row->stride] += row->weight * from[k];
}

/* All rows of tap K = (kz, ky, kx). */
static void tap_rows(const Job *job, const gint64 k[3], real weight, size_t x, size_t y,
                     RowFunc func)
{
    const HeWindow *w = &job->s->w;
    gint64 from[3], to[3], shift[3];
    for (int a = 0; a < 3; a++) {
        reach(w, a, k[a], &from[a], &to[a]);
        shift[a] = k[a] * w->dilation[a] - w->pad[a];
    }
    Row row = {.n = to[2] - from[2], .stride = w->stride[2], .weight = weight};
    for (gint64 oz = from[0]; oz < to[0]; oz++)
        for (gint64 oy = from[1]; oy < to[1]; oy++) {
            gint64 iz = oz * w->stride[0] + shift[0], iy = oy * w->stride[1] + shift[1];
            row.at_x =
                (iz * w->in[1] + iy) * w->in[2] + from[2] * w->stride[2] + shift[2];
            row.at_y = (oz * w->out[1] + oy) * w->out[2] + from[2];
            func(job, &row, x, y);
        }
}

/* One input plane (from X on) with one output plane (from Y on). */
static void plane_pair(const Job *job, const real *weights, size_t x, size_t y,
                       RowFunc func)
{
    const HeWindow *w = &job->s->w;
    gint64 k[3];
    for (k[0] = 0; k[0] < w->kernel[0]; k[0]++)
        for (k[1] = 0; k[1] < w->kernel[1]; k[1]++)
            for (k[2] = 0; k[2] < w->kernel[2]; k[2]++)
                tap_rows(job, k, *weights++, x, y, func);
}

static void forward_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const HeConvDirect *s = job->s;
    size_t n = tile / s->oc, oc = tile % s->oc, each = s->c / s->group;
    size_t in = plane_of(s->w.in), out = plane_of(s->w.out), taps = plane_of(s->w.kernel);
    size_t first = oc / (s->oc / s->group) * each, y = n * s->y_n + oc * out;
    (void)worker;
    for (size_t i = 0; i < out && !job->accumulate; i++)
        job->y_out[y + i] = job->bias ? job->bias[oc] : 0;
    for (size_t c = 0; c < each; c++)
        plane_pair(job, job->weights + (oc * each + c) * taps,
                   n * s->x_n + (first + c) * in, y, gather_row);
}

static void transposed_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const HeConvDirect *s = job->s;
    size_t n = tile / s->c, c = tile % s->c, each = s->c / s->group,
           many = s->oc / s->group;
    size_t in = plane_of(s->w.in), out = plane_of(s->w.out), taps = plane_of(s->w.kernel);
    size_t first = c / each * many, x = n * s->x_n + c * in;
    (void)worker;
    for (size_t i = 0; i < in && !job->accumulate; i++)
        job->x_out[x + i] = job->bias ? job->bias[c] : 0;
    for (size_t oc = first; oc < first + many; oc++)
        plane_pair(job, job->weights + (oc * each + c % each) * taps, x,
                   n * s->y_n + oc * out, spread_row);
}

void he_conv_direct(HePool *pool, const HeConvDirect *s, const real *x,
                    const real *weights, const real *bias, real *y, gboolean accumulate)
{
    Job job = {.s = s,
               .x_in = x,
               .weights = weights,
               .bias = bias,
               .y_out = y,
               .accumulate = accumulate};
    he_pool_run(pool, s->n * s->oc, forward_tile, &job);
}

void he_conv_direct_transposed(HePool *pool, const HeConvDirect *s, const real *y,
                               const real *weights, const real *bias, real *x,
                               gboolean accumulate)
{
    Job job = {.s = s,
               .y_in = y,
               .weights = weights,
               .bias = bias,
               .x_out = x,
               .accumulate = accumulate};
    he_pool_run(pool, s->n * s->c, transposed_tile, &job);
}
