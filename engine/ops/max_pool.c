/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* MaxPool over 1 to 3 axes. For the way back each output saves which tap of its window was the first
 * maximum, in 1, 2 or 4 bytes by the size of the window; the gradient is added there, plane by plane. NaN
 * wins, so that it is not hidden. Quantised networks may pool integers of 8 bits, which carry no gradient.
 * A second output holds the flat index of each maximum in the whole input, or with `storage_order` 1 with
 * its last axes counted first. */
#include <math.h>
#include <string.h>

#include "kernels/max.h"
#include "ops/pooling.h"
#include "ops/support.h"

typedef struct {
    HePooling pooling;
    size_t in_size, out_size; /* of a plane */
    int tap_bytes;
    gboolean is_column_major; /* of indices */
    HeMaxFunc kernel;         /* NULL: tap by tap */
} Params;

static int bytes_for(const HeWindow *w)
{
    double taps = (double)w->kernel[0] * (double)w->kernel[1] * (double)w->kernel[2];
    return taps <= 256 ? 1 : taps <= 65536 ? 2 : taps <= 4294967296.0 ? 4 : 0;
}

/* For planes of float whose windows are not too wide; the plain set goes tap by tap and is its oracle. */
static HeMaxFunc find_kernel(const HeNode *node, const HeWindow *w)
{
    double columns =
        HE_MAX_OUT * (double)w->stride[2] + (double)w->kernel[2] * (double)w->dilation[2];
    gboolean fits = node->in[0]->type == HE_F32 && w->in[0] == 1 && w->out[0] == 1 &&
                    w->kernel[0] == 1 && w->pad[0] == 0 && columns <= HE_MAX_COLUMNS &&
                    w->kernel[1] * w->kernel[2] <= G_MAXINT32;
    return fits && node->kernels > HE_SET_PLAIN ? he_max_find(node->kernels) : NULL;
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0], *y = node->out[0];
    Params params = {0};
    gint64 order;
    gboolean is_small = x->type == HE_U8 || x->type == HE_I8;
    if ((!is_small && !he_node_need_float(node, 0, error)) ||
        !he_pooling_infer(node, &params.pooling, error) ||
        !he_attr_int(node, "storage_order", 0, &order, error) ||
        !he_node_set_out(node, 1, HE_I64, y->rank, y->dim, error))
        return FALSE;
    params.is_column_major = order != 0;
    params.in_size = he_dims_product(x, 2, x->rank);
    params.out_size = he_dims_product(y, 2, y->rank);
    params.tap_bytes = bytes_for(&params.pooling.w);
    if (params.tap_bytes == 0)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "its window is too large");
    params.kernel = find_kernel(node, &params.pooling.w);
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static size_t saved_bytes(const HeNode *node)
{
    const Params *params = node->params;
    return params->pooling.n_planes * params->out_size * (size_t)params->tap_bytes;
}

/* ---- forward ----------------------------------------------------------------------------------------- */

typedef struct {
    const char *x; /* the plane */
    real best[HE_WINDOW_CHUNK];
    guint32 tap[HE_WINDOW_CHUNK];
} Row;

#define BEST(STEP)                                                                       \
    for (size_t k = from; k < to; k++) {                                                 \
        real v = (real)x[(k - from) * (STEP)];                                           \
        gboolean is_better = (v > best[k]) | (v != v);                                   \
        best[k] = is_better ? v : best[k];                                               \
        taps[k] = is_better ? tap : taps[k];                                             \
    }

static void best_tap(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from,
                     size_t to)
{
    Row *row = data;
    const real *x = (const real *)row->x + at;
    real *best = row->best;
    guint32 *taps = row->tap;
    size_t stride = (size_t)w->stride[2];
    if (stride == 1)
        BEST(1)
    else if (stride == 2)
        BEST(2)
    else
        BEST(stride)
}

#define BEST_OF_BYTES(name, type)                                                        \
    static void name(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from, \
                     size_t to)                                                          \
    {                                                                                    \
        Row *row = data;                                                                 \
        const type *x = (const type *)row->x + at;                                       \
        real *best = row->best;                                                          \
        guint32 *taps = row->tap;                                                        \
        BEST((size_t)w->stride[2])                                                       \
    }
BEST_OF_BYTES(best_tap_u8, guint8)
BEST_OF_BYTES(best_tap_i8, gint8)

/* A window wholly in the padding has the least number that there is. */
static void bytes_store(const HeTensor *y, gint64 at, const real *best, size_t n)
{
    double least = y->type == HE_U8 ? 0 : -128;
    for (size_t k = 0; k < n; k++)
        he_whole_set(y->type, (char *)y->data + at + (gint64)k,
                     (gint64)MAX((double)best[k], least));
}

static void taps_store(const Params *params, void *saved, size_t at, const guint32 *tap,
                       size_t n)
{
    if (params->tap_bytes == 1)
        for (size_t k = 0; k < n; k++)
            ((guint8 *)saved)[at + k] = (guint8)tap[k];
    else if (params->tap_bytes == 2)
        for (size_t k = 0; k < n; k++)
            ((guint16 *)saved)[at + k] = (guint16)tap[k];
    else
        memcpy((guint32 *)saved + at, tap, n * sizeof *tap);
}

static guint32 tap_load(const Params *params, const void *saved, size_t at)
{
    return params->tap_bytes == 1   ? ((const guint8 *)saved)[at]
           : params->tap_bytes == 2 ? ((const guint16 *)saved)[at]
                                    : ((const guint32 *)saved)[at];
}

