/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Calls of the model's own functions become the functions' nodes, in the main graph and in its subgraphs, so that
 * all others meet operators alone. Inputs and outputs of a call keep the names that the graph gives them; what a
 * function names inside is named "CALL/NAME". Functions may call functions; what all of it may take is bounded. */
#include "model/onnx_instance.h"

#include <string.h>

#include "core/limits.h"

#define MAX_BYTES ((size_t)64 << 20) /* of copies, about */

typedef struct {
    HeOnnxReader *reader;
    int opset; /* the model's */
    int depth; /* of calls */
    GHashTable *functions, *taken;
    guint64 serial;
    size_t n_bytes;
} Inliner;

/* ---- which functions there are ------------------------------------------------------------------- */

static char *function_key(const char *domain, const char *name, const char *overload)
{
    return g_strjoin("\n", strcmp(domain, "ai.onnx") == 0 ? "" : domain, name, overload,
                     NULL);
}

static gboolean find_functions(Inliner *inliner, const GPtrArray *functions,
                               GError **error)
{
    for (guint i = 0; i < functions->len; i++) {
        HeFunctionDef *f = g_ptr_array_index(functions, i);
        if (g_hash_table_insert(inliner->functions,
                                function_key(f->domain, f->name, f->overload), f))
            continue;
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "two functions are named '%s.%s'", f->domain, f->name);
        return FALSE;
    }
    return TRUE;
}

static void take_names(Inliner *inliner, const HeGraphDef *graph)
{
    for (int i = 0; i < graph->n_inputs; i++)
        g_hash_table_add(inliner->taken, g_strdup(graph->inputs[i].name));
    for (int i = 0; i < graph->n_initializers; i++)
        g_hash_table_add(inliner->taken, g_strdup(graph->initializers[i].name));
    for (int i = 0; i < graph->n_nodes; i++) {
        const HeNodeDef *node = &graph->nodes[i];
        for (int k = 0; k < node->n_out; k++)
            g_hash_table_add(inliner->taken, g_strdup(node->out[k]));
        for (int k = 0; k < node->n_attrs; k++)
            if (node->attrs[k].g)
                take_names(inliner, node->attrs[k].g);
    }
}

/* ---- one call ------------------------------------------------------------------------------------ */

static gboolean add_node(Inliner *inliner, HeNodeDef *node, GArray *nodes,
                         GError **error);

static gboolean check_room(const Inliner *inliner, GError **error)
{
    if (inliner->reader->n_nodes < HE_MAX_NODES && inliner->n_bytes <= MAX_BYTES)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                "its functions make more than %d nodes, or %d MiB of them", HE_MAX_NODES,
                (int)(MAX_BYTES >> 20));
    return FALSE;
}

static gboolean bind(HeInstance *instance, GError **error)
{
    const HeFunctionDef *f = instance->function;
    const HeNodeDef *call = instance->call;
    if (call->n_in > f->n_in || call->n_out > f->n_out) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "%s node '%s' has %d inputs and %d outputs, its function %d and %d",
                    call->op_type, he_node_def_get_label(call), call->n_in, call->n_out,
                    f->n_in, f->n_out);
        return FALSE;
    }
    for (int i = 0; i < f->n_in; i++) {
        const char *is = i < call->n_in ? call->in[i] : "";
        g_hash_table_insert(instance->names, g_strdup(f->in[i]), g_strdup(is));
        *instance->n_bytes += strlen(f->in[i]) + strlen(is) + 2 * sizeof is;
    }
    for (int i = 0; i < call->n_out; i++)
        if (*call->out[i] && !g_hash_table_contains(instance->names, f->out[i]))
            g_hash_table_insert(instance->names, g_strdup(f->out[i]),
                                g_strdup(call->out[i]));
    return TRUE;
}

