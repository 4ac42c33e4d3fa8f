/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The way back without passes over memory of their own (fuse.c has the way forward):
 *
 * - Steps that give a gradient on as it is (Add, Identity) need not copy it, if it is all of their input's, or if the
 *   other part is a convolution's or MaxPool's, which adds it.
 * - The last step that adds to the gradient behind a Relu or Clip lets it through the gate in its store, if it is a
 *   convolution or MaxPool in blocks. The gated gradient stands where the other would have stood.
 *
 * All targets of a plan have a gradient in every run (zeros where it is not asked for), so what gives to a gradient is
 * the same in all of them. */
#include <string.h>

#include "graph/plan.h"

static HeGivers *find_givers(const HePlan *plan)
{
    HeGivers *all = g_new0(HeGivers, MAX(plan->values->len, 1));
    for (int i = (int)plan->steps->len - 1; i >= 0; i--) {
        const HeStep *step = he_plan_step(plan, i);
        for (int k = 0; step->wants && k < step->node.n_in; k++) {
            if (!step->wants[k])
                continue;
            HeGivers *givers = &all[step->in[k]];
            givers->first = givers->n++ == 0 ? i : givers->first;
            givers->last = i;
        }
    }
    return all;
}

gboolean he_step_can_finish_back(const HeStep *step, int value)
{
    return (step->node.op->flags & HE_OP_GATES_BACK) && step->node.in[0]->rank == 5 &&
           step->in[0] == value;
}

gboolean he_value_is_grad_free(const HeValue *value)
{
    return !value->is_target && !value->is_grad_wanted;
}

static gboolean is_passed(const HePlan *plan, const HeGivers *givers, const HeStep *step,
                          int k)
{
    int v = step->in[k];
    const HeValue *value = he_plan_value(plan, v);
    const HeTensor *out = step->node.out[0];
    if (!step->wants[k] || !he_value_is_grad_free(value) || value->t.type != out->type ||
        !he_tensor_same_shape(&value->t, out))
        return FALSE;
    const HeGivers *g = &givers[v];
    return he_plan_step(plan, g->first) == step &&
           (g->n == 1 ||
            (g->n == 2 && he_step_can_finish_back(he_plan_step(plan, g->last), v)));
}

static void mark_passed(HePlan *plan, const HeGivers *givers, HeStep *step)
{
    static const char *const names[] = {"Add", "Identity", "Sum", NULL};
    if (!step->wants || !g_strv_contains(names, step->node.op->name))
        return;
    step->passes = g_new0(gboolean, MAX(step->node.n_in, 1));
    for (int k = 0; k < step->node.n_in; k++) {
        step->passes[k] = is_passed(plan, givers, step, k);
        if (step->passes[k] && givers[step->in[k]].n == 1)
            he_plan_value(plan, step->in[k])->is_grad_passed = TRUE;
    }
}

gboolean he_plan_has_free_gate(const HePlan *plan, const HeGivers *givers,
                               const HeStep *step)
{
    double low, high;
    const HeOp *op = step->node.op;
    int u = step->in[0];
    return step->wants && step->wants[0] && step->saved_bytes > 0 && op->is_clamp &&
           op->is_clamp(&step->node, &low, &high) && !step->is_gated_before &&
           he_value_is_grad_free(he_plan_value(plan, u)) && givers[u].n == 1 &&
           he_plan_value(plan, u)->grad_home == u;
}

static void mark_gated(HePlan *plan, const HeGivers *givers, HeStep *gate, int index)
{
    if (!he_plan_has_free_gate(plan, givers, gate))
        return;
    int v = gate->out[0];
    HeStep *last = givers[v].n > 0 ? he_plan_step(plan, givers[v].last) : NULL;
    if (!last || !he_step_can_finish_back(last, v) ||
        !he_value_is_grad_free(he_plan_value(plan, v)))
        return;
    last->back_gate = index;
    gate->is_gated_before = TRUE;
    he_plan_value(plan, gate->in[0])->grad_home = v;
}

static void begin(HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        value->grad_home = (int)v;
        value->grad_over = -1;
    }
    for (int i = 0; i < (int)plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, i);
        step->back_gate = -1;
        step->saved_home = i;
    }
}

void he_plan_fuse_back(HePlan *plan)
{
    g_autofree HeGivers *givers = find_givers(plan);
    begin(plan);
    for (int i = 0; i < (int)plan->steps->len; i++)
        mark_passed(plan, givers, he_plan_step(plan, i));
    he_plan_join_back(plan, givers);
    for (int i = 0; i < (int)plan->steps->len; i++)
        mark_gated(plan, givers, he_plan_step(plan, i), i);
    he_plan_pair_back(plan, givers);
}
