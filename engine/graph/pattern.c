/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Activations that exporters spell with several nodes, seen as the one that they are, so that the guided
 * and deconv rules (and later fusion) meet them by name. Each is a product x * gate(x) * number:
 *
 *   x * Sigmoid(x)                               Swish (SiLU)
 *   x * HardSigmoid(x), alpha 1/6, beta 1/2      HardSwish
 *   x * Clip(x + 3, 0, 6) / 6                    HardSwish
 *   x * (1 + Erf(x / sqrt 2)) / 2                Gelu
 *   x * (1 + Tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2      Gelu, approximate=tanh
 *   x * Tanh(Softplus(x))                        Mish
 *
 * DequantizeLinear of QuantizeLinear with the same scale and zero becomes QuantizeDequantize, which passes a
 * gradient: integers between the two carry none. Layer norms are found by pattern_norm.c.
 *
 * The activations stand in any order of factors; numbers may stand anywhere in the product, as Mul or as Div.
 * Only the last node changes: what stood inside is dropped when nobody else wants it. Nothing is changed
 * where a gradient of, or a target on, an inner tensor is asked for. */
#include "graph/pattern.h"

#include <math.h>
#include <string.h>

#define MAX_FACTORS 8 /* nested products and powers looked into */

static const HeAttr tanh_attr = {.name = (char *)(guintptr) "approximate",
                                 .kind = HE_ATTR_STRING,
                                 .s = (char *)(guintptr) "tanh"};

typedef struct {
    const char *domain, *name;
    int opset;          /* one that knows the operator */
    const HeAttr *attr; /* of the new node, or NULL */
    double scale;       /* the number in x * gate(x) * number */
    gboolean (*is_gate)(const HePlan *plan, int id, int x);
} Activation;

/* ---- steps and numbers ------------------------------------------------------------------------------- */

const HeStep *he_pattern_producer(const HePlan *plan, int id)
{
    if (id < 0 || he_plan_value(plan, id)->producer < 0)
        return NULL;
    return he_plan_step(plan, he_plan_value(plan, id)->producer);
}

static gboolean is_op(const HeStep *step, const char *name)
{
    return step && g_str_equal(step->node.op->name, name);
}

gboolean he_pattern_is_free(const HePlan *plan, int id)
{
    const HeValue *value = he_plan_value(plan, id);
    return !value->is_grad_wanted && !value->is_target;
}

const HeStep *he_pattern_inner(const HePlan *plan, int id, const char *op)
{
    const HeStep *step = he_pattern_producer(plan, id);
    return is_op(step, op) && he_pattern_is_free(plan, id) ? step : NULL;
}

static gboolean is_near(double a, double expected)
{
    return fabs(a - expected) <= 1e-6 * fabs(expected);
}

gboolean he_pattern_number(const HePlan *plan, int id, double *out)
{
    const HeValue *value = id < 0 ? NULL : he_plan_value(plan, id);
    if (!value || !value->is_const || !value->t.data || he_tensor_n(&value->t) != 1)
        return FALSE;
    *out = he_tensor_get_double(&value->t, 0);
    return TRUE;
}

static gboolean is_number(const HePlan *plan, int id, double expected)
{
    double number;
    return he_pattern_number(plan, id, &number) && is_near(number, expected);
}

int he_pattern_beside_number(const HePlan *plan, const HeStep *add, double number)
{
    for (int side = 0; add && side < 2; side++)
        if (is_number(plan, add->in[side], number))
            return add->in[1 - side];
    return -1;
}

/* Y of y * number or y / number, *SCALE multiplied by it; -1. */
static int beside_factor(const HePlan *plan, const HeStep *step, double *scale)
{
    gboolean is_mul = is_op(step, "Mul");
    double number;
    if (!is_mul && !is_op(step, "Div"))
        return -1;
    if (he_pattern_number(plan, step->in[1], &number) && number != 0) {
        *scale *= is_mul ? number : 1 / number;
        return step->in[0];
    }
    if (!is_mul || !he_pattern_number(plan, step->in[0], &number))
        return -1;
    *scale *= number;
    return step->in[1];
}

/* N of number * x^n, *SCALE multiplied by the number; -1: it is not of that form. */
static int power_of(const HePlan *plan, int id, int x, int depth, double *scale)
{
    const HeStep *step = he_pattern_producer(plan, id);
    double n;
    if (id == x)
        return 1;
    if (!step || depth == 0 || !he_pattern_is_free(plan, id))
        return -1;
    int alone = beside_factor(plan, step, scale);
    if (alone >= 0)
        return power_of(plan, alone, x, depth - 1, scale);
    if (is_op(step, "Pow") && step->in[0] == x &&
        he_pattern_number(plan, step->in[1], &n))
        return n == 2 || n == 3 ? (int)n : -1;
    if (!is_op(step, "Mul"))
        return -1;
    int a = power_of(plan, step->in[0], x, depth - 1, scale);
    int b = a < 0 ? -1 : power_of(plan, step->in[1], x, depth - 1, scale);
    return b < 0 ? -1 : a + b;
}

static gboolean is_multiple(const HePlan *plan, int id, int x, int power, double number)
{
    double scale = 1;
    return power_of(plan, id, x, MAX_FACTORS, &scale) == power && is_near(scale, number);
}

/* ---- gates ------------------------------------------------------------------------------------------- */

static gboolean is_sigmoid(const HePlan *plan, int id, int x)
{
    const HeStep *step = he_pattern_inner(plan, id, "Sigmoid");
    return step && step->in[0] == x;
}

static gboolean is_hard_sigmoid(const HePlan *plan, int id, int x)
{
    const HeStep *step = he_pattern_inner(plan, id, "HardSigmoid");
    double alpha, beta;
    return step && step->in[0] == x &&
           he_attr_float(&step->node, "alpha", 0.2, &alpha, NULL) &&
           he_attr_float(&step->node, "beta", 0.5, &beta, NULL) &&
           is_near(alpha, 1.0 / 6.0) && is_near(beta, 0.5);
}

static gboolean clips_0_to_6(const HePlan *plan, const HeStep *clip)
{
    double low = NAN, high = NAN;
    if (clip->node.n_in == 1)
        return he_attr_float(&clip->node, "min", NAN, &low, NULL) &&
               he_attr_float(&clip->node, "max", NAN, &high, NULL) && low == 0 &&
               high == 6;
    return clip->node.n_in == 3 && is_number(plan, clip->in[1], 0) &&
           is_number(plan, clip->in[2], 6);
}

static gboolean is_relu6_of_x_plus_3(const HePlan *plan, int id, int x)
{
    const HeStep *clip = he_pattern_inner(plan, id, "Clip");
    const HeStep *add = clip ? he_pattern_inner(plan, clip->in[0], "Add") : NULL;
    return add && clips_0_to_6(plan, clip) && he_pattern_beside_number(plan, add, 3) == x;
}

/* The one input of OP in 1 + OP(z); -1. */
static int inside_one_plus(const HePlan *plan, int id, const char *op)
{
    int curve = he_pattern_beside_number(plan, he_pattern_inner(plan, id, "Add"), 1);
    const HeStep *step = curve < 0 ? NULL : he_pattern_inner(plan, curve, op);
    return step ? step->in[0] : -1;
}

static gboolean is_one_plus_erf(const HePlan *plan, int id, int x)
{
    int z = inside_one_plus(plan, id, "Erf");
    return z >= 0 && is_multiple(plan, z, x, 1, G_SQRT2 / 2);
}

static gboolean is_one_plus_tanh(const HePlan *plan, int id, int x)
{
    int z = inside_one_plus(plan, id, "Tanh");
    double scale = 1;
    int sum = z < 0 ? -1 : beside_factor(plan, he_pattern_producer(plan, z), &scale);
    const HeStep *add = sum < 0 ? NULL : he_pattern_inner(plan, sum, "Add");
    if (!add || !he_pattern_is_free(plan, z) || !is_near(scale, sqrt(2 / G_PI)))
        return FALSE;
    for (int side = 0; side < 2; side++)
        if (add->in[side] == x && is_multiple(plan, add->in[1 - side], x, 3, 0.044715))
            return TRUE;
    return FALSE;
}

static gboolean is_tanh_of_softplus(const HePlan *plan, int id, int x)
{
    const HeStep *tanh_step = he_pattern_inner(plan, id, "Tanh");
    const HeStep *softplus =
        tanh_step ? he_pattern_inner(plan, tanh_step->in[0], "Softplus") : NULL;
    return softplus && softplus->in[0] == x;
}

static const Activation activations[] = {
    {"human-eye", "Swish", 1, NULL, 1, is_sigmoid},
    {"", "HardSwish", 14, NULL, 1, is_hard_sigmoid},
    {"", "HardSwish", 14, NULL, 1.0 / 6.0, is_relu6_of_x_plus_3},
    {"", "Gelu", 20, NULL, 0.5, is_one_plus_erf},
    {"", "Gelu", 20, &tanh_attr, 0.5, is_one_plus_tanh},
    {"", "Mish", 18, NULL, 1, is_tanh_of_softplus},
};

/* ---- products ---------------------------------------------------------------------------------------- */

/* What X may be in X * GATE * SCALE: FACTOR, or what stands below the numbers it is multiplied with. */
static const Activation *find_gated(const HePlan *plan, int factor, int gate,
                                    double scale, int *x)
{
    for (int depth = 0; factor >= 0 && depth < MAX_FACTORS; depth++) {
        for (guint i = 0; i < G_N_ELEMENTS(activations); i++)
            if (is_near(scale, activations[i].scale) &&
                activations[i].is_gate(plan, gate, factor)) {
                *x = factor;
                return &activations[i];
            }
        factor = he_pattern_is_free(plan, factor)
                     ? beside_factor(plan, he_pattern_producer(plan, factor), &scale)
                     : -1;
    }
    return NULL;
}

/* Numbers taken off ID, *SCALE multiplied by them. */
static int without_factors(const HePlan *plan, int id, double *scale)
{
    for (int depth = 0; depth < MAX_FACTORS && he_pattern_is_free(plan, id); depth++) {
        int below = beside_factor(plan, he_pattern_producer(plan, id), scale);
        if (below < 0)
            break;
        id = below;
    }
    return id;
}

/* STEP as x * gate(x) * number. */
static const Activation *find_activation(const HePlan *plan, const HeStep *step, int *x)
{
    double scale = 1;
    int product = beside_factor(plan, step, &scale);
    if (product >= 0) {
        product = without_factors(plan, product, &scale);
        step = he_pattern_inner(plan, product, "Mul");
    }
    if (!is_op(step, "Mul") || step->node.n_in != 2)
        return NULL;
    for (int side = 0; side < 2; side++) {
        double with_gate = scale;
        int gate = without_factors(plan, step->in[side], &with_gate);
        const Activation *found =
            find_gated(plan, step->in[1 - side], gate, with_gate, x);
        if (found)
            return found;
    }
    return NULL;
}

static gboolean replace(HePlan *plan, HeStep *step, const Activation *activation, int x,
                        GError **error)
{
    const HeOp *op =
        he_plan_find_op(plan, activation->domain, activation->name, activation->opset);
    g_return_val_if_fail(op != NULL, TRUE);
    if (activation->attr) {
        HeNodeDef *def = g_memdup2(step->node.def, sizeof *def);
        def->attrs = (HeAttr *)(guintptr)activation->attr;
        def->n_attrs = 1;
        g_ptr_array_add(plan->defs, def);
        step->node.def = def;
    }
    he_step_become(plan, step, op, activation->opset, x);
    return op->infer(&step->node, error);
}

/* ---- quantised values -------------------------------------------------------------------------------- */

static gboolean is_same_constant(const HePlan *plan, int a, int b)
{
    if (a < 0 || b < 0 || a == b)
        return a == b;
    const HeTensor *t = &he_plan_value(plan, a)->t, *u = &he_plan_value(plan, b)->t;
    return t->data && u->data && t->type == u->type && he_tensor_same_shape(t, u) &&
           memcmp(t->data, u->data, he_tensor_bytes(t)) == 0;
}

/* Both count scales along the same axis, by as many numbers. */
static gboolean have_same_blocks(const HeNode *a, const HeNode *b)
{
    static const struct {
        const char *name;
        gint64 fallback;
    } attrs[] = {{"axis", 1}, {"block_size", 0}};
    for (guint i = 0; i < G_N_ELEMENTS(attrs); i++) {
        gint64 x, y;
        if (!he_attr_int(a, attrs[i].name, attrs[i].fallback, &x, NULL) ||
            !he_attr_int(b, attrs[i].name, attrs[i].fallback, &y, NULL) || x != y)
            return FALSE;
    }
    return TRUE;
}

static gboolean join_quantized(HePlan *plan, HeStep *step, GError **error)
{
    int n_in = step->node.n_in;
    const HeStep *q = is_op(step, "DequantizeLinear")
                          ? he_pattern_inner(plan, step->in[0], "QuantizeLinear")
                          : NULL;
    if (!q || q->node.n_in != n_in || !is_same_constant(plan, q->in[1], step->in[1]))
        return TRUE;
    if (he_tensor_n(q->node.in[1]) > 1 && !have_same_blocks(&q->node, &step->node))
        return TRUE;
    if (n_in == 3 ? !is_same_constant(plan, q->in[2], step->in[2])
                  : he_node_def_attr(q->node.def, "output_dtype") != NULL)
        return TRUE;
    he_step_become(plan, step,
                   he_plan_find_op(plan, "human-eye", "QuantizeDequantize", 1), 1,
                   q->in[0]);
    step->node.n_in = n_in;
    he_step_bind(plan, step);
    return step->node.op->infer(&step->node, error);
}

gboolean he_plan_patterns(HePlan *plan, GError **error)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, (int)i);
        int x;
        if (!join_quantized(plan, step, error))
            return FALSE;
        if (!he_pattern_layer_norm(plan, step, error))
            return FALSE;
        const Activation *activation = find_activation(plan, step, &x);
        if (activation && !replace(plan, step, activation, x, error))
            return FALSE;
    }
    return TRUE;
}
