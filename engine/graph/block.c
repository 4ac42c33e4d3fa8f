/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values in blocks of 16 channels (ops/nchwc.h), from the first convolution to where something needs planes: each value
 * that a step makes so has a twin, [N, C / 16, H, W, 16], beside its plain self, which is made (ReorderOutput) only
 * where a step or the caller reads it. Steps that have an operator for blocks, or that do not care where a number
 * stands, take twins; a convolution asks for one (ReorderInput), others take what is there.
 *
 * A value whose gradient or target is asked for is made plain and goes on in new blocks, so that its gradient passes
 * through it. What is asked for changes no number: all plans compute by the same kernels. */
#include <string.h>

#include "graph/plan.h"
#include "ops/nchwc.h"

#define NONE (-1)

typedef struct {
    HePlan *plan;
    GPtrArray *steps;    /* HeStep *, as they will run */
    guint n;             /* values that the plan had */
    int *twin;           /* of each of them, or NONE */
    gboolean *is_unmade; /* its twin alone is there */
} Blocking;

/* Operators that have the same meaning on twins; zeros past the last channel become finite numbers. */
static gboolean is_elementwise(const HeStep *step)
{
    static const char *const names[] = {
        "Add",      "Clip",      "Dropout", "Elu",  "HardSigmoid", "HardSwish",
        "Identity", "LeakyRelu", "Mul",     "Relu", "Sigmoid",     "Sub",
        "Sum",      "Swish",     "Tanh",    NULL};
    return g_strv_contains(names, step->node.op->name);
}

static const HeOp *nchwc_op(const HeStep *step)
{
    return he_nchwc_find_op_f32(step->node.op->name);
}

static gboolean is_op(const HeStep *step, const char *name)
{
    return g_str_equal(step->node.op->name, name);
}

/* ---- new steps ---------------------------------------------------------------------------------------- */

static HeStep *add_step(Blocking *b, const HeNodeDef *def, const HeOp *op, int opset,
                        int n_in)
{
    HeStep *step = he_step_new(b->plan, def, op, opset, n_in, 1);
    g_ptr_array_add(b->steps, step);
    return step;
}

static int add_twin(Blocking *b)
{
    HeTensor none = {0};
    return he_plan_add_value(b->plan, NULL, &none, -1);
}

static gboolean reorder(Blocking *b, const HeStep *reader, const char *name, int from,
                        int to, GError **error)
{
    const HeOp *op = he_nchwc_find_op_f32(name);
    HeStep *step = add_step(b, reader->node.def, op, 1, 1);
    step->in[0] = from;
    step->out[0] = to;
    he_step_bind(b->plan, step);
    return op->infer(&step->node, error);
}

/* The plain value V, for READER. */
static gboolean need_plain(Blocking *b, const HeStep *reader, int v, GError **error)
{
    if (v < 0 || (guint)v >= b->n || !b->is_unmade[v])
        return TRUE;
    HeNodeDef *def = g_memdup2(reader->node.def, sizeof *def);
    HeAttr *channels = g_new0(HeAttr, 1);
    const HeValue *value = he_plan_value(b->plan, v);
    *channels = (HeAttr){
        .name = (char *)(guintptr) "channels", .kind = HE_ATTR_INT, .i = value->t.dim[1]};
    def->attrs = channels;
    def->n_attrs = 1;
    g_ptr_array_add(b->plan->defs, channels);
    g_ptr_array_add(b->plan->defs, def);
    b->is_unmade[v] = FALSE;
    HeStep named = {.node = {.def = def}};
    return reorder(b, &named, "ReorderOutput", b->twin[v], v, error);
}

static gboolean need_twin(Blocking *b, const HeStep *reader, int v, GError **error)
{
    if (b->twin[v] != NONE)
        return TRUE;
    b->twin[v] = add_twin(b);
    return reorder(b, reader, "ReorderInput", v, b->twin[v], error);
}

/* ---- which steps -------------------------------------------------------------------------------------- */

