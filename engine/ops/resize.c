/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Resize, and Upsample, by nearest, linear or cubic interpolation along any axes. Every axis has a table: for
 * each output index the input indices it looks at, and their weights (resize_table.c); an output is the sum
 * over the product of its axes' taps. Sizes and scales are constants for an input size. The way back spreads
 * by the same weights. */
#include "ops/resize.h"

#include <math.h>
#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    HeResize axis[HE_MAX_RANK];
    size_t table[HE_MAX_RANK]; /* of an axis: its first tap in the scratch memory */
    int n_whole;               /* leading axes that stay as they are */
    real outside;              /* what stands where a crop leaves the input */
} Params;

/* ---- infer ---------------------------------------------------------------------------------------------------- */

typedef struct {
    int n, axis[HE_MAX_RANK];
} Axes;

static gboolean read_axes(const HeNode *node, Axes *axes, GError **error)
{
    const gint64 *list;
    size_t n;
    int rank = node->in[0]->rank;
    if (!he_attr_ints(node, "axes", &list, &n, error))
        return FALSE;
    if (n > (size_t)rank)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "has %d axes", (int)n);
    guint seen = 0;
    axes->n = list ? (int)n : rank;
    for (int i = 0; i < axes->n; i++) {
        axes->axis[i] = i;
        if (list && !he_node_axis(node, list[i], rank, &axes->axis[i], error))
            return FALSE;
        if (seen & 1u << axes->axis[i])
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "names axis %d twice", axes->axis[i]);
        seen |= 1u << axes->axis[i];
    }
    return TRUE;
}

/* Input I as one number for each axis, or two (a region). */
static gboolean read_numbers(const HeNode *node, int i, int n, double *out,
                             GError **error)
{
    if (!he_node_is_const(node, i))
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "input %d must be a constant for this input size", i);
    if (he_tensor_n(node->in[i]) != (size_t)n)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "input %d has %d numbers, expected %d", i,
                             (int)he_tensor_n(node->in[i]), n);
    for (int k = 0; k < n; k++)
        out[k] = he_tensor_get_double(node->in[i], (size_t)k);
    return TRUE;
}

static gboolean set_axis(const HeNode *node, HeResize *axis, double size, double scale,
                         GError **error)
{
    if (!(size >= 0 && size <= G_MAXINT32 && scale > 0 && isfinite(scale)))
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "resizes an axis of %" G_GINT64_FORMAT " to %g (scale %g)",
                             axis->in, size, scale);
    axis->out = (gint64)size;
    axis->scale = scale;
    return TRUE;
}

static gboolean use_scales(const HeNode *node, const Axes *axes, const double *scales,
                           Params *params, GError **error)
{
    for (int i = 0; i < axes->n; i++) {
        HeResize *axis = &params->axis[axes->axis[i]];
        if (!set_axis(node, axis, floor((double)axis->in * scales[i] + 1e-9), scales[i],
                      error))
            return FALSE;
    }
    return TRUE;
}

static gboolean use_sizes(const HeNode *node, const Axes *axes, const double *sizes,
                          Params *params, GError **error)
{
    const char *policy;
    double low = INFINITY, high = 0;
    if (!he_attr_string(node, "keep_aspect_ratio_policy", "stretch", &policy, error))
        return FALSE;
    for (int i = 0; i < axes->n; i++) {
        double scale = sizes[i] / (double)params->axis[axes->axis[i]].in;
        low = MIN(low, scale);
        high = MAX(high, scale);
    }
    gboolean is_stretched = strcmp(policy, "stretch") == 0;
    double common = strcmp(policy, "not_larger") == 0 ? low : high;
    for (int i = 0; i < axes->n; i++) {
        HeResize *axis = &params->axis[axes->axis[i]];
        double size = is_stretched ? sizes[i] : floor(common * (double)axis->in + 0.5);
        if (!set_axis(node, axis, size, is_stretched ? size / (double)axis->in : common,
                      error))
            return FALSE;
    }
    return TRUE;
}

