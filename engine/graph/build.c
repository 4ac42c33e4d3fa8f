/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* From names to values and steps: only the nodes that the wanted tensors need are looked at, each is
 * inferred in the file's order, and a node whose inputs are all constant (or that reads shapes alone) is
 * run at once. An If with a constant condition becomes the nodes of the branch it takes; subgraphs see
 * the names around them. */
#include "graph/plan.h"

#include <string.h>

#include "core/limits.h"
#include "core/os.h"

/* Names of one graph or branch, seen from the innermost outwards. */
typedef struct Scope {
    const struct Scope *outer;
    GHashTable *names; /* name -> id + 1 */
} Scope;

typedef struct {
    HePlan *plan;
    GHashTable *needed; /* HeNodeDef * that the wanted tensors need */
    const HeTask *task;
    gint64 batch; /* that the file fixes, where the plan's is 1; else 1 */
} Builder;

/* ---- values -------------------------------------------------------------------------------------- */

int he_plan_find(const HePlan *plan, const char *name)
{
    return GPOINTER_TO_INT(g_hash_table_lookup(plan->by_name, name)) - 1;
}

const HeOp *he_plan_find_op(const HePlan *plan, const char *domain, const char *name,
                            int opset)
{
    return plan->precision == HE_PRECISION_DOUBLE ? he_op_find_f64(domain, name, opset)
                                                  : he_op_find_f32(domain, name, opset);
}

int he_plan_add_value(HePlan *plan, const char *name, const HeTensor *shape, int producer)
{
    HeValue *value = g_new0(HeValue, 1);
    int id = (int)plan->values->len;
    value->name = g_strdup(name);
    value->t = *shape;
    value->producer = producer;
    value->root = id;
    g_ptr_array_add(plan->values, value);
    if (name && *name && !g_hash_table_contains(plan->by_name, name))
        g_hash_table_insert(plan->by_name, value->name, GINT_TO_POINTER(id + 1));
    return id;
}

/* All memory of a plan together stays below what the machine has. */
gboolean he_plan_add_bytes(size_t *total, size_t bytes, const char *what, GError **error)
{
    guint64 machine = he_os_memory_bytes();
    size_t sum;
    if (he_size_add(*total, bytes, &sum) && (machine == 0 || sum <= machine)) {
        *total = sum;
        return TRUE;
    }
    g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                "%s needs %" G_GSIZE_FORMAT
                " MiB more than this machine's %" G_GUINT64_FORMAT " MiB of memory allow",
                what, bytes >> 20, machine >> 20);
    return FALSE;
}

void he_value_read_constant(const HeValue *value, void *dst)
{
    if (!value->def) {
        memcpy(dst, value->owned, he_tensor_bytes(&value->t));
        return;
    }
    if (value->def->type == value->t.type) {
        memcpy(dst, value->def->raw, he_tensor_bytes(&value->t));
        return;
    }
    /* The file's bytes may stand anywhere: convert by blocks through an aligned copy. */
    size_t n = he_tensor_n(&value->t), size = he_type_size(value->def->type);
    size_t to = he_type_size(value->t.type);
    for (size_t i = 0; i < n;) {
        gint64 block[4096 / sizeof(gint64)];
        gint64 count = (gint64)MIN(n - i, sizeof block / size);
        HeTensor from, into;
        memcpy(block, value->def->raw + i * size, (size_t)count * size);
        he_tensor_init(&from, value->def->type, 1, &count);
        he_tensor_init(&into, value->t.type, 1, &count);
        from.data = block;
        into.data = (char *)dst + i * to;
        he_tensor_convert(&from, &into);
        i += (size_t)count;
    }
}

/* Small constants are brought into memory once, so that infer can read them; large ones are used in the
 * mapped file where they stand aligned and need no conversion, else streamed just before use. */
#define READY_BYTES 16384

static gboolean const_make_ready(HePlan *plan, HeValue *value, GError **error)
{
    size_t bytes = he_tensor_bytes(&value->t);
    if (value->t.data || !value->is_const)
        return TRUE;
    if (!he_plan_add_bytes(&plan->const_bytes, bytes, "the model's constants", error))
        return FALSE;
    void *data = he_alloc(MAX(bytes, 1), 1, value->name, error);
    if (!data)
        return FALSE;
    he_value_read_constant(value, data);
    value->owned = value->t.data = data;
    return TRUE;
}

