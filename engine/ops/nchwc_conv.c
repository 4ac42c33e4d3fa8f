/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Conv of values in blocks of channels, by the kernels of kernels/nchwc.h. Where no kernel fits, infer refuses and the
 * graph leaves ONNX's operator. An input of fewer than HE_NCHWC_FEW channels is planes: where no kernel makes its
 * gradient of blocks, that is the convolution of planes' own. */
#include <math.h>
#include <string.h>

#include "ops/conv.h"
#include "ops/nchwc.h"
#include "ops/support.h"

#define LINE 16 /* numbers of a cache line */

/* Of scratch, in numbers: the input's copy, weights for one run, the bias in blocks, then bytes of each worker. */
typedef struct {
    size_t shared, packed, bias, each;
} Room;

typedef struct {
    HeConv2d shape;
    const HeNchwcKernel *kernel[2]; /* forward, backward; backward NULL: */
    Room room[2];
    HeConvPlanes planes;        /* the way back to planes */
    const HeNchwcPair *pair[2]; /* with what comes before; NULL: alone */
} Params;

static gboolean is_planes(const HeNode *node)
{
    return node->in[0]->rank == 4;
}

/* As of planes, but for the distances of samples. */
static HeConv2d conv_of(const HeNode *node, const HeWindow *w, gint64 group)
{
    HeConv2d s = he_conv_shape(node->in[0], node->in[1], w, group);
    if (!is_planes(node))
        s.x_n = he_nchwc_blocks(s.c) * HE_NCHWC * s.h * s.w;
    s.y_n = he_nchwc_blocks(s.oc) * HE_NCHWC * s.oh * s.ow;
    return s;
}

static size_t whole_lines(size_t numbers)
{
    return he_div_up(numbers, LINE) * LINE;
}

static Room room_of(const HeConv2d *s, const HeNchwcKernel *kernel, gboolean is_backward)
{
    Room room = {.packed = whole_lines(kernel->pack->numbers(s, is_backward))};
    if (kernel->share)
        room.shared = whole_lines(kernel->share->numbers(s, is_backward));
    room.bias = is_backward ? 0 : he_nchwc_blocks(s->oc) * HE_NCHWC;
    room.each = whole_lines(he_div_up(kernel->scratch(s, is_backward), sizeof(float)));
    return room;
}

static gboolean set_scratch(HeNode *node, const Room *room, GError **error)
{
    size_t numbers, bytes;
    if (!he_size_mul(room->each, (size_t)node->n_workers, &numbers) ||
        !he_size_add(numbers, room->shared + room->packed + room->bias, &numbers) ||
        !he_size_mul(numbers, sizeof(float), &bytes))
        return he_node_error(node, HE_ERROR_OUT_OF_MEMORY, error,
                             "its scratch memory is too large");
    node->scratch_bytes = MAX(node->scratch_bytes, bytes);
    return TRUE;
}

/* The gradient as planes stands before the kernel's scratch memory. */
static gboolean set_planes(HeNode *node, Params *params, GError **error)
{
    HeConv2d s = params->shape;
    size_t bytes, numbers = s.n * s.oc * s.oh * s.ow;
    s.y_n = s.oc * s.oh * s.ow;
    if (!he_conv_planes_init(&params->planes, node, &s, &bytes) ||
        !he_size_add(bytes, whole_lines(numbers) * sizeof(float), &bytes))
        return he_node_error(node, HE_ERROR_OUT_OF_MEMORY, error,
                             "its scratch memory is too large");
    node->scratch_bytes = MAX(node->scratch_bytes, bytes);
    return TRUE;
}

