/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AttributeProto: one value of one of eight kinds. */
#include "model/onnx_read.h"

#include "core/alloc.h"

enum {
    ATTR_NAME = 1,
    ATTR_F,
    ATTR_I,
    ATTR_S,
    ATTR_T,
    ATTR_G,
    ATTR_FLOATS,
    ATTR_INTS,
    ATTR_STRINGS,
    ATTR_TENSORS,
    ATTR_GRAPHS,
    ATTR_TP = 14,
    ATTR_TYPE_PROTOS = 15,
    ATTR_TYPE = 20,
    ATTR_REF = 21,
    ATTR_SPARSE_TENSOR = 22,
    ATTR_SPARSE_TENSORS = 23
};

static gboolean read_attr_tensor(const HeWireField *field, HeAttr *attr, GError **error)
{
    HeWire wire;

    if (attr->t)
        return he_wire_error(&field->body, error, "a second tensor in one attribute");
    if (!he_wire_enter(field, "TensorProto", &wire, error))
        return FALSE;
    attr->t = g_new0(HeTensorDef, 1);
    return he_onnx_read_tensor(wire, attr->t, error);
}

static gboolean read_attr_graph(HeOnnxReader *reader, const HeWireField *field,
                                HeAttr *attr, GError **error)
{
    HeWire wire;

    if (attr->g)
        return he_wire_error(&field->body, error, "a second graph in one attribute");
    if (!he_wire_enter(field, "GraphProto", &wire, error))
        return FALSE;
    attr->g = g_new0(HeGraphDef, 1);
    return he_onnx_read_graph(reader, wire, attr->g, error);
}

/* The first look at an attribute: all but its lists of numbers, which are only counted. */
typedef struct {
    gint64 stated; /* its kind as the file says, 0: nothing */
    gint64 found;  /* as its fields tell; 0: none */
    size_t n;      /* of a list */
} AttrParts;

/* Which kind a field makes of the attribute; 0: none. */
static gint64 attr_kind(guint64 number)
{
    static const HeAttrKind kinds[] = {
        [ATTR_F] = HE_ATTR_FLOAT,   [ATTR_I] = HE_ATTR_INT,
        [ATTR_S] = HE_ATTR_STRING,  [ATTR_T] = HE_ATTR_TENSOR,
        [ATTR_G] = HE_ATTR_GRAPH,   [ATTR_FLOATS] = HE_ATTR_FLOATS,
        [ATTR_INTS] = HE_ATTR_INTS, [ATTR_STRINGS] = HE_ATTR_STRINGS,
    };

    return number < G_N_ELEMENTS(kinds) ? (gint64)kinds[number] : 0;
}

static const char *unsupported_part(guint64 number)
{
    switch (number) {
    case ATTR_TENSORS:
        return "a list of tensors";
    case ATTR_GRAPHS:
        return "a list of graphs";
    case ATTR_TP:
    case ATTR_TYPE_PROTOS:
        return "a type";
    case ATTR_REF:
        return "a parameter of a function";
    case ATTR_SPARSE_TENSOR:
    case ATTR_SPARSE_TENSORS:
        return "a sparse tensor";
    default:
        return NULL;
    }
}

static gboolean read_attr_part(HeOnnxReader *reader, const HeWireField *field,
                               HeAttr *attr, AttrParts *parts, GError **error)
{
    HeWire items;
    g_autofree char *text = NULL;

    switch (field->number) {
    case ATTR_NAME:
        return he_wire_string(field, &attr->name, error);
    case ATTR_TYPE:
        return he_wire_int(field, &parts->stated, error);
    case ATTR_F:
        return he_wire_float(field, &attr->f, error);
    case ATTR_I:
        return he_wire_int(field, &attr->i, error);
    case ATTR_S:
        return he_wire_string(field, &attr->s, error);
    case ATTR_T:
        return read_attr_tensor(field, attr, error);
    case ATTR_G:
        return read_attr_graph(reader, field, attr, error);
    case ATTR_FLOATS:
        return he_wire_items(field, HE_WIRE_FIXED32, &items, &parts->n, error);
    case ATTR_INTS:
        return he_wire_items(field, HE_WIRE_VARINT, &items, &parts->n, error);
    case ATTR_STRINGS:
        parts->n++;
        return he_wire_string(field, &text, error);
    case ATTR_REF:
        return he_wire_string(field, &attr->ref, error);
    default:
        return TRUE;
    }
}

