/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* NodeProto: an operator, the names of its inputs and outputs, its attributes. */
#include "model/onnx_read.h"

#include <string.h>

#include "core/limits.h"

#define MAX_ATTRS 64 /* of one node; ONNX's own operators have at most a dozen */

enum {
    NODE_INPUT = 1,
    NODE_OUTPUT,
    NODE_NAME,
    NODE_OP_TYPE,
    NODE_ATTRIBUTE,
    NODE_DOMAIN = 7,
    NODE_OVERLOAD = 8,
    NODE_METADATA = 9
};

const HeAttr *he_node_def_attr(const HeNodeDef *node, const char *name)
{
    for (int i = 0; i < node->n_attrs; i++)
        if (strcmp(node->attrs[i].name, name) == 0)
            return &node->attrs[i];
    return NULL;
}

typedef struct {
    size_t in, out, attrs;
} NodeCounts;

static gboolean count_parts(HeWire wire, NodeCounts *n, GError **error)
{
    HeWireField field;

    while (he_wire_next(&wire, &field, error)) {
        n->in += field.number == NODE_INPUT;
        n->out += field.number == NODE_OUTPUT;
        n->attrs += field.number == NODE_ATTRIBUTE;
    }
    if (wire.has_failed)
        return FALSE;
    if (n->in > HE_MAX_NODE_IO || n->out > HE_MAX_NODE_IO || n->attrs > MAX_ATTRS)
        return he_wire_error(&wire, error,
                             "%zu inputs, %zu outputs and %zu attributes; at most %d, %d "
                             "and %d are accepted",
                             n->in, n->out, n->attrs, HE_MAX_NODE_IO, HE_MAX_NODE_IO,
                             MAX_ATTRS);
    return TRUE;
}

static gboolean add_attr(HeOnnxReader *reader, const HeWireField *field, HeNodeDef *node,
                         GError **error)
{
    HeAttr *attr = &node->attrs[node->n_attrs];
    HeWire wire;

    if (!he_wire_enter(field, "AttributeProto", &wire, error))
        return FALSE;
    if (!he_onnx_read_attr(reader, wire, attr, error)) {
        he_onnx_clear_attr(attr);
        return FALSE;
    }
    node->n_attrs++;
    if (he_node_def_attr(node, attr->name) != attr)
        return he_wire_error(&wire, error, "attribute '%s' is given twice", attr->name);
    return TRUE;
}

static gboolean read_node_part(HeOnnxReader *reader, const HeWireField *field,
                               HeNodeDef *node, GError **error)
{
    switch (field->number) {
    case NODE_INPUT:
        return he_wire_string(field, &node->in[node->n_in++], error);
    case NODE_OUTPUT:
        return he_wire_string(field, &node->out[node->n_out++], error);
    case NODE_NAME:
        return he_wire_string(field, &node->name, error);
    case NODE_OP_TYPE:
        return he_wire_string(field, &node->op_type, error);
    case NODE_DOMAIN:
        return he_wire_string(field, &node->domain, error);
    case NODE_OVERLOAD:
        return he_wire_string(field, &node->overload, error);
    case NODE_ATTRIBUTE:
        return add_attr(reader, field, node, error);
    case NODE_METADATA:
        return he_onnx_read_scope(field, &node->module, error);
    default:
        return TRUE;
    }
}

/* Puts the node in front of the message, unless one inside its subgraphs stands there. */
static void name_node(const HeNodeDef *node, GError **error)
{
    if (error && *node->op_type && !g_str_has_prefix((*error)->message, "node "))
        g_prefix_error(error, "node %s '%s': ", node->op_type,
                       he_node_def_get_label(node));
}

gboolean he_onnx_read_node(HeOnnxReader *reader, HeWire wire, HeNodeDef *out,
                           GError **error)
{
    HeWire rest = wire;
    HeWireField field;
    NodeCounts n = {0};

    if (!count_parts(wire, &n, error) ||
        !he_onnx_count_items(reader, &wire, n.in + n.out + n.attrs, error))
        return FALSE;
    out->name = g_strdup("");
    out->op_type = g_strdup("");
    out->domain = g_strdup("");
    out->overload = g_strdup("");
    out->in = g_new0(char *, n.in + 1);
    out->out = g_new0(char *, n.out + 1);
    out->attrs = g_new0(HeAttr, n.attrs);
    while (he_wire_next(&rest, &field, error))
        if (!read_node_part(reader, &field, out, error)) {
            name_node(out, error);
            return FALSE;
        }
    if (!*out->op_type)
        return he_wire_error(&wire, error, "node '%s' has no operator",
                             he_node_def_get_label(out));
    return TRUE;
}

void he_onnx_clear_node(HeNodeDef *node)
{
    for (int i = 0; i < node->n_attrs; i++)
        he_onnx_clear_attr(&node->attrs[i]);
    g_free(node->attrs);
    g_strfreev(node->in);
    g_strfreev(node->out);
    g_free(node->name);
    g_free(node->op_type);
    g_free(node->domain);
    g_free(node->overload);
    g_free(node->module);
}
