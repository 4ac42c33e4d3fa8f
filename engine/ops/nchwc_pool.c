/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* MaxPool, AveragePool and GlobalAveragePool of values in blocks of channels; see max_pool.c and average_pool.c for
 * what they are. A tile of work is a block, of MaxPool some rows of one: of the result forward, of dx backward. */
#include <string.h>

#include "kernels/nchwc_rows.h"
#include "ops/grad.h"
#include "ops/nchwc.h"
#include "ops/support.h"

#define MOST_TAPS  256 /* a tap is a byte */
#define LEAST_ROWS 8   /* of a block, in a tile of work of MaxPool, if it has as many */

typedef struct {
    HeWindow w;
    size_t planes;
    gboolean counts_pad;
    const HeNchwcRows *rows;
} Params;

static gboolean infer_window(HeNode *node, Params *params, GError **error)
{
    HeWindow *w = &params->w;
    const HeTensor *x = node->in[0];
    if (!he_nchwc_need(node, error) || !he_nchwc_window(node, NULL, w, error) ||
        !he_nchwc_set_out(node, x->dim[1], w->out[1], w->out[2], error))
        return FALSE;
    params->planes = he_dims_product(x, 0, 2);
    params->rows = he_nchwc_rows_find(node->kernels);
    if (!params->rows || (double)w->kernel[1] * (double)w->kernel[2] > MOST_TAPS)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "its window is too large for blocks");
    node->params = g_memdup2(params, sizeof *params);
    return TRUE;
}

/* ---- MaxPool ----------------------------------------------------------------------------------------- */

static gboolean max_infer(HeNode *node, GError **error)
{
    Params params = {0};
    return infer_window(node, &params, error);
}

/* Bands of a block of ROWS rows: neighbours look at some of the same rows. */
static size_t max_bands(size_t rows)
{
    return MAX(rows / LEAST_ROWS, 1);
}

static size_t max_saved(const HeNode *node)
{
    return he_tensor_n(node->out[0]);
}

static HeNchwcAxis max_axis(const HeWindow *w, int axis)
{
    return (HeNchwcAxis){.in = (size_t)w->in[axis],
                         .out = (size_t)w->out[axis],
                         .taps = (size_t)w->kernel[axis],
                         .stride = (size_t)w->stride[axis],
                         .step = (size_t)w->dilation[axis],
                         .pad = (size_t)w->pad[axis]};
}

/* Tile TILE of those that cut each block's ROWS rows into bands; *B is its block. */
static HeNchwcMax max_tile(const HeRun *run, size_t tile, size_t rows, size_t *b)
{
    const Params *params = run->node->params;
    size_t n = max_bands(rows), band = tile % n;
    HeNchwcMax s = {.y = max_axis(&params->w, 1),
                    .x = max_axis(&params->w, 2),
                    .first = band * rows / n,
                    .past = (band + 1) * rows / n};
    *b = tile / n;
    if (run->saved)
        s.tap = (guint8 *)run->saved + *b * s.y.out * s.x.out * HE_NCHWC;
    return s;
}

static void max_forward_tile(void *data, size_t tile, int worker)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    size_t b;
    HeNchwcMax s = max_tile(run, tile, (size_t)params->w.out[1], &b);
    (void)worker;
    s.in = (const float *)run->in[0]->data + b * s.y.in * s.x.in * HE_NCHWC;
    s.out = (float *)run->out[0]->data + b * s.y.out * s.x.out * HE_NCHWC;
    params->rows->max(&s);
}

static gboolean max_forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    (void)error;
    he_pool_run(run->pool, params->planes * max_bands((size_t)params->w.out[1]),
                max_forward_tile, (void *)run);
    return TRUE;
}

typedef struct {
    const HeRun *run;
    const HeNchwcFinish *finish; /* NULL: nothing */
} MaxBackward;

static void max_backward_tile(void *data, size_t tile, int worker)
{
    const MaxBackward *job = data;
    const HeRun *run = job->run;
    const Params *params = run->node->params;
    size_t b;
    HeNchwcMax s = max_tile(run, tile, (size_t)params->w.in[1], &b);
    (void)worker;
    s.at = b * s.y.in * s.x.in * HE_NCHWC;
    s.dx = (float *)run->d_in[0]->data + s.at;
    s.out = (float *)run->d_out[0]->data + b * s.y.out * s.x.out * HE_NCHWC;
    s.accumulate = run->accumulate[0];
    s.finish = job->finish;
    params->rows->max_backward(&s);
}

static void max_backward(const HeRun *run)
{
    const Params *params = run->node->params;
    HeNchwcFinish finish;
    if (!run->d_in[0])
        return;
    MaxBackward job = {run, he_nchwc_grad_finish(run, &finish) ? &finish : NULL};
    he_pool_run(run->pool, params->planes * max_bands((size_t)params->w.in[1]),
                max_backward_tile, &job);
}

const HeOp HE_REAL(he_op_nchwc_max_pool) = {
    .name = "MaxPool",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_GATES_BACK,
    .infer = max_infer,
    .forward = max_forward,
    .backward = max_backward,
    .saved_bytes = max_saved,
};

/* ---- AveragePool, GlobalAveragePool ------------------------------------------------------------------- */

static gboolean average_infer(HeNode *node, GError **error)
{
    Params params = {0};
    gint64 counts_pad;
    if (!he_attr_int(node, "count_include_pad", 0, &counts_pad, error))
        return FALSE;
    params.counts_pad = counts_pad != 0;
    return infer_window(node, &params, error);
}

