/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* LayerNormalization over the axes from `axis` on (normalize.c). Outputs 1 and 2 are mean and s. Scale and
 * bias carry no gradient. Input and scale are saved. */
#include "ops/normalize.h"
#include "ops/support.h"

typedef struct {
    double epsilon;
    int axis;
} Params;

/* Input I stretches to the shape of input 0. */
static gboolean need_stretch(const HeNode *node, int i, GError **error)
{
    const HeTensor *x = node->in[0], *t = node->in[i];
    gint64 dim[HE_MAX_RANK];
    int rank;
    HeTensor both;
    if (!he_node_has_in(node, i))
        return TRUE;
    if (!he_node_need_float(node, i, error))
        return FALSE;
    if (he_broadcast(x, t, &rank, dim)) {
        he_tensor_init(&both, x->type, rank, dim);
        if (he_tensor_same_shape(&both, x))
            return TRUE;
    }
    g_autofree char *st = he_tensor_shape_text(t);
    g_autofree char *sx = he_tensor_shape_text(x);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %d has shape %s, which does not stretch to %s", i, st,
                         sx);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params;
    gint64 axis, dim[HE_MAX_RANK];
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 1, HE_MAX_RANK, error) ||
        !need_stretch(node, 1, error) || !need_stretch(node, 2, error) ||
        !he_attr_int(node, "axis", -1, &axis, error) ||
        !he_attr_float(node, "epsilon", 1e-5, &params.epsilon, error) ||
        !he_node_axis(node, axis, x->rank, &params.axis, error) ||
        !he_node_set_out_like(node, 0, x, error))
        return FALSE;
    for (int k = 0; k < x->rank; k++)
        dim[k] = k < params.axis ? x->dim[k] : 1;
    for (int o = 1; o < node->n_out; o++)
        if (node->out[o] && !he_node_set_out(node, o, x->type, x->rank, dim, error))
            return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    (void)error;
    he_normalize_forward(run, params->epsilon, ~0u << params->axis, run->out[0],
                         run->in[0], run->in[1],
                         he_node_has_in(run->node, 2) ? run->in[2] : NULL);
    return TRUE;
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    if (run->d_in[0])
        he_normalize_backward(run, params->epsilon, ~0u << params->axis, run->d_in[0],
                              run->d_out[0], run->in[0], run->in[1]);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0) | HE_SAVE_IN(1);
}

const HeOp HE_REAL(he_op_layer_normalization) = {
    .name = "LayerNormalization",
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 3,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
