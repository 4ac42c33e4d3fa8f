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

gsize he_plan_get_memory(const HePlan *plan)
{
    return plan->packed_bytes + plan->arena_bytes + plan->scratch_bytes +
           plan->stream_bytes;
}

gsize he_plan_get_next_memory(const HePlan *plan)
{
    gboolean is_packing = plan->n_runs[FALSE] == 1;
    size_t packed = is_packing ? he_plan_get_packed_most(plan) : plan->packed_bytes;
    return he_plan_get_memory(plan) - plan->packed_bytes + packed;
}

gsize he_plan_get_weight_bytes(const HePlan *plan)
{
    return plan->weight_bytes;
}

void he_plan_forget_packed(HePlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++)
        for (int k = 0; k < 2; k++) {
            void **packed = &he_plan_step(plan, (int)i)->packed[k];
            he_free(*packed);
            *packed = NULL;
        }
    plan->packed_bytes = 0;
    plan->n_runs[FALSE] = plan->n_runs[TRUE] = 0;
}
