/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Two steps in one pass, where their operators can do so (HeOp's pair): what lies between is made part by part where the
 * second reads it, and never stands in memory. Only where no one else reads it. Forward that is a value, with what the
 * first step finishes; on the way back a gradient, with the gate behind it. Each step stays, for its other direction. */
#include "graph/plan.h"

gboolean he_plan_is_between(const HePlan *plan, int id)
{
    int producer = he_plan_value(plan, id)->producer;
    return producer >= 0 && he_plan_step(plan, producer)->inside[FALSE];
}

static gboolean take(HeStep *step, HeStep *before, gboolean is_backward)
{
    if (!step->node.op->pair || before->before[is_backward] ||
        !step->node.op->pair(&step->node, &before->node, is_backward))
        return FALSE;
    step->before[is_backward] = before;
    before->inside[is_backward] = step;
    return TRUE;
}

/* ---- forward ----------------------------------------------------------------------------------------- */

/* The step that alone reads what STEP makes, after what it finishes; NULL: none. *ID: what is read. */
static HeStep *find_reader(const HePlan *plan, const HeStep *step, int *id)
{
    for (*id = step->out[0]; *id >= 0;) {
        int reader = he_plan_find_only_reader(plan, *id);
        HeStep *next = reader < 0 ? NULL : he_plan_step(plan, reader);
        if (!next || !next->is_fused || next->fused_from != *id)
            return next;
        *id = next->out[0];
    }
    return NULL;
}

void he_plan_pair(HePlan *plan)
{
    for (int i = 0; i < (int)plan->steps->len; i++) {
        int id;
        HeStep *step = he_plan_step(plan, i);
        gboolean adds = step->has_finish && step->finish.add;
        if (step->node.n_out != 1 || step->is_fused || adds)
            continue;
        HeStep *next = find_reader(plan, step, &id);
        if (next && next->in[0] == id)
            take(next, step, FALSE);
    }
}

/* ---- back -------------------------------------------------------------------------------------------- */

/* Whether the gradient of ID is what one step gives it, in the place of HOME's, and nobody else looks at it. */
static gboolean is_plain(const HePlan *plan, const HeGivers *givers, int id, int home)
{
    const HeValue *value = he_plan_value(plan, id);
    return value->has_grad && givers[id].n == 1 && he_value_is_grad_free(value) &&
           !value->is_grad_passed && value->grad_over < 0 && value->grad_home == home;
}

/* The step, before STEP, which alone reads the gradient that STEP gives input 0, by way of the gate that it has taken
 * over, if there is one. -1: none. */
static int find_receiver(const HePlan *plan, const HeGivers *givers, const HeStep *step)
{
    int home = step->in[0], id = home;
    if (!is_plain(plan, givers, id, home))
        return -1;
    if (step->back_gate >= 0) {
        const HeStep *gate = he_plan_step(plan, step->back_gate);
        id = gate->in[0];
        if (gate->out[0] != home || !is_plain(plan, givers, id, home))
            return -1;
    }
    return he_plan_value(plan, id)->producer;
}

/* Whether nothing is done on the way back from step LAST to FIRST. */
static gboolean is_free_between(const HePlan *plan, int first, int last)
{
    for (int i = first + 1; i < last; i++) {
        const HeStep *step = he_plan_step(plan, i);
        if (step->wants && !step->is_gated_before)
            return FALSE;
    }
    return TRUE;
}

void he_plan_pair_back(HePlan *plan, const HeGivers *givers)
{
    for (int i = (int)plan->steps->len - 1; i >= 0; i--) {
        HeStep *step = he_plan_step(plan, i);
        if (!step->wants || !step->wants[0] || !step->node.op->pair ||
            (step->joins && step->joins[0]))
            continue;
        int index = find_receiver(plan, givers, step);
        HeStep *next = index < 0 ? NULL : he_plan_step(plan, index);
        if (next && next->wants && next->wants[0] && next->node.n_out == 1 &&
            is_free_between(plan, index, i) && take(next, step, TRUE))
            he_plan_value(plan, step->in[0])->is_grad_between = TRUE;
    }
}
