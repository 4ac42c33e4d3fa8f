/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* BatchNormalization as it is used after training: y = a x + b per channel (axis 1),
 *
 *   a = scale / sqrt(variance + epsilon)      b = bias - mean a      dx = a g
 *
 * In training mode mean and variance are x's own: that is done for constant x alone, since exporters spell the
 * standardised weights of a convolution so (Qiao et al. 2019, Weight Standardization). Statistics per element
 * (spatial = 0) are refused. */
#include "ops/normalize.h"
#include "ops/support.h"

typedef struct {
    double epsilon, momentum;
    gboolean is_training;
} Params;

static gboolean read_mode(const HeNode *node, Params *params, GError **error)
{
    gint64 training, spatial;
    if (!he_attr_float(node, "epsilon", 1e-5, &params->epsilon, error) ||
        !he_attr_float(node, "momentum", 0.9, &params->momentum, error) ||
        !he_attr_int(node, "training_mode", 0, &training, error) ||
        !he_attr_int(node, "spatial", 1, &spatial, error))
        return FALSE;
    gboolean has_statistics = FALSE; /* which only training makes */
    for (int o = 1; o < node->n_out; o++)
        has_statistics |= node->out[o] != NULL;
    params->is_training = training != 0;
    if (params->is_training ? !he_node_is_const(node, 0) || node->n_out > 3
                            : has_statistics)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "is in training mode; export the network for inference");
    return spatial != 0 || he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                         "has spatial = 0, which is not supported");
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params;
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 2, HE_MAX_RANK, error) ||
        !read_mode(node, &params, error))
        return FALSE;
    for (int i = 1; i < 5; i++) {
        const HeTensor *t = node->in[i];
        if (!he_node_need_float(node, i, error))
            return FALSE;
        if (t->rank != 1 || t->dim[0] != x->dim[1]) {
            g_autofree char *st = he_tensor_shape_text(t);
            g_autofree char *sx = he_tensor_shape_text(x);
            return he_node_error(
                node, HE_ERROR_CORRUPT_MODEL, error,
                "input %d has shape %s, expected one number per channel of "
                "%s",
                i, st, sx);
        }
    }
    node->params = g_memdup2(&params, sizeof params);
    for (int o = 1; o < node->n_out; o++)
        if (node->out[o] && !he_node_set_out_like(node, o, node->in[2 + o], error))
            return FALSE;
    return he_node_set_out_like(node, 0, x, error);
}

static double number(const HeTensor *const *in, int i, size_t channel)
{
    return (double)((const real *)in[i]->data)[(gint64)channel * in[i]->stride[0]];
}

/* a and b of y = a x + b. */
static void line_of(const HeNode *node, const HeTensor *const *in, size_t channel,
                    real *ab)
{
    const Params *params = node->params;
    ab[0] =
        (real)(number(in, 1, channel) / sqrt(number(in, 4, channel) + params->epsilon));
    ab[1] = (real)(number(in, 2, channel) - number(in, 3, channel) * (double)ab[0]);
}

/* Line I is sample and channel; p: y, x */
static void forward_run(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    const real *ab = data, *x = (const real *)p[1];
    real *y = (real *)p[0];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        y[k * step[0]] = ab[0] * x[k * step[1]] + ab[1];
}

static void forward_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    const HeRun *run = data;
    real ab[2];
    line_of(run->node, run->in, i % (size_t)run->in[0]->dim[1], ab);
    he_walk_range(line, p, 0, line->n, forward_run, ab);
}

/* ---- training: lines are channels -------------------------------------------------------------------- */

static void set_running(const HeRun *run, int o, size_t channel, double current)
{
    double momentum = ((const Params *)run->node->params)->momentum;
    if (o < run->node->n_out && run->out[o])
        ((real *)run->out[o]->data)[channel] =
            (real)(momentum * number(run->in, 2 + o, channel) + (1 - momentum) * current);
}

static void training_line(void *data, size_t channel, const HeWalk *line, char *const p[])
{
    const HeRun *run = data;
    double mean, variance;
    he_line_moments(line, p, 1, &mean, &variance);
    double a = number(run->in, 1, channel) /
               sqrt(variance + ((const Params *)run->node->params)->epsilon);
    real ab[2] = {(real)a, (real)(number(run->in, 2, channel) - mean * a)};
    he_walk_range(line, p, 0, line->n, forward_run, ab);
    set_running(run, 1, channel, mean);
    set_running(run, 2, channel, variance);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    (void)error;
    if (params->is_training)
        he_walk_lines(run->pool, run->out[0], ~2u, 2,
                      (const HeTensor *const[]){run->out[0], run->in[0]}, training_line,
                      (void *)run);
    else
        he_walk_lines(run->pool, run->out[0], ~3u, 2,
                      (const HeTensor *const[]){run->out[0], run->in[0]}, forward_line,
                      (void *)run);
    return TRUE;
}

typedef struct {
    real a;
    gboolean accumulate;
} Slope;

/* p: d, g */
static void backward_run(void *data, size_t i, size_t n, char *const p[],
                         const ptrdiff_t step[])
{
    const Slope *slope = data;
    real *d = (real *)p[0];
    const real *g = (const real *)p[1];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real term = slope->a * g[k * step[1]];
        d[k * step[0]] = slope->accumulate ? d[k * step[0]] + term : term;
    }
}

static void backward_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    const HeRun *run = data;
    Slope slope = {.accumulate = run->accumulate[0]};
    real ab[2];
    line_of(run->node, run->in, i % (size_t)run->d_in[0]->dim[1], ab);
    slope.a = ab[0];
    he_walk_range(line, p, 0, line->n, backward_run, &slope);
}

static void backward(const HeRun *run)
{
    if (run->d_in[0])
        he_walk_lines(run->pool, run->d_in[0], ~3u, 2,
                      (const HeTensor *const[]){run->d_in[0], run->d_out[0]},
                      backward_line, (void *)run);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1) | HE_SAVE_IN(2) | HE_SAVE_IN(3) | HE_SAVE_IN(4);
}

static gboolean get_scale(const HeNode *node, void *scale, void *shift)
{
    const HeTensor *x = node->in[0];
    if (((const Params *)node->params)->is_training)
        return FALSE;
    for (int i = 1; i < 5; i++)
        if (!he_node_is_const(node, i) || !node->in[i]->data)
            return FALSE;
    for (size_t c = 0; c < (size_t)x->dim[1]; c++) {
        real ab[2];
        line_of(node, node->in, c, ab);
        ((real *)scale)[c] = ab[0];
        ((real *)shift)[c] = ab[1];
    }
    return TRUE;
}

const HeOp HE_REAL(he_op_batch_normalization) = {
    .name = "BatchNormalization",
    .min_in = 5,
    .max_in = 5,
    .min_out = 1,
    .max_out = 5,
    .flags = HE_OP_IN_PLACE | HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .get_scale = get_scale,
};