static gboolean find_kernels(HeNode *node, Params *params, GError **error)
{
    const HeConv2d *s = &params->shape;
    for (int back = 0; back < 2; back++) {
        params->kernel[back] = he_nchwc_find(node->kernels, s, back);
        if (back && !params->kernel[back] && is_planes(node))
            return set_planes(node, params, error);
        if (!params->kernel[back])
            return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                 "no kernel for blocks fits");
        params->room[back] = room_of(s, params->kernel[back], back);
        if (!set_scratch(node, &params->room[back], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0], *weights = node->in[1];
    HeWindow w;
    gint64 group;
    gboolean is_few = is_planes(node) && x->dim[1] < HE_NCHWC_FEW;
    if (!is_few && !he_nchwc_need(node, error))
        return FALSE;
    if (weights->type != HE_F32 || weights->rank != 4 || weights->dim[0] < HE_NCHWC_FEW)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error, "does not suit blocks");
    if (!he_attr_int(node, "group", 1, &group, error) ||
        !he_nchwc_window(node, weights->dim + 2, &w, error) ||
        !he_nchwc_set_out(node, (gint64)he_nchwc_blocks((size_t)weights->dim[0]),
                          w.out[1], w.out[2], error))
        return FALSE;
    Params params = {.shape = conv_of(node, &w, group)};
    if (!find_kernels(node, &params, error))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* ---- weights ----------------------------------------------------------------------------------------- */

static size_t packed_bytes(const HeNode *node, gboolean is_backward)
{
    const Params *params = node->params;
    return params->kernel[is_backward] ? params->room[is_backward].packed * sizeof(float)
                                       : 0;
}

static void pack(const HeRun *run, gboolean is_backward, void *out)
{
    const Params *params = run->node->params;
    he_conv_pack(run->pool, params->kernel[is_backward]->pack, &params->shape,
                 is_backward, run->in[1]->data, out);
}

static void add_packed_key(const HeNode *node, gboolean is_backward, GByteArray *key)
{
    const Params *params = node->params;
    he_conv_add_key(params->kernel[is_backward]->pack, &params->shape, key);
}

/* ---- one run ----------------------------------------------------------------------------------------- */

typedef struct {
    const HeConv2d *shape;
    const HeNchwcKernel *kernel;
    gboolean is_backward;
    HeNchwcRun run;
    char *scratch;
    size_t each; /* bytes */
} Job;

static void run_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    job->kernel->run(job->shape, job->is_backward, job->kernel->loops, &job->run, tile,
                     job->scratch + (size_t)worker * job->each);
}

/* The bias, at TO padded to whole blocks if it is not, or NULL. */
static const float *take_bias(const HeRun *run, const Room *room, float *to)
{
    if (!he_node_has_in(run->node, 2))
        return NULL;
    size_t n = (size_t)run->in[2]->dim[0];
    if (n == room->bias)
        return run->in[2]->data;
    memcpy(to, run->in[2]->data, n * sizeof *to);
    memset(to + n, 0, (room->bias - n) * sizeof *to);
    return to;
}

/* Weights and bias of R, at MEMORY if they are not elsewhere; what is free behind them. */
static float *take_weights(const HeRun *run, gboolean is_backward, float *memory,
                           HeNchwcRun *r)
{
    const Params *params = run->node->params;
    const Room *room = &params->room[is_backward];
    float *bias = memory + (run->packed ? 0 : room->packed);
    r->packed = run->packed ? run->packed : memory;
    if (!run->packed)
        pack(run, is_backward, memory);
    if (!is_backward)
        r->bias = take_bias(run, room, bias);
    r->pool = run->pool;
    return bias + room->bias;
}

static void run_all(const HeRun *run, gboolean is_backward, HeNchwcRun *r)
{
    const Params *params = run->node->params;
    const Room *room = &params->room[is_backward];
    float *memory = run->scratch;
    Job job = {.shape = &params->shape,
               .kernel = params->kernel[is_backward],
               .is_backward = is_backward,
               .each = room->each * sizeof(float)};
    job.scratch = (char *)take_weights(run, is_backward, memory + room->shared, r);
    job.run = *r;
    if (room->shared > 0) {
        job.run.shared = memory;
        he_conv_share(run->pool, job.kernel->share, job.shape, is_backward, r->in,
                      memory);
    }
    he_pool_run(run->pool, job.kernel->tiles(job.shape, is_backward), run_tile, &job);
}

/* What run->finish says, at F; NULL: nothing. */
static const HeNchwcFinish *finish_of(const HeRun *run, HeNchwcFinish *f)
{
    const HeFinish *finish = run->finish;
    if (!finish)
        return NULL;
    *f = (HeNchwcFinish){.scale = finish->scale,
                         .shift = finish->shift,
                         .add = finish->add ? finish->add->data : NULL,
                         .low = (float)finish->low,
                         .high = (float)finish->high,
                         .gate = finish->gate};
    return f;
}

/* ---- two in one pass --------------------------------------------------------------------------------- */