static gboolean is_picture(const Blocking *b, int v)
{
    const HeValue *value = v < 0 || (guint)v >= b->n ? NULL : he_plan_value(b->plan, v);
    return value && !value->is_const && value->t.type == HE_F32 && value->t.rank == 4 &&
           value->t.dim[1] >= HE_NCHWC_FEW && he_tensor_n(&value->t) > 0;
}

static gboolean has_twin(const Blocking *b, const HeStep *step)
{
    for (int k = 0; k < step->node.n_in; k++)
        if (step->in[k] >= 0 && b->twin[step->in[k]] != NONE)
            return TRUE;
    return FALSE;
}

/* Numbers (Clip's bounds) may stand beside pictures. */
static gboolean suits_elementwise(const Blocking *b, const HeStep *step)
{
    const HeTensor *y = step->node.out[0];
    for (int k = 0; k < step->node.n_in; k++) {
        const HeValue *value =
            step->in[k] < 0 ? NULL : he_plan_value(b->plan, step->in[k]);
        if (!value || (value->is_const && he_tensor_n(&value->t) == 1 && k > 0))
            continue;
        if (!is_picture(b, step->in[k]))
            return FALSE;
        const HeTensor *x = &value->t;
        gboolean is_vector = is_op(step, "Mul") && x->dim[0] == y->dim[0] &&
                             x->dim[1] == y->dim[1] && x->dim[2] == 1 && x->dim[3] == 1;
        if (!is_vector && !he_tensor_same_shape(x, y))
            return FALSE;
    }
    return TRUE;
}

static gboolean suits_concat(const Blocking *b, const HeStep *step)
{
    gint64 axis;
    if (!he_attr_int(&step->node, "axis", 1, &axis, NULL) || axis != 1)
        return FALSE; /* -3 would be another axis of a twin */
    for (int k = 0; k < step->node.n_in; k++)
        if (!is_picture(b, step->in[k]) || step->node.in[k]->dim[1] % HE_NCHWC != 0)
            return FALSE;
    return TRUE;
}

static gboolean has_constant_weights(const Blocking *b, const HeStep *step)
{
    for (int k = 1; k < step->node.n_in; k++)
        if (step->in[k] >= 0 && !he_plan_value(b->plan, step->in[k])->is_const)
            return FALSE;
    return TRUE;
}

/* The operator for twins; NULL: the step stays. */
static const HeOp *twin_op(const Blocking *b, const HeStep *step)
{
    const HeNode *node = &step->node;
    for (int o = 1; o < node->n_out; o++)
        if (step->out[o] >= 0)
            return NULL;
    if (step->out[0] < 0 || !is_picture(b, step->out[0]))
        return NULL;
    if (!is_elementwise(step) && !is_op(step, "Concat") && !has_constant_weights(b, step))
        return NULL;
    if (is_op(step, "Conv")) {
        gboolean is_first = node->in[0]->rank == 4 && node->in[0]->dim[1] < HE_NCHWC_FEW;
        return is_first || is_picture(b, step->in[0]) ? nchwc_op(step) : NULL;
    }
    if (!has_twin(b, step))
        return NULL;
    if (is_op(step, "Concat"))
        return suits_concat(b, step) ? node->op : NULL;
    if (is_elementwise(step))
        return suits_elementwise(b, step) ? node->op : NULL;
    return is_picture(b, step->in[0]) ? nchwc_op(step) : NULL;
}

/* ---- one step ---------------------------------------------------------------------------------------- */

static gboolean finish_twin(Blocking *b, const HeStep *step, int v, GError **error)
{
    const HeValue *value = he_plan_value(b->plan, v);
    b->is_unmade[v] = TRUE;
    gboolean is_passed = value->is_target || value->is_grad_wanted;
    if ((is_passed || value->is_wanted) && !need_plain(b, step, v, error))
        return FALSE;
    if (is_passed)
        b->twin[v] = NONE;
    return TRUE;
}

