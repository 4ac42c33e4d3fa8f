/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Concatenations on the way back. The gradient of a part is a piece of that of the whole: it stands there, uncopied, and
 * whoever else gives to the part adds to it there.
 *
 * - The first to give to a part must be the concatenation. So nothing of the part is there before, and what is added
 *   later nobody reads as the whole's.
 * - Where all parts of an earlier whole stand so, one behind another, in a later one (DenseNet), its gradient is added
 *   to theirs as it is made, and to be given to them there is nothing left.
 * - Where all parts come through gates, and a convolution or max-pool is the last to give to the whole, it lets its
 *   gradient through all gates in its store: their bits stand one behind another as the parts do. */
#include "graph/arena.h"
#include "graph/plan.h"

static gboolean is_concat(const HeStep *step)
{
    return g_str_equal(step->node.op->name, "Concat") && step->wants && step->out[0] >= 0;
}

/* Whether each part is one piece of the whole. */
static gboolean is_in_pieces(const HeStep *step)
{
    const HeTensor *out = step->node.out[0], *in = step->node.in[0];
    for (int axis = 0; axis < out->rank && out->dim[axis] == in->dim[axis]; axis++)
        if (out->dim[axis] != 1)
            return FALSE;
    return TRUE;
}

static size_t part_bytes(const HeStep *step, int k)
{
    return he_tensor_bytes(step->node.in[k]);
}

/* ---- parts ------------------------------------------------------------------------------------------- */

/* A part that comes twice stands where it comes first; the rest is added there. */
static void join_parts(HePlan *plan, const HeGivers *givers, HeStep *step, int index)
{
    size_t at = 0;
    for (int k = 0; k < step->node.n_in; at += part_bytes(step, k), k++) {
        int p = step->in[k];
        HeValue *part = he_plan_value(plan, p);
        if (!step->wants[k] || !he_value_is_grad_free(part) || part->grad_home != p ||
            givers[p].first != index || at % HE_ARENA_ALIGN != 0)
            continue;
        part->grad_home = step->out[0];
        part->grad_shift = at;
        step->joins[k] = TRUE;
    }
}

/* ---- a whole in a later one -------------------------------------------------------------------------- */

/* Whether all parts of STEP stand in the gradient of one value as they do in its output. */
static gboolean is_there(const HePlan *plan, const HeStep *step)
{
    const HeValue *first = he_plan_value(plan, step->in[0]);
    size_t at = first->grad_shift;
    for (int k = 0; k < step->node.n_in; at += part_bytes(step, k), k++) {
        const HeValue *part = he_plan_value(plan, step->in[k]);
        if (!step->wants[k] || part->grad_home == step->in[k] ||
            part->grad_home != first->grad_home || part->grad_shift != at)
            return FALSE;
    }
    return TRUE;
}

/* LAST: the latest that may give to it: before the concatenation that gave to its parts. */
static gboolean join_whole(HePlan *plan, const HeGivers *givers, HeStep *step, int last)
{
    int w = step->out[0];
    HeValue *whole = he_plan_value(plan, w);
    if (!is_there(plan, step) || whole->grad_home != w || givers[w].n == 0 ||
        givers[w].first >= last)
        return FALSE;
    const HeValue *part = he_plan_value(plan, step->in[0]);
    whole->grad_home = part->grad_home;
    whole->grad_shift = part->grad_shift;
    whole->grad_over = step->in[0];
    for (int k = 0; k < step->node.n_in; k++)
        step->joins[k] = TRUE;
    return TRUE;
}

/* ---- gates ------------------------------------------------------------------------------------------- */

/* The step whose gate part K comes through, if that can be let through with the others; or NULL. */
static HeStep *gate_of(const HePlan *plan, const HeGivers *givers, const HeStep *step,
                       int k)
{
    const HeValue *part = he_plan_value(plan, step->in[k]);
    HeStep *gate =
        step->joins[k] && part->producer >= 0 ? he_plan_step(plan, part->producer) : NULL;
    gboolean is_good = gate && givers[step->in[k]].n == 1 &&
                       part_bytes(step, k) == 32 * gate->saved_bytes &&
                       he_plan_has_free_gate(plan, givers, gate);
    return is_good ? gate : NULL;
}

static gboolean follow_one_rule(const HeStep *a, const HeStep *b)
{
    const HeOp *op = a->node.op;
    return op == b->node.op &&
           (!op->is_ruled || op->is_ruled(&a->node) == op->is_ruled(&b->node));
}

static gboolean are_gated(const HePlan *plan, const HeGivers *givers, const HeStep *step)
{
    const HeStep *first = gate_of(plan, givers, step, 0);
    for (int k = 0; first && k < step->node.n_in; k++) {
        const HeStep *gate = gate_of(plan, givers, step, k);
        if (!gate || !follow_one_rule(first, gate))
            return FALSE;
    }
    return first != NULL;
}

static void join_gates(HePlan *plan, const HeGivers *givers, const HeStep *step)
{
    int w = step->out[0];
    HeStep *last = he_plan_step(plan, givers[w].last);
    if (!he_step_can_finish_back(last, w) || !are_gated(plan, givers, step))
        return;
    size_t at = 0;
    last->back_gate = he_plan_value(plan, step->in[0])->producer;
    for (int k = 0; k < step->node.n_in; at += part_bytes(step, k), k++) {
        HeStep *gate = gate_of(plan, givers, step, k);
        gate->is_gated_before = TRUE;
        gate->saved_home = last->back_gate;
        gate->saved_shift = at / 32;
        he_plan_value(plan, gate->in[0])->grad_home = step->in[k];
    }
}

/* ---- all --------------------------------------------------------------------------------------------- */

/* The last first: what stands in it is found by those before. */
void he_plan_join_back(HePlan *plan, const HeGivers *givers)
{
    int next = (int)plan->steps->len;
    for (int i = next - 1; i >= 0; i--) {
        HeStep *step = he_plan_step(plan, i);
        if (!is_concat(step) || !is_in_pieces(step))
            continue;
        const HeValue *whole = he_plan_value(plan, step->out[0]);
        if (!he_value_is_grad_free(whole) || whole->is_grad_passed ||
            givers[step->out[0]].n == 0)
            continue;
        step->joins = g_new0(gboolean, MAX(step->node.n_in, 1));
        if (!join_whole(plan, givers, step, next)) {
            join_parts(plan, givers, step, i);
            join_gates(plan, givers, step);
        }
        next = i;
    }
}
