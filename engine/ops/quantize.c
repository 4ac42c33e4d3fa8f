/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* QuantizeLinear, DequantizeLinear, and one after the other, QuantizeDequantize, that graph/ makes of a pair:
 *
 *   q = clamp(round(x / scale) + zero, range of the type)      x' = (q - zero) scale
 *
 * Halves round to even. Scale and zero are one number, one for each index of `axis`, or one for each `block_size`
 * numbers along it (the last block may be shorter). Integers carry no gradient; the pair passes it straight through where nothing was clamped (Bengio, Leonard, Courville 2013). */
#include "model/onnx_read.h"
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    HeType type; /* of quantised numbers */
    double low, high;
    int axis;     /* of the scales; -1: there is one */
    gint64 block; /* numbers along it with the same scale; 0: each has its own */
} Params;

static gboolean set_range(const HeNode *node, Params *params, GError **error)
{
    static const struct {
        HeType type;
        double low, high;
    } ranges[] = {{HE_U8, 0, 255},
                  {HE_I8, -128, 127},
                  {HE_U16, 0, 65535},
                  {HE_I16, -32768, 32767},
                  {HE_I32, -2147483648.0, 2147483647.0}};
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++)
        if (ranges[i].type == params->type) {
            params->low = ranges[i].low;
            params->high = ranges[i].high;
            return TRUE;
        }
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "quantises to %s, expected integers of 8, 16 or 32 bits",
                         he_type_name(params->type));
}

static gint64 count_blocks(const HeTensor *x, const Params *params)
{
    gint64 n = x->dim[params->axis];
    return n / params->block + (n % params->block != 0);
}

static gboolean fits(const HeTensor *x, const Params *params, const HeTensor *t)
{
    if (params->axis < 0)
        return he_tensor_n(t) == 1;
    if (params->block == 0)
        return t->rank == 1 && t->dim[0] == x->dim[params->axis];
    HeTensor expected = *x;
    expected.dim[params->axis] = count_blocks(x, params);
    return he_tensor_same_shape(t, &expected);
}

/* Input I has a number for all, for each index of the axis, or for each block. */
static gboolean check_numbers(const HeNode *node, const Params *params, int i,
                              GError **error)
{
    const HeTensor *x = node->in[0], *t = node->in[i];
    if (fits(x, params, t))
        return TRUE;
    g_autofree char *sx = he_tensor_shape_text(x);
    g_autofree char *st = he_tensor_shape_text(t);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %d has shape %s, which does not fit %s", i, st, sx);
}

static gboolean infer(HeNode *node, Params *params, HeType out, GError **error)
{
    const HeTensor *x = node->in[0], *scale = node->in[1];
    gint64 axis;
    gboolean has_zero = he_node_has_in(node, 2);
    if (!he_node_need_float(node, 1, error) || !set_range(node, params, error) ||
        !he_attr_int(node, "axis", 1, &axis, error) ||
        !he_attr_int(node, "block_size", 0, &params->block, error))
        return FALSE;
    if (params->block < 0)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "block_size is %" G_GINT64_FORMAT ", expected 0 or more",
                             params->block);
    params->axis = -1;
    if ((params->block > 0 || he_tensor_n(scale) != 1) &&
        !he_node_axis(node, axis, x->rank, &params->axis, error))
        return FALSE;
    if (!check_numbers(node, params, 1, error) ||
        (has_zero && (!he_node_need_type(node, 2, params->type, error) ||
                      !check_numbers(node, params, 2, error))))
        return FALSE;
    node->params = g_memdup2(params, sizeof *params);
    return he_node_set_out(node, 0, out, x->rank, x->dim, error);
}

static gboolean quantize_infer(HeNode *node, GError **error)
{
    gint64 type;
    if (!he_node_need_float(node, 0, error) ||
        !he_attr_int(node, "output_dtype", 0, &type, error))
        return FALSE;
    Params params = {.type = he_node_has_in(node, 2) ? node->in[2]->type
                             : type                  ? he_onnx_type(type)
                                                     : HE_U8};
    return infer(node, &params, params.type, error);
}

static gboolean dequantize_infer(HeNode *node, GError **error)
{
    Params params = {.type = node->in[0]->type};
    return infer(node, &params, HE_REAL_TYPE, error);
}

static gboolean both_infer(HeNode *node, GError **error)
{
    Params params = {.type = he_node_has_in(node, 2) ? node->in[2]->type : HE_U8};
    return he_node_need_float(node, 0, error) &&
           infer(node, &params, HE_REAL_TYPE, error);
}

/* ---- numbers; p: y, x, scale, zero --------------------------------------------------------------------------- */

typedef struct {
    const Params *params;
    ptrdiff_t size; /* of a quantised number */
} Job;

/* Before clamping. */
static double level_of(const Job *job, real x, real scale, const char *zero)
{
    return rint((double)(x / scale)) + (double)he_whole_get(job->params->type, zero);
}

static void quantize_run(void *data, size_t i, size_t n, char *const p[],
                         const ptrdiff_t step[])
{
    const Job *job = data;
    const real *x = (const real *)p[1], *scale = (const real *)p[2];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        double level = level_of(job, x[k * step[1]], scale[k * step[2]],
                                p[3] + k * step[3] * job->size);
        level = isnan(level) ? 0 : CLAMP(level, job->params->low, job->params->high);
        he_whole_set(job->params->type, p[0] + k * step[0] * job->size, (gint64)level);
    }
}

