/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Conv over 1 or 2 axes, by the kernel that fits best; one axis is two with a height of 1. Volumes go by plain
 * loops. The way back
 * reaches the input alone: weights and bias carry no gradient here. */
#include <math.h>

#include "ops/conv.h"
#include "ops/conv_direct.h"
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    HeConvPlanes planes; /* kernel NULL: of volumes */
    HeConvDirect volume;
} Params;

static gboolean weights_error(const HeNode *node, gint64 group, GError **error)
{
    g_autofree char *sx = he_tensor_shape_text(node->in[0]);
    g_autofree char *sw = he_tensor_shape_text(node->in[1]);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %s and weights %s do not fit with %" G_GINT64_FORMAT
                         " groups",
                         sx, sw, group);
}

static gboolean check_weights(const HeNode *node, gint64 group, GError **error)
{
    const HeTensor *x = node->in[0], *w = node->in[1];
    if (w->rank != x->rank || group < 1 || w->dim[0] < 1 || w->dim[0] % group != 0 ||
        x->dim[1] % group != 0 || x->dim[1] < 1 || w->dim[1] != x->dim[1] / group)
        return weights_error(node, group, error);
    if (!he_node_has_in(node, 2))
        return TRUE;
    const HeTensor *bias = node->in[2];
    if (bias->rank == 1 && bias->dim[0] == w->dim[0])
        return he_node_need_float(node, 2, error);
    g_autofree char *shape = he_tensor_shape_text(bias);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "bias has shape %s, expected [%" G_GINT64_FORMAT "]", shape,
                         w->dim[0]);
}

/* Axes 1 and 2 of the widened window are height and width. */
HeConv2d he_conv_shape(const HeTensor *x, const HeTensor *weights, const HeWindow *w,
                       gint64 group)
{
    HeConv2d s = {.n = (size_t)x->dim[0],
                  .c = (size_t)(weights->dim[1] * group),
                  .h = (size_t)w->in[1],
                  .w = (size_t)w->in[2],
                  .oc = (size_t)weights->dim[0],
                  .oh = (size_t)w->out[1],
                  .ow = (size_t)w->out[2],
                  .group = (size_t)group,
                  .kh = (size_t)w->kernel[1],
                  .kw = (size_t)w->kernel[2],
                  .sy = (size_t)w->stride[1],
                  .sx = (size_t)w->stride[2],
                  .dy = (size_t)w->dilation[1],
                  .dx = (size_t)w->dilation[2],
                  .pt = (size_t)w->pad[1],
                  .pl = (size_t)w->pad[2]};
    s.x_n = s.c * s.h * s.w;
    s.y_n = s.oc * s.oh * s.ow;
    return s;
}

gboolean he_conv_planes_init(HeConvPlanes *conv, const HeNode *node,
                             const HeConv2d *shape, size_t *scratch)
{
    const HeConv2dKernel *kernel = he_conv2d_find(node->kernels, shape);
    const HeConv2dShare *share = kernel->share;
    size_t each = MAX(kernel->forward_scratch(shape), kernel->backward_scratch(shape));
    size_t shared =
        share ? MAX(share->numbers(shape, FALSE), share->numbers(shape, TRUE)) : 0;
    *conv = (HeConvPlanes){*shape, kernel, (each + 63) / 64 * 64};
    return he_size_mul(conv->scratch, (size_t)node->n_workers, scratch) &&
           he_size_add(*scratch, shared * sizeof(real), scratch);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0], *weights = node->in[1];
    HeWindow w;
    gint64 group, dim[HE_MAX_RANK];
    if (!he_node_need_float(node, 0, error) || !he_node_need_float(node, 1, error) ||
        !he_node_need_rank(node, 0, 3, 5, error) ||
        !he_attr_int(node, "group", 1, &group, error) ||
        !check_weights(node, group, error) ||
        !he_window_infer(node, weights->dim + 2, &w, error))
        return FALSE;
    dim[0] = x->dim[0];
    dim[1] = weights->dim[0];
    for (int k = 0; k < w.n_axes; k++)
        dim[k + 2] = w.out[k];
    if (!he_node_set_out(node, 0, x->type, x->rank, dim, error))
        return FALSE;
    he_window_widen(&w);
    if (x->rank == 5) {
        Params volumes = {.volume = {.w = w,
                                     .n = (size_t)x->dim[0],
                                     .c = (size_t)x->dim[1],
                                     .oc = (size_t)weights->dim[0],
                                     .group = (size_t)group}};
        node->params = g_memdup2(&volumes, sizeof volumes);
        return TRUE;
    }
    Params params = {0};
    HeConv2d shape = he_conv_shape(x, weights, &w, group);
    if (!he_conv_planes_init(&params.planes, node, &shape, &node->scratch_bytes))
        return he_node_error(node, HE_ERROR_OUT_OF_MEMORY, error,
                             "its scratch memory is too large");
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static HeConvDirect volume_of(const HeRun *run, const HeTensor *x, const HeTensor *y)
{
    HeConvDirect s = ((const Params *)run->node->params)->volume;
    s.x_n = (size_t)x->stride[0];
    s.y_n = (size_t)y->stride[0];
    return s;
}

