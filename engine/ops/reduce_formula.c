/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reductions by a formula over the numbers x of a line, in double, in one order; y is the result:
 *
 *   ReduceL1         sum |x|           sign x             ReduceLogSum     log sum x         e^-y
 *   ReduceL2         sqrt sum x^2      x / y (0 at 0)     ReduceLogSumExp  log sum e^x       e^(x - y)
 *   ReduceSumSquare  sum x^2           2 x                ReduceProd       product           of the others
 *
 * LogSumExp is taken from the largest x, so that nothing overflows. Integers wrap; logarithms and roots are
 * of reals alone. */
#include "ops/reduce.h"
#include "ops/support.h"

typedef struct {
    double start;
    double (*add)(double sum, double x); /* one more number */
    double (*end)(double sum);           /* NULL: the sum itself */
    double (*slope)(double x, double y); /* dy / dx; NULL: of a product */
    guint64 (*whole)(guint64 sum, guint64 x);
    gboolean is_shifted; /* x less the line's largest; y plus that */
} Formula;

static double add_magnitude(double sum, double x)
{
    return sum + fabs(x);
}
static double add_number(double sum, double x)
{
    return sum + x;
}
static double add_square(double sum, double x)
{
    return sum + x * x;
}
static double add_power(double sum, double x)
{
    return sum + exp(x);
}
static double multiply(double sum, double x)
{
    return sum * x;
}
static double magnitude_slope(double x, double y)
{
    (void)y;
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}
static double root_slope(double x, double y)
{
    return y > 0 ? x / y : 0;
}
static double log_slope(double x, double y)
{
    (void)x;
    return exp(-y);
}
static double power_slope(double x, double y)
{
    return exp(x - y);
}
static double square_slope(double x, double y)
{
    (void)y;
    return 2 * x;
}
static guint64 whole_magnitude(guint64 sum, guint64 x)
{
    return sum + ((gint64)x < 0 ? 0 - x : x);
}
static guint64 whole_square(guint64 sum, guint64 x)
{
    return sum + x * x;
}
static guint64 whole_product(guint64 sum, guint64 x)
{
    return sum * x;
}

/* ---- forward; p: y, x --------------------------------------------------------------------------------- */

typedef struct {
    const Formula *formula;
    HeType type;
    double sum, largest;
    guint64 whole;
    size_t n_zeros; /* of a product; `sum` is that of the others */
    gboolean accumulate;
} Line;

static void largest_run(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    Line *line = data;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        line->largest = MAX(line->largest, (double)((const real *)p[1])[k * step[1]]);
}

static void add_run(void *data, size_t i, size_t n, char *const p[],
                    const ptrdiff_t step[])
{
    Line *line = data;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        line->sum = line->formula->add(
            line->sum, (double)((const real *)p[1])[k * step[1]] - line->largest);
}

static void whole_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    Line *line = data;
    ptrdiff_t bytes = step[1] * (ptrdiff_t)he_type_size(line->type);
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        line->whole = line->formula->whole(
            line->whole, (guint64)he_whole_get(line->type, p[1] + k * bytes));
}

static void real_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    const Formula *formula = data;
    Line line = {.formula = formula, .sum = formula->start};
    (void)i;
    if (formula->is_shifted) {
        line.largest = -INFINITY;
        he_walk_range(walk, p, 0, walk->n, largest_run, &line);
        line.largest = isfinite(line.largest) ? line.largest : 0;
    }
    he_walk_range(walk, p, 0, walk->n, add_run, &line);
    *(real *)p[0] =
        (real)((formula->end ? formula->end(line.sum) : line.sum) + line.largest);
}

typedef struct {
    const Formula *formula;
    HeType type;
} Whole;

static void whole_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    const Whole *whole = data;
    Line line = {.formula = whole->formula,
                 .type = whole->type,
                 .whole = whole->formula->start > 0 ? 1 : 0};
    (void)i;
    he_walk_range(walk, p, 0, walk->n, whole_run, &line);
    he_whole_set(line.type, p[0], (gint64)line.whole);
}

static gboolean reduce(const HeRun *run, const Formula *formula)
{
    const HeReduce *params = run->node->params;
    HeTensor y = he_reduce_view(run, run->out[0]);
    Whole whole = {formula, y.type};
    gboolean is_real = he_type_is_float(y.type);
    he_walk_lines(
        run->pool, run->in[0], params->axes, 2, (const HeTensor *const[]){&y, run->in[0]},
        is_real ? real_line : whole_line, is_real ? (void *)formula : (void *)&whole);
    return TRUE;
}

