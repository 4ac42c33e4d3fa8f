/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* GraphProto. Names are compared by sorting, not hashing: no file can make it slow. */
#include "model/onnx_read.h"

#include <string.h>

#include "core/limits.h"

enum {
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    GRAPH_SPARSE_INITIALIZER = 15
};
/* ---- names ------------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b, void *unused)
{
    (void)unused;
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static gboolean check_unique(const HeWire *wire, char **sorted, int n, const char *what,
                             GError **error)
{
    for (int i = 1; i < n; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            return he_wire_error(wire, error, "two %s are named '%s'", what, sorted[i]);
    return TRUE;
}

/* The names of N structs of SIZE bytes that begin with theirs, sorted; borrowed. */
static char **sort_names(const void *structs, int n, size_t size)
{
    char **names = g_new(char *, (size_t)n + 1);

    for (int i = 0; i < n; i++)
        memcpy(&names[i], (const char *)structs + (size_t)i * size, sizeof names[i]);
    names[n] = NULL;
    g_qsort_with_data(names, n, sizeof *names, compare_names, NULL);
    return names;
}
G_STATIC_ASSERT(offsetof(HeTensorDef, name) == 0 && offsetof(HeValueDef, name) == 0);

static gboolean is_in(const char *name, char **sorted, int n)
{
    int low = 0;

    while (low < n) {
        int middle = low + (n - low) / 2;
        int order = strcmp(name, sorted[middle]);
        if (order == 0)
            return TRUE;
        if (order < 0)
            n = middle;
        else
            low = middle + 1;
    }
    return FALSE;
}

/* Before IR version 4 initializers were listed as inputs too; these are no inputs to fill. */
static void drop_given_inputs(HeGraphDef *graph, char **given)
{
    int kept = 0;

    for (int i = 0; i < graph->n_inputs; i++)
        if (is_in(graph->inputs[i].name, given, graph->n_initializers))
            g_free(graph->inputs[i].name);
        else
            graph->inputs[kept++] = graph->inputs[i];
    graph->n_inputs = kept;
}

static gboolean check_names(const HeWire *wire, HeGraphDef *graph, GError **error)
{
    g_autofree char **given =
        sort_names(graph->initializers, graph->n_initializers, sizeof(HeTensorDef));
    g_autofree char **inputs =
        sort_names(graph->inputs, graph->n_inputs, sizeof(HeValueDef));

    if (!check_unique(wire, given, graph->n_initializers, "initializers", error) ||
        !check_unique(wire, inputs, graph->n_inputs, "inputs", error))
        return FALSE;
    if (graph->n_initializers && !*given[0])
        return he_wire_error(wire, error, "an initializer without a name");
    drop_given_inputs(graph, given);
    return TRUE;
}

/* ---- graphs ------------------------------------------------------------------------------------ */

typedef struct {
    size_t nodes, initializers, inputs, outputs;
} GraphCounts;

static gboolean count_parts(HeOnnxReader *reader, HeWire wire, GraphCounts *n,
                            GError **error)
{
    HeWire start = wire;
    HeWireField field;

    while (he_wire_next(&wire, &field, error)) {
        n->nodes += field.number == GRAPH_NODE;
        n->initializers += field.number == GRAPH_INITIALIZER;
        n->inputs += field.number == GRAPH_INPUT;
        n->outputs += field.number == GRAPH_OUTPUT;
    }
    if (wire.has_failed)
        return FALSE;
    if (n->nodes > (size_t)(HE_MAX_NODES - reader->n_nodes))
        return he_wire_error(&start, error, "more than %d nodes", HE_MAX_NODES);
    reader->n_nodes += (int)n->nodes;
    return he_onnx_count_items(reader, &start, n->initializers + n->inputs + n->outputs,
                               error);
}

static gboolean add_node(HeOnnxReader *reader, const HeWireField *field,
                         HeGraphDef *graph, GError **error)
{
    HeWire wire;

    return he_wire_enter(field, "NodeProto", &wire, error) &&
           he_onnx_read_node(reader, wire, &graph->nodes[graph->n_nodes++], error);
}

static gboolean add_value(const HeWireField *field, HeValueDef *values, int *n,
                          GError **error)
{
    HeWire wire;

    return he_wire_enter(field, "ValueInfoProto", &wire, error) &&
           he_onnx_read_value(wire, &values[(*n)++], error);
}

static const HeNodeDef *find_reader(const HeGraphDef *graph, const char *tensor)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        const HeNodeDef *node = &graph->nodes[i], *inside = NULL;
        for (int k = 0; k < node->n_in; k++)
            if (g_str_equal(node->in[k], tensor))
                return node;
        for (int k = 0; k < node->n_attrs && !inside; k++)
            if (node->attrs[k].g)
                inside = find_reader(node->attrs[k].g, tensor);
        if (inside)
            return inside;
    }
    return NULL;
}

