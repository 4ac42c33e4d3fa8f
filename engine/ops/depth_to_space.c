/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* DepthToSpace and SpaceToDepth: blocks of b x b pixels stand in the channels of a deep tensor [N, C b b, H, W],
 * or side by side in a wide one [N, C, H b, W b]. Both are walked along six axes (n, c, y, block y, x, block x);
 * in the deep one the blocks come before the channels (DCR), or after them (CRD). */
#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    gint64 block;
    gboolean is_crd, is_deep; /* input 0 is the deep one */
} Params;

static gboolean finish(HeNode *node, const Params *params, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 b = params->block, bb = b * b;
    gboolean fits =
        params->is_deep ? x->dim[1] % bb == 0 : x->dim[2] % b == 0 && x->dim[3] % b == 0;
    if (!fits) {
        g_autofree char *shape = he_tensor_shape_text(x);
        return he_node_error(
            node, HE_ERROR_CORRUPT_MODEL, error,
            "input %s has no whole number of blocks of %" G_GINT64_FORMAT, shape, b);
    }
    gint64 deep[] = {x->dim[0], x->dim[1] / bb, x->dim[2] * b, x->dim[3] * b};
    gint64 wide[] = {x->dim[0], x->dim[1] * bb, x->dim[2] / b, x->dim[3] / b};
    node->params = g_memdup2(params, sizeof *params);
    return he_node_set_out(node, 0, x->type, 4, params->is_deep ? deep : wide, error);
}

static gboolean infer(HeNode *node, gboolean is_deep, GError **error)
{
    Params params = {.is_deep = is_deep};
    const char *mode = "DCR";
    if (!he_node_need_rank(node, 0, 4, 4, error) ||
        !he_attr_int(node, "blocksize", 0, &params.block, error) ||
        (is_deep && !he_attr_string(node, "mode", "DCR", &mode, error)))
        return FALSE;
    if (params.block < 1 || params.block > 4096)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "blocksize is %" G_GINT64_FORMAT ", expected 1 to 4096",
                             params.block);
    params.is_crd = strcmp(mode, "CRD") == 0;
    if (!params.is_crd && strcmp(mode, "DCR") != 0)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "mode is '%s', expected DCR or CRD", mode);
    return finish(node, &params, error);
}

static gboolean to_space_infer(HeNode *node, GError **error)
{
    return infer(node, TRUE, error);
}

static gboolean to_depth_infer(HeNode *node, GError **error)
{
    return infer(node, FALSE, error);
}

/* T along the six axes. DEEP: the shape of the deep tensor. */
static HeTensor six_axes(const Params *params, const HeTensor *t, const HeTensor *deep,
                         gboolean is_deep)
{
    gint64 b = params->block, c = deep->dim[1] / (b * b), s = t->stride[1];
    const gint64 dim[] = {deep->dim[0], c, deep->dim[2], b, deep->dim[3], b};
    const gint64 wide[] = {t->stride[0],     s,           t->stride[2] * b, t->stride[2],
                           t->stride[3] * b, t->stride[3]};
    const gint64 dcr[] = {t->stride[0], s, t->stride[2], s * c * b, t->stride[3], s * c};
    const gint64 crd[] = {t->stride[0], s * b * b, t->stride[2], s * b, t->stride[3], s};
    HeTensor view;
    he_tensor_init(&view, t->type, 6, dim);
    memcpy(view.stride, !is_deep ? wide : params->is_crd ? crd : dcr, sizeof wide);
    view.data = t->data;
    return view;
}

/* The input, or its gradient, and the output, or its gradient, in step. */
static void both_views(const HeRun *run, const HeTensor *in, const HeTensor *out,
                       HeTensor view[2])
{
    const Params *params = run->node->params;
    const HeTensor *deep = params->is_deep ? in : out;
    view[0] = six_axes(params, in, deep, params->is_deep);
    view[1] = six_axes(params, out, deep, !params->is_deep);
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeTensor view[2];
    (void)error;
    both_views(run, run->in[0], run->out[0], view);
    he_tensor_copy(run->pool, &view[1], &view[0]);
    return TRUE;
}

static void backward(const HeRun *run)
{
    HeTensor view[2];
    both_views(run, run->d_in[0], run->d_out[0], view);
    he_grad_pass(run->pool, &view[0], run->accumulate[0], &view[1], 1);
}

#define BLOCK_OP(symbol, onnx_name, infer_func)                                          \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = 1,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = infer_func,                                                             \
        .forward = forward,                                                              \
        .backward = backward,                                                            \
    };
BLOCK_OP(depth_to_space, "DepthToSpace", to_space_infer)
BLOCK_OP(space_to_depth, "SpaceToDepth", to_depth_infer)
