/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a plan keeps in memory from one run to the next, and giving it back. */
#include "core/alloc.h"
#include "graph/plan.h"

#define PACKED_MOST 2.5 /* times the weights, */
#define PACKED_MORE ((size_t)16 << 20)

size_t he_plan_get_packed_most(const HePlan *plan)
{
    return (size_t)(PACKED_MOST * (double)plan->weight_bytes) + PACKED_MORE;
}

void he_plan_find_packed(HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++)
        for (int k = 0; k < 2; k++)
            if (k == FALSE || he_plan_step(plan, (int)i)->wants)
                he_step_find_packed(plan, he_plan_step(plan, (int)i), k);
}

/* Of weights that the step packs in a direction that is asked for and has not packed yet. */
static size_t missing_bytes(const HePlan *plan, const HeStep *step, int k)
{
    gboolean is_missing = !step->packed[k] && (k == FALSE || step->wants);
    return is_missing ? he_step_packed_bytes(plan, step, k) : 0;
}

static gboolean is_packed(const HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++)
        for (int k = 0; k < 2; k++)
            if (missing_bytes(plan, he_plan_step(plan, (int)i), k) > 0)
                return FALSE;
    return TRUE;
}

/* Pages of scratch memory that nobody writes take none. */
static size_t run_bytes(const HePlan *plan)
{
    return (plan->arena ? plan->arena_room : plan->arena_bytes) + plan->stream_bytes +
           (is_packed(plan) ? plan->lean_bytes : plan->scratch_bytes);
}

gsize he_plan_get_memory(const HePlan *plan)
{
    return plan->arena ? run_bytes(plan) : 0;
}

/* Of weights that the next run would pack, were there no bound. */
static size_t wanted_bytes(const HePlan *plan)
{
    size_t bytes = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        for (int k = 0; k < 2; k++)
            if (plan->n_runs[k] > 0)
                bytes += missing_bytes(plan, he_plan_step(plan, (int)i), k);
    return bytes;
}

/* Of weights that may still be packed. */
static size_t packable_bytes(const HePlan *plan)
{
    const size_t most = he_plan_get_packed_most(plan),
                 held = he_packed_store_get_bytes(plan->store);
    return MAX(most, held) - held;
}

gboolean he_plan_can_pack(const HePlan *plan)
{
    return wanted_bytes(plan) <= packable_bytes(plan);
}

gsize he_plan_get_growth(const HePlan *plan)
{
    return MIN(wanted_bytes(plan), packable_bytes(plan)) +
           (plan->arena ? 0 : run_bytes(plan));
}

void he_plan_forget_values(HePlan *plan)
{
    g_clear_pointer(&plan->arena, he_free);
    g_clear_pointer(&plan->scratch, he_free);
    g_clear_pointer(&plan->stream, he_free);
    plan->has_forward = FALSE;
}

void he_plan_hand_over(HePlan *from, HePlan *to)
{
    if (to->arena || !from->arena || from->arena_room < to->arena_bytes)
        return;
    to->arena = g_steal_pointer(&from->arena);
    to->arena_room = from->arena_room;
    he_plan_point_values(to);
    from->has_forward = FALSE;
}

gsize he_plan_get_weight_bytes(const HePlan *plan)
{
    return plan->weight_bytes;
}

void he_plan_forget_packed(HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++)
        for (int k = 0; k < 2; k++) {
            HePacked **packed = &he_plan_step(plan, (int)i)->packed[k];
            he_packed_give_back(*packed);
            *packed = NULL;
        }
    plan->n_runs[FALSE] = plan->n_runs[TRUE] = 0;
}