void he_onnx_prefix_reader(const HeGraphDef *graph, const char *tensor, GError **error)
{
    const HeNodeDef *node = tensor ? find_reader(graph, tensor) : NULL;
    if (node)
        g_prefix_error(error, "node %s '%s': ", node->op_type,
                       he_node_def_get_label(node));
}

static gboolean add_initializer(const HeWireField *field, HeGraphDef *graph,
                                GError **error)
{
    HeTensorDef *tensor = &graph->initializers[graph->n_initializers];
    HeWire wire;

    if (!he_wire_enter(field, "TensorProto", &wire, error))
        return FALSE;
    graph->n_initializers++;
    if (he_onnx_read_tensor(wire, tensor, error))
        return TRUE;
    he_onnx_prefix_reader(graph, tensor->name, error);
    return FALSE;
}

/* The name of a sparse tensor stands in its values, a TensorProto. */
static gboolean refuse_sparse(const HeWireField *field, const HeGraphDef *graph,
                              GError **error)
{
    HeWire wire, values;
    HeWireField part;
    g_autofree char *name = g_strdup("");

    if (!he_wire_enter(field, "SparseTensorProto", &wire, error))
        return FALSE;
    while (he_wire_next(&wire, &part, error))
        if (part.number == 1 && he_wire_enter(&part, "TensorProto", &values, NULL))
            while (he_wire_next(&values, &part, NULL))
                if (part.number == 8 && !he_wire_string(&part, &name, NULL))
                    break;
    if (wire.has_failed)
        return FALSE;
    g_set_error(
        error, HE_ERROR, HE_ERROR_UNSUPPORTED,
        "initializer '%s' is a sparse tensor; export the model with dense weights", name);
    he_onnx_prefix_reader(graph, name, error);
    return FALSE;
}

static gboolean read_part(HeOnnxReader *reader, const HeWireField *field,
                          HeGraphDef *graph, GError **error)
{
    switch (field->number) {
    case GRAPH_NODE:
        return add_node(reader, field, graph, error);
    case GRAPH_NAME:
        return he_wire_string(field, &graph->name, error);
    case GRAPH_INITIALIZER:
        return add_initializer(field, graph, error);
    case GRAPH_INPUT:
        return add_value(field, graph->inputs, &graph->n_inputs, error);
    case GRAPH_OUTPUT:
        return add_value(field, graph->outputs, &graph->n_outputs, error);
    case GRAPH_SPARSE_INITIALIZER:
        return refuse_sparse(field, graph, error);
    default:
        return TRUE;
    }
}

/* The nodes, or all else: a message about a tensor names the node that reads it, wherever that stands. */
static gboolean read_some(HeOnnxReader *reader, HeWire wire, gboolean is_nodes,
                          HeGraphDef *out, GError **error)
{
    HeWireField field;

    while (he_wire_next(&wire, &field, error))
        if ((field.number == GRAPH_NODE) == is_nodes &&
            !read_part(reader, &field, out, error))
            return FALSE;
    return !wire.has_failed;
}

static gboolean read_parts(HeOnnxReader *reader, HeWire wire, HeGraphDef *out,
                           GError **error)
{
    GraphCounts n = {0};

    if (!count_parts(reader, wire, &n, error))
        return FALSE;
    out->name = g_strdup("");
    out->nodes = g_new0(HeNodeDef, n.nodes);
    out->initializers = g_new0(HeTensorDef, n.initializers);
    out->inputs = g_new0(HeValueDef, n.inputs);
    out->outputs = g_new0(HeValueDef, n.outputs);
    return read_some(reader, wire, TRUE, out, error) &&
           read_some(reader, wire, FALSE, out, error) && check_names(&wire, out, error);
}

gboolean he_onnx_read_graph(HeOnnxReader *reader, HeWire wire, HeGraphDef *out,
                            GError **error)
{
    if (reader->depth == HE_MAX_DEPTH)
        return he_wire_error(&wire, error, "graphs nested more than %d deep",
                             HE_MAX_DEPTH);
    reader->depth++;
    gboolean ok = read_parts(reader, wire, out, error);
    reader->depth--;
    return ok;
}

static void clear_values(HeValueDef *values, int n)
{
    for (int i = 0; i < n; i++)
        g_free(values[i].name);
    g_free(values);
}

void he_onnx_clear_graph(HeGraphDef *graph)
{
    for (int i = 0; i < graph->n_nodes; i++)
        he_onnx_clear_node(&graph->nodes[i]);
    for (int i = 0; i < graph->n_initializers; i++)
        he_onnx_clear_tensor(&graph->initializers[i]);
    clear_values(graph->inputs, graph->n_inputs);
    clear_values(graph->outputs, graph->n_outputs);
    g_free(graph->nodes);
    g_free(graph->initializers);
    g_free(graph->name);
}
