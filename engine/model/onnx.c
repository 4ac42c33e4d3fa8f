/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ModelProto: opens and maps an ONNX file (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
#include "model/onnx.h"
#include "core/os.h"

#include "model/file.h"
#include "model/onnx_read.h"

#define MAX_ITEMS 2000000 /* names, attributes, tensors and values of one file */

enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER = 2,
    MODEL_GRAPH = 7,
    MODEL_OPSET_IMPORT = 8,
    MODEL_FUNCTIONS = 25
};
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };

gboolean he_onnx_count_items(HeOnnxReader *reader, const HeWire *at, size_t n,
                             GError **error)
{
    if (n > MAX_ITEMS - reader->n_items)
        return he_wire_error(at, error, "more than %d names, attributes and tensors",
                             MAX_ITEMS);
    reader->n_items += n;
    return TRUE;
}

/* What needs another domain fails at its node. */
gboolean he_onnx_read_opset(HeWire wire, int *opset, GError **error)
{
    HeWire rest = wire;
    HeWireField field;
    g_autofree char *domain = g_strdup("");
    gint64 version = 0;

    while (he_wire_next(&rest, &field, error)) {
        if (field.number == OPSET_DOMAIN && !he_wire_string(&field, &domain, error))
            return FALSE;
        if (field.number == OPSET_VERSION && !he_wire_int(&field, &version, error))
            return FALSE;
    }
    if (rest.has_failed)
        return FALSE;
    if (*domain && g_strcmp0(domain, "ai.onnx") != 0)
        return TRUE;
    if (*opset && *opset != version)
        return he_wire_error(&wire, error, "two opsets of the default domain");
    if (version < HE_MIN_OPSET || version > HE_MAX_OPSET) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "it uses ONNX opset %" G_GINT64_FORMAT
                    ", known are %d to %d; export it with opset_version=17",
                    version, HE_MIN_OPSET, HE_MAX_OPSET);
        return FALSE;
    }
    *opset = (int)version;
    return TRUE;
}

static gboolean read_function(HeOnnxReader *reader, const HeWireField *field,
                              HeOnnx *onnx, GError **error)
{
    HeFunctionDef *function = g_new0(HeFunctionDef, 1);
    HeWire wire;

    g_ptr_array_add(onnx->functions, function);
    return he_wire_enter(field, "FunctionProto", &wire, error) &&
           he_onnx_read_function(reader, wire, function, error);
}

static gboolean read_part(HeOnnxReader *reader, const HeWireField *field, HeOnnx *onnx,
                          gboolean *has_graph, GError **error)
{
    HeWire wire;

    switch (field->number) {
    case MODEL_IR_VERSION:
        return he_wire_int(field, &onnx->ir_version, error);
    case MODEL_PRODUCER:
        return he_wire_string(field, &onnx->producer, error);
    case MODEL_OPSET_IMPORT:
        return he_wire_enter(field, "OperatorSetIdProto", &wire, error) &&
               he_onnx_read_opset(wire, &onnx->opset, error);
    case MODEL_FUNCTIONS:
        return read_function(reader, field, onnx, error);
    case MODEL_GRAPH:
        if (*has_graph)
            return he_wire_error(&field->body, error, "a second graph");
        *has_graph = TRUE;
        return he_wire_enter(field, "GraphProto", &wire, error) &&
               he_onnx_read_graph(reader, wire, &onnx->graph, error);
    default:
        return TRUE;
    }
}

