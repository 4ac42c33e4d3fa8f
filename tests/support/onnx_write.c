/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Writes small ONNX files for tests (onnx_write.h): the numbers below are those of onnx.proto. */
#include "tests/support/onnx_write.h"

#include <string.h>

#include "core/tensor.h"

struct OnnxNode {
    GByteArray *bytes;
};
struct OnnxGraph {
    GByteArray *bytes; /* all but the nodes */
    GPtrArray *nodes;
};

/* ---- protobuf ---------------------------------------------------------------------------------- */

void wire_varint(GByteArray *out, guint64 value)
{
    do {
        guint8 byte = (guint8)(value & 0x7f) | (value > 0x7f ? 0x80 : 0);
        g_byte_array_append(out, &byte, 1);
        value >>= 7;
    } while (value);
}

void wire_tag(GByteArray *out, guint field, guint wire_type)
{
    wire_varint(out, (guint64)field << 3 | wire_type);
}

void wire_int(GByteArray *out, guint field, gint64 value)
{
    wire_tag(out, field, 0);
    wire_varint(out, (guint64)value);
}

static void fixed(GByteArray *out, guint64 bits, int size)
{
    for (int i = 0; i < size; i++, bits >>= 8) {
        guint8 byte = (guint8)bits;
        g_byte_array_append(out, &byte, 1);
    }
}

static void fixed_float(GByteArray *out, float value)
{
    guint32 bits;

    memcpy(&bits, &value, sizeof bits);
    fixed(out, bits, 4);
}

static void fixed_double(GByteArray *out, double value)
{
    guint64 bits;

    memcpy(&bits, &value, sizeof bits);
    fixed(out, bits, 8);
}

void wire_bytes(GByteArray *out, guint field, const void *data, size_t n)
{
    wire_tag(out, field, 2);
    wire_varint(out, n);
    g_byte_array_append(out, data, (guint)n);
}

void wire_string(GByteArray *out, guint field, const char *text)
{
    wire_bytes(out, field, text, strlen(text));
}

void wire_message(GByteArray *out, guint field, GByteArray *part)
{
    wire_bytes(out, field, part->data, part->len);
    g_byte_array_unref(part);
}

/* ---- tensors and values -------------------------------------------------------------------------- */

static int data_type(HeType type)
{
    static const int numbers[] = {
        [HE_F32] = 1,  [HE_U8] = 2,   [HE_I8] = 3,   [HE_U16] = 4,  [HE_I16] = 5,
        [HE_I32] = 6,  [HE_I64] = 7,  [HE_BOOL] = 9, [HE_F16] = 10, [HE_F64] = 11,
        [HE_U32] = 12, [HE_U64] = 13, [HE_BF16] = 16};

    return numbers[type];
}

static size_t count(int rank, const gint64 *dim)
{
    size_t n = 1;

    for (int i = 0; i < rank; i++)
        n *= (size_t)dim[i];
    return n;
}

static GByteArray *tensor_head(const char *name, HeType type, int rank, const gint64 *dim)
{
    GByteArray *tensor = g_byte_array_new();

    for (int i = 0; i < rank; i++)
        wire_int(tensor, 1, dim[i]);
    wire_int(tensor, 2, data_type(type));
    wire_string(tensor, 8, name);
    return tensor;
}

static GByteArray *tensor_raw(const char *name, HeType type, int rank, const gint64 *dim,
                              const void *data, size_t bytes)
{
    GByteArray *tensor = tensor_head(name, type, rank, dim);

    wire_bytes(tensor, 9, data, bytes);
    return tensor;
}

void onnx_init(OnnxGraph *graph, const char *name, HeType type, int rank,
               const gint64 *dim, const void *data, size_t bytes)
{
    wire_message(graph->bytes, 5, tensor_raw(name, type, rank, dim, data, bytes));
}

void onnx_init_f32(OnnxGraph *graph, const char *name, int rank, const gint64 *dim,
                   const float *values)
{
    onnx_init(graph, name, HE_F32, rank, dim, values, count(rank, dim) * sizeof *values);
}

void onnx_init_i64(OnnxGraph *graph, const char *name, int rank, const gint64 *dim,
                   const gint64 *values)
{
    onnx_init(graph, name, HE_I64, rank, dim, values, count(rank, dim) * sizeof *values);
}

