/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The outside of a plan: making, freeing, reading. */
#include "graph/plan.h"

#include <string.h>

HePlan *he_plan_new(const HePlanContext *context, const HeWanted *wanted,
                    const HeTask *task, GError **error)
{
    g_autoptr(HePlan) plan = g_new0(HePlan, 1);
    plan->onnx = context->onnx;
    plan->precision = context->precision;
    plan->kernels =
        context->precision == HE_PRECISION_DOUBLE ? HE_SET_PLAIN : context->kernels;
    plan->pool = context->pool;
    if (!context->store)
        plan->own_store = he_packed_store_new();
    plan->store = context->store ? context->store : plan->own_store;
    plan->defs = g_ptr_array_new_with_free_func(g_free);
    if (!he_plan_build(plan, context, wanted, task, error))
        return NULL;
    he_plan_tidy(plan);
    if (!he_plan_patterns(plan, error))
        return NULL;
    he_plan_prune(plan);
    he_plan_follow_axes(plan, context->layout);
    if (!context->keeps_nodes && !he_plan_block(plan, error))
        return NULL;
    if (!he_plan_differentiate(plan, error))
        return NULL;
    he_plan_fuse(plan);
    he_plan_pair(plan);
    he_plan_fuse_back(plan);
    if (!he_plan_layout(plan, error))
        return NULL;
    return g_steal_pointer(&plan);
}

void he_plan_free(HePlan *plan)
{
    if (!plan)
        return;
    he_free(plan->arena);
    he_free(plan->scratch);
    he_free(plan->stream);
    g_clear_pointer(&plan->by_name, g_hash_table_unref);
    g_clear_pointer(&plan->steps, g_ptr_array_unref);
    he_packed_store_free(plan->own_store);
    g_clear_pointer(&plan->values, g_ptr_array_unref);
    g_clear_pointer(&plan->defs, g_ptr_array_unref);
    g_free(plan);
}

static const HeValue *find_value(const HePlan *plan, const char *name)
{
    int id = name ? he_plan_find(plan, name) : -1;
    return id < 0 ? NULL : he_plan_value(plan, id);
}

const HeTensor *he_plan_get_value(const HePlan *plan, const char *name)
{
    const HeValue *value = find_value(plan, name);
    return value && value->is_wanted && (value->is_const || plan->has_forward) ? &value->t
                                                                               : NULL;
}

const HeTensor *he_plan_get_gradient(const HePlan *plan, const char *name)
{
    const HeValue *value = find_value(plan, name);
    return value && value->is_grad_wanted && plan->has_forward ? &value->grad : NULL;
}

size_t he_plan_get_arena_bytes(const HePlan *plan)
{
    return plan->arena_bytes;
}

int he_plan_get_n_nodes(const HePlan *plan)
{
    return (int)plan->steps->len;
}

const HeNode *he_plan_get_node(const HePlan *plan, int i)
{
    return &he_plan_step(plan, i)->node;
}

const char *he_plan_get_input_name(const HePlan *plan, int node, int i)
{
    const HeStep *step = he_plan_step(plan, node);
    return i < step->node.n_in && step->in[i] >= 0
               ? he_plan_value(plan, step->in[i])->name
               : NULL;
}

const char *he_plan_get_output_name(const HePlan *plan, int node, int o)
{
    const HeStep *step = he_plan_step(plan, node);
    return o < step->node.n_out && step->out[o] >= 0
               ? he_plan_value(plan, step->out[o])->name
               : NULL;
}

int he_plan_count_readers(const HePlan *plan, const char *name)
{
    int id = name ? he_plan_find(plan, name) : -1, n = 0;
    for (guint i = 0; id >= 0 && i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        for (int k = 0; k < step->node.n_in; k++)
            n += step->in[k] == id;
    }
    return n;
}

gboolean he_plan_is_constant(const HePlan *plan, const char *name)
{
    const HeValue *value = find_value(plan, name);
    return value && value->is_const;
}

int he_plan_find_producer(const HePlan *plan, const char *name)
{
    const HeValue *value = find_value(plan, name);
    return value && !value->is_const ? value->producer : -1;
}

const HeTensor *he_plan_get_shape(const HePlan *plan, const char *name)
{
    const HeValue *value = find_value(plan, name);
    return value && value->t.type != HE_TYPE_NONE ? &value->t : NULL;
}

gboolean he_plan_read_constant(const HePlan *plan, const char *name, size_t first,
                               size_t stride, size_t n, double *out, GError **error)
{
    const HeValue *value = find_value(plan, name);
    size_t total = value && value->is_const ? he_tensor_n(&value->t) : 0;
    if (n == 0 || first >= total || (n > 1 && (total - 1 - first) / stride < n - 1)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "'%s' is not a constant with %" G_GSIZE_FORMAT " values",
                    name ? name : "", first + n);
        return FALSE;
    }
    HeType type = value->def ? value->def->type : value->t.type;
    const guint8 *bytes = value->def ? value->def->raw : value->owned;
    size_t size = he_type_size(type);
    gint64 aligned[1];
    HeTensor one;
    he_tensor_init(&one, type, 0, NULL);
    one.data = aligned;
    for (size_t i = 0; i < n; i++) {
        float number;
        const guint8 *at = bytes + (first + i * stride) * size;
        memcpy(type == HE_F32 ? (void *)&number : aligned, at, size);
        out[i] = type == HE_F32 ? (double)number : he_tensor_get_double(&one, 0);
    }
    return TRUE;
}

gboolean he_plan_apply(HePlan *plan, int node, size_t n, const void *x, void *y,
                       GError **error)
{
    HeStep *step = he_plan_step(plan, node);
    HeTensor in = *step->node.in[he_step_find_variable(plan, step)],
             out = *step->node.out[0];
    size_t in_bytes = he_tensor_bytes(&in), out_bytes = he_tensor_bytes(&out);
    if (step->node.op->flags & HE_OP_VIEW) {
        memcpy(y, x, n * in_bytes);
        return TRUE;
    }
    if (!he_plan_ensure_scratch(plan, error))
        return FALSE;
    for (size_t i = 0; i < n; i++) {
        in.data = (char *)(guintptr)x + i * in_bytes;
        out.data = (char *)y + i * out_bytes;
        if (!he_step_forward(plan, step, &in, &out, error))
            return FALSE;
    }
    return TRUE;
}
