/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One arena for a plan: every value, saved bit and gradient gets a place for as long as it lives.
 *
 * Time runs over the steps forward (0 .. n-1) and back (n .. 2n-1). What the backward reads, and what the
 * caller reads, lives for ever, so that backward can be run again for another target. Views share their
 * input's memory; an element-wise step overwrites its input when nobody reads that again; parts of a
 * concatenation are made in their places. */
#include "graph/arena.h"
#include "graph/plan.h"

#include <string.h>

static int root_of(const HePlan *plan, int id)
{
    while (he_plan_value(plan, id)->root != id)
        id = he_plan_value(plan, id)->root;
    return id;
}

/* ---- lifetimes ------------------------------------------------------------------------------------ */

static void touch(HePlan *plan, int id, int when)
{
    HeValue *root = he_plan_value(plan, root_of(plan, id));
    root->first = MIN(root->first, when);
    root->last = MAX(root->last, when);
}

static size_t shift_of(const HePlan *plan, int id)
{
    size_t shift = 0;
    for (; he_plan_value(plan, id)->root != id; id = he_plan_value(plan, id)->root)
        shift += he_plan_value(plan, id)->shift;
    return shift;
}

/* ID, a root, stands SHIFT bytes behind INTO. */
static void merge_at(HePlan *plan, int id, int into, size_t shift)
{
    HeValue *a = he_plan_value(plan, root_of(plan, into));
    HeValue *b = he_plan_value(plan, id);
    a->first = MIN(a->first, b->first);
    a->last = MAX(a->last, b->last);
    a->is_kept |= b->is_kept;
    b->shift = shift_of(plan, into) + shift;
    b->root = root_of(plan, into);
}

static void merge(HePlan *plan, int id, int into)
{
    merge_at(plan, id, into, 0);
}

static void touch_inputs(HePlan *plan, const HeStep *step, int when)
{
    for (int k = 0; k < step->node.n_in; k++)
        if (step->in[k] >= 0)
            touch(plan, step->in[k], when);
}

/* Last use of each value alone, by views and steps. */
static void value_lifetimes(HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        value->is_kept |= value->is_wanted;
        value->first = value->producer >= 0 ? value->producer : 0;
        value->last = value->is_kept ? HE_FOREVER : value->first;
    }
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        touch_inputs(plan, step, (int)i);
        if (step->before[FALSE])
            touch_inputs(plan, step->before[FALSE], (int)i);
    }
    /* The input is written by the caller before step 0; keep it, so that forward may run again. */
    HeValue *input = he_plan_value(plan, plan->input);
    input->is_kept = TRUE;
    input->first = 0;
    input->last = HE_FOREVER;
}

static gboolean may_overwrite(const HePlan *plan, const HeStep *step, int index)
{
    int in = step->in[0];
    if (!(step->node.op->flags & HE_OP_IN_PLACE) || in < 0 || step->out[0] < 0)
        return FALSE;
    for (int k = 1; k < step->node.n_in; k++)
        if (step->in[k] >= 0 && root_of(plan, step->in[k]) == root_of(plan, in))
            return FALSE;
    const HeValue *root = he_plan_value(plan, root_of(plan, in));
    const HeValue *a = he_plan_value(plan, in), *b = he_plan_value(plan, step->out[0]);
    return !root->is_const && !root->is_kept && root->last == index &&
           a->t.type == b->t.type && he_tensor_same_shape(&a->t, &b->t);
}

/* Bytes of the parts of STEP, from K on, that stand in ROOT's memory as they shall in the output, BASE bytes further
 * on. */
static size_t covered_bytes(const HePlan *plan, const HeStep *step, int k, int root,
                            size_t at, size_t base)
{
    size_t bytes = 0;
    for (; k < step->node.n_in; k++) {
        size_t part = he_tensor_bytes(step->node.in[k]);
        if (root_of(plan, step->in[k]) == root &&
            base + shift_of(plan, step->in[k]) == at)
            bytes += part;
        at += part;
    }
    return bytes;
}

/* Parts of a concatenation are made in their places: where what stands before its axis is 1, so that each is one
 * piece, and all of the part's memory is parts of it. */
