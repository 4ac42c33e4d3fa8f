/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* BatchNormalization of values in blocks of channels, y = a x + b per channel (batch_normalization.c has a and b),
 * and what follows it (HE_OP_FINISHES) in the same pass. */
#include <math.h>
#include <string.h>

#include "kernels/nchwc_rows.h"
#include "ops/grad.h"
#include "ops/nchwc.h"
#include "ops/support.h"

typedef struct {
    double epsilon;
    size_t channels, plane; /* pixels */
    const HeNchwcRows *rows;
    gboolean has_lines; /* a and b hang on constants that infer has seen: */
    float lines[];      /* they are made once */
} Params;

static double number(const HeTensor *t, size_t i)
{
    return (double)((const float *)t->data)[i];
}

/* a and b for all channels, 0 past the last. */
static void lines_of(const Params *params, const HeTensor *const *in, float *a, float *b)
{
    for (size_t c = 0; c < he_nchwc_blocks(params->channels) * HE_NCHWC; c++) {
        a[c] = b[c] = 0;
        if (c >= params->channels)
            continue;
        a[c] = (float)(number(in[1], c) / sqrt(number(in[4], c) + params->epsilon));
        b[c] = (float)(number(in[2], c) - number(in[3], c) * (double)a[c]);
    }
}

static gboolean are_constant(const HeNode *node)
{
    for (int i = 1; i < 5; i++)
        if (!he_node_is_const(node, i) || !node->in[i]->data)
            return FALSE;
    return TRUE;
}

static Params *params_new(const HeNode *node, const Params *from)
{
    size_t n = he_nchwc_blocks(from->channels) * HE_NCHWC;
    gboolean has_lines = are_constant(node);
    Params *params = g_malloc(sizeof *params + (has_lines ? 2 * n * sizeof(float) : 0));
    *params = *from;
    params->has_lines = has_lines;
    if (has_lines)
        lines_of(params, node->in, params->lines, params->lines + n);
    return params;
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {.rows = he_nchwc_rows_find(node->kernels)};
    if (!he_nchwc_need(node, error) ||
        !he_attr_float(node, "epsilon", 1e-5, &params.epsilon, error))
        return FALSE;
    params.channels = (size_t)node->in[1]->dim[0];
    params.plane = (size_t)x->dim[2] * (size_t)x->dim[3];
    if (!params.rows || he_nchwc_blocks(params.channels) != (size_t)x->dim[1])
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error, "does not suit blocks");
    node->params = params_new(node, &params);
    node->scratch_bytes = 3 * (size_t)x->dim[1] * HE_NCHWC * sizeof(float);
    return he_nchwc_set_out(node, x->dim[1], x->dim[2], x->dim[3], error);
}

/* a, then b; at ROOM where they are not made yet. */
static const float *take_lines(const HeRun *run, float *room)
{
    const Params *params = run->node->params;
    if (params->has_lines)
        return params->lines;
    lines_of(params, run->in, room, room + he_nchwc_blocks(params->channels) * HE_NCHWC);
    return room;
}

typedef struct {
    const HeRun *run;
    HeNchwcFinish finish;
    const float *from;
    float *to;
} Job;

static void scale_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const Params *params = job->run->node->params;
    size_t at = tile * params->plane * HE_NCHWC;
    (void)worker;
    params->rows->finish(&job->finish,
                         tile % he_nchwc_blocks(params->channels) * HE_NCHWC, at,
                         job->from + at, params->plane, job->to + at);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    const float *a = take_lines(run, run->scratch);
    const float *b = a + he_nchwc_blocks(params->channels) * HE_NCHWC;
    Job job = {.run = run, .from = run->in[0]->data, .to = run->out[0]->data};
    (void)error;
    job.finish =
        (HeNchwcFinish){.scale = a, .shift = b, .low = -INFINITY, .high = INFINITY};
    if (run->finish) {
        job.finish.add = run->finish->add ? run->finish->add->data : NULL;
        job.finish.low = (float)run->finish->low;
        job.finish.high = (float)run->finish->high;
        job.finish.gate = run->finish->gate;
    }
    he_pool_run(run->pool, he_dims_product(run->in[0], 0, 2), scale_tile, &job);
    return TRUE;
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    size_t n = he_nchwc_blocks(params->channels) * HE_NCHWC;
    float *b = run->scratch; /* the gradient is not shifted */
    if (!run->d_in[0])
        return;
    Job job = {.run = run, .from = run->d_out[0]->data, .to = run->d_in[0]->data};
    const float *a = take_lines(run, b + n);
    memset(b, 0, n * sizeof *b);
    job.finish =
        (HeNchwcFinish){.scale = a, .shift = b, .low = -INFINITY, .high = INFINITY};
    if (run->accumulate[0])
        job.finish.add = job.to;
    he_pool_run(run->pool, he_dims_product(run->d_in[0], 0, 2), scale_tile, &job);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1) | HE_SAVE_IN(2) | HE_SAVE_IN(3) | HE_SAVE_IN(4);
}

static gboolean get_scale(const HeNode *node, void *scale, void *shift)
{
    if (!are_constant(node))
        return FALSE;
    lines_of(node->params, node->in, scale, shift);
    return TRUE;
}

const HeOp HE_REAL(he_op_nchwc_batch_normalization) = {
    .name = "BatchNormalization",
    .min_in = 5,
    .max_in = 5,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE | HE_OP_WEIGHTS | HE_OP_FINISHES | HE_OP_BLOCKS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .get_scale = get_scale,
};
