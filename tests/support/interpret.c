/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A small ONNX graph, node by node; see interpret.h. */
#include "tests/support/interpret.h"

#include <string.h>

#include "model/onnx_read.h"

/* ---- tensors ------------------------------------------------------------------------------------------- */

void named_tensor_free(NamedTensor *tensor)
{
    he_free(tensor->t.data);
    g_free(tensor);
}

static HeType kept_type(HeType type, HePrecision precision)
{
    return !he_type_is_float(type)            ? type
           : precision == HE_PRECISION_DOUBLE ? HE_F64
                                              : HE_F32;
}

static NamedTensor *tensor_new(HeType type, int rank, const gint64 *dim)
{
    NamedTensor *tensor = g_new0(NamedTensor, 1);
    he_tensor_init(&tensor->t, type, rank, dim);
    tensor->t.data = he_alloc0(MAX(he_tensor_bytes(&tensor->t), 1), 1, "test", NULL);
    return tensor;
}

/* The file's bytes may stand anywhere. */
static NamedTensor *tensor_from_def(const HeTensorDef *def, HePrecision precision)
{
    HeTensor from;
    NamedTensor *tensor =
        tensor_new(kept_type(def->type, precision), def->rank, def->dim);
    g_autofree void *aligned = g_memdup2(def->raw, def->raw_bytes);
    he_tensor_init(&from, def->type, def->rank, def->dim);
    from.data = aligned;
    he_tensor_convert(&from, &tensor->t);
    return tensor;
}

NamedTensor *named_tensor_load(const char *path, HePrecision precision, GError **error)
{
    g_autofree char *text = NULL;
    NamedTensor *tensor = NULL;
    HeTensorDef def = {0};
    HeWire wire;
    gsize n;
    if (!g_file_get_contents(path, &text, &n, error))
        return NULL;
    he_wire_init(&wire, (const guint8 *)text, n, "TensorProto");
    if (he_onnx_read_tensor(wire, &def, error))
        tensor = tensor_from_def(&def, precision);
    he_onnx_clear_tensor(&def);
    return tensor;
}

/* ---- names --------------------------------------------------------------------------------------------- */

void interpreter_init(Interpreter *run, const HeOnnx *onnx, HePrecision precision)
{
    run->onnx = onnx;
    run->precision = precision;
    run->tensors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)named_tensor_free);
}

void interpreter_clear(Interpreter *run)
{
    g_hash_table_unref(run->tensors);
}

void interpreter_take(Interpreter *run, const char *name, NamedTensor *tensor)
{
    g_hash_table_insert(run->tensors, g_strdup(name), tensor);
}

const NamedTensor *interpreter_get(const Interpreter *run, const char *name)
{
    return g_hash_table_lookup(run->tensors, name);
}

static gboolean fail(GError **error, const HeNodeDef *def, const char *text)
{
    g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED, "%s: %s", def->op_type, text);
    return FALSE;
}

/* ---- nodes --------------------------------------------------------------------------------------------- */

static NamedTensor *tensor_from_numbers(const HeAttr *attr, HePrecision precision)
{
    gboolean is_list = attr->kind == HE_ATTR_FLOATS || attr->kind == HE_ATTR_INTS;
    gboolean is_real = attr->kind == HE_ATTR_FLOAT || attr->kind == HE_ATTR_FLOATS;
    gint64 n = is_list ? (gint64)attr->n : 1;
    HeTensor from;
    NamedTensor *tensor =
        tensor_new(is_real ? kept_type(HE_F32, precision) : HE_I64, is_list, &n);
    he_tensor_init(&from, is_real ? HE_F64 : HE_I64, is_list, &n);
    from.data = is_list ? (is_real ? (void *)attr->floats : (void *)attr->ints)
                        : (is_real ? (void *)&attr->f : (void *)&attr->i);
    he_tensor_convert(&from, &tensor->t);
    return tensor;
}

static gboolean run_constant(Interpreter *run, const HeNodeDef *def, GError **error)
{
    const HeAttr *attr = def->n_attrs == 1 ? &def->attrs[0] : NULL;
    if (!attr || attr->kind == HE_ATTR_STRING || attr->kind == HE_ATTR_STRINGS)
        return fail(error, def, "has no value of numbers");
    interpreter_take(run, def->out[0],
                     attr->t ? tensor_from_def(attr->t, run->precision)
                             : tensor_from_numbers(attr, run->precision));
    return TRUE;
}

static gboolean run_if(Interpreter *run, const HeNodeDef *def, GError **error)
{
    const NamedTensor *condition = interpreter_get(run, def->in[0]);
    gboolean is_then = condition && he_tensor_get_int(&condition->t, 0);
    const HeAttr *attr = he_node_def_attr(def, is_then ? "then_branch" : "else_branch");
    if (!attr || !attr->g || attr->g->n_outputs != def->n_out)
        return fail(error, def, "has no such branch");
    if (!interpreter_run(run, attr->g, error))
        return FALSE;
    for (int o = 0; o < def->n_out; o++) {
        const NamedTensor *made = interpreter_get(run, attr->g->outputs[o].name);
        if (!made)
            return fail(error, def, "its branch does not make its output");
        NamedTensor *copy = tensor_new(made->t.type, made->t.rank, made->t.dim);
        memcpy(copy->t.data, made->t.data, he_tensor_bytes(&made->t));
        interpreter_take(run, def->out[o], copy);
    }
    return TRUE;
}