static void place_parts(HePlan *plan, const HeStep *step)
{
    const HeNode *node = &step->node;
    const HeTensor *out = node->out[0];
    size_t at = 0;
    for (int axis = 0; axis < out->rank && out->dim[axis] == node->in[0]->dim[axis];
         axis++)
        if (out->dim[axis] != 1)
            return;
    for (int k = 0; k < node->n_in; at += he_tensor_bytes(node->in[k]), k++) {
        int root = root_of(plan, step->in[k]);
        const HeValue *value = he_plan_value(plan, root);
        size_t shift = shift_of(plan, step->in[k]), base = at - shift;
        gboolean is_ours = value->producer >= 0 && !value->is_const &&
                           root != plan->input && root != step->out[0];
        if (is_ours && at >= shift && base % HE_ARENA_ALIGN == 0 &&
            covered_bytes(plan, step, k, root, at, base) == he_tensor_bytes(&value->t))
            merge_at(plan, root, step->out[0], base);
    }
}

static void share_memory(HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        gboolean is_view = (step->node.op->flags & HE_OP_VIEW) && step->in[0] >= 0 &&
                           step->out[0] >= 0 &&
                           !he_plan_value(plan, step->in[0])->is_const;
        for (int o = 1; o < step->node.n_out; o++)
            is_view &= step->out[o] < 0; /* Dropout's mask has to be made */
        if (step->is_fused)
            merge(plan, step->out[0], step->fused_from);
        else if (is_view || may_overwrite(plan, step, (int)i))
            merge(plan, step->out[0], step->in[0]);
        else if (g_str_equal(step->node.op->name, "Concat") && step->out[0] >= 0)
            place_parts(plan, step);
    }
}

/* Those of what STEP makes are read. */
static void touch_gradients(HePlan *plan, const HeStep *step, int when)
{
    for (int o = 0; o < step->node.n_out; o++)
        if (step->out[o] >= 0) {
            HeValue *value = he_plan_value(plan, step->out[o]);
            value->grad_last = MAX(value->grad_last, when);
        }
}

/* A gradient lives from the backward of its last reader (or the seed) to that of its producer. */
static void own_gradient_lifetimes(HePlan *plan)
{
    int n = (int)plan->steps->len;
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        value->grad_first = value->is_target ? n : HE_FOREVER;
        value->grad_last = value->is_grad_wanted ? HE_FOREVER : n;
    }
    for (int i = n - 1; i >= 0; i--) {
        const HeStep *step = he_plan_step(plan, i);
        int when = n + (n - 1 - i);
        touch_gradients(plan, step, when);
        if (step->before[TRUE])
            touch_gradients(plan, step->before[TRUE], when);
        for (int k = 0; k < step->node.n_in; k++)
            if (step->wants && step->wants[k]) {
                HeValue *value = he_plan_value(plan, step->in[k]);
                value->grad_first = MIN(value->grad_first, when);
            }
    }
}

static void share_gradient(HePlan *plan, int id, int home)
{
    const HeValue *value = he_plan_value(plan, id);
    HeValue *other = he_plan_value(plan, home);
    other->grad_first = MIN(other->grad_first, value->grad_first);
    other->grad_last = MAX(other->grad_last, value->grad_last);
}

/* What is passed on uncopied is read as long as the gradient that it is; that of a step's input ends after that of
 * its output, so inputs come first. */
static void gradient_lifetimes(HePlan *plan)
{
    own_gradient_lifetimes(plan);
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        for (int k = 0; step->wants && k < step->node.n_in; k++)
            if (step->passes && step->passes[k])
                share_gradient(plan, step->in[k], step->out[0]);
            else if (step->wants[k])
                share_gradient(plan, step->in[k],
                               he_plan_value(plan, step->in[k])->grad_home);
    }
}

/* ---- the whole ------------------------------------------------------------------------------------ */

/* When the bytes that a step saves are first written: a fused step's gates are by the one that does its work. */
static int first_saved(const HePlan *plan, int index)
{
    const HeStep *step = he_plan_step(plan, index);
    return step->is_fused ? he_plan_value(plan, root_of(plan, step->out[0]))->first
                          : index;
}