/* ---- backward ------------------------------------------------------------------------------------------ */

/* p: x, g, y */
static void slope_terms(const void *data, size_t n, real *term, char *const p[],
                        const ptrdiff_t step[])
{
    const Formula *formula = data;
    const real *x = (const real *)p[0], *g = (const real *)p[1], *y = (const real *)p[2];
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        term[k] = (real)((double)g[k * step[1]] *
                         formula->slope((double)x[k * step[0]], (double)y[k * step[2]]));
}

/* p: d, x, g */
static void zeros_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    Line *line = data;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        double v = (double)((const real *)p[1])[k * step[1]];
        gboolean is_zero = v >= 0 && v <= 0;
        line->n_zeros += is_zero ? 1 : 0;
        line->sum *= is_zero ? 1 : v;
    }
}

static void others_run(void *data, size_t i, size_t n, char *const p[],
                       const ptrdiff_t step[])
{
    const Line *line = data;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        real *d = (real *)p[0] + k * step[0];
        double v = (double)((const real *)p[1])[k * step[1]];
        gboolean is_zero = v >= 0 && v <= 0;
        double others =
            line->n_zeros > (is_zero ? 1 : 0) ? 0 : line->sum / (is_zero ? 1 : v);
        real term = (real)((double)((const real *)p[2])[k * step[2]] * others);
        *d = line->accumulate ? *d + term : term;
    }
}

static void product_line(void *data, size_t i, const HeWalk *walk, char *const p[])
{
    Line line = {.sum = 1, .accumulate = *(const gboolean *)data};
    (void)i;
    he_walk_range(walk, p, 0, walk->n, zeros_run, &line);
    he_walk_range(walk, p, 0, walk->n, others_run, &line);
}

static void differentiate(const HeRun *run, const Formula *formula)
{
    const HeReduce *params = run->node->params;
    HeTensor g = he_reduce_view(run, run->d_out[0]);
    if (formula->slope) {
        HeTensor y = he_reduce_view(run, run->out[0]);
        he_grad_terms(run->pool, run->d_in[0], run->accumulate[0], 3,
                      (const HeTensor *const[]){run->in[0], &g, &y}, slope_terms,
                      formula);
        return;
    }
    he_walk_lines(run->pool, run->in[0], params->axes, 3,
                  (const HeTensor *const[]){run->d_in[0], run->in[0], &g}, product_line,
                  (void *)&run->accumulate[0]);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0) | HE_SAVE_OUT(0);
}

/* ---- the operators ------------------------------------------------------------------------------------- */

static gboolean any_infer(HeNode *node, GError **error)
{
    return he_reduce_infer(node, 18, error);
}

static gboolean real_infer(HeNode *node, GError **error)
{
    return he_node_need_float(node, 0, error) && he_reduce_infer(node, 18, error);
}

#define FORMULA_OP(symbol, onnx_name, infer_func, ...)                                   \
    static const Formula symbol = {__VA_ARGS__};                                         \
    static gboolean symbol##_forward(const HeRun *run, GError **error)                   \
    {                                                                                    \
        (void)error;                                                                     \
        return reduce(run, &symbol);                                                     \
    }                                                                                    \
    static void symbol##_backward(const HeRun *run)                                      \
    {                                                                                    \
        differentiate(run, &symbol);                                                     \
    }                                                                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = 2,                                                                     \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = infer_func,                                                             \
        .forward = symbol##_forward,                                                     \
        .backward = symbol##_backward,                                                   \
        .saves = saves,                                                                  \
        .find_axis = he_reduce_find_axis,                                                \
    };
FORMULA_OP(reduce_l1, "ReduceL1", any_infer, .add = add_magnitude,
           .slope = magnitude_slope, .whole = whole_magnitude)
FORMULA_OP(reduce_l2, "ReduceL2", real_infer, .add = add_square, .end = sqrt,
           .slope = root_slope)
FORMULA_OP(reduce_log_sum, "ReduceLogSum", real_infer, .add = add_number, .end = log,
           .slope = log_slope)
FORMULA_OP(reduce_log_sum_exp, "ReduceLogSumExp", real_infer, .add = add_power,
           .end = log, .slope = power_slope, .is_shifted = TRUE)
FORMULA_OP(reduce_prod, "ReduceProd", any_infer, .start = 1, .add = multiply,
           .whole = whole_product)
FORMULA_OP(reduce_sum_square, "ReduceSumSquare", any_infer, .add = add_square,
           .slope = square_slope, .whole = whole_square)