/* Where scales and sizes are given: inputs from opset 11 (2, 3), 10 (1), or an attribute. */
static gboolean read_sizes(const HeNode *node, const Axes *axes, Params *params,
                           GError **error)
{
    gboolean is_upsample = strcmp(node->op->name, "Upsample") == 0;
    int scales_at = !is_upsample && node->opset >= 11 ? 2 : 1;
    double numbers[HE_MAX_RANK];
    if (is_upsample && node->opset < 9) {
        const HeAttr *attr = he_node_def_attr(node->def, "scales");
        if (!attr || attr->kind != HE_ATTR_FLOATS || attr->n != (size_t)axes->n)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "has no scale for each axis");
        return use_scales(node, axes, attr->floats, params, error);
    }
    if (he_node_has_in(node, scales_at) &&
        !(he_node_has_in(node, 3) && he_tensor_n(node->in[scales_at]) == 0))
        return read_numbers(node, scales_at, axes->n, numbers, error) &&
               use_scales(node, axes, numbers, params, error);
    if (!he_node_has_in(node, 3))
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "has neither scales nor sizes");
    return read_numbers(node, 3, axes->n, numbers, error) &&
           use_sizes(node, axes, numbers, params, error);
}

static gboolean read_region(const HeNode *node, const Axes *axes, Params *params,
                            GError **error)
{
    double numbers[2 * HE_MAX_RANK];
    if (params->axis[0].coordinates != HE_RESIZE_CROP)
        return TRUE;
    if (!read_numbers(node, 1, 2 * axes->n, numbers, error))
        return FALSE;
    for (int i = 0; i < axes->n; i++) {
        params->axis[axes->axis[i]].start = numbers[i];
        params->axis[axes->axis[i]].end = numbers[i + axes->n];
    }
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {0};
    Axes axes = {0};
    HeResize like;
    double outside;
    gint64 dim[HE_MAX_RANK];
    size_t n_taps = 0;
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 1, HE_MAX_RANK, error) ||
        !he_resize_read(node, &like, error) || !read_axes(node, &axes, error) ||
        !he_attr_float(node, "extrapolation_value", 0, &outside, error))
        return FALSE;
    params.outside = (real)outside;
    for (int k = 0; k < x->rank; k++) {
        params.axis[k] = like;
        params.axis[k].in = params.axis[k].out = x->dim[k];
        params.axis[k].scale = params.axis[k].end = 1;
    }
    if (!read_sizes(node, &axes, &params, error) ||
        !read_region(node, &axes, &params, error))
        return FALSE;
    for (int k = 0; k < x->rank; k++) {
        if (params.axis[k].in < 1)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "axis %d is empty",
                                 k);
        if (!he_resize_count_taps(&params.axis[k]))
            return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                 "axis %d has the scale %g", k, params.axis[k].scale);
        dim[k] = params.axis[k].out;
        params.table[k] = n_taps;
        n_taps += (size_t)params.axis[k].out * (size_t)params.axis[k].n_taps;
    }
    while (params.n_whole < x->rank - 1 &&
           he_resize_is_whole(&params.axis[params.n_whole]))
        params.n_whole++;
    node->scratch_bytes = n_taps * sizeof(HeTap);
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, x->rank, dim, error);
}

/* ---- rows; a tile is one index of the axes that stay --------------------------------------------------------- */

typedef struct {
    const Params *params;
    const HeTap *taps;
    const HeTensor *x, *y; /* of a backward: gradients */
    gboolean is_backward;
} Job;

static const HeTap *taps_of(const Job *job, int axis, gint64 o)
{
    return job->taps + job->params->table[axis] +
           (size_t)(o * job->params->axis[axis].n_taps);
}

static void forward_row(const Job *job, real *y, const real *x, double weight)
{
    int last = job->y->rank - 1, n = job->params->axis[last].n_taps;
    for (gint64 o = 0; o < job->y->dim[last]; o++) {
        const HeTap *taps = taps_of(job, last, o);
        double sum = 0;
        for (int t = 0; t < n; t++)
            sum += taps[t].weight * (double)x[taps[t].at * job->x->stride[last]];
        y[o * job->y->stride[last]] += (real)(weight * sum);
    }
}