/* What steps save, each with all that stands behind its own. */
static gboolean collect_saved(HePlan *plan, GArray *items, size_t *total, GError **error)
{
    guint n = plan->steps->len;
    g_autofree size_t *bytes = g_new0(size_t, MAX(n, 1));
    g_autofree int *first = g_new(int, MAX(n, 1));
    for (guint i = 0; i < n; i++)
        first[i] = (int)i;
    for (guint i = 0; i < n; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        int home = step->saved_home;
        if (!step->wants)
            continue;
        first[home] = MIN(first[home], first_saved(plan, (int)i));
        bytes[home] = MAX(bytes[home], step->saved_shift + step->saved_bytes);
    }
    for (guint i = 0; i < n; i++)
        if (!he_arena_add(items, total, first[i], HE_FOREVER, bytes[i],
                          &he_plan_step(plan, (int)i)->saved_offset, error))
            return FALSE;
    return TRUE;
}

static gboolean collect(HePlan *plan, GArray *items, GError **error)
{
    size_t total = 0;
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        gboolean is_alive = value->producer >= 0 || (int)v == plan->input;
        if (is_alive && !value->is_const && value->root == (int)v &&
            !he_plan_is_between(plan, (int)v) &&
            !he_arena_add(items, &total, value->first,
                          value->is_kept ? HE_FOREVER : value->last,
                          he_tensor_bytes(&value->t), &value->offset, error))
            return FALSE;
        if (value->has_grad && value->grad_home == (int)v && !value->is_grad_passed &&
            !value->is_grad_between &&
            !he_arena_add(items, &total, value->grad_first, value->grad_last,
                          he_tensor_bytes(&value->grad), &value->grad_offset, error))
            return FALSE;
    }
    return collect_saved(plan, items, &total, error);
}

static void place_saved(HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, (int)i);
        if (step->saved_home != (int)i)
            step->saved_offset =
                he_plan_step(plan, step->saved_home)->saved_offset + step->saved_shift;
    }
}

static void weigh(HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        if (value->is_const && value->def)
            plan->weight_bytes += he_tensor_bytes(&value->t);
    }
}

/* Scratch memory of a step whose weights are packed elsewhere. */
static size_t lean_bytes(const HePlan *plan, const HeStep *step)
{
    size_t packed = MIN(he_step_packed_bytes(plan, step, FALSE),
                        he_step_packed_bytes(plan, step, TRUE));
    return he_arena_align(step->node.scratch_bytes -
                          MIN(packed, step->node.scratch_bytes));
}

/* Constants that infer did not need: brought to the plan's type beside the arena, one step at a time. */
static void streams(HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        HeStep *step = he_plan_step(plan, (int)i);
        for (int k = 0; k < step->node.n_in; k++) {
            const HeValue *value =
                step->in[k] < 0 ? NULL : he_plan_value(plan, step->in[k]);
            if (value && value->is_const && !value->t.data &&
                !(he_step_reads_file(step, k, value, FALSE) &&
                  (!step->wants || he_step_reads_file(step, k, value, TRUE))))
                step->stream_bytes += he_arena_align(he_tensor_bytes(&value->t));
        }
        plan->stream_bytes = MAX(plan->stream_bytes, step->stream_bytes);
        plan->scratch_bytes =
            MAX(plan->scratch_bytes, he_arena_align(step->node.scratch_bytes));
        plan->lean_bytes = MAX(plan->lean_bytes, lean_bytes(plan, step));
    }
    for (guint i = 0; i < plan->steps->len; i++)
        for (int k = 0; k < 2; k++) {
            const HeStep *step = he_plan_step(plan, (int)i), *before = step->before[k];
            if (before)
                plan->stream_bytes =
                    MAX(plan->stream_bytes, step->stream_bytes + before->stream_bytes);
        }
}

gboolean he_plan_layout(HePlan *plan, GError **error)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(HeArenaItem));
    value_lifetimes(plan);
    share_memory(plan);
    gradient_lifetimes(plan);
    if (!collect(plan, items, error))
        return FALSE;
    plan->arena_bytes = he_arena_place(items);
    place_saved(plan);
    streams(plan);
    weigh(plan);
    size_t total = plan->const_bytes;
    return he_plan_add_bytes(&total, plan->arena_bytes, "the network at this input size",
                             error) &&
           he_plan_add_bytes(&total, plan->stream_bytes, "the network's weights",
                             error) &&
           he_plan_add_bytes(&total, plan->scratch_bytes, "the network's scratch memory",
                             error);
}
