/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pad: constant, reflect, edge or wrap; negative pads cut. Every axis maps an output index to an input
 * index or to none; rows along the last axis are moved by their middle part and their two ends. Arguments
 * are attributes before opset 11, then constant inputs; axes from 18. */
#include "ops/grad.h"

#include <string.h>

#include "ops/support.h"

typedef enum { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE, PAD_WRAP } Mode;

typedef struct {
    Mode mode;
    gint64 begin[HE_MAX_RANK];
    int n_whole;  /* leading axes without pads */
    gint64 value; /* an element's bytes, when no input holds it */
} Params;

static gboolean read_mode(const HeNode *node, Mode *mode, GError **error)
{
    static const char *const names[] = {"constant", "reflect", "edge", "wrap"};
    const char *text;
    if (!he_attr_string(node, "mode", "constant", &text, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *mode = (Mode)i;
            return TRUE;
        }
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "mode is '%s', expected constant, reflect, edge or wrap", text);
}

/* Pads of named axes, or of all: begins, then ends. */
static gboolean read_pads(const HeNode *node, gint64 *begin, gint64 *end, GError **error)
{
    int rank = node->in[0]->rank;
    g_autofree gint64 *pads = NULL, *axes = NULL;
    size_t n, n_axes = 0;
    gboolean is_given, has_axes = FALSE;
    if (!he_node_ints(node, node->opset < 2 ? "paddings" : "pads", 1, 11, &pads, &n,
                      &is_given, error))
        return FALSE;
    if (node->opset >= 18 && he_node_has_in(node, 3)) {
        has_axes = TRUE;
        if (!he_node_const_ints(node, 3, &axes, &n_axes, error))
            return FALSE;
    }
    size_t expected = has_axes ? n_axes : (size_t)rank;
    if (!is_given || n != 2 * expected)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "has %d pads, expected %d", (int)n, (int)(2 * expected));
    for (size_t i = 0; i < expected; i++) {
        int k = (int)i;
        if (has_axes && !he_node_axis(node, axes[i], rank, &k, error))
            return FALSE;
        begin[k] = pads[i];
        end[k] = pads[i + expected];
    }
    return TRUE;
}

static gboolean size_axis(const HeNode *node, Mode mode, int k, gint64 begin, gint64 end,
                          gint64 *dim, GError **error)
{
    const gint64 limit = (gint64)1 << 40;
    gint64 in = node->in[0]->dim[k];
    gboolean is_bounded = begin > -limit && begin < limit && end > -limit && end < limit;
    *dim = is_bounded ? in + begin + end : -1;
    if (*dim >= 0 && (mode == PAD_CONSTANT || in > 0 || *dim == 0))
        return TRUE;
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "cannot pad an axis of %" G_GINT64_FORMAT " by %" G_GINT64_FORMAT
                         " and %" G_GINT64_FORMAT,
                         in, begin, end);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {0};
    gint64 end[HE_MAX_RANK] = {0}, dim[HE_MAX_RANK];
    double value;
    if (!he_node_need_rank(node, 0, 1, HE_MAX_RANK, error) ||
        !read_mode(node, &params.mode, error) ||
        !read_pads(node, params.begin, end, error) ||
        !he_attr_float(node, "value", 0, &value, error))
        return FALSE;
    for (int k = 0; k < x->rank; k++)
        if (!size_axis(node, params.mode, k, params.begin[k], end[k], &dim[k], error))
            return FALSE;
    if (he_node_has_in(node, 2)) {
        if (!he_node_need_same_type(node, 0, 2, error))
            return FALSE;
        if (he_tensor_n(node->in[2]) != 1)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "its constant_value is not one number");
    }
    real as_real = (real)value;
    if (he_type_is_float(x->type))
        memcpy(&params.value, &as_real, sizeof as_real);
    while (params.n_whole < x->rank - 1 && params.begin[params.n_whole] == 0 &&
           end[params.n_whole] == 0)
        params.n_whole++;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, x->type, x->rank, dim, error);
}

/* ---- rows -------------------------------------------------------------------------------------------- */

/* The input index that output index O of an axis of N shows; -1: the constant. */
static gint64 source(Mode mode, gint64 o, gint64 begin, gint64 n)
{
    gint64 i = o - begin, period = mode == PAD_WRAP ? n : 2 * (n - 1);
    if (i >= 0 && i < n)
        return i;
    if (mode == PAD_CONSTANT)
        return -1;
    if (mode == PAD_EDGE || n == 1)
        return i < 0 ? 0 : n - 1;
    i %= period;
    if (i < 0)
        i += period;
    return i < n ? i : period - i;
}

