/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A file that fixes its batch at N > 1 states N again in the shapes of its Reshape nodes. Run on one
 * picture, these say 1: [N, ...] becomes [1, ...] where the rest of the shape agrees with that. */
#include <string.h>

#include "graph/plan.h"

gint64 he_plan_file_batch(const HePlanContext *context)
{
    const HeGraphDef *graph = &context->onnx->graph;
    for (int i = 0; i < graph->n_inputs; i++) {
        const HeValueDef *def = &graph->inputs[i];
        if (strcmp(def->name, context->input) == 0 && def->rank > 1 && def->dim[0] > 1 &&
            context->shape->rank == def->rank && context->shape->dim[0] == 1)
            return def->dim[0];
    }
    return 1;
}

/* SHAPE with its first number divided by BATCH has as many elements as X. */
static gboolean fits(const gint64 *shape, size_t rank, gint64 batch, const HeTensor *x)
{
    gint64 left = (gint64)he_tensor_n(x);
    gboolean has_free = FALSE;
    for (size_t k = 0; k < rank; k++) {
        gint64 dim = k == 0                              ? shape[0] / batch
                     : shape[k] == 0 && (int)k < x->rank ? x->dim[k]
                                                         : shape[k];
        if (dim == -1)
            has_free = TRUE;
        else if (dim <= 0 || left % dim)
            return FALSE;
        else
            left /= dim;
    }
    return has_free || left == 1;
}

gboolean he_step_rebatch(HePlan *plan, HeStep *step, gint64 batch, GError **error)
{
    g_autofree gint64 *shape = NULL;
    size_t rank;
    if (batch <= 1 || step->node.n_in < 2 ||
        !g_str_equal(step->node.op->name, "Reshape") ||
        !he_node_const_ints(&step->node, 1, &shape, &rank, NULL) || rank == 0 ||
        shape[0] < batch || shape[0] % batch ||
        !fits(shape, rank, batch, step->node.in[0]))
        return TRUE;
    const gint64 n = (gint64)rank;
    HeTensor t;
    he_tensor_init(&t, HE_I64, 1, &n);
    int id = he_plan_add_value(plan, NULL, &t, -1);
    HeValue *value = he_plan_value(plan, id);
    value->is_const = TRUE;
    value->owned = value->t.data = he_alloc(rank, sizeof *shape, "a shape", error);
    if (!value->owned)
        return FALSE;
    shape[0] /= batch;
    memcpy(value->owned, shape, rank * sizeof *shape);
    step->in[1] = id;
    he_step_bind(plan, step);
    return TRUE;
}

gboolean he_plan_refuse_batch(gint64 batch, GError **error)
{
    if (batch > 1)
        g_prefix_error(error,
                       "the file is made for batches of %" G_GINT64_FORMAT
                       " pictures and cannot be run on one (export it with a batch of 1, "
                       "or a free one): ",
                       batch);
    return FALSE;
}
