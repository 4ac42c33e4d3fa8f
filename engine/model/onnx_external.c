/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* External data: tensors whose numbers stand in files beside the model. Such a file is named by a path relative to
 * the model's folder and must lie inside it, links followed: a model is no way to read other files. */
#include <string.h>

#include "core/limits.h"
#include "core/tensor.h"
#include "model/file.h"
#include "model/onnx_read.h"

static gboolean read_number(const HeWire *wire, const char *key, const char *text,
                            gint64 *out, GError **error)
{
    guint64 value;
    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL))
        return he_wire_error(wire, error, "%s of its external data is '%s'", key, text);
    *out = (gint64)value;
    return TRUE;
}

gboolean he_onnx_read_external(const HeWireField *field, HeTensorDef *out, GError **error)
{
    g_autofree char *key = g_strdup(""), *value = g_strdup("");
    HeWire wire = field->body;
    HeWireField parts[2] = {0};

    if (!he_onnx_read_entry(field, &parts[0], &parts[1], error) ||
        (parts[0].number && !he_wire_string(&parts[0], &key, error)) ||
        (parts[1].number && !he_wire_string(&parts[1], &value, error)))
        return FALSE;
    if (!out->external) {
        out->external = g_new0(HeExternal, 1);
        out->external->length = -1;
    }
    if (strcmp(key, "offset") == 0)
        return read_number(&wire, key, value, &out->external->offset, error);
    if (strcmp(key, "length") == 0)
        return read_number(&wire, key, value, &out->external->length, error);
    if (strcmp(key, "location") == 0) {
        g_free(out->external->location);
        out->external->location = g_steal_pointer(&value);
    }
    return TRUE; /* a checksum, or what later versions add */
}

void he_onnx_clear_external(HeTensorDef *tensor)
{
    if (tensor->external)
        g_free(tensor->external->location);
    g_clear_pointer(&tensor->external, g_free);
}

/* ---- files --------------------------------------------------------------------------------------------------- */

typedef struct {
    HeOnnx *onnx;
    const char *folder;
} Resolver;

static gboolean refuse(const HeTensorDef *tensor, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean refuse(const HeTensorDef *tensor, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, HE_ERROR, HE_ERROR_IO,
                "tensor '%s' has its numbers in the file '%s', %s", tensor->name,
                tensor->external->location ? tensor->external->location : "", text);
    return FALSE;
}

static GMappedFile *map_file(const Resolver *resolver, const HeTensorDef *tensor,
                             GError **error)
{
    const char *location = tensor->external->location;
    GMappedFile *file =
        location ? g_hash_table_lookup(resolver->onnx->files, location) : NULL;
    if (file)
        return file;
    if (!location || !he_path_is_below(location)) {
        refuse(tensor, error, "expected a path inside the model's folder");
        return NULL;
    }
    g_autofree char *path = he_path_inside(resolver->folder, location);
    if (!path) {
        refuse(tensor, error, "which is not in the model's folder");
        return NULL;
    }
    file = he_file_map(path, G_MAXINT64, error);
    if (!file) {
        g_prefix_error(error, "'%s' with the numbers of tensor '%s': ", location,
                       tensor->name);
        return NULL;
    }
    g_hash_table_insert(resolver->onnx->files, g_strdup(location), file);
    return file;
}

static gboolean resolve_tensor(const Resolver *resolver, HeTensorDef *tensor,
                               GError **error)
{
    HeTensor shape;
    if (!tensor->external)
        return TRUE;
    he_tensor_init(&shape, tensor->type, tensor->rank, tensor->dim);
    size_t bytes = he_tensor_bytes(&shape);
    GMappedFile *file = map_file(resolver, tensor, error);
    if (!file)
        return FALSE;
    size_t offset = (size_t)tensor->external->offset,
           size = g_mapped_file_get_length(file);
    if (tensor->external->length >= 0 && (size_t)tensor->external->length != bytes)
        return refuse(tensor, error,
                      "%" G_GINT64_FORMAT " bytes, expected %" G_GSIZE_FORMAT,
                      tensor->external->length, bytes);
    if (offset > size || bytes > size - offset)
        return refuse(tensor, error,
                      "which has %" G_GSIZE_FORMAT " bytes, expected %" G_GSIZE_FORMAT
                      " from %" G_GSIZE_FORMAT " on",
                      size, bytes, offset);
    tensor->raw =
        bytes ? (const guint8 *)g_mapped_file_get_contents(file) + offset : NULL;
    tensor->raw_bytes = bytes;
    return TRUE;
}

static gboolean resolve_graph(const Resolver *resolver, HeGraphDef *graph,
                              GError **error);

/* What an attribute holds need not have a name of its own: the node's stands in front. */
static gboolean resolve_node(const Resolver *resolver, const HeNodeDef *node,
                             GError **error)
{
    for (int k = 0; k < node->n_attrs; k++) {
        const HeAttr *attr = &node->attrs[k];
        if (attr->t && !resolve_tensor(resolver, attr->t, error)) {
            g_prefix_error(error, "node %s '%s': ", node->op_type,
                           he_node_def_get_label(node));
            return FALSE;
        }
        if (attr->g && !resolve_graph(resolver, attr->g, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean resolve_graph(const Resolver *resolver, HeGraphDef *graph, GError **error)
{
    for (int i = 0; i < graph->n_initializers; i++)
        if (!resolve_tensor(resolver, &graph->initializers[i], error)) {
            he_onnx_prefix_reader(graph, graph->initializers[i].name, error);
            return FALSE;
        }
    for (int i = 0; i < graph->n_nodes; i++)
        if (!resolve_node(resolver, &graph->nodes[i], error))
            return FALSE;
    return TRUE;
}

gboolean he_onnx_resolve_external(HeOnnx *onnx, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    const Resolver resolver = {onnx, folder};
    return resolve_graph(&resolver, &onnx->graph, error);
}