static int const_add(HePlan *plan, const HeTensorDef *def, const char *name,
                     GError **error)
{
    HeType type = he_type_is_float(def->type) ? he_plan_real_type(plan) : def->type;
    HeTensor shape;
    he_tensor_init(&shape, type, def->rank, def->dim);
    int id = he_plan_add_value(plan, name, &shape, -1);
    HeValue *value = he_plan_value(plan, id);
    value->is_const = TRUE;
    value->def = def;
    if (he_tensor_bytes(&shape) <= READY_BYTES)
        return const_make_ready(plan, value, error) ? id : -1;
    if (def->type == type && (guintptr)def->raw % he_type_size(type) == 0)
        value->t.data = (void *)def->raw;
    return id;
}

/* ---- scopes -------------------------------------------------------------------------------------- */

static int scope_find(const Scope *scope, const char *name)
{
    for (; scope; scope = scope->outer) {
        int id = GPOINTER_TO_INT(g_hash_table_lookup(scope->names, name)) - 1;
        if (id >= 0)
            return id;
    }
    return -1;
}

static void scope_set(Scope *scope, const char *name, int id)
{
    g_hash_table_insert(scope->names, (gpointer)name, GINT_TO_POINTER(id + 1));
}

static gboolean scope_add_initializers(Builder *b, Scope *scope, const HeGraphDef *graph,
                                       GError **error)
{
    for (int i = 0; i < graph->n_initializers; i++) {
        const HeTensorDef *def = &graph->initializers[i];
        int id = const_add(b->plan, def, def->name, error);
        if (id < 0)
            return FALSE;
        scope_set(scope, def->name, id);
    }
    return TRUE;
}

/* ---- which nodes are needed ---------------------------------------------------------------------- */

static void need_names_of_graph(const HeGraphDef *graph, GQueue *names)
{
    for (int i = 0; i < graph->n_outputs; i++)
        g_queue_push_tail(names, graph->outputs[i].name);
    for (int i = 0; i < graph->n_nodes; i++) {
        const HeNodeDef *node = &graph->nodes[i];
        for (int k = 0; k < node->n_in; k++)
            g_queue_push_tail(names, node->in[k]);
        for (int k = 0; k < node->n_attrs; k++)
            if (node->attrs[k].g)
                need_names_of_graph(node->attrs[k].g, names);
    }
}

static void need_name(GQueue *queue, const char *name)
{
    if (name)
        g_queue_push_tail(queue, (gpointer)name);
}

static void need_wanted(GQueue *queue, const HeWanted *wanted)
{
    const char *const *lists[] = {wanted->values, wanted->gradients, wanted->targets};
    for (guint l = 0; l < G_N_ELEMENTS(lists); l++)
        for (const char *const *name = lists[l]; name && *name; name++)
            need_name(queue, *name);
}

void he_plan_need_nodes(GHashTable *needed, const HeGraphDef *graph,
                        const HeWanted *wanted)
{
    g_autoptr(GHashTable) producer = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i].n_out; k++)
            g_hash_table_insert(producer, graph->nodes[i].out[k], &graph->nodes[i]);
    g_autoptr(GQueue) names = g_queue_new();
    need_wanted(names, wanted);
    while (!g_queue_is_empty(names)) {
        HeNodeDef *node = g_hash_table_lookup(producer, g_queue_pop_head(names));
        if (!node || !g_hash_table_add(needed, node))
            continue;
        for (int k = 0; k < node->n_in; k++)
            g_queue_push_tail(names, node->in[k]);
        for (int k = 0; k < node->n_attrs; k++)
            if (node->attrs[k].g)
                need_names_of_graph(node->attrs[k].g, names);
    }
}

/* ---- steps --------------------------------------------------------------------------------------- */

void he_step_bind(const HePlan *plan, HeStep *step)
{
    for (int i = 0; i < step->node.n_in; i++)
        step->node.in[i] = step->in[i] < 0 ? NULL : &he_plan_value(plan, step->in[i])->t;
    for (int i = 0; i < step->node.n_out; i++)
        step->node.out[i] =
            step->out[i] < 0 ? NULL : &he_plan_value(plan, step->out[i])->t;
}

static gboolean reads_shapes_alone(const HeNode *node)
{
    return g_str_equal(node->op->name, "Shape") || g_str_equal(node->op->name, "Size");
}

static gboolean step_is_constant(const HePlan *plan, const HeStep *step)
{
    if (reads_shapes_alone(&step->node))
        return TRUE;
    for (int i = 0; i < step->node.n_in; i++)
        if (step->in[i] >= 0 && !he_plan_value(plan, step->in[i])->is_const)
            return FALSE;
    return TRUE;
}

