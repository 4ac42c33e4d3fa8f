/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Modules that nodes belong to. PyTorch's newer exporter names tensors `layer_norm_22` and writes into the node's
 * metadata_props the path through the modules, as Python spells a list, the operator last:
 *
 *   pkg.torch.onnx.name_scopes = ['', 'blocks', 'blocks.0', 'blocks.0.norm1', 'layer_norm_22']
 *
 * Other entries (stack traces, of any length) are not read. */
#include "model/onnx_read.h"

#include <string.h>

#include "core/limits.h"

#define SCOPES "pkg.torch.onnx.name_scopes"

enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };

gboolean he_onnx_read_entry(const HeWireField *field, HeWireField *key,
                            HeWireField *value, GError **error)
{
    HeWire wire;
    HeWireField part;

    if (!he_wire_enter(field, "StringStringEntryProto", &wire, error))
        return FALSE;
    while (he_wire_next(&wire, &part, error)) {
        if (part.number == ENTRY_KEY)
            *key = part;
        if (part.number == ENTRY_VALUE)
            *value = part;
    }
    return !wire.has_failed;
}

static size_t size_of(const HeWireField *field)
{
    return field->type == HE_WIRE_BYTES ? (size_t)(field->body.end - field->body.at) : 0;
}

/* The last item but one; NULL where there is none, or the node stands in no module but the network. */
static char *innermost(const char *scopes)
{
    g_auto(GStrv) parts = g_strsplit(scopes, "'", -1); /* every odd one is an item */
    guint n_items = g_strv_length(parts) / 2;
    const char *module = n_items >= 2 ? parts[2 * (n_items - 2) + 1] : "";
    return *module ? g_strdup(module) : NULL;
}

gboolean he_onnx_read_scope(const HeWireField *field, char **module, GError **error)
{
    HeWireField key = {0}, value = {0};

    if (!he_onnx_read_entry(field, &key, &value, error))
        return FALSE;
    if (size_of(&key) != strlen(SCOPES) ||
        memcmp(key.body.at, SCOPES, strlen(SCOPES)) != 0 || size_of(&value) > HE_MAX_NAME)
        return TRUE;
    g_autofree char *text = NULL;
    if (!he_wire_string(&value, &text, error))
        return FALSE;
    g_free(*module);
    *module = innermost(text);
    return TRUE;
}