static void dequantize_run(void *data, size_t i, size_t n, char *const p[],
                           const ptrdiff_t step[])
{
    const Job *job = data;
    HeType type = job->params->type;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        ((real *)p[0])[k * step[0]] =
            (real)(he_whole_get(type, p[1] + k * step[1] * job->size) -
                   he_whole_get(type, p[3] + k * step[3] * job->size)) *
            ((const real *)p[2])[k * step[2]];
}

static void both_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    const Job *job = data;
    const real *x = (const real *)p[1], *scale = (const real *)p[2];
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        const char *zero = p[3] + k * step[3] * job->size;
        real s = scale[k * step[2]];
        double level = level_of(job, x[k * step[1]], s, zero);
        level = CLAMP(level, job->params->low, job->params->high);
        ((real *)p[0])[k * step[0]] =
            (real)(level - (double)he_whole_get(job->params->type, zero)) * s;
    }
}

/* Input I along the axes of input 0; a missing zero is 0. */
static HeTensor numbers_view(const HeRun *run, int i)
{
    static const gint64 nothing = 0;
    const Params *params = run->node->params;
    gboolean is_given = he_node_has_in(run->node, i);
    HeTensor view = *run->in[0];
    if (is_given && params->axis >= 0 && params->block > 0)
        return *run->in[i];
    for (int k = 0; k < view.rank; k++)
        if (k != params->axis || !is_given)
            view.dim[k] = 1;
    he_tensor_set_contiguous(&view);
    view.type = i == 1 ? HE_REAL_TYPE : params->type;
    view.data = is_given ? run->in[i]->data : (void *)&nothing;
    return view;
}

/* Of T only N indices of AXIS, from FROM on; an axis of 1 is stretched and stays. */
static void narrow(HeTensor *t, int axis, gint64 from, gint64 n)
{
    if (t->dim[axis] == 1)
        return;
    t->data = (char *)t->data + from * t->stride[axis] * (ptrdiff_t)he_type_size(t->type);
    t->dim[axis] = n;
}

/* What belongs together: outputs, or the input's gradients and the outputs' G; inputs; the numbers for them. */
typedef struct {
    HeTensor to, g, x, scale, zero;
} Block;

static Block all_of(const HeRun *run, const HeTensor *to, const HeTensor *g)
{
    return (Block){*to, *g, *run->in[0], numbers_view(run, 1), numbers_view(run, 2)};
}

static size_t n_blocks(const HeRun *run)
{
    const Params *params = run->node->params;
    return params->block > 0 ? (size_t)count_blocks(run->in[0], params) : 1;
}

static Block block_of(const HeRun *run, const Block *all, size_t i)
{
    const Params *params = run->node->params;
    Block block = *all;
    if (params->block == 0)
        return block;
    gint64 from = (gint64)i * params->block,
           n = MIN(params->block, all->x.dim[params->axis] - from);
    narrow(&block.to, params->axis, from, n);
    narrow(&block.g, params->axis, from, n);
    narrow(&block.x, params->axis, from, n);
    narrow(&block.scale, params->axis, (gint64)i, 1);
    narrow(&block.zero, params->axis, (gint64)i, 1);
    return block;
}

static gboolean convert(const HeRun *run, HeRunFunc func)
{
    const Params *params = run->node->params;
    Job job = {params, (ptrdiff_t)he_type_size(params->type)};
    Block all = all_of(run, run->out[0], run->out[0]);
    for (size_t i = 0; i < n_blocks(run); i++) {
        Block b = block_of(run, &all, i);
        he_walk_tiles(run->pool, &b.to, 4,
                      (const HeTensor *const[]){&b.to, &b.x, &b.scale, &b.zero},
                      HE_WALK_BLOCK / 4, func, &job);
    }
    return TRUE;
}

/* p: g, x, scale, zero */
static void straight_terms(const void *data, size_t n, real *term, char *const p[],
                           const ptrdiff_t step[])
{
    const Job *job = data;
    const real *x = (const real *)p[1], *scale = (const real *)p[2];
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        double level = level_of(job, x[k * step[1]], scale[k * step[2]],
                                p[3] + k * step[3] * job->size);
        gboolean is_inside = level >= job->params->low && level <= job->params->high;
        term[k] = is_inside ? ((const real *)p[0])[k * step[0]] : 0;
    }
}

static void both_backward(const HeRun *run)
{
    const Params *params = run->node->params;
    Job job = {params, (ptrdiff_t)he_type_size(params->type)};
    if (!run->d_in[0])
        return;
    Block all = all_of(run, run->d_in[0], run->d_out[0]);
    for (size_t i = 0; i < n_blocks(run); i++) {
        Block b = block_of(run, &all, i);
        he_grad_terms(run->pool, &b.to, run->accumulate[0], 4,
                      (const HeTensor *const[]){&b.g, &b.x, &b.scale, &b.zero},
                      straight_terms, &job);
    }
}

static guint both_saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0) | HE_SAVE_IN(1) | HE_SAVE_IN(2);
}

#define QUANTIZE_OP(symbol, onnx_name, family, backward_func, saves_func)                \
    static gboolean family##_forward(const HeRun *run, GError **error)                   \
    {                                                                                    \
        (void)error;                                                                     \
        return convert(run, family##_run);                                               \
    }                                                                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 2,                                                                     \
        .max_in = 3,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = family##_infer,                                                         \
        .forward = family##_forward,                                                     \
        .backward = backward_func,                                                       \
        .saves = saves_func,                                                             \
    };
QUANTIZE_OP(dequantize_linear, "DequantizeLinear", dequantize, NULL, NULL)
QUANTIZE_OP(quantize_dequantize, "QuantizeDequantize", both, both_backward, both_saves)
QUANTIZE_OP(quantize_linear, "QuantizeLinear", quantize, NULL, NULL)