static gboolean make_inputs_ready(HePlan *plan, const HeStep *step, GError **error)
{
    for (int i = 0; i < step->node.n_in; i++)
        if (step->in[i] >= 0 &&
            !const_make_ready(plan, he_plan_value(plan, step->in[i]), error))
            return FALSE;
    return TRUE;
}

static gboolean step_fold(Builder *b, HeStep *step, GError **error)
{
    HePlan *plan = b->plan;
    for (int i = 0; i < step->node.n_out; i++) {
        if (step->out[i] < 0)
            continue;
        HeValue *value = he_plan_value(plan, step->out[i]);
        size_t bytes = he_tensor_bytes(&value->t);
        if (!he_plan_add_bytes(&plan->const_bytes, bytes, value->name, error))
            return FALSE;
        value->owned = he_alloc0(MAX(bytes, 1), 1, value->name, error);
        if (!value->owned)
            return FALSE;
        value->t.data = value->owned;
        value->is_const = TRUE;
        value->producer = -1;
    }
    g_autofree void *scratch = NULL;
    if (step->node.scratch_bytes) {
        scratch = g_try_malloc(step->node.scratch_bytes);
        if (!scratch) {
            g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                        "no memory to fold node '%s'",
                        he_node_def_get_label(step->node.def));
            return FALSE;
        }
    }
    HeRun run = {.node = &step->node,
                 .in = step->node.in,
                 .out = step->node.out,
                 .scratch = scratch,
                 .pool = plan->pool};
    return step->node.op->forward(&run, error);
}

void he_step_free(HeStep *step)
{
    g_free(step->in);
    g_free(step->out);
    g_free(step->wants);
    g_free(step->passes);
    g_free(step->joins);
    he_packed_give_back(step->packed[FALSE]);
    he_packed_give_back(step->packed[TRUE]);
    he_free(step->finish_scale);
    g_free(step->node.in);
    g_free(step->node.out);
    g_free(step->node.params);
    g_free(step);
}

static void value_free(gpointer data)
{
    HeValue *value = data;
    g_free(value->name);
    he_free(value->owned);
    g_free(value);
}

static gboolean step_inputs(const Scope *scope, HeStep *step, const HeNodeDef *def,
                            GError **error)
{
    for (int i = 0; i < def->n_in; i++) {
        step->in[i] = -1;
        if (!*def->in[i])
            continue;
        step->in[i] = scope_find(scope, def->in[i]);
        if (step->in[i] < 0)
            return he_node_error(
                &step->node, HE_ERROR_CORRUPT_MODEL, error,
                "input '%s' is made by no earlier node and is no input or "
                "initializer of the graph",
                def->in[i]);
    }
    return TRUE;
}

HeStep *he_step_new(const HePlan *plan, const HeNodeDef *def, const HeOp *op, int opset,
                    int n_in, int n_out)
{
    HeStep *step = g_new0(HeStep, 1);
    step->in = g_new(int, MAX(n_in, 1));
    step->out = g_new(int, MAX(n_out, 1));
    step->node = (HeNode){.op = op,
                          .def = def,
                          .opset = opset,
                          .n_in = n_in,
                          .n_out = n_out,
                          .in = g_new0(const HeTensor *, MAX(n_in, 1)),
                          .out = g_new0(HeTensor *, MAX(n_out, 1)),
                          .n_workers = he_pool_get_n_threads(plan->pool),
                          .kernels = plan->kernels};
    return step;
}

static gboolean check_arity(const HeStep *step, GError **error)
{
    const HeOp *op = step->node.op;
    int n_in = step->node.n_in, n_out = step->node.n_out;
    if (n_in < op->min_in || (op->max_in >= 0 && n_in > op->max_in) ||
        n_out < op->min_out || (op->max_out >= 0 && n_out > op->max_out))
        return he_node_error(
            &step->node, HE_ERROR_CORRUPT_MODEL, error,
            "has %d inputs and %d outputs, expected %d to %d and %d to %d", n_in, n_out,
            op->min_in, op->max_in, op->min_out, op->max_out);
    for (int i = 0; i < op->min_in; i++)
        if (step->in[i] < 0)
            return he_node_error(&step->node, HE_ERROR_CORRUPT_MODEL, error,
                                 "input %d is left out but needed", i);
    return TRUE;
}

