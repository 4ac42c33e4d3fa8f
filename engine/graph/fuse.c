/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Conv, then a batch norm, then Add of a tensor that is there already, then Relu or Clip: one step, which finishes
 * its numbers while they are in the cache, in the same arithmetic. (A batch norm in the weights would make them
 * copies: the file's are packed where they stand.) Only where no one else reads what is between, and no gate is to be saved.
 * The steps that have nothing left to do stay, for the way back. */
#include <math.h>
#include <string.h>

#include "graph/plan.h"

int he_plan_find_only_reader(const HePlan *plan, int id)
{
    const HeValue *value = he_plan_value(plan, id);
    int reader = -1;
    if (value->is_wanted || value->is_kept)
        return -1;
    for (int i = value->producer + 1; i < (int)plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, i);
        for (int k = 0; k < step->node.n_in; k++)
            if (step->in[k] == id) {
                if (reader >= 0)
                    return -1;
                reader = i;
            }
    }
    return reader;
}

static gboolean is_like(const HePlan *plan, int a, int b)
{
    const HeTensor *x = &he_plan_value(plan, a)->t, *y = &he_plan_value(plan, b)->t;
    return x->type == y->type && he_tensor_same_shape(x, y);
}

static gboolean is_add(const HeStep *step)
{
    const HeOp *op = step->node.op;
    return step->node.n_in == 2 &&
           (strcmp(op->name, "Add") == 0 || strcmp(op->name, "Sum") == 0);
}

/* STEP, at I, takes over what READER does to value FROM; FALSE: it cannot. */
static gboolean take_add(HePlan *plan, HeStep *step, int i, const HeStep *reader,
                         int from)
{
    int other = is_add(reader) ? reader->in[reader->in[0] == from] : -1;
    const HeValue *value = other < 0 ? NULL : he_plan_value(plan, other);
    if (!value || value->is_const || value->producer >= i ||
        !is_like(plan, other, from) || !is_like(plan, reader->out[0], from))
        return FALSE;
    step->finish.add = &value->t;
    return TRUE;
}

/* Memory that is short is no reason to fail: the step does its own work then. */
static gboolean take_scale(const HePlan *plan, HeStep *step, const HeStep *reader,
                           int from)
{
    const HeOp *op = reader->node.op;
    const HeTensor *x = &he_plan_value(plan, from)->t;
    if (!op->get_scale || reader->in[0] != from || step->finish.add || step->finish.scale)
        return FALSE;
    gboolean is_blocks = (step->node.op->flags & HE_OP_BLOCKS) != 0;
    size_t n = (size_t)x->dim[1] * (is_blocks ? (size_t)x->dim[4] : 1),
           size = he_type_size(x->type);
    char *scale = he_alloc(MAX(n, 1), 2 * size, "a batch norm", NULL);
    if (!scale || !op->get_scale(&reader->node, scale, scale + n * size)) {
        he_free(scale);
        return FALSE;
    }
    step->finish_scale = scale;
    step->finish.scale = scale;
    step->finish.shift = scale + n * size;
    return TRUE;
}

/* Gates are what READER saves: as many bits as numbers. */
static gboolean take_clamp(HeStep *step, const HeStep *reader, int index)
{
    const HeOp *op = reader->node.op;
    gboolean saves = reader->wants && reader->saved_bytes > 0;
    if (!op->is_clamp || (saves && !(step->node.op->flags & HE_OP_BLOCKS)) ||
        !op->is_clamp(&reader->node, &step->finish.low, &step->finish.high))
        return FALSE;
    step->gate_of = saves ? index : -1;
    return TRUE;
}

static void fuse_step(HePlan *plan, int i)
{
    HeStep *step = he_plan_step(plan, i);
    int from = step->out[0];
    gboolean is_clamped = FALSE;
    step->gate_of = -1;
    step->finish = (HeFinish){.low = -INFINITY, .high = INFINITY};
    while (from >= 0 && !is_clamped) {
        int next = he_plan_find_only_reader(plan, from);
        HeStep *reader = next < 0 ? NULL : he_plan_step(plan, next);
        if (!reader || reader->out[0] < 0)
            return;
        is_clamped = take_clamp(step, reader, next);
        if (!is_clamped && !take_scale(plan, step, reader, from) &&
            (step->finish.add || !take_add(plan, step, i, reader, from)))
            return;
        step->has_finish = TRUE;
        reader->is_fused = TRUE;
        reader->fused_from = from;
        from = reader->out[0];
    }
}

void he_plan_fuse(HePlan *plan)
{
    for (int i = 0; i < (int)plan->steps->len; i++) {
        const HeNode *node = &he_plan_step(plan, i)->node;
        if ((node->op->flags & HE_OP_FINISHES) &&
            (node->in[0]->rank <= 4 || node->op->flags & HE_OP_BLOCKS))
            fuse_step(plan, i);
    }
}