/* One number of a typed field; returns its wire type. */
static guint put_number(GByteArray *out, HeType type, double value)
{
    if (type == HE_F32) {
        fixed_float(out, (float)value);
        return 5;
    }
    if (type == HE_F64) {
        fixed_double(out, value);
        return 1;
    }
    wire_varint(out, value < 0 ? (guint64)(gint64)value : (guint64)value);
    return 0;
}

static guint typed_field(HeType type)
{
    switch (type) {
    case HE_F32:
        return 4;
    case HE_F64:
        return 10;
    case HE_I64:
        return 7;
    case HE_U32:
    case HE_U64:
        return 11;
    default:
        return 5;
    }
}

void onnx_init_typed(OnnxGraph *graph, const char *name, HeType type, int rank,
                     const gint64 *dim, const double *values, gboolean is_packed)
{
    GByteArray *tensor = tensor_head(name, type, rank, dim);
    GByteArray *all = g_byte_array_new();

    for (size_t i = 0; i < count(rank, dim); i++) {
        g_autoptr(GByteArray) one = g_byte_array_new();
        guint wire_type = put_number(one, type, values[i]);
        g_byte_array_append(all, one->data, one->len);
        if (!is_packed) {
            wire_tag(tensor, typed_field(type), wire_type);
            g_byte_array_append(tensor, one->data, one->len);
        }
    }
    if (is_packed)
        wire_bytes(tensor, typed_field(type), all->data, all->len);
    g_byte_array_unref(all);
    wire_message(graph->bytes, 5, tensor);
}

static GByteArray *shape_message(int rank, const gint64 *dim)
{
    GByteArray *shape = g_byte_array_new();

    for (int i = 0; i < rank; i++) {
        GByteArray *one = g_byte_array_new();
        if (dim[i] == -1)
            wire_string(one, 2, "any");
        else
            wire_int(one, 1, dim[i]);
        wire_message(shape, 1, one);
    }
    return shape;
}

static void value(OnnxGraph *graph, guint field, const char *name, HeType type, int rank,
                  const gint64 *dim)
{
    GByteArray *info = g_byte_array_new(), *kind = g_byte_array_new();
    GByteArray *tensor = g_byte_array_new();

    wire_int(tensor, 1, data_type(type));
    if (rank >= 0)
        wire_message(tensor, 2, shape_message(rank, dim));
    wire_message(kind, 1, tensor);
    wire_string(info, 1, name);
    wire_message(info, 2, kind);
    wire_message(graph->bytes, field, info);
}

void onnx_input(OnnxGraph *graph, const char *name, HeType type, int rank,
                const gint64 *dim)
{
    value(graph, 11, name, type, rank, dim);
}

void onnx_output(OnnxGraph *graph, const char *name, HeType type, int rank,
                 const gint64 *dim)
{
    value(graph, 12, name, type, rank, dim);
}

/* ---- nodes --------------------------------------------------------------------------------------- */

static void put_names(GByteArray *out, guint field, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);

    for (char **name = list; *name; name++)
        wire_string(out, field, *name);
}

OnnxNode *onnx_node(OnnxGraph *graph, const char *op_type, const char *in,
                    const char *out)
{
    OnnxNode *node = g_new(OnnxNode, 1);

    node->bytes = g_byte_array_new();
    put_names(node->bytes, 1, in);
    put_names(node->bytes, 2, out);
    wire_string(node->bytes, 4, op_type);
    g_ptr_array_add(graph->nodes, node);
    return node;
}

static void node_free(void *data)
{
    OnnxNode *node = data;

    g_byte_array_unref(node->bytes);
    g_free(node);
}

void onnx_node_name(OnnxNode *node, const char *name)
{
    wire_string(node->bytes, 3, name);
}

void onnx_node_domain(OnnxNode *node, const char *domain)
{
    wire_string(node->bytes, 7, domain);
}

static GByteArray *attr_head(const char *name, int kind)
{
    GByteArray *attr = g_byte_array_new();

    wire_string(attr, 1, name);
    wire_int(attr, 20, kind);
    return attr;
}

void onnx_attr_int(OnnxNode *node, const char *name, gint64 number)
{
    GByteArray *attr = attr_head(name, 2);

    wire_int(attr, 3, number);
    wire_message(node->bytes, 5, attr);
}

void onnx_attr_float(OnnxNode *node, const char *name, float number)
{
    GByteArray *attr = attr_head(name, 1);

    wire_tag(attr, 2, 5);
    fixed_float(attr, number);
    wire_message(node->bytes, 5, attr);
}