static gboolean is_twin_of(const HeTensor *twin, const HeTensor *plain)
{
    return twin->type == plain->type && twin->rank == 5 && twin->dim[4] == HE_NCHWC &&
           twin->dim[0] == plain->dim[0] && twin->dim[2] == plain->dim[2] &&
           twin->dim[3] == plain->dim[3] &&
           twin->dim[1] == (gint64)he_nchwc_blocks((size_t)plain->dim[1]);
}

/* The inputs' twins are made before it is known whether OP takes them; those that nobody reads in the end are pruned. */
static HeStep *try_twin(Blocking *b, const HeStep *step, const HeOp *op, GError **error)
{
    const HeNode *node = &step->node;
    HeStep *twin = he_step_new(b->plan, node->def, op, node->opset, node->n_in, 1);
    for (int k = 0; k < node->n_in; k++) {
        twin->in[k] = step->in[k];
        if (!is_picture(b, step->in[k]))
            continue;
        if (!need_twin(b, step, step->in[k], error)) {
            he_step_free(twin);
            return NULL;
        }
        twin->in[k] = b->twin[step->in[k]];
    }
    twin->out[0] = add_twin(b);
    he_step_bind(b->plan, twin);
    if (!op->infer(&twin->node, NULL) || !is_twin_of(twin->node.out[0], node->out[0]))
        g_clear_pointer(&twin, he_step_free);
    return twin;
}

static gboolean block_step(Blocking *b, HeStep *step, GError **error)
{
    GError *failed = NULL;
    const HeOp *op = twin_op(b, step);
    HeStep *twin = op ? try_twin(b, step, op, &failed) : NULL;
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (twin) {
        g_ptr_array_add(b->steps, twin);
        b->twin[step->out[0]] = twin->out[0];
        return finish_twin(b, step, step->out[0], error);
    }
    for (int k = 0; k < step->node.n_in; k++)
        if (!need_plain(b, step, step->in[k], error))
            return FALSE;
    g_ptr_array_add(b->steps, step);
    return TRUE;
}

/* ---- all --------------------------------------------------------------------------------------------- */

static void number_producers(HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++)
        he_plan_value(plan, (int)v)->producer = -1;
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        for (int o = 0; o < step->node.n_out; o++)
            if (step->out[o] >= 0)
                he_plan_value(plan, step->out[o])->producer = (int)i;
    }
}

/* Steps that the new list left out are freed. */
static void take_steps(HePlan *plan, GPtrArray *steps)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < steps->len; i++)
        g_hash_table_add(taken, g_ptr_array_index(steps, i));
    while (plan->steps->len > 0) {
        HeStep *step = g_ptr_array_steal_index(plan->steps, plan->steps->len - 1);
        if (!g_hash_table_contains(taken, step))
            he_step_free(step);
    }
    for (guint i = 0; i < steps->len; i++)
        g_ptr_array_add(plan->steps, g_ptr_array_index(steps, i));
    number_producers(plan);
    he_plan_prune(plan);
}

gboolean he_plan_block(HePlan *plan, GError **error)
{
    if (plan->precision != HE_PRECISION_SINGLE || plan->kernels < HE_SET_AVX2)
        return TRUE;
    guint n = plan->values->len;
    g_autofree int *twin = g_new(int, MAX(n, 1));
    g_autofree gboolean *is_unmade = g_new0(gboolean, MAX(n, 1));
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    Blocking b = {plan, steps, n, twin, is_unmade};
    for (guint v = 0; v < n; v++)
        twin[v] = NONE;
    gboolean good = TRUE;
    for (guint i = 0; good && i < plan->steps->len; i++)
        good = block_step(&b, he_plan_step(plan, (int)i), error);
    if (!good) { /* the plan's own steps stay its own */
        for (guint i = 0; i < steps->len; i++) {
            HeStep *step = g_ptr_array_index(steps, i);
            if (!g_ptr_array_find(plan->steps, step, NULL))
                he_step_free(step);
        }
        return FALSE;
    }
    take_steps(plan, steps);
    return TRUE;
}
