/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ReorderInput: [N, C, H, W] becomes blocks of 16 channels; those past C are 0. ReorderOutput, with the attribute
 * `channels`, is the way back. Each is the other's gradient. */
#include <string.h>

#include "kernels/product.h"
#include "ops/nchwc.h"
#include "ops/support.h"

typedef struct {
    const float *from;
    float *to;
    gboolean accumulate;
    size_t channels, blocks, plane;
} Reorder;

/* ROWS planes of a block. */
static void gather_block(const Reorder *r, const float *planes, size_t rows, float *to)
{
    if (rows == HE_NCHWC && !r->accumulate) {
        he_product_pack(planes, r->plane, rows, r->plane, to);
        return;
    }
    for (size_t p = 0; p < r->plane; p++, to += HE_NCHWC)
        for (size_t i = 0; i < HE_NCHWC; i++)
            to[i] =
                (r->accumulate ? to[i] : 0) + (i < rows ? planes[i * r->plane + p] : 0);
}

static void gather(void *data, size_t tile, int worker)
{
    const Reorder *r = data;
    size_t n = tile / r->blocks, c = tile % r->blocks * HE_NCHWC;
    (void)worker;
    gather_block(r, r->from + (n * r->channels + c) * r->plane,
                 MIN(HE_NCHWC, r->channels - c), r->to + tile * r->plane * HE_NCHWC);
}

#define PIXELS 64 /* at once, on the stack */

static void spread_block(const Reorder *r, const float *from, size_t rows, float *planes)
{
    float room[HE_NCHWC * PIXELS];
    if (!r->accumulate) {
        he_product_pack(from, HE_NCHWC, r->plane, rows, planes);
        return;
    }
    for (size_t p = 0; p < r->plane; p += PIXELS) {
        size_t n = MIN(PIXELS, r->plane - p);
        he_product_pack(from + p * HE_NCHWC, HE_NCHWC, n, rows, room);
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < n; k++)
                planes[i * r->plane + p + k] += room[i * n + k];
    }
}

static void spread(void *data, size_t tile, int worker)
{
    const Reorder *r = data;
    size_t n = tile / r->blocks, c = tile % r->blocks * HE_NCHWC;
    (void)worker;
    spread_block(r, r->from + tile * r->plane * HE_NCHWC, MIN(HE_NCHWC, r->channels - c),
                 r->to + (n * r->channels + c) * r->plane);
}

/* PLANES, whichever of the two it is. */
static void run_all(const HeRun *run, const HeTensor *planes, const HeTensor *from,
                    const HeTensor *to, gboolean accumulate, HeTileFunc func)
{
    Reorder r = {.from = from->data, .to = to->data, .accumulate = accumulate};
    r.channels = (size_t)planes->dim[1];
    r.blocks = he_nchwc_blocks(r.channels);
    r.plane = (size_t)planes->dim[2] * (size_t)planes->dim[3];
    he_pool_run(run->pool, (size_t)planes->dim[0] * r.blocks, func, &r);
}

void he_nchwc_to_planes(HePool *pool, const float *blocks, size_t n, size_t channels,
                        size_t plane, float *planes)
{
    Reorder r = {.from = blocks, .to = planes, .channels = channels, .plane = plane};
    r.blocks = he_nchwc_blocks(channels);
    he_pool_run(pool, n * r.blocks, spread, &r);
}

static gboolean infer_in(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    if (x->type != HE_F32 || x->rank != 4)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "its input is not float of 4 axes");
    gint64 dim[] = {x->dim[0], (gint64)he_nchwc_blocks((size_t)x->dim[1]), x->dim[2],
                    x->dim[3], HE_NCHWC};
    return he_node_set_out(node, 0, HE_F32, 5, dim, error);
}

static gboolean forward_in(const HeRun *run, GError **error)
{
    (void)error;
    run_all(run, run->in[0], run->in[0], run->out[0], FALSE, gather);
    return TRUE;
}

static void backward_in(const HeRun *run)
{
    if (run->d_in[0])
        run_all(run, run->d_in[0], run->d_out[0], run->d_in[0], run->accumulate[0],
                spread);
}

static gboolean infer_out(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 channels;
    if (!he_nchwc_need(node, error) ||
        !he_attr_int(node, "channels", 0, &channels, error))
        return FALSE;
    if (channels < 1 || (gint64)he_nchwc_blocks((size_t)channels) != x->dim[1])
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "its input has not as many blocks as channels");
    gint64 dim[] = {x->dim[0], channels, x->dim[2], x->dim[3]};
    return he_node_set_out(node, 0, HE_F32, 4, dim, error);
}

static gboolean forward_out(const HeRun *run, GError **error)
{
    (void)error;
    run_all(run, run->out[0], run->in[0], run->out[0], FALSE, spread);
    return TRUE;
}

static void backward_out(const HeRun *run)
{
    if (run->d_in[0])
        run_all(run, run->d_out[0], run->d_out[0], run->d_in[0], run->accumulate[0],
                gather);
}

const HeOp HE_REAL(he_op_nchwc_reorder_input) = {
    .name = "ReorderInput",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer_in,
    .forward = forward_in,
    .backward = backward_in,
};

const HeOp HE_REAL(he_op_nchwc_reorder_output) = {
    .name = "ReorderOutput",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer_out,
    .forward = forward_out,
    .backward = backward_out,
};