typedef struct {
    const HeConv2dKernel *kernel;
    HeConv2d shape;
    HeConv2dRun run;
    const real *scale, *shift; /* NULL: nothing */
    const real *add;           /* NULL: nothing */
    real low, high;
    gboolean is_clamped, has_finish;
    char *scratch;
    size_t scratch_each;
} Job;

static Job job_new(const HeRun *run, const HeTensor *x, const HeTensor *y)
{
    const HeConvPlanes *conv = &((const Params *)run->node->params)->planes;
    Job job = {.kernel = conv->kernel,
               .shape = conv->shape,
               .run = {.w = run->in[1]->data, .packed = run->packed},
               .scratch = run->scratch,
               .scratch_each = conv->scratch};
    if (x->dim[0] > 1) { /* of one sample the distance means nothing */
        job.shape.x_n = (size_t)x->stride[0];
        job.shape.y_n = (size_t)y->stride[0];
    }
    return job;
}

/* A kernel without scratch gets none. */
static void *scratch_of(const Job *job, int worker)
{
    return job->scratch_each ? job->scratch + (size_t)worker * job->scratch_each : NULL;
}

static void finish_row(const Job *job, size_t oc, size_t at, size_t n)
{
    real *y = job->run.out + at;
    const real *add = job->add ? job->add + at : NULL, low = job->low, high = job->high;
    if (job->scale) {
        real scale = job->scale[oc], shift = job->shift[oc];
        for (size_t i = 0; i < n; i++)
            y[i] = scale * y[i] + shift;
    }
    for (size_t i = 0; i < n && add; i++)
        y[i] += add[i];
    for (size_t i = 0; i < n && job->is_clamped; i++) {
        real v = y[i] < low ? low : y[i];
        y[i] = v > high ? high : v;
    }
}

static void forward_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const HeConv2d *s = &job->shape;
    job->kernel->forward(s, &job->run, tile, scratch_of(job, worker));
    if (!job->has_finish)
        return;
    HeRegion at = job->kernel->forward_region(s, tile); /* still in the cache */
    size_t plane = s->oh * s->ow, first = at.n * s->y_n + at.oc * plane + at.p;
    for (size_t i = 0; i < at.n_oc; i++)
        finish_row(job, at.oc + i, first + i * plane, at.n_p);
}

/* Work of a kernel before a run's: packing or sharing. */
typedef struct {
    const HeConv2dPack *pack;
    const HeConv2dShare *share;
    const HeConv2d *shape;
    gboolean is_backward;
    const void *from;
    float *to;
} Before;

static void pack_tile(void *data, size_t tile, int worker)
{
    const Before *b = data;
    (void)worker;
    b->pack->run(b->shape, b->is_backward, b->from, b->to, tile);
}

void he_conv_pack(HePool *pool, const HeConv2dPack *pack, const HeConv2d *shape,
                  gboolean is_backward, const void *w, float *out)
{
    Before b = {pack, NULL, shape, is_backward, w, out};
    he_pool_run(pool, pack->tiles(shape, is_backward), pack_tile, &b);
}

static void share_tile(void *data, size_t tile, int worker)
{
    const Before *b = data;
    (void)worker;
    b->share->run(b->shape, b->is_backward, b->from, b->to, tile);
}

void he_conv_share(HePool *pool, const HeConv2dShare *share, const HeConv2d *shape,
                   gboolean is_backward, const float *in, float *out)
{
    Before b = {NULL, share, shape, is_backward, in, out};
    he_pool_run(pool, share->tiles(shape, is_backward), share_tile, &b);
}

/* What the kernel wants made of the input first. */
static void share(const HeRun *run, Job *job, gboolean is_backward)
{
    const HeConv2dShare *share = job->kernel->share;
    void *memory = job->scratch + job->scratch_each * (size_t)run->node->n_workers;
    if (!share || share->numbers(&job->shape, is_backward) == 0)
        return;
    he_conv_share(run->pool, share, &job->shape, is_backward, (const void *)job->run.in,
                  memory);
    job->run.shared = memory;
}

