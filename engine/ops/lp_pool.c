/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* LpPool over 1 to 3 axes, and GlobalLpPool, whose window is the whole plane:
 *
 *   y = (sum |x|^p)^(1/p)      dx = g sign(x) (|x| / y)^(p - 1), 0 where y is 0
 *
 * The sum is over the window's elements inside the input, in double: padding adds nothing. */
#include <math.h>

#include "ops/pooling.h"
#include "ops/support.h"

typedef struct {
    HePooling pooling;
    double p;
} Params;

/* A float in opset 1, an int since. */
static gboolean read_p(const HeNode *node, double *p, GError **error)
{
    gint64 whole = 2;
    if (node->opset < 2 ? !he_attr_float(node, "p", 2, p, error)
                        : !he_attr_int(node, "p", 2, &whole, error))
        return FALSE;
    if (node->opset >= 2)
        *p = (double)whole;
    if (*p >= 1 && isfinite(*p))
        return TRUE;
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "p is %g, expected at least 1", *p);
}

static gboolean infer(HeNode *node, GError **error)
{
    Params params = {0};
    if (!he_node_need_float(node, 0, error) || !read_p(node, &params.p, error) ||
        !he_pooling_infer(node, &params.pooling, error))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static gboolean global_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    HeTensor shape = *x;
    Params params = {0};
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 3, HE_MAX_RANK, error) ||
        !read_p(node, &params.p, error))
        return FALSE;
    for (int k = 2; k < x->rank; k++)
        shape.dim[k] = 1;
    gint64 n = (gint64)he_dims_product(x, 2, x->rank);
    params.pooling.w = (HeWindow){.n_axes = 1,
                                  .in = {n},
                                  .out = {1},
                                  .kernel = {n},
                                  .stride = {1},
                                  .dilation = {1}};
    he_window_widen(&params.pooling.w);
    params.pooling.n_planes = he_dims_product(x, 0, 2);
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, shape.rank, shape.dim, error);
}

typedef struct {
    double p;
    const real *x;               /* the plane */
    real *d;                     /* backward: the plane of the gradient */
    double sum[HE_WINDOW_CHUNK]; /* backward: y */
    const real *g;
} Row;

/* |v|^p, the usual ones without pow */
static double power(double p, double v)
{
    double whole = floor(p);
    if (p > whole || p > 2)
        return pow(fabs(v), p);
    return p > 1 ? v * v : p > 0 ? fabs(v) : 1;
}

static void add_tap(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from,
                    size_t to)
{
    Row *row = data;
    size_t stride = (size_t)w->stride[2];
    (void)tap;
    for (size_t k = from; k < to; k++)
        row->sum[k] += power(row->p, (double)row->x[at + (k - from) * stride]);
}

static void forward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    real *y = (real *)run->out[0]->data + he_tensor_offset(run->out[0], 2, r->plane) +
              he_window_row_start(w, r);
    Row row = {.p = params->p};
    row.x = (const real *)run->in[0]->data + he_tensor_offset(run->in[0], 2, r->plane);
    he_window_row_taps(w, r, add_tap, &row);
    for (gint64 k = 0; k < r->n; k++)
        y[k] = (real)pow(row.sum[k], 1 / params->p);
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
    for (size_t k = from; k < to; k++) {
        size_t i = at + (k - from) * stride;
        double x = (double)row->x[i];
        if (row->sum[k] > 0)
            row->d[i] += (real)((double)row->g[k] *
                                (x < 0   ? -1
                                 : x > 0 ? 1
                                         : 0) *
                                power(row->p - 1, x / row->sum[k]));
    }
}

static void backward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    const HeTensor *g = run->d_out[0], *d = run->d_in[0], *y = run->out[0];
    size_t at = he_window_row_start(w, r);
    const real *from = (const real *)y->data + he_tensor_offset(y, 2, r->plane) + at;
    Row row = {.p = params->p};
    row.x = (const real *)run->in[0]->data + he_tensor_offset(run->in[0], 2, r->plane);
    row.d = (real *)d->data + he_tensor_offset(d, 2, r->plane);
    row.g = (const real *)g->data + he_tensor_offset(g, 2, r->plane) + at;
    for (gint64 k = 0; k < r->n; k++)
        row.sum[k] = (double)from[k];
    he_window_row_taps(w, r, spread_tap, &row);
}

static void backward(const HeRun *run)
{
    he_pooling_backward(run, backward_row);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0) | HE_SAVE_OUT(0);
}

#define LP_POOL_OP(symbol, onnx_name, infer_func)                                        \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = 1,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = infer_func,                                                             \
        .forward = forward,                                                              \
        .backward = backward,                                                            \
        .saves = saves,                                                                  \
    };
LP_POOL_OP(global_lp_pool, "GlobalLpPool", global_infer)
LP_POOL_OP(lp_pool, "LpPool", infer)