static gboolean add_node(Builder *b, Scope *scope, const HeNodeDef *def, GError **error)
{
    HePlan *plan = b->plan;
    const HeOp *op = he_plan_find_op(plan, def->domain, def->op_type, def->opset);
    if (!op) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "operator %s%s%s (opset %d) of node '%s' is not supported",
                    def->domain, *def->domain ? "." : "", def->op_type, def->opset,
                    he_node_def_get_label(def));
        return FALSE;
    }
    HeStep *step = he_step_new(plan, def, op, def->opset, def->n_in, def->n_out);
    g_ptr_array_add(plan->steps, step);
    int index = (int)plan->steps->len - 1;
    if (!step_inputs(scope, step, def, error) || !check_arity(step, error))
        return FALSE;
    HeTensor none = {0};
    for (int i = 0; i < def->n_out; i++) {
        const char *name = *def->out[i] ? def->out[i] : NULL;
        gboolean is_made =
            name || i < op->min_out; /* operators write what they must give */
        step->out[i] = is_made ? he_plan_add_value(plan, name, &none, index) : -1;
        if (name)
            scope_set(scope, name, step->out[i]);
    }
    he_step_bind(plan, step);
    gboolean is_constant = step_is_constant(plan, step);
    if (is_constant && !reads_shapes_alone(&step->node) &&
        !make_inputs_ready(plan, step, error))
        return FALSE;
    if (!he_step_rebatch(plan, step, b->batch, error) || !op->infer(&step->node, error))
        return he_plan_refuse_batch(b->batch, error);
    if (!is_constant)
        return TRUE;
    if (!step_fold(b, step, error))
        return FALSE;
    g_ptr_array_remove_index(plan->steps, (guint)index); /* frees it */
    return TRUE;
}

/* ---- Constant, If -------------------------------------------------------------------------------- */

static int const_from_numbers(HePlan *plan, const char *name, HeType type, int rank,
                              size_t n, const HeAttr *attr, GError **error)
{
    gint64 dim = (gint64)n;
    HeTensor shape;
    he_tensor_init(&shape, type, rank, &dim);
    int id = he_plan_add_value(plan, name, &shape, -1);
    HeValue *value = he_plan_value(plan, id);
    value->is_const = TRUE;
    value->owned = value->t.data =
        he_alloc0(MAX(he_tensor_bytes(&shape), 1), 1, name, error);
    if (!value->owned)
        return -1;
    for (size_t i = 0; i < n; i++) {
        double number = attr->kind == HE_ATTR_FLOAT ? attr->f
                        : attr->floats              ? attr->floats[i]
                                                    : 0;
        if (type == HE_I64)
            ((gint64 *)value->owned)[i] =
                attr->kind == HE_ATTR_INT ? attr->i : attr->ints[i];
        else if (type == HE_F64)
            ((double *)value->owned)[i] = number;
        else
            ((float *)value->owned)[i] = (float)number;
    }
    return id;
}

static int constant_value(HePlan *plan, const HeNodeDef *def, GError **error)
{
    const char *name = def->n_out == 1 ? def->out[0] : "";
    const HeAttr *attr = he_node_def_attr(def, "value");
    if (attr && attr->t)
        return const_add(plan, attr->t, name, error);
    if ((attr = he_node_def_attr(def, "value_float")) && attr->kind == HE_ATTR_FLOAT)
        return const_from_numbers(plan, name, he_plan_real_type(plan), 0, 1, attr, error);
    if ((attr = he_node_def_attr(def, "value_floats")) && attr->kind == HE_ATTR_FLOATS)
        return const_from_numbers(plan, name, he_plan_real_type(plan), 1, attr->n, attr,
                                  error);
    if ((attr = he_node_def_attr(def, "value_int")) && attr->kind == HE_ATTR_INT)
        return const_from_numbers(plan, name, HE_I64, 0, 1, attr, error);
    if ((attr = he_node_def_attr(def, "value_ints")) && attr->kind == HE_ATTR_INTS)
        return const_from_numbers(plan, name, HE_I64, 1, attr->n, attr, error);
    g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                "Constant node '%s' has no value of a kind that is supported",
                he_node_def_get_label(def));
    return -1;
}

static gboolean add_graph(Builder *b, Scope *scope, const HeGraphDef *graph,
                          gboolean is_main, GError **error);