/* Output O is an input, or another output: what the call names it is one more name of that. */
static void add_identity(Inliner *inliner, HeInstance *instance, int o, GArray *nodes)
{
    const HeNodeDef *call = instance->call;
    const char *is = he_instance_name(instance, instance->function->out[o]);
    if (!*call->out[o] || strcmp(is, call->out[o]) == 0)
        return;
    HeNodeDef node = {.name = g_strdup(call->name),
                      .op_type = g_strdup("Identity"),
                      .domain = g_strdup(""),
                      .overload = g_strdup(""),
                      .opset = inliner->opset,
                      .in = g_new0(char *, 2),
                      .out = g_new0(char *, 2),
                      .n_in = 1,
                      .n_out = 1};
    node.in[0] = g_strdup(is);
    node.out[0] = g_strdup(call->out[o]);
    g_array_append_val(nodes, node);
}

static gboolean add_copy(Inliner *inliner, HeInstance *instance, const HeNodeDef *from,
                         GArray *nodes, GError **error)
{
    HeNodeDef copy = {0};
    if (!check_room(inliner, error))
        return FALSE;
    inliner->reader->n_nodes++;
    if (he_instance_copy_node(instance, from, &copy, error))
        return add_node(inliner, &copy, nodes, error);
    he_onnx_clear_node(&copy);
    return FALSE;
}

static gboolean add_body(Inliner *inliner, HeInstance *instance, GArray *nodes,
                         GError **error)
{
    const HeFunctionDef *f = instance->function;
    if (!check_room(inliner, error) || !bind(instance, error))
        return FALSE;
    for (int i = 0; i < f->n_nodes; i++)
        if (!add_copy(inliner, instance, &f->nodes[i], nodes, error))
            return FALSE;
    for (int i = 0; i < instance->call->n_out; i++)
        add_identity(inliner, instance, i, nodes);
    return TRUE;
}

static gboolean add_call(Inliner *inliner, const HeFunctionDef *function,
                         const HeNodeDef *call, GArray *nodes, GError **error)
{
    g_autoptr(GHashTable) names =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    HeInstance instance = {
        function, call, names, inliner->taken, &inliner->serial, &inliner->n_bytes};
    if (inliner->depth == HE_MAX_DEPTH) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "function '%s.%s' calls itself, or stands more than %d calls deep",
                    function->domain, function->name, HE_MAX_DEPTH);
        return FALSE;
    }
    inliner->depth++;
    gboolean ok = add_body(inliner, &instance, nodes, error);
    inliner->depth--;
    return ok;
}

/* ---- graphs -------------------------------------------------------------------------------------- */

static gboolean inline_graph(Inliner *inliner, HeGraphDef *graph, GError **error)
{
    GArray *nodes = g_array_new(FALSE, TRUE, sizeof(HeNodeDef));
    gboolean ok = TRUE;
    for (int i = 0; i < graph->n_nodes; i++)
        if (ok)
            ok = add_node(inliner, &graph->nodes[i], nodes, error);
        else
            he_onnx_clear_node(&graph->nodes[i]);
    g_free(graph->nodes);
    graph->n_nodes = (int)nodes->len;
    graph->nodes = (HeNodeDef *)(void *)g_array_free(nodes, FALSE);
    return ok;
}

/* Takes what NODE holds: itself, or what its function has. */
static gboolean add_node(Inliner *inliner, HeNodeDef *node, GArray *nodes, GError **error)
{
    g_autofree char *key = function_key(node->domain, node->op_type, node->overload);
    const HeFunctionDef *function = g_hash_table_lookup(inliner->functions, key);
    gboolean ok = TRUE;
    if (function) {
        ok = add_call(inliner, function, node, nodes, error);
        he_onnx_clear_node(node);
        return ok;
    }
    if (node->opset == 0)
        node->opset = inliner->opset;
    for (int k = 0; ok && k < node->n_attrs; k++)
        if (node->attrs[k].g)
            ok = inline_graph(inliner, node->attrs[k].g, error);
    g_array_append_val(nodes, *node);
    return ok;
}

gboolean he_onnx_inline(HeOnnxReader *reader, HeOnnx *onnx, GError **error)
{
    g_autoptr(GHashTable) functions =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) taken =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Inliner inliner = {
        .reader = reader, .opset = onnx->opset, .functions = functions, .taken = taken};
    if (!find_functions(&inliner, onnx->functions, error))
        return FALSE;
    if (onnx->functions->len > 0)
        take_names(&inliner, &onnx->graph);
    return inline_graph(&inliner, &onnx->graph, error);
}
