/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* IsNaN, and IsInf of the signs that `detect_negative` and `detect_positive` ask for: bools, no gradient. */
#include "ops/support.h"
#include "ops/walk.h"

typedef struct {
    gboolean nan, negative, positive; /* what counts */
} Params;

static gboolean infer(HeNode *node, Params params, GError **error)
{
    if (!he_node_need_float(node, 0, error))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, HE_BOOL, node->in[0]->rank, node->in[0]->dim, error);
}

static gboolean is_nan_infer(HeNode *node, GError **error)
{
    return infer(node, (Params){.nan = TRUE}, error);
}

static gboolean is_inf_infer(HeNode *node, GError **error)
{
    gint64 negative, positive;
    return he_attr_int(node, "detect_negative", 1, &negative, error) &&
           he_attr_int(node, "detect_positive", 1, &positive, error) &&
           infer(node, (Params){.negative = negative != 0, .positive = positive != 0},
                 error);
}

/* p: y, x */
static void look_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    const Params *params = data;
    const real *x = (const real *)p[1];
    (void)i;
    (void)step;
    for (size_t k = 0; k < n; k++)
        ((guint8 *)p[0])[k] = isnan(x[k])    ? params->nan != 0
                              : !isinf(x[k]) ? 0
                              : x[k] < 0     ? params->negative != 0
                                             : params->positive != 0;
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_walk_tiles(run->pool, run->out[0], 2,
                  (const HeTensor *const[]){run->out[0], run->in[0]}, HE_WALK_BLOCK,
                  look_run, run->node->params);
    return TRUE;
}

#define SPECIAL_OP(symbol, onnx_name)                                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = 1,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = symbol##_infer,                                                         \
        .forward = forward,                                                              \
    };
SPECIAL_OP(is_inf, "IsInf")
SPECIAL_OP(is_nan, "IsNaN")