static gboolean pair_with(HeNode *node, const HeNode *before, gboolean is_backward)
{
    Params *params = node->params;
    const Params *first = before->params;
    size_t numbers, bytes;
    if (before->op != node->op || !params->kernel[is_backward] ||
        !first->kernel[is_backward])
        return FALSE;
    const HeNchwcPair *pair =
        he_nchwc_pair_find(first->kernel[is_backward], &first->shape,
                           params->kernel[is_backward], &params->shape, is_backward);
    const Room *a = &first->room[is_backward], *b = &params->room[is_backward];
    if (!pair ||
        !he_size_mul(he_nchwc_pair_scratch(pair, &params->shape, is_backward),
                     (size_t)node->n_workers, &bytes) ||
        !he_size_add(a->packed + a->bias, b->packed + b->bias, &numbers) ||
        !he_size_mul(numbers, sizeof(float), &numbers) ||
        !he_size_add(bytes, numbers, &bytes))
        return FALSE;
    node->scratch_bytes = MAX(node->scratch_bytes, bytes);
    params->pair[is_backward] = pair;
    return TRUE;
}

typedef struct {
    const Params *first, *second;
    const HeNchwcPair *pair;
    gboolean is_backward;
    HeNchwcRun runs[2];
    char *scratch;
    size_t each; /* bytes */
} PairJob;

static void run_pair_tile(void *data, size_t tile, int worker)
{
    const PairJob *job = data;
    he_nchwc_pair_run(job->pair, &job->first->shape, &job->second->shape,
                      job->is_backward, &job->runs[0], &job->runs[1], tile,
                      job->scratch + (size_t)worker * job->each);
}

/* R is to be done by a run that does run->before, A, too. */
static void run_pair(const HeRun *run, gboolean is_backward, const HeNchwcRun *a,
                     const HeNchwcRun *r)
{
    PairJob job = {.first = run->before->node->params,
                   .second = run->node->params,
                   .is_backward = is_backward,
                   .runs = {*a, *r}};
    job.pair = job.second->pair[is_backward];
    const HeConv2d *p = &job.first->shape, *d = &job.second->shape;
    float *memory = take_weights(run->before, is_backward, run->scratch, &job.runs[0]);
    job.scratch = (char *)take_weights(run, is_backward, memory, &job.runs[1]);
    job.each = he_nchwc_pair_scratch(job.pair, d, is_backward);
    he_pool_run(run->pool, he_nchwc_pair_tiles(job.pair, p, d, is_backward),
                run_pair_tile, &job);
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeNchwcFinish finish, finish_before;
    HeNchwcRun r = {.in = run->in[0]->data,
                    .out = run->out[0]->data,
                    .finish = finish_of(run, &finish)};
    (void)error;
    if (run->before) {
        HeNchwcRun a = {.in = run->before->in[0]->data,
                        .finish = finish_of(run->before, &finish_before)};
        run_pair(run, FALSE, &a, &r);
    } else
        run_all(run, FALSE, &r);
    return TRUE;
}

static void backward_to_planes(const HeRun *run, const Params *params)
{
    const HeConv2d *s = &params->planes.shape;
    float *dy = run->scratch, *rest = dy + whole_lines(s->n * s->y_n);
    he_nchwc_to_planes(run->pool, run->d_out[0]->data, s->n, s->oc, s->oh * s->ow, dy);
    he_conv_planes_backward(run, &params->planes, (const real *)(const void *)dy, rest);
}

static void backward(const HeRun *run)
{
    if (!run->d_in[0])
        return;
    const Params *params = run->node->params;
    if (!params->kernel[TRUE]) {
        backward_to_planes(run, params);
        return;
    }
    HeNchwcRun r = {.in = run->d_out[0]->data,
                    .out = run->d_in[0]->data,
                    .accumulate = run->accumulate[0]};
    HeNchwcFinish finish, finish_before;
    if (he_nchwc_grad_finish(run, &finish))
        r.finish = &finish;
    if (run->before) {
        HeNchwcRun a = {.in = run->before->d_out[0]->data};
        if (he_nchwc_grad_finish(run->before, &finish_before))
            a.finish = &finish_before;
        run_pair(run, TRUE, &a, &r);
    } else
        run_all(run, TRUE, &r);
}

static const char *get_kernel(const HeNode *node)
{
    const Params *params = node->params;
    return params->pair[FALSE] ? params->pair[FALSE]->name : params->kernel[FALSE]->name;
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1);
}

const HeOp HE_REAL(he_op_nchwc_conv) = {
    .name = "Conv",
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS | HE_OP_FINISHES | HE_OP_BLOCKS | HE_OP_GATES_BACK,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .packed_bytes = packed_bytes,
    .pack = pack,
    .add_packed_key = add_packed_key,
    .get_kernel = get_kernel,
    .pair = pair_with,
};
