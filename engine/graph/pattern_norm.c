/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Layer norms as exporters spelt them before opset 17:
 *
 *   d = x - ReduceMean(x)      y = d / Sqrt(ReduceMean(d^2) + epsilon) * scale + bias
 *
 * over the last axes; d^2 by Pow or by Mul, scale and bias constants. The last Add becomes the operator. */
#include "graph/pattern.h"

#include <string.h>

typedef struct {
    int x, scale, bias, axis;
    double epsilon;
} LayerNorm;

/* A definition with attributes of its own; a block of g_malloc. */
typedef struct {
    HeNodeDef def;
    HeAttr attrs[2];
} NormDef;

static gboolean is_const(const HePlan *plan, int id)
{
    return id >= 0 && he_plan_value(plan, id)->is_const;
}

/* The constant beside a value of step OP, which goes to *OTHER; -1. */
static int beside_constant(const HePlan *plan, const HeStep *step, int *other)
{
    for (int side = 0; step && step->node.n_in == 2 && side < 2; side++)
        if (is_const(plan, step->in[side]) && step->in[1 - side] >= 0) {
            *other = step->in[1 - side];
            return step->in[side];
        }
    return -1;
}

/* X of the mean over the axes from *AXIS on (-1: whatever they are), kept as 1; -1. */
static int mean_of(const HePlan *plan, int id, int *axis)
{
    const HeStep *step = he_pattern_inner(plan, id, "ReduceMean");
    if (!step)
        return -1;
    const HeTensor *x = step->node.in[0], *y = step->node.out[0];
    int first = x->rank;
    if (x->rank != y->rank)
        return -1;
    while (first > 0 && y->dim[first - 1] == 1)
        first--;
    while (first < x->rank && x->dim[first] == 1) /* an axis of 1 is its own mean */
        first++;
    for (int k = 0; k < first; k++)
        if (x->dim[k] != y->dim[k])
            return -1;
    if (first == x->rank || (*axis >= 0 && *axis != first))
        return -1;
    *axis = first;
    return step->in[0];
}

/* D of d^2; -1. */
static int root_of_square(const HePlan *plan, int id)
{
    const HeStep *pow_step = he_pattern_inner(plan, id, "Pow");
    const HeStep *mul = he_pattern_inner(plan, id, "Mul");
    double two;
    if (pow_step && he_pattern_number(plan, pow_step->in[1], &two) && two == 2)
        return pow_step->in[0];
    return mul && mul->in[0] == mul->in[1] ? mul->in[0] : -1;
}

/* Sqrt(ReduceMean(d^2) + epsilon), and d = x - ReduceMean(x). */
static gboolean is_deviation(const HePlan *plan, int id, int d, LayerNorm *norm)
{
    const HeStep *root = he_pattern_inner(plan, id, "Sqrt");
    const HeStep *add = root ? he_pattern_inner(plan, root->in[0], "Add") : NULL;
    const HeStep *sub = he_pattern_inner(plan, d, "Sub");
    int variance = -1;
    int number = beside_constant(plan, add, &variance);
    norm->axis = -1;
    if (!sub || number < 0 || !he_pattern_number(plan, number, &norm->epsilon))
        return FALSE;
    int square = mean_of(plan, variance, &norm->axis);
    if (square < 0 || root_of_square(plan, square) != d)
        return FALSE;
    norm->x = sub->in[0];
    return norm->x >= 0 && mean_of(plan, sub->in[1], &norm->axis) == norm->x;
}

static gboolean find(const HePlan *plan, const HeStep *step, LayerNorm *norm)
{
    int scaled = -1, divided = -1;
    if (!g_str_equal(step->node.op->name, "Add"))
        return FALSE;
    norm->bias = beside_constant(plan, step, &scaled);
    const HeStep *mul = norm->bias < 0 ? NULL : he_pattern_inner(plan, scaled, "Mul");
    norm->scale = beside_constant(plan, mul, &divided);
    const HeStep *div = norm->scale < 0 ? NULL : he_pattern_inner(plan, divided, "Div");
    return div && is_deviation(plan, div->in[1], div->in[0], norm) &&
           he_tensor_same_shape(step->node.out[0], &he_plan_value(plan, norm->x)->t);
}

static HeNodeDef *definition(HePlan *plan, const HeNodeDef *like, const LayerNorm *norm)
{
    NormDef *made = g_new0(NormDef, 1);
    made->def = *like;
    made->def.attrs = made->attrs;
    made->def.n_attrs = 2;
    made->attrs[0] =
        (HeAttr){.name = (char *)(guintptr) "axis", .kind = HE_ATTR_INT, .i = norm->axis};
    made->attrs[1] = (HeAttr){
        .name = (char *)(guintptr) "epsilon", .kind = HE_ATTR_FLOAT, .f = norm->epsilon};
    g_ptr_array_add(plan->defs, made);
    return &made->def;
}

gboolean he_pattern_layer_norm(HePlan *plan, HeStep *step, GError **error)
{
    LayerNorm norm;
    const HeOp *op = he_plan_find_op(plan, "", "LayerNormalization", 17);
    if (!find(plan, step, &norm))
        return TRUE;
    g_return_val_if_fail(op != NULL, TRUE);
    step->node.def = definition(plan, step->node.def, &norm);
    step->in = g_renew(int, step->in, 3);
    step->node.in = g_renew(const HeTensor *, step->node.in, 3);
    he_step_become(plan, step, op, 17, norm.x);
    step->in[1] = norm.scale;
    step->in[2] = norm.bias;
    step->node.n_in = 3;
    he_step_bind(plan, step);
    return op->infer(&step->node, error);
}
