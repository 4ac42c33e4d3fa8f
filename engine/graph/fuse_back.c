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

/* Steps that add to the gradient of a value, in the order of the way back. */
typedef struct {
    int n, first, last; /* how often; steps */
} Givers;

static Givers *find_givers(const HePlan *plan)
{
    Givers *all = g_new0(Givers, MAX(plan->values->len, 1));
    for (int i = (int)plan->steps->len - 1; i >= 0; i--) {
        const HeStep *step = he_plan_step(plan, i);
        for (int k = 0; step->wants && k < step->node.n_in; k++) {
            if (!step->wants[k])
                continue;
            Givers *givers = &all[step->in[k]];
            givers->first = givers->n++ == 0 ? i : givers->first;
            givers->last = i;
        }
    }
    return all;
}

/* Whether STEP can add to, and gate, what it gives input 0. */
static gboolean can_finish(const HeStep *step, int value)
{
    return (step->node.op->flags & HE_OP_GATES_BACK) && step->node.in[0]->rank == 5 &&
           step->in[0] == value;
}

/* Whether the gradient of VALUE may be elsewhere: nobody sets or reads it but steps. */
static gboolean is_free(const HeValue *value)
{
    return !value->is_target && !value->is_grad_wanted;
}

static gboolean is_passed(const HePlan *plan, const Givers *givers, const HeStep *step,
                          int k)
{
    int v = step->in[k];
    const HeValue *value = he_plan_value(plan, v);
    const HeTensor *out = step->node.out[0];
    if (!step->wants[k] || !is_free(value) || value->t.type != out->type ||
        !he_tensor_same_shape(&value->t, out))
        return FALSE;
    const Givers *g = &givers[v];
    return he_plan_step(plan, g->first) == step &&
           (g->n == 1 || (g->n == 2 && can_finish(he_plan_step(plan, g->last), v)));
}

static void mark_passed(HePlan *plan, const Givers *givers, HeStep *step)
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

/* GATE, at INDEX, is a step with a gate of bits. */
static void mark_gated(HePlan *plan, const Givers *givers, HeStep *gate, int index)
{
    double low, high;
    const HeOp *op = gate->node.op;
    if (!gate->wants || !gate->wants[0] || gate->saved_bytes == 0 || !op->is_clamp ||
        !op->is_clamp(&gate->node, &low, &high))
        return;
    int v = gate->out[0], u = gate->in[0];
    HeStep *last = givers[v].n > 0 ? he_plan_step(plan, givers[v].last) : NULL;
    if (!last || !can_finish(last, v) || !is_free(he_plan_value(plan, v)) ||
        !is_free(he_plan_value(plan, u)) || givers[u].n != 1)
        return;
    last->back_gate = index;
    gate->is_gated_before = TRUE;
    he_plan_value(plan, u)->grad_home = v;
}

void he_plan_fuse_back(HePlan *plan)
{
    g_autofree Givers *givers = find_givers(plan);
    for (guint v = 0; v < plan->values->len; v++)
        he_plan_value(plan, (int)v)->grad_home = (int)v;
    for (int i = 0; i < (int)plan->steps->len; i++)
        he_plan_step(plan, i)->back_gate = -1;
    for (int i = 0; i < (int)plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, i);
        mark_passed(plan, givers, step);
        mark_gated(plan, givers, step, i);
    }
}
