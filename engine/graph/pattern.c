/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Activations that exporters spell with several nodes, seen as the one that they are, so that the guided
 * and deconv rules (and later fusion) meet them by name:
 *
 *   Mul(x, Sigmoid(x))                           Swish (SiLU)
 *   Mul(x, HardSigmoid(x)), alpha 1/6, beta 1/2  HardSwish
 *   Div(Mul(x, Clip(Add(x, 3), 0, 6)), 6)        HardSwish, in either order of product and quotient
 *
 * Only the last node changes: what stood inside is dropped when nobody else wants it. Nothing is changed
 * where a gradient of, or a target on, an inner tensor is asked for. */
#include "graph/plan.h"

#include <math.h>

static const HeStep *producer_of(const HePlan *plan, int id)
{
    if (id < 0 || he_plan_value(plan, id)->producer < 0)
        return NULL;
    return he_plan_step(plan, he_plan_value(plan, id)->producer);
}

static gboolean is_op(const HeStep *step, const char *name)
{
    return step && g_str_equal(step->node.op->name, name);
}

static gboolean is_free(const HePlan *plan, int id)
{
    const HeValue *value = he_plan_value(plan, id);
    return !value->is_grad_wanted && !value->is_target;
}

static gboolean is_number(const HePlan *plan, int id, double expected)
{
    const HeValue *value = id < 0 ? NULL : he_plan_value(plan, id);
    return value && value->is_const && value->t.data && he_tensor_n(&value->t) == 1 &&
           fabs(he_tensor_get_double(&value->t, 0) - expected) <= 1e-6 * fabs(expected);
}

/* The input of a two-input step that is not OTHER; -1 when OTHER is none of its inputs. */
static int other_input(const HeStep *step, int other)
{
    if (step->node.n_in != 2)
        return -1;
    return step->in[0] == other ? step->in[1] : step->in[1] == other ? step->in[0] : -1;
}

/* X of step = f(X, number), commutative or not; -1: it is not of that form. */
static int input_beside_number(const HePlan *plan, const HeStep *step, const char *op,
                               double number)
{
    if (!is_op(step, op) || step->node.n_in != 2)
        return -1;
    if (is_number(plan, step->in[1], number))
        return step->in[0];
    gboolean commutes = g_str_equal(op, "Add") || g_str_equal(op, "Mul");
    return commutes && is_number(plan, step->in[0], number) ? step->in[1] : -1;
}

static int input_over_six(const HePlan *plan, const HeStep *step)
{
    int x = input_beside_number(plan, step, "Div", 6.0);
    return x >= 0 ? x : input_beside_number(plan, step, "Mul", 1.0 / 6.0);
}

/* X of relu6(x + 3); -1 */
static int relu6_of_x_plus_3(const HePlan *plan, int id)
{
    const HeStep *clip = producer_of(plan, id);
    if (!is_op(clip, "Clip") || !is_free(plan, id))
        return -1;
    double low = NAN, high = NAN;
    if (clip->node.n_in == 1) {
        if (!he_attr_float(&clip->node, "min", NAN, &low, NULL) ||
            !he_attr_float(&clip->node, "max", NAN, &high, NULL))
            return -1;
        if (fabs(low) > 1e-6 || fabs(high - 6) > 1e-6)
            return -1;
    } else if (clip->node.n_in != 3 || !is_number(plan, clip->in[1], 0.0) ||
               !is_number(plan, clip->in[2], 6.0)) {
        return -1;
    }
    const HeStep *add = producer_of(plan, clip->in[0]);
    return is_free(plan, clip->in[0]) ? input_beside_number(plan, add, "Add", 3.0) : -1;
}

static gboolean is_hard_sigmoid_sixth(const HeStep *step)
{
    double alpha, beta;
    return is_op(step, "HardSigmoid") &&
           he_attr_float(&step->node, "alpha", 0.2, &alpha, NULL) &&
           he_attr_float(&step->node, "beta", 0.5, &beta, NULL) &&
           fabs(alpha - 1.0 / 6.0) < 1e-6 && fabs(beta - 0.5) < 1e-6;
}

/* The gate of x * gate(x), or NULL: "Swish" or "HardSwish". */
static const char *gated_product(const HePlan *plan, const HeStep *mul, int *x)
{
    if (!is_op(mul, "Mul") || mul->node.n_in != 2)
        return NULL;
    for (int side = 0; side < 2; side++) {
        int gate_id = mul->in[side];
        *x = mul->in[1 - side];
        const HeStep *gate = producer_of(plan, gate_id);
        if (!gate || *x < 0 || !is_free(plan, gate_id))
            continue;
        if (is_op(gate, "Sigmoid") && gate->in[0] == *x)
            return "Swish";
        if (is_hard_sigmoid_sixth(gate) && gate->in[0] == *x)
            return "HardSwish";
        int inside = input_over_six(plan, gate);
        if (inside >= 0 && is_free(plan, inside) && relu6_of_x_plus_3(plan, inside) == *x)
            return "HardSwish";
    }
    return NULL;
}

/* x * relu6(x + 3) / 6 */
static const char *product_over_six(const HePlan *plan, const HeStep *div, int *x)
{
    int product = input_over_six(plan, div);
    const HeStep *mul = producer_of(plan, product);
    if (!is_op(mul, "Mul") || !is_free(plan, product))
        return NULL;
    for (int side = 0; side < 2; side++) {
        *x = relu6_of_x_plus_3(plan, mul->in[side]);
        if (*x >= 0 && other_input(mul, mul->in[side]) == *x)
            return "HardSwish";
    }
    return NULL;
}

static gboolean replace(HePlan *plan, HeStep *step, const char *name, int x,
                        GError **error)
{
    gboolean is_ours = g_str_equal(name, "Swish");
    const HeOp *op =
        he_plan_find_op(plan, is_ours ? "human-eye" : "", name, is_ours ? 1 : 14);
    g_return_val_if_fail(op != NULL, TRUE);
    g_clear_pointer(&step->node.params, g_free);
    step->node.op = op;
    step->node.opset = is_ours ? 1 : 14;
    step->node.scratch_bytes = 0;
    step->in[0] = x;
    step->node.n_in = 1;
    he_step_bind(plan, step);
    return op->infer(&step->node, error);
}

gboolean he_plan_patterns(HePlan *plan, GError **error)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, (int)i);
        int x;
        const char *name = gated_product(plan, step, &x);
        if (!name)
            name = product_over_six(plan, step, &x);
        if (name && !replace(plan, step, name, x, error))
            return FALSE;
    }
    return TRUE;
}
