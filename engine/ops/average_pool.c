/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AveragePool over 1 to 3 axes. The divisor counts the window's elements inside the input, or, with
 * count_include_pad, inside the padded input; what ceil_mode adds beyond the padding never counts. */
#include "ops/pooling.h"
#include "ops/support.h"

typedef struct {
    HePooling pooling;
    gboolean counts_pad;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    Params params = {0};
    gint64 counts_pad;
    if (!he_node_need_float(node, 0, error) ||
        !he_pooling_infer(node, &params.pooling, error) ||
        !he_attr_int(node, "count_include_pad", 0, &counts_pad, error))
        return FALSE;
    params.counts_pad = counts_pad != 0;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* Elements of output O's window on an axis that count; 1 for none, whose sum is 0. */
static gint64 count(const Params *params, int axis, gint64 o)
{
    const HeWindow *w = &params->pooling.w;
    gint64 from, to;
    if (params->counts_pad) {
        gint64 start = o * w->stride[axis] - w->pad[axis];
        gint64 left = w->in[axis] + w->pad_end[axis] - start;
        return MIN(w->kernel[axis], (MAX(left, 1) - 1) / w->dilation[axis] + 1);
    }
    he_window_taps(w, axis, o, &from, &to);
    return MAX(to - from, 1);
}

static void divisors(const Params *params, const HeWindowRow *r, real *divisor)
{
    gint64 zy = count(params, 0, r->z) * count(params, 1, r->y);
    for (gint64 k = 0; k < r->n; k++)
        divisor[k] = (real)(zy * count(params, 2, r->x0 + k));
}

typedef struct {
    const real *x; /* forward: the plane */
    real *d;       /* backward: the plane of the gradient */
    real value[HE_WINDOW_CHUNK];
} Row;

static void add_tap(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from,
                    size_t to)
{
    Row *row = data;
    size_t stride = (size_t)w->stride[2];
    (void)tap;
    for (size_t k = from; k < to; k++)
        row->value[k] += row->x[at + (k - from) * stride];
}

static void forward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    real divisor[HE_WINDOW_CHUNK];
    real *y = (real *)run->out[0]->data + he_tensor_offset(run->out[0], 2, r->plane) +
              he_window_row_start(w, r);
    Row row = {0};
    row.x = (const real *)run->in[0]->data + he_tensor_offset(run->in[0], 2, r->plane);
    he_window_row_taps(w, r, add_tap, &row);
    divisors(run->node->params, r, divisor);
    for (gint64 k = 0; k < r->n; k++)
        y[k] = row.value[k] / divisor[k];
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_pooling_forward(run, forward_row);
    return TRUE;
}

static void spread_tap(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from,
                       size_t to)
{
    Row *row = data;
    size_t stride = (size_t)w->stride[2];
    (void)tap;
    for (size_t k = from; k < to; k++)
        row->d[at + (k - from) * stride] += row->value[k];
}

static void backward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    const HeTensor *g = run->d_out[0], *d = run->d_in[0];
    const real *from = (const real *)g->data + he_tensor_offset(g, 2, r->plane) +
                       he_window_row_start(w, r);
    real divisor[HE_WINDOW_CHUNK];
    Row row;
    row.d = (real *)d->data + he_tensor_offset(d, 2, r->plane);
    divisors(run->node->params, r, divisor);
    for (gint64 k = 0; k < r->n; k++)
        row.value[k] = from[k] / divisor[k];
    he_window_row_taps(w, r, spread_tap, &row);
}

static void backward(const HeRun *run)
{
    he_pooling_backward(run, backward_row);
}

const HeOp HE_REAL(he_op_average_pool) = {
    .name = "AveragePool",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
