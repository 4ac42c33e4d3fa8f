/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Add, Sub, Mul, Div, Mod, Pow, BitShift with broadcasting. What a gradient needs is saved, no more:
 *
 *   a + b   g, g            a - b   g, -g
 *   a * b   g b, g a        a / b   g / b, -g a / b^2
 *   a ^ b   g b a^(b-1), g a^b log a (0 where a <= 0)
 *   fmod(a, b)   g, -g trunc(a / b)
 *
 * Mod of integers has the sign of b, or with `fmod` that of a. BitShift is of integers alone.
 * Opsets before 7 stretch b as `axis` and `broadcast` say. Integers (shapes) wrap; a division of integers
 * by zero is an error. An exponent may be of another type than its base, whose type is the result's. */
#include "ops/binary.h"

#include <string.h>

#include "ops/support.h"

typedef struct {
    /* y[i] from a and b, steps 0 or 1 */
    void (*value)(size_t n, real *y, const real *pa, ptrdiff_t sa, const real *pb,
                  ptrdiff_t sb);
    HeTermFunc term[2]; /* of the gradients; p: g, a, b */
    guint saves[2];
    HeWholeFunc whole;
} Formula;

typedef struct {
    const Formula *formula;
    int n_append;
} Params;

#define VALUE(function, EXPRESSION)                                                      \
    static void function(size_t n, real *y, const real *pa, ptrdiff_t sa,                \
                         const real *pb, ptrdiff_t sb)                                   \
    {                                                                                    \
        HE_BINARY_RUN(sa, sb, EXPRESSION)                                                \
    }
/* g is the gradient of the output. */
#define TERM(function, EXPRESSION)                                                       \
    static void function(const void *data, size_t n, real *y, char *const p[],           \
                         const ptrdiff_t step[])                                         \
    {                                                                                    \
        const real *pg = (const real *)p[0], *pa = (const real *)p[1],                   \
                   *pb = (const real *)p[2];                                             \
        ptrdiff_t sg = step[0], sa = step[1], sb = step[2];                              \
        (void)data;                                                                      \
        for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {                                   \
            const real g = pg[i * sg], a = pa[i * sa], b = pb[i * sb];                   \
            (void)a;                                                                     \
            (void)b;                                                                     \
            y[i] = (EXPRESSION);                                                         \
        }                                                                                \
    }
#define BOTH (HE_SAVE_IN(0) | HE_SAVE_IN(1))

/* Exponents that networks use cost a multiplication or two. */
static inline real power(real a, real b)
{
    return b <= 2 && b >= 2 ? a * a : b <= 3 && b >= 3 ? a * a * a : R_(pow)(a, b);
}

static inline real power_slope(real a, real b)
{
    return b < 0 || b > 0 ? b * power(a, b - 1) : 0;
}

VALUE(add_value, a + b)
VALUE(sub_value, a - b)
VALUE(mul_value, a *b)
VALUE(div_value, a / b)
VALUE(pow_value, power(a, b))
VALUE(mod_value, R_(fmod)(a, b))
TERM(pass, g)
TERM(negate, -g)
TERM(mul_a, g *b)
TERM(mul_b, g *a)
TERM(div_a, g / b)
TERM(div_b, -g *(a / b) / b)
TERM(pow_a, g *power_slope(a, b))
TERM(pow_b, a > 0 ? g * R_(pow)(a, b) * R_(log)(a) : 0)

TERM(mod_b, -g *R_(trunc)(a / b))

/* Integers wrap, as NumPy's do. */
static gint64 add_whole(gint64 a, gint64 b)
{
    return (gint64)((guint64)a + (guint64)b);
}
static gint64 sub_whole(gint64 a, gint64 b)
{
    return (gint64)((guint64)a - (guint64)b);
}
static gint64 mul_whole(gint64 a, gint64 b)
{
    return (gint64)((guint64)a * (guint64)b);
}
static gint64 div_whole(gint64 a, gint64 b)
{
    return b == -1 ? sub_whole(0, a) : a / b;
}
static gint64 pow_whole(gint64 a, gint64 b)
{
    gint64 y = 1;
    if (b < 0)
        return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
    for (; b > 0; b >>= 1, a = mul_whole(a, a))
        if (b & 1)
            y = mul_whole(y, a);
    return y;
}

