/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What is needed: forwards, the steps that lead to a wanted tensor; backwards, the values between a
 * target and a tensor whose gradient is asked for, and what each step there must save. Weight gradients
 * do not exist: constants carry none. */
#include "graph/plan.h"

void he_plan_prune(HePlan *plan)
{
    g_autofree gboolean *used = g_new0(gboolean, plan->values->len);
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        used[v] = value->is_wanted || value->is_grad_wanted;
    }
    for (int i = (int)plan->steps->len - 1; i >= 0; i--) {
        HeStep *step = he_plan_step(plan, i);
        gboolean is_used = FALSE;
        for (int o = 0; o < step->node.n_out; o++)
            is_used |= step->out[o] >= 0 && used[step->out[o]];
        step->is_dropped = !is_used;
        for (int k = 0; is_used && k < step->node.n_in; k++)
            if (step->in[k] >= 0)
                used[step->in[k]] = TRUE;
    }
    g_autofree int *moved = g_new(int, MAX(plan->steps->len, 1));
    guint n = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        moved[i] = he_plan_step(plan, (int)i)->is_dropped ? -1 : (int)n++;
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        if (value->producer >= 0)
            value->producer = moved[value->producer];
    }
    for (int i = (int)plan->steps->len - 1; i >= 0; i--)
        if (moved[i] < 0)
            g_ptr_array_remove_index(plan->steps, (guint)i);
}

/* Values that a gradient-wanted tensor leads to. */
static void reach_forward(const HePlan *plan, gboolean *reached)
{
    for (guint v = 0; v < plan->values->len; v++)
        reached[v] = he_plan_value(plan, (int)v)->is_grad_wanted;
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        gboolean any = FALSE;
        for (int k = 0; k < step->node.n_in; k++)
            any |= step->in[k] >= 0 && reached[step->in[k]];
        for (int o = 0; any && o < step->node.n_out; o++)
            if (step->out[o] >= 0)
                reached[step->out[o]] = TRUE;
    }
}

/* Values that lead to a target, real numbers all the way. */
static void reach_backward(const HePlan *plan, gboolean *reached)
{
    for (guint v = 0; v < plan->values->len; v++)
        reached[v] = he_plan_value(plan, (int)v)->is_target;
    for (int i = (int)plan->steps->len - 1; i >= 0; i--) {
        const HeStep *step = he_plan_step(plan, i);
        gboolean any = FALSE;
        for (int o = 0; o < step->node.n_out; o++)
            any |= step->out[o] >= 0 && reached[step->out[o]];
        for (int k = 0; any && k < step->node.n_in; k++)
            if (step->in[k] >= 0 &&
                he_type_is_float(he_plan_value(plan, step->in[k])->t.type))
                reached[step->in[k]] = TRUE;
    }
}

static gboolean check_connected(const HePlan *plan, GError **error)
{
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        if (!value->is_grad_wanted || value->has_grad)
            continue;
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "what is explained does not depend on tensor '%s'", value->name);
        return FALSE;
    }
    return TRUE;
}

/* Whose gradients a step's backward gives; NULL: it is not on the way back. */
static gboolean *step_wants(const HePlan *plan, const HeStep *step)
{
    gboolean has_out = FALSE, any = FALSE;
    for (int o = 0; o < step->node.n_out; o++)
        has_out |= step->out[o] >= 0 && he_plan_value(plan, step->out[o])->has_grad;
    if (!has_out)
        return NULL;
    g_autofree gboolean *wants = g_new0(gboolean, MAX(step->node.n_in, 1));
    for (int k = 0; k < step->node.n_in; k++)
        any |= wants[k] = step->in[k] >= 0 && he_plan_value(plan, step->in[k])->has_grad;
    return any ? g_steal_pointer(&wants) : NULL;
}

/* Masks have room for 16 inputs; of an operator with more, the rest goes with the first 16. */
#define MASK_INPUTS 16

static void keep_saved(HePlan *plan, const HeStep *step)
{
    const HeOp *op = step->node.op;
    guint want = 0;
    for (int k = 0; k < step->node.n_in; k++)
        if (step->wants[k])
            want |= HE_SAVE_IN(MIN(k, MASK_INPUTS - 1));
    guint saves = op->saves ? op->saves(&step->node, want) : 0;
    gboolean any_input = (saves & (HE_SAVE_OUT(0) - 1)) != 0;
    for (int k = 0; k < step->node.n_in; k++)
        if (step->in[k] >= 0 &&
            (k < MASK_INPUTS ? (saves & HE_SAVE_IN(k)) != 0 : any_input))
            he_plan_value(plan, step->in[k])->is_kept = TRUE;
    for (int o = 0; o < step->node.n_out && o < 16; o++)
        if (saves & HE_SAVE_OUT(o) && step->out[o] >= 0)
            he_plan_value(plan, step->out[o])->is_kept = TRUE;
}

static gboolean step_backward_needs(HePlan *plan, HeStep *step, GError **error)
{
    const HeOp *op = step->node.op;
    step->wants = step_wants(plan, step);
    if (!step->wants)
        return TRUE;
    if (!op->backward)
        return he_node_error(
            &step->node, HE_ERROR_UNSUPPORTED, error,
            "has no gradient, and it stands between the picture and the answer");
    keep_saved(plan, step);
    step->saved_bytes = op->saved_bytes ? op->saved_bytes(&step->node) : 0;
    return TRUE;
}

gboolean he_plan_differentiate(HePlan *plan, GError **error)
{
    g_autofree gboolean *ahead = g_new0(gboolean, plan->values->len);
    g_autofree gboolean *behind = g_new0(gboolean, plan->values->len);
    gboolean any = FALSE;
    for (guint v = 0; v < plan->values->len; v++)
        any |= he_plan_value(plan, (int)v)->is_grad_wanted;
    if (!any)
        return TRUE;
    reach_forward(plan, ahead);
    reach_backward(plan, behind);
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        value->has_grad = ahead[v] && behind[v] && !value->is_const;
        value->grad = value->t;
        he_tensor_set_contiguous(&value->grad);
    }
    if (!check_connected(plan, error))
        return FALSE;
    for (guint i = 0; i < plan->steps->len; i++)
        if (!step_backward_needs(plan, he_plan_step(plan, (int)i), error))
            return FALSE;
    return TRUE;
}
