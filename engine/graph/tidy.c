/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Nodes that do nothing for this input size become Identity, which is a view and costs nothing: adding 0,
 * multiplying by 1, padding by 0, a slice of everything, a transposition that moves only axes of 1, a
 * pooling of windows of 1, sums of one. Their tensors keep their names. */
#include "graph/plan.h"

static gboolean is_op(const HeStep *step, const char *name)
{
    return g_str_equal(step->node.op->name, name);
}

static gboolean is_one_of(const HeStep *step, const char *const *names)
{
    return g_strv_contains(names, step->node.op->name);
}

void he_step_become(HePlan *plan, HeStep *step, const HeOp *op, int opset, int x)
{
    g_clear_pointer(&step->node.params, g_free);
    step->node.op = op;
    step->node.opset = opset;
    step->node.scratch_bytes = 0;
    step->in[0] = x;
    step->node.n_in = 1;
    he_step_bind(plan, step);
}

static gboolean all_are(const HeTensor *t, double number)
{
    size_t n = t->data ? he_tensor_n(t) : 0;
    for (size_t i = 0; i < n; i++)
        if (he_tensor_get_double(t, i) != number)
            return FALSE;
    return n > 0;
}

/* The input that the output equals; -1. */
static int unchanged_operand(const HePlan *plan, const HeStep *step, double neutral,
                             gboolean commutes)
{
    for (int side = 1; side >= (commutes ? 0 : 1); side--) {
        int other = step->in[1 - side];
        if (step->in[side] >= 0 && other >= 0 &&
            he_plan_value(plan, step->in[side])->is_const &&
            all_are(step->node.in[side], neutral) &&
            he_tensor_same_shape(step->node.in[1 - side], step->node.out[0]))
            return other;
    }
    return -1;
}

static gboolean pads_nothing(const HeNode *node)
{
    const gint64 *pads;
    gint64 *from_input = NULL;
    size_t n = 0;
    const char *name = node->opset < 2 ? "paddings" : "pads";
    if (node->n_in > 1 ? !he_node_const_ints(node, 1, &from_input, &n, NULL)
                       : !he_attr_ints(node, name, &pads, &n, NULL))
        return FALSE;
    if (node->n_in > 1)
        pads = from_input;
    gboolean nothing = TRUE;
    for (size_t i = 0; i < n; i++)
        nothing &= pads[i] == 0;
    g_free(from_input);
    return nothing;
}

/* With the output as large as the input only a negative step could still change the order. */
static gboolean steps_are_forward(const HeNode *node)
{
    g_autofree gint64 *steps = NULL;
    size_t n = 0;
    if (node->n_in < 5 || !node->in[4])
        return TRUE;
    if (!he_node_const_ints(node, 4, &steps, &n, NULL))
        return FALSE;
    for (size_t i = 0; i < n; i++)
        if (steps[i] < 0)
            return FALSE;
    return TRUE;
}

static gboolean moves_only_ones(const HeNode *node)
{
    const gint64 *perm = NULL;
    size_t n = 0;
    gint64 last = -1;
    if (!he_attr_ints(node, "perm", &perm, &n, NULL))
        return FALSE;
    for (int k = 0; k < node->in[0]->rank; k++) {
        gint64 axis = perm ? perm[k] : node->in[0]->rank - 1 - k;
        if (node->in[0]->dim[axis] == 1)
            continue;
        if (axis < last)
            return FALSE;
        last = axis;
    }
    return TRUE;
}

static gboolean has_windows_of_one(const HeNode *node)
{
    const gint64 *kernel = NULL;
    size_t n = 0;
    if (!he_attr_ints(node, "kernel_shape", &kernel, &n, NULL) || n == 0)
        return FALSE;
    for (size_t i = 0; i < n; i++)
        if (kernel[i] != 1)
            return FALSE;
    return TRUE;
}

/* The input whose numbers, in their order, are the output; -1: the step does something. */
static int unchanged_input(const HePlan *plan, const HeStep *step)
{
    static const char *const sums[] = {"Concat", "Max", "Mean", "Min", "Sum", NULL};
    static const char *const pools[] = {"AveragePool", "MaxPool", NULL};
    const HeNode *node = &step->node;
    if (node->op->flags & HE_OP_VIEW || node->n_in < 1 || node->n_out != 1 ||
        step->in[0] < 0 || step->out[0] < 0 || node->in[0]->type != node->out[0]->type)
        return -1;
    gboolean same = he_tensor_same_shape(node->in[0], node->out[0]);
    if (is_op(step, "Add") || is_op(step, "Sub"))
        return unchanged_operand(plan, step, 0, is_op(step, "Add"));
    if (is_op(step, "Mul") || is_op(step, "Div"))
        return unchanged_operand(plan, step, 1, is_op(step, "Mul"));
    gboolean nothing = (is_one_of(step, sums) && node->n_in == 1) ||
                       (same && (is_op(step, "Expand") || is_op(step, "Tile"))) ||
                       (same && is_op(step, "Pad") && pads_nothing(node)) ||
                       (same && is_op(step, "Slice") && steps_are_forward(node)) ||
                       (same && is_one_of(step, pools) && has_windows_of_one(node)) ||
                       (is_op(step, "Transpose") && moves_only_ones(node));
    return nothing ? step->in[0] : -1;
}

void he_plan_tidy(HePlan *plan)
{
    const HeOp *identity = he_plan_find_op(plan, "", "Identity", 14);
    g_return_if_fail(identity != NULL);
    for (guint i = 0; i < plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, (int)i);
        int x = unchanged_input(plan, step);
        if (x >= 0)
            he_step_become(plan, step, identity, 14, x);
    }
}