static gint64 fmod_whole(gint64 a, gint64 b)
{
    return b == -1 ? 0 : a % b;
}
static gint64 mod_whole(gint64 a, gint64 b)
{
    gint64 rest = fmod_whole(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
static gint64 shift_left(gint64 a, gint64 b)
{
    return b < 0 || b > 63 ? 0 : (gint64)((guint64)a << b);
}
static gint64 shift_right(gint64 a, gint64 b)
{
    return b < 0 || b > 63 ? 0 : (gint64)((guint64)a >> b);
}

static const Formula plus = {add_value, {pass, pass}, {0, 0}, add_whole};
static const Formula minus = {sub_value, {pass, negate}, {0, 0}, sub_whole};
static const Formula times = {
    mul_value, {mul_a, mul_b}, {HE_SAVE_IN(1), HE_SAVE_IN(0)}, mul_whole};
static const Formula divide = {
    div_value, {div_a, div_b}, {HE_SAVE_IN(1), BOTH}, div_whole};
static const Formula modulo = {mod_value, {pass, mod_b}, {0, BOTH}, mod_whole};
static const Formula modulo_c = {mod_value, {pass, mod_b}, {0, BOTH}, fmod_whole};
static const Formula to_left = {.whole = shift_left};
static const Formula to_right = {.whole = shift_right};
static const Formula to_power = {pow_value, {pow_a, pow_b}, {BOTH, BOTH}, pow_whole};

/* ---- what they share --------------------------------------------------------------------------------- */

gboolean he_binary_infer(HeNode *node, HeType type, int *n_append, GError **error)
{
    gint64 dim[HE_MAX_RANK];
    int rank;
    if (!he_node_old_broadcast(node, n_append, error))
        return FALSE;
    HeTensor b = he_tensor_append_axes(node->in[1], *n_append);
    if (!he_broadcast(node->in[0], &b, &rank, dim)) {
        g_autofree char *sa = he_tensor_shape_text(node->in[0]);
        g_autofree char *sb = he_tensor_shape_text(node->in[1]);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "shapes %s and %s, expected shapes that broadcast", sa, sb);
    }
    return he_node_set_out(node, 0, type, rank, dim, error);
}

typedef struct {
    HeWholeFunc func;
    HeType type[3];
} Whole;

static void whole_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Whole *w = data;
    ptrdiff_t size[3];
    (void)i;
    for (int t = 0; t < 3; t++)
        size[t] = (ptrdiff_t)he_type_size(w->type[t]) * step[t];
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        he_whole_set(w->type[0], p[0] + k * size[0],
                     w->func(he_whole_get(w->type[1], p[1] + k * size[1]),
                             he_whole_get(w->type[2], p[2] + k * size[2])));
}

void he_binary_whole(const HeRun *run, const HeTensor *b, HeWholeFunc func)
{
    Whole w = {func, {run->out[0]->type, run->in[0]->type, b->type}};
    he_walk_tiles(run->pool, run->out[0], 3,
                  (const HeTensor *const[]){run->out[0], run->in[0], b}, HE_WALK_BLOCK,
                  whole_run, &w);
}

/* ---- infer, forward, backward ------------------------------------------------------------------------ */

static gboolean infer(HeNode *node, const Formula *formula, GError **error)
{
    gboolean is_real = he_type_is_float(node->in[0]->type),
             has_real = he_type_is_float(node->in[1]->type);
    Params params = {.formula = formula};
    if (!(formula == &to_power || he_node_need_same_type(node, 0, 1, error)) ||
        !(is_real ? he_node_need_float : he_node_need_whole)(node, 0, error) ||
        !(is_real || has_real || he_node_need_whole(node, 1, error)) ||
        !he_binary_infer(node, node->in[0]->type, &params.n_append, error))
        return FALSE;
    if (is_real && !has_real)
        node->scratch_bytes = he_tensor_n(node->in[1]) * sizeof(real);
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* Input 1 as the walk needs it: a whole exponent of a real base is made real. */
static HeTensor operand_b(const HeRun *run)
{
    const Params *params = run->node->params;
    HeTensor b = *run->in[1];
    if (run->node->scratch_bytes) {
        he_tensor_init(&b, HE_REAL_TYPE, b.rank, run->in[1]->dim);
        b.data = run->scratch;
        he_tensor_convert(run->in[1], &b);
    }
    return he_tensor_append_axes(&b, params->n_append);
}

static void value_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Formula *formula = data;
    (void)i;
    formula->value(n, (real *)p[0], (const real *)p[1], step[1], (const real *)p[2],
                   step[2]);
}

/* Whole bases, real exponents; p: y, a, b */
static void mixed_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const HeRun *run = data;
    HeType type = run->out[0]->type;
    gint64 dim = (gint64)n;
    HeTensor a, y;
    (void)i;
    he_tensor_init(&a, type, 1, &dim);
    he_tensor_init(&y, HE_F64, 0, NULL);
    a.data = p[1];
    a.stride[0] = step[1];
    for (size_t k = 0; k < n; k++) {
        double value = pow(he_tensor_get_double(&a, k),
                           (double)((const real *)p[2])[(ptrdiff_t)k * step[2]]);
        HeTensor to = {.type = type,
                       .data = p[0] + (ptrdiff_t)(k * he_type_size(type)) * step[0]};
        y.data = &value;
        he_tensor_convert(&y, &to);
    }
}

