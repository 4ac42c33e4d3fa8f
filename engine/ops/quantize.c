/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* QuantizeLinear, DequantizeLinear, and one after the other, QuantizeDequantize, that graph/ makes of a pair:
 *
 *   q = clamp(round(x / scale) + zero, range of the type)      x' = (q - zero) scale
 *
 * Halves round to even. Scale and zero are one number, or one for each index of `axis`. Integers carry no
 * gradient; the pair passes it straight through where nothing was clamped (Bengio, Leonard, Courville 2013). */
#include "model/onnx_read.h"
#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    HeType type; /* of quantised numbers */
    double low, high;
    int axis; /* of the scales; -1: there is one */
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

/* Input I is one number, or has a number for each index of the axis. */
static gboolean check_numbers(const HeNode *node, const Params *params, int i,
                              GError **error)
{
    const HeTensor *x = node->in[0], *t = node->in[i];
    if (params->axis < 0 ? he_tensor_n(t) == 1
                         : t->rank == 1 && t->dim[0] == x->dim[params->axis])
        return TRUE;
    g_autofree char *sx = he_tensor_shape_text(x);
    g_autofree char *st = he_tensor_shape_text(t);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %d has shape %s, which does not fit %s", i, st, sx);
}

static gboolean infer(HeNode *node, Params *params, HeType out, GError **error)
{
    const HeTensor *x = node->in[0], *scale = node->in[1];
    gint64 axis, block;
    gboolean has_zero = he_node_has_in(node, 2);
    if (!he_node_need_float(node, 1, error) || !set_range(node, params, error) ||
        !he_attr_int(node, "axis", 1, &axis, error) ||
        !he_attr_int(node, "block_size", 0, &block, error))
        return FALSE;
    if (block != 0)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "quantises by blocks, which is not supported");
    params->axis = -1;
    if (he_tensor_n(scale) != 1 &&
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
    HeTensor view = *run->in[0];
    for (int k = 0; k < view.rank; k++)
        if (k != params->axis)
            view.dim[k] = 1;
    he_tensor_set_contiguous(&view);
    view.type = i == 1 ? HE_REAL_TYPE : params->type;
    view.data = he_node_has_in(run->node, i) ? run->in[i]->data : (void *)&nothing;
    if (!he_node_has_in(run->node, i) && params->axis >= 0)
        view.dim[params->axis] = 1;
    return view;
}

static gboolean convert(const HeRun *run, HeRunFunc func)
{
    const Params *params = run->node->params;
    Job job = {params, (ptrdiff_t)he_type_size(params->type)};
    HeTensor scale = numbers_view(run, 1), zero = numbers_view(run, 2);
    he_walk_tiles(run->pool, run->out[0], 4,
                  (const HeTensor *const[]){run->out[0], run->in[0], &scale, &zero},
                  HE_WALK_BLOCK / 4, func, &job);
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
    HeTensor scale = numbers_view(run, 1), zero = numbers_view(run, 2);
    he_grad_terms(run->pool, run->d_in[0], run->accumulate[0], 4,
                  (const HeTensor *const[]){run->d_out[0], run->in[0], &scale, &zero},
                  straight_terms, &job);
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