static gboolean read_model(HeOnnxReader *reader, HeWire wire, HeOnnx *onnx,
                           GError **error)
{
    HeWire rest = wire;
    HeWireField field;
    gboolean has_graph = FALSE;

    while (he_wire_next(&rest, &field, error))
        if (!read_part(reader, &field, onnx, &has_graph, error))
            return FALSE;
    if (rest.has_failed)
        return FALSE;
    if (!has_graph)
        return he_wire_error(&wire, error, "there is no graph in it");
    if (onnx->graph.n_nodes == 0 || onnx->graph.n_outputs == 0)
        return he_wire_error(&wire, error, "its graph has %d nodes and %d outputs",
                             onnx->graph.n_nodes, onnx->graph.n_outputs);
    /* Files older than IR version 3 name no opset: it is 1. */
    if (onnx->opset == 0 && onnx->ir_version >= 3)
        return he_wire_error(&wire, error, "the opset is not stated");
    onnx->opset = onnx->opset ? onnx->opset : HE_MIN_OPSET;
    return TRUE;
}

/* What protobuf makes of a foreign file helps nobody: say what the file looks like instead. */
static void explain_failure(const guint8 *data, size_t n, GError **error)
{
    const char *guess = he_onnx_guess_format(data, n);

    if (!g_error_matches(*error, HE_ERROR, HE_ERROR_CORRUPT_MODEL))
        return;
    if (guess) {
        g_clear_error(error);
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL, "not an ONNX file: %s",
                    guess);
    } else {
        g_prefix_error(error, "a damaged or cut ONNX file, or none at all: ");
    }
}

HeOnnx *he_onnx_open(const char *path, GError **error)
{
    g_autoptr(HeOnnx) onnx = g_new0(HeOnnx, 1);
    g_autofree char *shown = g_filename_display_name(path);
    g_autoptr(GError) failure = NULL;
    HeOnnxReader reader = {0};
    HeWire wire;

    onnx->producer = g_strdup("");
    onnx->functions =
        g_ptr_array_new_with_free_func((GDestroyNotify)he_onnx_free_function);
    onnx->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify)g_mapped_file_unref);
    onnx->file = he_file_map(path, G_MAXINT64, &failure);
    if (onnx->file) {
        const guint8 *data = (const guint8 *)g_mapped_file_get_contents(onnx->file);
        size_t n = g_mapped_file_get_length(onnx->file);
        he_wire_init(&wire, data, n, "ModelProto");
        if (!read_model(&reader, wire, onnx, &failure))
            explain_failure(data, n, &failure);
        else if (he_onnx_inline(&reader, onnx, &failure) &&
                 he_onnx_resolve_external(onnx, path, &failure))
            return g_steal_pointer(&onnx);
    }
    g_propagate_prefixed_error(error, g_steal_pointer(&failure), "%s: ", shown);
    return NULL;
}

const char *he_node_def_get_label(const HeNodeDef *node)
{
    if (node->name[0])
        return node->name;
    /* NULL: reading it failed, which is what the message is about. */
    return node->n_out >= 1 && node->out[0] ? node->out[0] : "";
}

static gboolean is_inside(GMappedFile *file, const HeTensorDef *tensor)
{
    gsize begin = (gsize)g_mapped_file_get_contents(file), at = (gsize)tensor->raw;
    return at >= begin && at - begin <= g_mapped_file_get_length(file) &&
           tensor->raw_bytes <= g_mapped_file_get_length(file) - (at - begin);
}

void he_onnx_let_go(const HeOnnx *onnx, const HeTensorDef *tensor)
{
    gboolean is_mapped = is_inside(onnx->file, tensor);
    GHashTableIter all;
    gpointer file;
    g_hash_table_iter_init(&all, onnx->files);
    while (!is_mapped && g_hash_table_iter_next(&all, NULL, &file))
        is_mapped = is_inside(file, tensor);
    if (is_mapped)
        he_os_let_go(tensor->raw, tensor->raw_bytes);
}

void he_onnx_free(HeOnnx *onnx)
{
    if (!onnx)
        return;
    he_onnx_clear_graph(&onnx->graph);
    g_free(onnx->producer);
    g_clear_pointer(&onnx->functions, g_ptr_array_unref);
    g_clear_pointer(&onnx->files, g_hash_table_unref);
    g_clear_pointer(&onnx->file, g_mapped_file_unref);
    g_free(onnx);
}