static gboolean add_if(Builder *b, Scope *scope, const HeNodeDef *def, GError **error)
{
    HePlan *plan = b->plan;
    int id = def->n_in == 1 ? scope_find(scope, def->in[0]) : -1;
    const HeValue *condition = id < 0 ? NULL : he_plan_value(plan, id);
    if (!condition || !condition->is_const || !condition->t.data ||
        condition->t.type != HE_BOOL || he_tensor_n(&condition->t) != 1) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_UNSUPPORTED,
            "If node '%s': its condition '%s' is not a constant for this input size",
            he_node_def_get_label(def), def->n_in ? def->in[0] : "");
        return FALSE;
    }
    gboolean is_then = he_tensor_get_int(&condition->t, 0) != 0;
    const HeAttr *attr = he_node_def_attr(def, is_then ? "then_branch" : "else_branch");
    if (!attr || !attr->g || attr->g->n_outputs != def->n_out) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
            "If node '%s': its %s branch is missing or gives another number of outputs",
            he_node_def_get_label(def), is_then ? "then" : "else");
        return FALSE;
    }
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    Scope inner = {scope, names};
    if (!add_graph(b, &inner, attr->g, FALSE, error))
        return FALSE;
    for (int i = 0; i < def->n_out; i++) {
        int out = scope_find(&inner, attr->g->outputs[i].name);
        if (out < 0) {
            g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                        "If node '%s': nothing makes its branch's output '%s'",
                        he_node_def_get_label(def), attr->g->outputs[i].name);
            return FALSE;
        }
        scope_set(scope, def->out[i], out);
        if (!g_hash_table_contains(plan->by_name, def->out[i]))
            g_hash_table_insert(plan->by_name, def->out[i], GINT_TO_POINTER(out + 1));
    }
    return TRUE;
}

static gboolean add_any(Builder *b, Scope *scope, const HeNodeDef *def, GError **error)
{
    gboolean is_onnx = !*def->domain || g_str_equal(def->domain, "ai.onnx");
    if (is_onnx && g_str_equal(def->op_type, "If"))
        return add_if(b, scope, def, error);
    if (!is_onnx || !g_str_equal(def->op_type, "Constant"))
        return add_node(b, scope, def, error);
    int id = constant_value(b->plan, def, error);
    if (id < 0)
        return FALSE;
    if (def->n_out == 1)
        scope_set(scope, def->out[0], id);
    return TRUE;
}

static gboolean add_graph(Builder *b, Scope *scope, const HeGraphDef *graph,
                          gboolean is_main, GError **error)
{
    if (!scope_add_initializers(b, scope, graph, error))
        return FALSE;
    for (int i = 0; i < graph->n_nodes; i++) {
        if (is_main && !g_hash_table_contains(b->needed, &graph->nodes[i]))
            continue;
        if (b->task && g_cancellable_set_error_if_cancelled(b->task->cancellable, error))
            return FALSE;
        if (!add_any(b, scope, &graph->nodes[i], error))
            return FALSE;
    }
    return TRUE;
}

/* ---- the whole ----------------------------------------------------------------------------------- */

typedef enum { AS_VALUE, AS_GRADIENT, AS_TARGET } WantedAs;

static gboolean mark_wanted(HePlan *plan, const char *const *names, WantedAs as,
                            GError **error)
{
    for (; names && *names; names++) {
        int id = he_plan_find(plan, *names);
        if (id < 0) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "the network has no tensor '%s'", *names);
            return FALSE;
        }
        HeValue *value = he_plan_value(plan, id);
        if (as == AS_GRADIENT && value->is_const) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "tensor '%s' is a constant; it has no gradient here", *names);
            return FALSE;
        }
        value->is_wanted |= as != AS_GRADIENT;
        value->is_grad_wanted |= as == AS_GRADIENT;
        value->is_target |= as == AS_TARGET;
    }
    return TRUE;
}

gboolean he_plan_build(HePlan *plan, const HePlanContext *context, const HeWanted *wanted,
                       const HeTask *task, GError **error)
{
    const HeGraphDef *graph = &context->onnx->graph;
    g_autoptr(GHashTable) needed = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    Builder b = {plan, needed, task, he_plan_file_batch(context)};
    Scope scope = {NULL, names};
    HeTensor shape;

    plan->values = g_ptr_array_new_with_free_func(value_free);
    plan->steps = g_ptr_array_new_with_free_func((GDestroyNotify)he_step_free);
    plan->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    he_tensor_init(&shape, he_plan_real_type(plan), context->shape->rank,
                   context->shape->dim);
    plan->input = he_plan_add_value(plan, context->input, &shape, -1);
    scope_set(&scope, context->input, plan->input);
    he_plan_need_nodes(needed, graph, wanted);
    for (int i = 0; i < context->n_held; i++) {
        int id = const_add(plan, &context->held[i], context->held[i].name, error);
        if (id < 0)
            return FALSE;
        scope_set(&scope, context->held[i].name, id);
    }
    return add_graph(&b, &scope, graph, TRUE, error) &&
           mark_wanted(plan, wanted->values, AS_VALUE, error) &&
           mark_wanted(plan, wanted->gradients, AS_GRADIENT, error) &&
           mark_wanted(plan, wanted->targets, AS_TARGET, error);
}
