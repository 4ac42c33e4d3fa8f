/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* FunctionProto: an operator that the model defines itself. */
#include "core/limits.h"
#include "model/onnx_read.h"

enum {
    FUNCTION_NAME = 1,
    FUNCTION_INPUT = 4,
    FUNCTION_OUTPUT = 5,
    FUNCTION_NODE = 7,
    FUNCTION_OPSET_IMPORT = 9,
    FUNCTION_DOMAIN = 10,
    FUNCTION_ATTRIBUTE_PROTO = 11,
    FUNCTION_OVERLOAD = 13
};

typedef struct {
    size_t in, out, defaults, nodes;
} FunctionCounts;

static gboolean count_parts(HeOnnxReader *reader, HeWire wire, FunctionCounts *n,
                            GError **error)
{
    HeWire start = wire;
    HeWireField field;

    while (he_wire_next(&wire, &field, error)) {
        n->in += field.number == FUNCTION_INPUT;
        n->out += field.number == FUNCTION_OUTPUT;
        n->nodes += field.number == FUNCTION_NODE;
        n->defaults += field.number == FUNCTION_ATTRIBUTE_PROTO;
    }
    if (wire.has_failed)
        return FALSE;
    if (n->nodes > (size_t)(HE_MAX_NODES - reader->n_nodes))
        return he_wire_error(&start, error, "more than %d nodes", HE_MAX_NODES);
    if (n->in > HE_MAX_NODE_IO || n->out > HE_MAX_NODE_IO)
        return he_wire_error(&start, error, "more than %d inputs or outputs",
                             HE_MAX_NODE_IO);
    reader->n_nodes += (int)n->nodes;
    return he_onnx_count_items(reader, &start, 1 + n->in + n->out + n->defaults, error);
}

static gboolean read_part(HeOnnxReader *reader, const HeWireField *field,
                          HeFunctionDef *out, GError **error)
{
    HeWire wire;

    switch (field->number) {
    case FUNCTION_NAME:
        return he_wire_string(field, &out->name, error);
    case FUNCTION_DOMAIN:
        return he_wire_string(field, &out->domain, error);
    case FUNCTION_OVERLOAD:
        return he_wire_string(field, &out->overload, error);
    case FUNCTION_INPUT:
        return he_wire_string(field, &out->in[out->n_in++], error);
    case FUNCTION_OUTPUT:
        return he_wire_string(field, &out->out[out->n_out++], error);
    case FUNCTION_OPSET_IMPORT:
        return he_wire_enter(field, "OperatorSetIdProto", &wire, error) &&
               he_onnx_read_opset(wire, &out->opset, error);
    case FUNCTION_NODE:
        return he_wire_enter(field, "NodeProto", &wire, error) &&
               he_onnx_read_node(reader, wire, &out->nodes[out->n_nodes++], error);
    case FUNCTION_ATTRIBUTE_PROTO:
        return he_wire_enter(field, "AttributeProto", &wire, error) &&
               he_onnx_read_attr(reader, wire, &out->defaults[out->n_defaults++], error);
    default:
        return TRUE;
    }
}

static gboolean read_parts(HeOnnxReader *reader, HeWire wire, HeFunctionDef *out,
                           GError **error)
{
    HeWireField field;

    while (he_wire_next(&wire, &field, error))
        if (!read_part(reader, &field, out, error))
            return FALSE;
    return !wire.has_failed;
}

gboolean he_onnx_read_function(HeOnnxReader *reader, HeWire wire, HeFunctionDef *out,
                               GError **error)
{
    FunctionCounts n = {0};

    if (!count_parts(reader, wire, &n, error))
        return FALSE;
    out->name = g_strdup("");
    out->domain = g_strdup("");
    out->overload = g_strdup("");
    out->in = g_new0(char *, n.in + 1);
    out->out = g_new0(char *, n.out + 1);
    out->nodes = g_new0(HeNodeDef, n.nodes);
    out->defaults = g_new0(HeAttr, n.defaults);
    reader->is_in_function = TRUE;
    gboolean ok = read_parts(reader, wire, out, error);
    reader->is_in_function = FALSE;
    return ok;
}

void he_onnx_free_function(HeFunctionDef *function)
{
    for (int i = 0; i < function->n_nodes; i++)
        he_onnx_clear_node(&function->nodes[i]);
    for (int i = 0; i < function->n_defaults; i++)
        he_onnx_clear_attr(&function->defaults[i]);
    g_strfreev(function->in);
    g_strfreev(function->out);
    g_free(function->nodes);
    g_free(function->defaults);
    g_free(function->name);
    g_free(function->domain);
    g_free(function->overload);
    g_free(function);
}