/* The part of Y's last axis that shows X straight: from .. to - 1. */
static void middle(gint64 in, gint64 out, gint64 begin, gint64 *from, gint64 *to)
{
    *from = CLAMP(begin, 0, out);
    *to = CLAMP(begin + in, *from, out);
}

typedef struct {
    const HeRun *run;
    const HeTensor *x, *y; /* forward: input, output; backward: their gradients */
    size_t rows_per_tile;  /* of the axes that are padded: no two tiles share an input */
} Job;

/* Offsets of row I of Y, and of the row of X that it shows; FALSE: none. */
static gboolean locate(const Job *job, size_t i, gint64 *y_at, gint64 *x_at)
{
    const Params *params = job->run->node->params;
    gboolean is_inside = TRUE;
    *y_at = *x_at = 0;
    for (int k = job->y->rank - 2; k >= 0; k--) {
        gint64 o = (gint64)(i % (size_t)job->y->dim[k]);
        gint64 at = source(params->mode, o, params->begin[k], job->x->dim[k]);
        i /= (size_t)job->y->dim[k];
        *y_at += o * job->y->stride[k];
        *x_at += MAX(at, 0) * job->x->stride[k];
        is_inside &= at >= 0;
    }
    return is_inside;
}

static char *element(const HeTensor *t, gint64 offset)
{
    return (char *)t->data + offset * (gint64)he_type_size(t->type);
}

static const void *constant(const HeRun *run)
{
    const Params *params = run->node->params;
    return he_node_has_in(run->node, 2) ? run->in[2]->data : (const void *)&params->value;
}

/* Outputs from .. to - 1 of a row, one by one. X_AT < 0: all constant. */
static void forward_ends(const Job *job, gint64 y_at, gint64 x_at, gint64 from, gint64 to)
{
    const Params *params = job->run->node->params;
    int last = job->y->rank - 1;
    gint64 in = job->x->dim[last];
    for (gint64 o = from; o < to; o++) {
        gint64 at = x_at < 0 ? -1 : source(params->mode, o, params->begin[last], in);
        memcpy(element(job->y, y_at + o * job->y->stride[last]),
               at < 0 ? constant(job->run)
                      : element(job->x, x_at + at * job->x->stride[last]),
               he_type_size(job->y->type));
    }
}

static void forward_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const Params *params = job->run->node->params;
    int last = job->y->rank - 1;
    gint64 out = job->y->dim[last], from, to, begin = params->begin[last];
    (void)worker;
    middle(job->x->dim[last], out, begin, &from, &to);
    for (size_t r = 0; r < job->rows_per_tile; r++) {
        gint64 y_at, x_at;
        if (!locate(job, tile * job->rows_per_tile + r, &y_at, &x_at)) {
            forward_ends(job, y_at, -1, 0, out);
            continue;
        }
        forward_ends(job, y_at, x_at, 0, from);
        if (to > from)
            memcpy(element(job->y, y_at + from), element(job->x, x_at + from - begin),
                   (size_t)(to - from) * he_type_size(job->y->type));
        forward_ends(job, y_at, x_at, to, out);
    }
}

static void run_job(const HeRun *run, const HeTensor *x, const HeTensor *y,
                    HeTileFunc func)
{
    const Params *params = run->node->params;
    Job job = {run, x, y, he_dims_product(y, params->n_whole, y->rank - 1)};
    he_pool_run(run->pool, he_dims_product(y, 0, params->n_whole), func, &job);
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    run_job(run, run->in[0], run->out[0], forward_tile);
    return TRUE;
}

static void add_outputs(const Job *job, gint64 y_at, gint64 x_at, gint64 from, gint64 to)
{
    const Params *params = job->run->node->params;
    int last = job->y->rank - 1;
    const real *g = (const real *)job->y->data + y_at;
    real *d = (real *)job->x->data + x_at;
    for (gint64 o = from; o < to; o++) {
        gint64 at = source(params->mode, o, params->begin[last], job->x->dim[last]);
        if (at >= 0)
            d[at * job->x->stride[last]] += g[o * job->y->stride[last]];
    }
}

static void backward_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    (void)worker;
    for (size_t r = 0; r < job->rows_per_tile; r++) {
        gint64 y_at, x_at;
        if (locate(job, tile * job->rows_per_tile + r, &y_at, &x_at))
            add_outputs(job, y_at, x_at, 0, job->y->dim[job->y->rank - 1]);
    }
}

static void backward(const HeRun *run)
{
    if (!run->d_in[0])
        return;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    run_job(run, run->d_in[0], run->d_out[0], backward_tile);
}

const HeOp HE_REAL(he_op_pad) = {
    .name = "Pad",
    .min_in = 1,
    .max_in = 4,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
