/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Comparisons and logic: bool results, no gradients. Integers compare exactly, reals as reals. */
#include "ops/binary.h"
#include "ops/support.h"

typedef struct {
    HeWholeFunc whole;
    gboolean (*of_reals)(real a, real b); /* NULL: bools only */
} Comparison;

typedef struct {
    const Comparison *comparison;
    int n_append;
} Params;

static gint64 equal(gint64 a, gint64 b)
{
    return a == b;
}
static gint64 greater(gint64 a, gint64 b)
{
    return a > b;
}
static gint64 greater_or_equal(gint64 a, gint64 b)
{
    return a >= b;
}
static gint64 less(gint64 a, gint64 b)
{
    return a < b;
}
static gint64 less_or_equal(gint64 a, gint64 b)
{
    return a <= b;
}
static gint64 and (gint64 a, gint64 b)
{
    return a && b;
}
static gint64 or (gint64 a, gint64 b)
{
    return a || b;
}
static gint64 xor (gint64 a, gint64 b) { return !a != !b; } static gboolean
    equal_reals(real a, real b)
{
    return a <= b && a >= b;
}
static gboolean greater_reals(real a, real b)
{
    return a > b;
}
static gboolean greater_or_equal_reals(real a, real b)
{
    return a >= b;
}
static gboolean less_reals(real a, real b)
{
    return a < b;
}
static gboolean less_or_equal_reals(real a, real b)
{
    return a <= b;
}

static gboolean infer(HeNode *node, const Comparison *comparison, GError **error)
{
    Params params = {comparison, 0};
    gboolean is_real = he_type_is_float(node->in[0]->type);
    if (!he_node_need_same_type(node, 0, 1, error) ||
        !(is_real || he_node_need_whole(node, 0, error)) ||
        (!comparison->of_reals && !he_node_need_type(node, 0, HE_BOOL, error)) ||
        !he_binary_infer(node, HE_BOOL, &params.n_append, error))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static void reals_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Comparison *comparison = data;
    const real *a = (const real *)p[1], *b = (const real *)p[2];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        ((guint8 *)p[0])[k] =
            (guint8)comparison->of_reals(a[k * step[1]], b[k * step[2]]);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor b = he_tensor_append_axes(run->in[1], params->n_append);
    (void)error;
    if (he_type_is_float(b.type))
        he_walk_tiles(run->pool, run->out[0], 3,
                      (const HeTensor *const[]){run->out[0], run->in[0], &b},
                      HE_WALK_BLOCK, reals_run, (void *)params->comparison);
    else
        he_binary_whole(run, &b, params->comparison->whole);
    return TRUE;
}

#define COMPARISON_OP(symbol, onnx_name, ...)                                            \
    static gboolean symbol##_infer(HeNode *node, GError **error)                         \
    {                                                                                    \
        static const Comparison comparison = {symbol, __VA_ARGS__};                      \
        return infer(node, &comparison, error);                                          \
    }                                                                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 2,                                                                     \
        .max_in = 2,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = symbol##_infer,                                                         \
        .forward = forward,                                                              \
    };
COMPARISON_OP(and, "And", NULL)
COMPARISON_OP(equal, "Equal", equal_reals)
COMPARISON_OP(greater, "Greater", greater_reals)
COMPARISON_OP(greater_or_equal, "GreaterOrEqual", greater_or_equal_reals)
COMPARISON_OP(less, "Less", less_reals)
COMPARISON_OP(less_or_equal, "LessOrEqual", less_or_equal_reals)
COMPARISON_OP(or, "Or", NULL)
COMPARISON_OP(xor, "Xor", NULL)

/* ---- Not --------------------------------------------------------------------------------------------- */

static gboolean not_infer(HeNode *node, GError **error)
{
    return he_node_need_type(node, 0, HE_BOOL, error) &&
           he_node_set_out_like(node, 0, node->in[0], error);
}

static gint64 differs(gint64 a, gint64 b)
{
    return a != b;
}

static gboolean not_forward(const HeRun *run, GError **error)
{
    guint8 one = TRUE;
    HeTensor truth;
    (void)error;
    he_tensor_init(&truth, HE_BOOL, 0, NULL);
    truth.data = &one;
    he_binary_whole(run, &truth, differs);
    return TRUE;
}

const HeOp HE_REAL(he_op_not) = {
    .name = "Not",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = not_infer,
    .forward = not_forward,
};