static void set_finish(Job *job, const HeFinish *finish)
{
    if (!finish)
        return;
    job->has_finish = TRUE;
    job->scale = finish->scale;
    job->shift = finish->shift;
    job->add = finish->add ? finish->add->data : NULL;
    job->low = (real)finish->low;
    job->high = (real)finish->high;
    job->is_clamped = !isinf(finish->low) || !isinf(finish->high);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const real *bias = he_node_has_in(run->node, 2) ? run->in[2]->data : NULL;
    (void)error;
    if (!((const Params *)run->node->params)->planes.kernel) {
        HeConvDirect s = volume_of(run, run->in[0], run->out[0]);
        he_conv_direct(run->pool, &s, run->in[0]->data, run->in[1]->data, bias,
                       run->out[0]->data, FALSE);
        return TRUE;
    }
    Job job = job_new(run, run->in[0], run->out[0]);
    job.run.in = run->in[0]->data;
    job.run.out = run->out[0]->data;
    job.run.bias = bias;
    set_finish(&job, run->finish);
    share(run, &job, FALSE);
    he_pool_run(run->pool, job.kernel->forward_tiles(&job.shape), forward_tile, &job);
    return TRUE;
}

static void backward_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    job->kernel->backward(&job->shape, &job->run, tile, scratch_of(job, worker));
}

static void run_backward(const HeRun *run, Job *job, const real *dy)
{
    job->run.in = dy;
    job->run.out = run->d_in[0]->data;
    job->run.accumulate = run->accumulate[0];
    share(run, job, TRUE);
    he_pool_run(run->pool, job->kernel->backward_tiles(&job->shape), backward_tile, job);
}

static void backward(const HeRun *run)
{
    if (!run->d_in[0])
        return;
    if (!((const Params *)run->node->params)->planes.kernel) {
        HeConvDirect s = volume_of(run, run->d_in[0], run->d_out[0]);
        he_conv_direct_transposed(run->pool, &s, run->d_out[0]->data, run->in[1]->data,
                                  NULL, run->d_in[0]->data, run->accumulate[0]);
        return;
    }
    Job job = job_new(run, run->d_in[0], run->d_out[0]);
    run_backward(run, &job, run->d_out[0]->data);
}

void he_conv_planes_backward(const HeRun *run, const HeConvPlanes *conv, const real *dy,
                             void *scratch)
{
    Job job = {.kernel = conv->kernel,
               .shape = conv->shape,
               .run = {.w = run->in[1]->data},
               .scratch = scratch,
               .scratch_each = conv->scratch};
    run_backward(run, &job, dy);
}

/* HeConv2d has no gaps. */
void he_conv_add_key(const HeConv2dPack *pack, const HeConv2d *shape, GByteArray *key)
{
    g_byte_array_append(key, (const guint8 *)&pack, sizeof pack);
    g_byte_array_append(key, (const guint8 *)shape, sizeof *shape);
}

static const HeConv2dPack *pack_of(const HeNode *node)
{
    const Params *params = node->params;
    return params->planes.kernel ? params->planes.kernel->pack : NULL;
}

static size_t packed_bytes(const HeNode *node, gboolean is_backward)
{
    const HeConv2dPack *pack = pack_of(node);
    const HeConv2d *s = &((const Params *)node->params)->planes.shape;
    return pack ? pack->numbers(s, is_backward) * sizeof(float) : 0;
}

static void pack(const HeRun *run, gboolean is_backward, void *out)
{
    const HeConv2d *s = &((const Params *)run->node->params)->planes.shape;
    he_conv_pack(run->pool, pack_of(run->node), s, is_backward, run->in[1]->data, out);
}

static void add_packed_key(const HeNode *node, gboolean is_backward, GByteArray *key)
{
    (void)is_backward;
    he_conv_add_key(pack_of(node), &((const Params *)node->params)->planes.shape, key);
}

static const char *get_kernel(const HeNode *node)
{
    const Params *params = node->params;
    return params->planes.kernel ? params->planes.kernel->name : NULL;
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1);
}

const HeOp HE_REAL(he_op_conv) = {
    .name = "Conv",
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS | HE_OP_FINISHES,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .packed_bytes = packed_bytes,
    .pack = pack,
    .add_packed_key = add_packed_key,
    .get_kernel = get_kernel,
};
