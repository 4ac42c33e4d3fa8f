/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* GroupNormalization and InstanceNormalization of [N, C, ...]: each group of channels of a sample, or each
 * channel, is a line (normalize.c). The input is walked as [N, groups, channels of a group, the rest]. Scale and
 * bias are [C], before opset 21 of GroupNormalization [groups]; they carry no gradient. */
#include "ops/normalize.h"
#include "ops/support.h"

typedef struct {
    double epsilon;
    gint64 groups;
} Params;

static gboolean check_weights(const HeNode *node, int i, gint64 n, GError **error)
{
    const HeTensor *t = node->in[i];
    if (!he_node_need_float(node, i, error))
        return FALSE;
    if (t->rank == 1 && t->dim[0] == n)
        return TRUE;
    g_autofree char *shape = he_tensor_shape_text(t);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %d has shape %s, expected [%" G_GINT64_FORMAT "]", i,
                         shape, n);
}

/* GROUPS 0: as many as channels. */
static gboolean infer(HeNode *node, gint64 groups, gboolean is_by_group, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {0};
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 3, HE_MAX_RANK, error) ||
        !he_attr_float(node, "epsilon", 1e-5, &params.epsilon, error))
        return FALSE;
    params.groups = groups ? groups : x->dim[1];
    if (params.groups < 1 || x->dim[1] % params.groups != 0)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "%" G_GINT64_FORMAT " channels in %" G_GINT64_FORMAT
                             " groups",
                             x->dim[1], params.groups);
    gint64 n = is_by_group ? params.groups : x->dim[1];
    if (!check_weights(node, 1, n, error) || !check_weights(node, 2, n, error))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, x, error);
}

static gboolean instance_infer(HeNode *node, GError **error)
{
    return infer(node, 0, FALSE, error);
}

static gboolean group_infer(HeNode *node, GError **error)
{
    gint64 groups;
    if (!he_attr_int(node, "num_groups", -1, &groups, error))
        return FALSE;
    return infer(node, groups == 0 ? -1 : groups, node->opset < 21, error);
}

static HeTensor four_axes(const HeRun *run, const HeTensor *t)
{
    const Params *params = run->node->params;
    gint64 rest = (gint64)he_dims_product(t, 2, t->rank);
    gint64 each = t->dim[1] / params->groups;
    HeTensor view;
    he_tensor_init(&view, t->type, 4, (gint64[]){t->dim[0], params->groups, each, rest});
    view.stride[0] = t->stride[0];
    view.data = t->data;
    return view;
}

/* [C] or [groups] along the four axes. */
static HeTensor weights_view(const HeRun *run, const HeTensor *t)
{
    gint64 groups = ((const Params *)run->node->params)->groups;
    HeTensor view;
    he_tensor_init(&view, t->type, 4, (gint64[]){1, groups, t->dim[0] / groups, 1});
    view.data = t->data;
    return view;
}

#define LINES (1u << 2 | 1u << 3)

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor y = four_axes(run, run->out[0]), x = four_axes(run, run->in[0]);
    HeTensor scale = weights_view(run, run->in[1]), bias = weights_view(run, run->in[2]);
    (void)error;
    he_normalize_forward(run, params->epsilon, LINES, &y, &x, &scale, &bias);
    return TRUE;
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    if (!run->d_in[0])
        return;
    HeTensor d = four_axes(run, run->d_in[0]), g = four_axes(run, run->d_out[0]);
    HeTensor x = four_axes(run, run->in[0]), scale = weights_view(run, run->in[1]);
    he_normalize_backward(run, params->epsilon, LINES, &d, &g, &x, &scale);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0) | HE_SAVE_IN(1);
}

#define NORMALIZATION_OP(symbol, onnx_name, infer_func)                                  \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 3,                                                                     \
        .max_in = 3,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .flags = HE_OP_WEIGHTS,                                                          \
        .infer = infer_func,                                                             \
        .forward = forward,                                                              \
        .backward = backward,                                                            \
        .saves = saves,                                                                  \
    };
NORMALIZATION_OP(group_normalization, "GroupNormalization", group_infer)
NORMALIZATION_OP(instance_normalization, "InstanceNormalization", instance_infer)