static gboolean check_divisor(const HeRun *run, GError **error)
{
    const HeTensor *b = run->in[1];
    for (size_t i = 0, n = he_tensor_n(b); i < n; i++)
        if (he_tensor_get_int(b, i) == 0)
            return he_node_error(run->node, HE_ERROR_CORRUPT_MODEL, error,
                                 "divides an integer by zero");
    return TRUE;
}

static gboolean is_division(const Formula *formula)
{
    return formula == &divide || formula == &modulo || formula == &modulo_c;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor b = operand_b(run);
    if (he_type_is_float(run->out[0]->type)) {
        he_walk_tiles(run->pool, run->out[0], 3,
                      (const HeTensor *const[]){run->out[0], run->in[0], &b},
                      HE_WALK_BLOCK, value_run, (void *)params->formula);
        return TRUE;
    }
    if (he_type_is_float(b.type)) {
        he_walk_tiles(run->pool, run->out[0], 3,
                      (const HeTensor *const[]){run->out[0], run->in[0], &b},
                      HE_WALK_BLOCK, mixed_run, (void *)run);
        return TRUE;
    }
    if (is_division(params->formula) && !check_divisor(run, error))
        return FALSE;
    he_binary_whole(run, &b, params->formula->whole);
    return TRUE;
}

static guint saves(const HeNode *node, guint want)
{
    const Formula *formula = ((const Params *)node->params)->formula;
    return (want & 1 ? formula->saves[0] : 0) | (want & 2 ? formula->saves[1] : 0);
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    const Formula *formula = params->formula;
    HeTensor b = operand_b(run);
    for (int k = 0; k < 2; k++) {
        if (!run->d_in[k])
            continue;
        /* An operand that was not saved is not read: g stands in. */
        const HeTensor *g = run->d_out[0];
        const HeTensor *tensors[] = {g,
                                     formula->saves[k] & HE_SAVE_IN(0) ? run->in[0] : g,
                                     formula->saves[k] & HE_SAVE_IN(1) ? &b : g};
        HeTensor d = he_tensor_append_axes(run->d_in[k], k == 1 ? params->n_append : 0);
        he_grad_terms(run->pool, &d, run->accumulate[k], 3, tensors, formula->term[k],
                      NULL);
    }
}

#define FORMULA_INFER(symbol, formula)                                                   \
    static gboolean symbol##_infer(HeNode *node, GError **error)                         \
    {                                                                                    \
        return infer(node, &formula, error);                                             \
    }
FORMULA_INFER(add, plus)
FORMULA_INFER(sub, minus)
FORMULA_INFER(mul, times)
FORMULA_INFER(div, divide)
FORMULA_INFER(pow, to_power)

static gboolean mod_infer(HeNode *node, GError **error)
{
    gint64 is_c;
    if (!he_attr_int(node, "fmod", 0, &is_c, error))
        return FALSE;
    if (!is_c && he_type_is_float(node->in[0]->type))
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "is of real numbers, which wants fmod=1");
    return infer(node, is_c ? &modulo_c : &modulo, error);
}

static gboolean bit_shift_infer(HeNode *node, GError **error)
{
    const char *direction;
    if (!he_node_need_whole(node, 0, error) ||
        !he_attr_string(node, "direction", "", &direction, error))
        return FALSE;
    if (strcmp(direction, "LEFT") == 0)
        return infer(node, &to_left, error);
    if (strcmp(direction, "RIGHT") == 0)
        return infer(node, &to_right, error);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "direction is '%s', expected LEFT or RIGHT", direction);
}

#define BINARY_OP(symbol, onnx_name, backward_func)                                      \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 2,                                                                     \
        .max_in = 2,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .flags = HE_OP_IN_PLACE,                                                         \
        .infer = symbol##_infer,                                                         \
        .forward = forward,                                                              \
        .backward = backward_func,                                                       \
        .saves = saves,                                                                  \
    };
BINARY_OP(add, "Add", backward)
BINARY_OP(bit_shift, "BitShift", NULL)
BINARY_OP(div, "Div", backward)
BINARY_OP(mod, "Mod", backward)
BINARY_OP(mul, "Mul", backward)
BINARY_OP(pow, "Pow", backward)
BINARY_OP(sub, "Sub", backward)