static gboolean global_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {.w = {.n_axes = 3}};
    if (!he_nchwc_need(node, error) || !he_nchwc_set_out(node, x->dim[1], 1, 1, error))
        return FALSE;
    for (int k = 0; k < HE_WINDOW_AXES; k++) {
        params.w.in[k] = params.w.kernel[k] = k > 0 ? x->dim[k + 1] : 1;
        params.w.out[k] = params.w.stride[k] = params.w.dilation[k] = 1;
    }
    params.planes = he_dims_product(x, 0, 2);
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* Elements of output O's window on an axis that count, as average_pool.c has it. */
static gint64 count(const Params *params, int axis, gint64 o)
{
    const HeWindow *w = &params->w;
    gint64 from, to;
    if (params->counts_pad) {
        gint64 left = w->in[axis] + w->pad_end[axis] - o * w->stride[axis] + w->pad[axis];
        return MIN(w->kernel[axis], (MAX(left, 1) - 1) / w->dilation[axis] + 1);
    }
    he_window_taps(w, axis, o, &from, &to);
    return MAX(to - from, 1);
}

/* What a pixel (Y, X) of the result looks at. */
typedef struct {
    gint64 y0, y1, x0, x1, top, left;
    float scale;
} Window;

static Window window_of(const Params *params, gint64 y, gint64 x)
{
    const HeWindow *w = &params->w;
    Window at = {.top = y * w->stride[1] - w->pad[1],
                 .left = x * w->stride[2] - w->pad[2]};
    he_window_taps(w, 1, y, &at.y0, &at.y1);
    he_window_taps(w, 2, x, &at.x0, &at.x1);
    at.scale = 1 / (float)(count(params, 1, y) * count(params, 2, x));
    return at;
}

static size_t tap_at(const HeWindow *w, const Window *at, gint64 j, gint64 k)
{
    gint64 y = at->top + j * w->dilation[1], x = at->left + k * w->dilation[2];
    return (size_t)(y * w->in[2] + x) * HE_NCHWC;
}

/* Rows are summed one by one: it rounds less. */
static void average(const Params *params, gint64 y, gint64 x, const float *plane,
                    float *out)
{
    Window at = window_of(params, y, x);
    float sum[HE_NCHWC] = {0};
    for (gint64 j = at.y0; j < at.y1; j++) {
        float row[HE_NCHWC] = {0};
        for (gint64 k = at.x0; k < at.x1; k++) {
            const float *from = plane + tap_at(&params->w, &at, j, k);
            for (size_t i = 0; i < HE_NCHWC; i++)
                row[i] += from[i];
        }
        for (size_t i = 0; i < HE_NCHWC; i++)
            sum[i] += row[i];
    }
    for (size_t i = 0; i < HE_NCHWC; i++)
        out[i] = sum[i] * at.scale;
}

static void give_back(const Params *params, gint64 y, gint64 x, const float *g,
                      float *plane)
{
    Window at = window_of(params, y, x);
    float each[HE_NCHWC];
    for (size_t i = 0; i < HE_NCHWC; i++)
        each[i] = g[i] * at.scale;
    for (gint64 j = at.y0; j < at.y1; j++)
        for (gint64 k = at.x0; k < at.x1; k++) {
            float *to = plane + tap_at(&params->w, &at, j, k);
            for (size_t i = 0; i < HE_NCHWC; i++)
                to[i] += each[i];
        }
}

static void average_tile(void *data, size_t b, int worker)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    const HeWindow *w = &params->w;
    const float *plane = run->in[0]->data;
    float *out = run->out[0]->data;
    (void)worker;
    plane += b * (size_t)(w->in[1] * w->in[2]) * HE_NCHWC;
    out += b * (size_t)(w->out[1] * w->out[2]) * HE_NCHWC;
    for (gint64 y = 0; y < w->out[1]; y++)
        for (gint64 x = 0; x < w->out[2]; x++, out += HE_NCHWC)
            average(params, y, x, plane, out);
}

static gboolean average_forward(const HeRun *run, GError **error)
{
    (void)error;
    he_pool_run(run->pool, ((const Params *)run->node->params)->planes, average_tile,
                (void *)run);
    return TRUE;
}

static void average_backward_tile(void *data, size_t b, int worker)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    const HeWindow *w = &params->w;
    const float *g = run->d_out[0]->data;
    float *plane = run->d_in[0]->data;
    (void)worker;
    plane += b * (size_t)(w->in[1] * w->in[2]) * HE_NCHWC;
    g += b * (size_t)(w->out[1] * w->out[2]) * HE_NCHWC;
    for (gint64 y = 0; y < w->out[1]; y++)
        for (gint64 x = 0; x < w->out[2]; x++, g += HE_NCHWC)
            give_back(params, y, x, g, plane);
}

static void average_backward(const HeRun *run)
{
    if (!run->d_in[0])
        return;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    he_pool_run(run->pool, ((const Params *)run->node->params)->planes,
                average_backward_tile, (void *)run);
}

const HeOp HE_REAL(he_op_nchwc_average_pool) = {
    .name = "AveragePool",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = average_infer,
    .forward = average_forward,
    .backward = average_backward,
};

const HeOp HE_REAL(he_op_nchwc_global_average_pool) = {
    .name = "GlobalAveragePool",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = global_infer,
    .forward = average_forward,
    .backward = average_backward,
};