static void backward_row(const Job *job, const real *g, real *d, double weight)
{
    int last = job->y->rank - 1, n = job->params->axis[last].n_taps;
    for (gint64 o = 0; o < job->y->dim[last]; o++) {
        const HeTap *taps = taps_of(job, last, o);
        for (int t = 0; t < n; t++)
            d[taps[t].at * job->x->stride[last]] +=
                (real)(weight * taps[t].weight * (double)g[o * job->y->stride[last]]);
    }
}

/* All taps of the axes from AXIS to the last but one, for output index O of each. */
static void each_row(const Job *job, int axis, const gint64 *o, real *y, real *x,
                     double weight)
{
    if (axis == job->y->rank - 1) {
        if (job->is_backward)
            backward_row(job, y, x, weight);
        else
            forward_row(job, y, x, weight);
        return;
    }
    const HeTap *taps = taps_of(job, axis, o[axis]);
    for (int t = 0; t < job->params->axis[axis].n_taps; t++)
        if (taps[t].weight < 0 || taps[t].weight > 0)
            each_row(job, axis + 1, o, y, x + taps[t].at * job->x->stride[axis],
                     weight * taps[t].weight);
}

/* Outputs of a crop that lie outside the input. */
static void mark_outside(const Job *job, const gint64 *o, real *y)
{
    const Params *params = job->params;
    int last = job->y->rank - 1;
    gboolean is_outside = FALSE;
    for (int k = 0; k < last; k++)
        is_outside |= he_resize_is_outside(&params->axis[k], o[k]);
    for (gint64 k = 0; k < job->y->dim[last]; k++)
        if (is_outside || he_resize_is_outside(&params->axis[last], k))
            y[k * job->y->stride[last]] = params->outside;
}

static void tile_func(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const Params *params = job->params;
    int last = job->y->rank - 1;
    size_t rows = he_dims_product(job->y, params->n_whole, last);
    gint64 o[HE_MAX_RANK] = {0};
    real *x = (real *)job->x->data + he_tensor_offset(job->x, params->n_whole, tile);
    (void)worker;
    for (size_t r = 0; r < rows; r++) {
        real *y = (real *)job->y->data + he_tensor_offset(job->y, last, tile * rows + r);
        for (size_t k = (size_t)last, rest = r; k-- > (size_t)params->n_whole;
             rest /= (size_t)job->y->dim[k])
            o[k] = (gint64)(rest % (size_t)job->y->dim[k]);
        each_row(job, params->n_whole, o, y, x, 1);
        if (!job->is_backward && params->axis[0].coordinates == HE_RESIZE_CROP)
            mark_outside(job, o, y);
    }
}

static void run_job(const HeRun *run, const HeTensor *x, const HeTensor *y,
                    gboolean is_backward)
{
    const Params *params = run->node->params;
    HeTap *taps = run->scratch;
    Job job = {params, taps, x, y, is_backward};
    for (int k = 0; k < y->rank; k++)
        he_resize_fill(&params->axis[k], taps + params->table[k]);
    he_pool_run(run->pool, he_dims_product(y, 0, params->n_whole), tile_func, &job);
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_tensor_clear(run->pool, run->out[0]);
    run_job(run, run->in[0], run->out[0], FALSE);
    return TRUE;
}

static void backward(const HeRun *run)
{
    if (!run->d_in[0])
        return;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    run_job(run, run->d_in[0], run->d_out[0], TRUE);
}

#define RESIZE_OP(symbol, onnx_name, n_in)                                               \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = n_in,                                                                  \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = infer,                                                                  \
        .forward = forward,                                                              \
        .backward = backward,                                                            \
    };
RESIZE_OP(resize, "Resize", 4)
RESIZE_OP(upsample, "Upsample", 2)