/* Position of output O's tap K on an axis. */
static gint64 position(const HeWindow *w, int axis, gint64 o, gint64 k)
{
    return o * w->stride[axis] - w->pad[axis] + k * w->dilation[axis];
}

/* Where tap TAP of output K of a row stands: z, y, x. */
static void tap_position(const HeWindow *w, const HeWindowRow *r, gint64 k, guint32 tap,
                         gint64 at[3])
{
    guint32 kx = tap % (guint32)w->kernel[2], rest = tap / (guint32)w->kernel[2];
    at[2] = position(w, 2, r->x0 + k, kx);
    at[1] = position(w, 1, r->y, rest % (guint32)w->kernel[1]);
    at[0] = position(w, 0, r->z, rest / (guint32)w->kernel[1]);
}

static void indices_row(const HeRun *run, const HeWindow *w, const HeWindowRow *r,
                        const guint32 *taps)
{
    const Params *params = run->node->params;
    const HeTensor *index = run->out[1];
    gint64 *to = (gint64 *)index->data + he_tensor_offset(index, 2, r->plane) +
                 (gint64)he_window_row_start(w, r);
    for (gint64 k = 0; k < r->n; k++) {
        gint64 at[3];
        tap_position(w, r, k, taps[k], at);
        to[k] = (gint64)(r->plane * params->in_size) +
                (params->is_column_major ? (at[2] * w->in[1] + at[1]) * w->in[0] + at[0]
                                         : (at[0] * w->in[1] + at[1]) * w->in[2] + at[2]);
    }
}

/* All taps at once; X is the plane. */
static void best_row(const HeRun *run, const HeWindow *w, const HeWindowRow *r, Row *row)
{
    const Params *params = run->node->params;
    gint64 y0, y1, y = r->y * w->stride[1] - w->pad[1];
    he_window_taps(w, 1, r->y, &y0, &y1);
    HeMax s = {.row = (size_t)(w->dilation[1] * w->in[2]),
               .first = (gint32)y0,
               .past = (gint32)y1,
               .from = (gssize)(r->x0 * w->stride[2] - w->pad[2]),
               .width = (size_t)w->in[2],
               .n = (size_t)r->n,
               .stride = (size_t)w->stride[2],
               .step = (size_t)w->dilation[2],
               .taps = (size_t)w->kernel[2],
               .best = (void *)row->best};
    if (y0 < y1)
        s.x = (const float *)(const void *)row->x + (y + y0 * w->dilation[1]) * w->in[2];
    if (run->saved || (run->node->n_out > 1 && run->out[1]))
        s.tap = (void *)row->tap;
    params->kernel(&s);
}

/* Tap after tap. */
static void best_row_by_taps(const HeRun *run, const HeWindow *w, const HeWindowRow *r,
                             Row *row)
{
    HeType type = run->in[0]->type;
    for (gint64 k = 0; k < r->n; k++) {
        row->best[k] = (real)-INFINITY;
        row->tap[k] = 0;
    }
    he_window_row_taps(w, r,
                       type == HE_U8   ? best_tap_u8
                       : type == HE_I8 ? best_tap_i8
                                       : best_tap,
                       row);
}

static void forward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    size_t at = he_window_row_start(w, r), n = (size_t)r->n;
    const HeTensor *x = run->in[0], *y = run->out[0];
    gint64 plane = he_tensor_offset(y, 2, r->plane) + (gint64)at;
    Row row;
    row.x = (const char *)x->data +
            he_tensor_offset(x, 2, r->plane) * (gint64)he_type_size(x->type);
    if (params->kernel)
        best_row(run, w, r, &row);
    else
        best_row_by_taps(run, w, r, &row);
    if (he_type_is_float(x->type))
        memcpy((real *)y->data + plane, row.best, n * sizeof(real));
    else
        bytes_store(y, plane, row.best, n);
    if (run->node->n_out > 1 && run->out[1])
        indices_row(run, w, r, row.tap);
    if (run->saved)
        taps_store(params, run->saved, r->plane * params->out_size + at, row.tap, n);
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_pooling_forward(run, forward_row);
    return TRUE;
}

/* ---- backward ---------------------------------------------------------------------------------------- */

/* A window wholly in the padding has no maximum: its tap 0 lies outside, and nothing is added. */
static void backward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    const HeTensor *g = run->d_out[0];
    HeTensor *d = run->d_in[0];
    size_t at = he_window_row_start(w, r);
    real *to = (real *)d->data + he_tensor_offset(d, 2, r->plane);
    const real *from = (const real *)g->data + he_tensor_offset(g, 2, r->plane) + at;
    for (gint64 k = 0; k < r->n; k++) {
        guint32 tap =
            tap_load(params, run->saved, r->plane * params->out_size + at + (size_t)k);
        gint64 p[3];
        tap_position(w, r, k, tap, p);
        gint64 z = p[0], y = p[1], x = p[2];
        if (x >= 0 && x < w->in[2] && y >= 0 && y < w->in[1] && z >= 0 && z < w->in[0])
            to[(z * w->in[1] + y) * w->in[2] + x] += from[k];
    }
}

static void backward(const HeRun *run)
{
    he_pooling_backward(run, backward_row);
}

const HeOp HE_REAL(he_op_max_pool) = {
    .name = "MaxPool",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 2,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saved_bytes = saved_bytes,
};
