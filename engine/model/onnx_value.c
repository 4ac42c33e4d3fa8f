/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ValueInfoProto: the name, type and shape of an input or output. What is no tensor has neither. */
#include "model/onnx_read.h"

#include "core/limits.h"

enum {
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_ELEM = 1,
    TENSOR_SHAPE = 2
};
enum { SHAPE_DIM = 1, DIM_VALUE = 1 };

/* A dimension with a name, without a value, or of 0 or less (how some exporters write "any") is free. */
static gboolean read_dim(HeWire wire, HeValueDef *out, GError **error)
{
    HeWireField field;
    gint64 value = -1;

    if (out->rank == HE_MAX_RANK)
        return he_wire_error(&wire, error, "'%s' has more than %d dimensions", out->name,
                             HE_MAX_RANK);
    while (he_wire_next(&wire, &field, error))
        if (field.number == DIM_VALUE && !he_wire_int(&field, &value, error))
            return FALSE;
    out->dim[out->rank++] = value > 0 ? value : -1;
    return !wire.has_failed;
}

static gboolean read_shape(HeWire wire, HeValueDef *out, GError **error)
{
    HeWireField field;
    HeWire dim;

    out->rank = 0;
    while (he_wire_next(&wire, &field, error))
        if (field.number == SHAPE_DIM &&
            (!he_wire_enter(&field, "Dimension", &dim, error) ||
             !read_dim(dim, out, error)))
            return FALSE;
    return !wire.has_failed;
}

static gboolean read_tensor_type(HeWire wire, HeValueDef *out, GError **error)
{
    HeWireField field;
    HeWire shape;
    gint64 type = 0;

    while (he_wire_next(&wire, &field, error)) {
        if (field.number == TENSOR_ELEM && !he_wire_int(&field, &type, error))
            return FALSE;
        if (field.number == TENSOR_SHAPE &&
            (!he_wire_enter(&field, "TensorShapeProto", &shape, error) ||
             !read_shape(shape, out, error)))
            return FALSE;
    }
    out->type = he_onnx_type(type);
    return !wire.has_failed;
}

static gboolean read_type(HeWire wire, HeValueDef *out, GError **error)
{
    HeWireField field;
    HeWire tensor;

    while (he_wire_next(&wire, &field, error))
        if (field.number == TYPE_TENSOR &&
            (!he_wire_enter(&field, "TypeProto.Tensor", &tensor, error) ||
             !read_tensor_type(tensor, out, error)))
            return FALSE;
    return !wire.has_failed;
}

/* The dims that are known must not make more elements than any tensor may have. */
static gboolean check_value(const HeWire *wire, const HeValueDef *value, GError **error)
{
    HeTensor known = {.type = HE_U8};
    size_t n;

    if (!*value->name)
        return he_wire_error(wire, error, "an input or output without a name");
    for (int i = 0; i < value->rank; i++)
        if (value->dim[i] >= 0)
            known.dim[known.rank++] = value->dim[i];
    if (he_tensor_check_size(&known, &n))
        return TRUE;
    g_autofree char *text = he_tensor_shape_text(&known);
    return he_wire_error(wire, error, "'%s' has the impossible shape %s", value->name,
                         text);
}

gboolean he_onnx_read_value(HeWire wire, HeValueDef *out, GError **error)
{
    HeWire rest = wire, type;
    HeWireField field;

    out->name = g_strdup("");
    out->rank = -1;
    while (he_wire_next(&rest, &field, error)) {
        if (field.number == VALUE_NAME && !he_wire_string(&field, &out->name, error))
            return FALSE;
        if (field.number == VALUE_TYPE &&
            (!he_wire_enter(&field, "TypeProto", &type, error) ||
             !read_type(type, out, error)))
            return FALSE;
    }
    return !rest.has_failed && check_value(&wire, out, error);
}