static gboolean read_attr_parts(HeOnnxReader *reader, HeWire wire, HeAttr *attr,
                                AttrParts *parts, GError **error)
{
    HeWireField field;

    while (he_wire_next(&wire, &field, error)) {
        gint64 kind = attr_kind(field.number);
        const char *what = unsupported_part(field.number);
        if (what && !(field.number == ATTR_REF && reader->is_in_function)) {
            g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED, "attribute '%s' holds %s",
                        attr->name, what);
            return FALSE;
        }
        if (kind && parts->found && kind != parts->found)
            return he_wire_error(&field.body, error,
                                 "attribute '%s' has values of two kinds", attr->name);
        if (kind)
            parts->found = kind;
        if (!read_attr_part(reader, &field, attr, parts, error))
            return FALSE;
    }
    return !wire.has_failed;
}

/* The kind that is stated or, in old files, found. A value may be missing when it is the default, 0 or "". */
static gboolean settle_kind(const HeWire *wire, HeAttr *attr, const AttrParts *parts,
                            GError **error)
{
    gint64 kind = parts->stated ? parts->stated : parts->found;

    if (attr->ref) /* it becomes the call's */
        return TRUE;
    if (kind > HE_ATTR_STRINGS) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "attribute '%s' is of kind %" G_GINT64_FORMAT
                    " (a type, a sparse tensor or a list of graphs)",
                    attr->name, kind);
        return FALSE;
    }
    if (kind < HE_ATTR_FLOAT || (parts->found && kind != parts->found))
        return he_wire_error(
            wire, error, "attribute '%s' is not of the kind that it says", attr->name);
    attr->kind = (HeAttrKind)kind;
    if ((attr->kind == HE_ATTR_TENSOR && !attr->t) ||
        (attr->kind == HE_ATTR_GRAPH && !attr->g))
        return he_wire_error(wire, error, "attribute '%s' has no value", attr->name);
    if (attr->kind == HE_ATTR_STRING && !attr->s)
        attr->s = g_strdup("");
    return TRUE;
}

static gboolean read_list(HeWire wire, HeAttr *attr, GError **error)
{
    gboolean is_ints = attr->kind == HE_ATTR_INTS;
    guint64 number = is_ints ? ATTR_INTS : ATTR_FLOATS;
    HeWireType item = is_ints ? HE_WIRE_VARINT : HE_WIRE_FIXED32;
    size_t n = 0, count = 0;
    HeWireField field;
    HeWire items;
    guint64 value;

    while (he_wire_next(&wire, &field, error)) {
        if (field.number != number)
            continue;
        if (!he_wire_items(&field, item, &items, &count, error))
            return FALSE;
        for (; he_wire_item(&items, item, &value, error); n++)
            if (is_ints)
                attr->ints[n] = (gint64)value;
            else
                attr->floats[n] = he_wire_float_value(value);
        if (items.has_failed)
            return FALSE;
    }
    return !wire.has_failed;
}

gboolean he_onnx_read_attr(HeOnnxReader *reader, HeWire wire, HeAttr *attr,
                           GError **error)
{
    AttrParts parts = {0};

    attr->name = g_strdup("");
    if (!read_attr_parts(reader, wire, attr, &parts, error) ||
        !settle_kind(&wire, attr, &parts, error))
        return FALSE;
    if (!*attr->name)
        return he_wire_error(&wire, error, "an attribute without a name");
    attr->n = parts.n;
    if (parts.n == 0 || attr->ref || attr->kind == HE_ATTR_STRINGS)
        return TRUE;
    void *list = he_alloc(parts.n, sizeof(gint64), attr->name, error);
    if (attr->kind == HE_ATTR_INTS)
        attr->ints = list;
    else
        attr->floats = list;
    return list && read_list(wire, attr, error);
}

void he_onnx_clear_attr(HeAttr *attr)
{
    g_free(attr->name);
    g_free(attr->ref);
    g_free(attr->s);
    he_free(attr->ints);
    he_free(attr->floats);
    if (attr->t)
        he_onnx_clear_tensor(attr->t);
    if (attr->g)
        he_onnx_clear_graph(attr->g);
    g_free(attr->t);
    g_free(attr->g);
}