void onnx_attr_string(OnnxNode *node, const char *name, const char *text)
{
    GByteArray *attr = attr_head(name, 3);

    wire_string(attr, 4, text);
    wire_message(node->bytes, 5, attr);
}

void onnx_attr_ints(OnnxNode *node, const char *name, int n, const gint64 *values)
{
    GByteArray *attr = attr_head(name, 7);

    for (int i = 0; i < n; i++)
        wire_int(attr, 8, values[i]);
    wire_message(node->bytes, 5, attr);
}

void onnx_attr_floats(OnnxNode *node, const char *name, int n, const float *values)
{
    GByteArray *attr = attr_head(name, 6);

    for (int i = 0; i < n; i++) {
        wire_tag(attr, 7, 5);
        fixed_float(attr, values[i]);
    }
    wire_message(node->bytes, 5, attr);
}

void onnx_attr_tensor(OnnxNode *node, const char *name, HeType type, int rank,
                      const gint64 *dim, const void *data, size_t bytes)
{
    GByteArray *attr = attr_head(name, 4);

    wire_message(attr, 5, tensor_raw("", type, rank, dim, data, bytes));
    wire_message(node->bytes, 5, attr);
}

/* ---- graphs and models --------------------------------------------------------------------------- */

OnnxGraph *onnx_graph_new(const char *name)
{
    OnnxGraph *graph = g_new(OnnxGraph, 1);

    graph->bytes = g_byte_array_new();
    graph->nodes = g_ptr_array_new_with_free_func(node_free);
    wire_string(graph->bytes, 2, name);
    return graph;
}

void onnx_graph_free(OnnxGraph *graph)
{
    g_byte_array_unref(graph->bytes);
    g_ptr_array_unref(graph->nodes);
    g_free(graph);
}

/* The GraphProto; frees GRAPH. */
static GByteArray *graph_bytes(OnnxGraph *graph)
{
    GByteArray *out = g_byte_array_ref(graph->bytes);

    for (guint i = 0; i < graph->nodes->len; i++) {
        const OnnxNode *node = g_ptr_array_index(graph->nodes, i);
        wire_bytes(out, 1, node->bytes->data, node->bytes->len);
    }
    onnx_graph_free(graph);
    return out;
}

void onnx_attr_graph(OnnxNode *node, const char *name, OnnxGraph *graph)
{
    GByteArray *attr = attr_head(name, 5);

    wire_message(attr, 6, graph_bytes(graph));
    wire_message(node->bytes, 5, attr);
}

void onnx_attr_ref(OnnxNode *node, const char *name, int kind, const char *ref)
{
    GByteArray *attr = attr_head(name, kind);

    wire_string(attr, 21, ref);
    wire_message(node->bytes, 5, attr);
}

static GByteArray *opset_message(int opset)
{
    GByteArray *import = g_byte_array_new();

    wire_string(import, 1, "");
    wire_int(import, 2, opset);
    return import;
}

GByteArray *onnx_function(OnnxGraph *body, const char *domain, const char *name,
                          const char *in, const char *out, int opset)
{
    GByteArray *function = g_byte_array_new();

    wire_string(function, 1, name);
    put_names(function, 4, in);
    put_names(function, 5, out);
    for (guint i = 0; i < body->nodes->len; i++) {
        const OnnxNode *node = g_ptr_array_index(body->nodes, i);
        wire_bytes(function, 7, node->bytes->data, node->bytes->len);
    }
    if (opset)
        wire_message(function, 9, opset_message(opset));
    wire_string(function, 10, domain);
    onnx_graph_free(body);
    return function;
}

GByteArray *onnx_bytes(OnnxGraph *graph, int opset)
{
    GByteArray *model = g_byte_array_new();

    wire_int(model, 1, 8);
    wire_string(model, 2, "human-eye tests");
    wire_message(model, 7, graph_bytes(graph));
    wire_message(model, 8, opset_message(opset));
    return model;
}

void onnx_write(OnnxGraph *graph, int opset, const char *path)
{
    g_autoptr(GByteArray) model = onnx_bytes(graph, opset);
    GError *error = NULL;

    g_file_set_contents(path, (const char *)model->data, (gssize)model->len, &error);
    g_assert_no_error(error);
}

GByteArray *onnx_graph_extra(OnnxGraph *graph)
{
    return graph->bytes;
}

GByteArray *onnx_node_extra(OnnxNode *node)
{
    return node->bytes;
}