static gboolean check_arity(const HeNode *node, GError **error)
{
    const HeOp *op = node->op;
    if (node->n_in >= op->min_in && (op->max_in < 0 || node->n_in <= op->max_in) &&
        node->n_out >= op->min_out && (op->max_out < 0 || node->n_out <= op->max_out))
        return TRUE;
    return fail(error, node->def, "has another number of inputs or outputs");
}

static gboolean bind_inputs(const Interpreter *run, const HeNodeDef *def, HeTensor *shown,
                            HeNode *node, const HeTensor **in, gboolean *is_variable,
                            GError **error)
{
    for (int i = 0; i < def->n_in; i++) {
        const NamedTensor *input = interpreter_get(run, def->in[i]);
        if (!input && *def->in[i])
            return fail(error, def, "an input is made by no earlier node");
        in[i] = input ? &input->t : NULL;
        node->in[i] = input ? &shown[i] : NULL;
        if (!input)
            continue;
        shown[i] = input->t;
        if (input->is_variable)
            shown[i].data = NULL;
        *is_variable |= input->is_variable;
    }
    return TRUE;
}

static gboolean infer_and_forward(HeNode *node, const HeTensor **in, NamedTensor **made,
                                  gboolean is_variable, GError **error)
{
    if (!check_arity(node, error) || !node->op->infer(node, error))
        return FALSE;
    for (int o = 0; o < node->n_out; o++)
        if (node->out[o]) {
            made[o] =
                tensor_new(node->out[o]->type, node->out[o]->rank, node->out[o]->dim);
            made[o]->is_variable = is_variable;
            *node->out[o] = made[o]->t;
        }
    g_autofree void *scratch = g_malloc(MAX(node->scratch_bytes, 1));
    HeRun one = {.node = node, .in = in, .out = node->out, .scratch = scratch};
    return node->op->forward(&one, error);
}

static gboolean run_node(Interpreter *run, const HeNodeDef *def, GError **error)
{
    g_autofree const HeTensor **in = g_new0(const HeTensor *, (gsize)def->n_in + 1);
    g_autofree const HeTensor **seen = g_new0(const HeTensor *, (gsize)def->n_in + 1);
    g_autofree HeTensor **out = g_new0(HeTensor *, (gsize)def->n_out + 1);
    g_autofree HeTensor *shown = g_new0(HeTensor, (gsize)def->n_in + 1);
    g_autofree HeTensor *results = g_new0(HeTensor, (gsize)def->n_out + 1);
    g_autofree NamedTensor **made = g_new0(NamedTensor *, (gsize)def->n_out + 1);
    HeNode node = {.def = def,
                   .opset = def->opset,
                   .n_in = def->n_in,
                   .n_out = def->n_out,
                   .in = seen,
                   .out = out,
                   .n_workers = 1,
                   .kernels = HE_SET_AUTO};
    gboolean is_variable = FALSE;
    node.op = run->precision == HE_PRECISION_DOUBLE
                  ? he_op_find_f64(def->domain, def->op_type, node.opset)
                  : he_op_find_f32(def->domain, def->op_type, node.opset);
    if (!node.op)
        return fail(error, def, "no such operator");
    for (int o = 0; o < def->n_out; o++)
        out[o] = *def->out[o] ? &results[o] : NULL;
    if (!bind_inputs(run, def, shown, &node, in, &is_variable, error))
        return FALSE;
    if (strcmp(def->op_type, "Shape") == 0 || strcmp(def->op_type, "Size") == 0)
        is_variable = FALSE;
    gboolean good = infer_and_forward(&node, in, made, is_variable, error);
    for (int o = 0; o < def->n_out; o++)
        if (made[o])
            interpreter_take(run, def->out[o], made[o]);
    g_free(node.params);
    return good;
}

static gboolean run_any(Interpreter *run, const HeNodeDef *def, GError **error)
{
    if (strcmp(def->op_type, "Constant") == 0)
        return run_constant(run, def, error);
    if (strcmp(def->op_type, "If") == 0)
        return run_if(run, def, error);
    return run_node(run, def, error);
}

gboolean interpreter_run(Interpreter *run, const HeGraphDef *graph, GError **error)
{
    for (int i = 0; i < graph->n_initializers; i++)
        interpreter_take(run, graph->initializers[i].name,
                         tensor_from_def(&graph->initializers[i], run->precision));
    for (int i = 0; i < graph->n_nodes; i++)
        if (!run_any(run, &graph->nodes[i], error))
            return FALSE;
    return TRUE;
}
