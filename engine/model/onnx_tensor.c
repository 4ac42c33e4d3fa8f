/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* TensorProto: weights and constants. raw_data is used where it stands in the file; the typed fields
 * (float_data, int32_data, ...) are turned into the same form: little-endian, C order, in `owned`. */
#include "model/onnx_read.h"

#include <string.h>

#include "core/alloc.h"
#include "core/limits.h"

enum { /* fields of TensorProto */
       DIMS = 1,
       DATA_TYPE = 2,
       SEGMENT = 3,
       FLOAT_DATA = 4,
       INT32_DATA = 5,
       STRING_DATA = 6,
       INT64_DATA = 7,
       NAME = 8,
       RAW_DATA = 9,
       DOUBLE_DATA = 10,
       UINT64_DATA = 11,
       EXTERNAL_DATA = 13,
       DATA_LOCATION = 14
};

static const struct {
    HeType type;
    int field; /* that holds it when raw_data does not */
    HeWireType item;
} data_types[] = {
    [1] = {HE_F32, FLOAT_DATA, HE_WIRE_FIXED32},
    [2] = {HE_U8, INT32_DATA, HE_WIRE_VARINT},
    [3] = {HE_I8, INT32_DATA, HE_WIRE_VARINT},
    [4] = {HE_U16, INT32_DATA, HE_WIRE_VARINT},
    [5] = {HE_I16, INT32_DATA, HE_WIRE_VARINT},
    [6] = {HE_I32, INT32_DATA, HE_WIRE_VARINT},
    [7] = {HE_I64, INT64_DATA, HE_WIRE_VARINT},
    [9] = {HE_BOOL, INT32_DATA, HE_WIRE_VARINT},
    [10] = {HE_F16, INT32_DATA, HE_WIRE_VARINT},
    [11] = {HE_F64, DOUBLE_DATA, HE_WIRE_FIXED64},
    [12] = {HE_U32, UINT64_DATA, HE_WIRE_VARINT},
    [13] = {HE_U64, UINT64_DATA, HE_WIRE_VARINT},
    [16] = {HE_BF16, INT32_DATA, HE_WIRE_VARINT},
};

HeType he_onnx_type(gint64 data_type)
{
    return data_type >= 0 && data_type < (gint64)G_N_ELEMENTS(data_types)
               ? data_types[data_type].type
               : HE_TYPE_NONE;
}

/* The message as a first look finds it. */
typedef struct {
    gint64 data_type;
    size_t n_dims;
    gboolean is_raw, is_external, is_segment;
    int data_field; /* which typed field there is; 0: none */
} Parts;

static gboolean read_dims(const HeWireField *field, HeTensorDef *out, size_t *n_dims,
                          GError **error)
{
    HeWire items;
    guint64 dim;

    if (!he_wire_items(field, HE_WIRE_VARINT, &items, n_dims, error))
        return FALSE;
    if (*n_dims > HE_MAX_RANK)
        return he_wire_error(&items, error, "%zu dimensions, at most %d are accepted",
                             *n_dims, HE_MAX_RANK);
    while (he_wire_item(&items, HE_WIRE_VARINT, &dim, error))
        out->dim[out->rank++] = (gint64)dim;
    return !items.has_failed;
}

static gboolean note_data(const HeWireField *field, Parts *parts, GError **error)
{
    if (parts->is_raw || (parts->data_field && parts->data_field != (int)field->number))
        return he_wire_error(&field->body, error, "its numbers are given twice");
    parts->data_field = (int)field->number;
    return TRUE;
}

static gboolean note_raw(const HeWireField *field, HeTensorDef *out, Parts *parts,
                         GError **error)
{
    HeWire raw;

    if (parts->is_raw || parts->data_field)
        return he_wire_error(&field->body, error, "its numbers are given twice");
    if (!he_wire_enter(field, field->body.message, &raw, error))
        return FALSE;
    parts->is_raw = TRUE;
    out->raw = raw.at;
    out->raw_bytes = (size_t)(raw.end - raw.at);
    return TRUE;
}

static gboolean read_part(const HeWireField *field, HeTensorDef *out, Parts *parts,
                          GError **error)
{
    gint64 location;

    switch (field->number) {
    case DIMS:
        return read_dims(field, out, &parts->n_dims, error);
    case DATA_TYPE:
        return he_wire_int(field, &parts->data_type, error);
    case NAME:
        return he_wire_string(field, &out->name, error);
    case RAW_DATA:
        return note_raw(field, out, parts, error);
    case SEGMENT:
        parts->is_segment = TRUE;
        return TRUE;
    case EXTERNAL_DATA:
        parts->is_external = TRUE;
        return he_onnx_read_external(field, out, error);
    case DATA_LOCATION:
        if (!he_wire_int(field, &location, error))
            return FALSE;
        parts->is_external |= location != 0;
        return TRUE;
    case FLOAT_DATA:
    case INT32_DATA:
    case STRING_DATA:
    case INT64_DATA:
    case DOUBLE_DATA:
    case UINT64_DATA:
        return note_data(field, parts, error);
    default:
        return TRUE;
    }
}

static gboolean check_supported(const HeTensorDef *tensor, const Parts *parts,
                                GError **error)
{
    const char *why = NULL;

    if (parts->is_segment)
        why = "is stored in segments";
    if (why)
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED, "tensor '%s' %s", tensor->name,
                    why);
    else if (tensor->type == HE_TYPE_NONE)
        g_set_error(
            error, HE_ERROR, HE_ERROR_UNSUPPORTED,
            "tensor '%s' holds elements of data type %" G_GINT64_FORMAT
            " (texts, complex, 8-bit or 4-bit floats), which nothing here computes with",
            tensor->name, parts->data_type);
    return !why && tensor->type != HE_TYPE_NONE;
}

/* The number of elements; an error when it is beyond limits. */
static gboolean check_shape(const HeTensorDef *tensor, const HeWire *wire, size_t *n,
                            GError **error)
{
    HeTensor shape = {.type = tensor->type, .rank = tensor->rank};

    memcpy(shape.dim, tensor->dim, sizeof shape.dim);
    if (he_tensor_check_size(&shape, n))
        return TRUE;
    g_autofree char *text = he_tensor_shape_text(&shape);
    return he_wire_error(wire, error, "tensor '%s' has the impossible shape %s",
                         tensor->name, text);
}

/* An integer of SIZE bytes, as its sign extended or plain. */
static gboolean fits(guint64 value, size_t size)
{
    gint64 number = (gint64)value;

    if (size == 8)
        return TRUE;
    return number >= -((gint64)1 << (8 * size - 1)) && number < (gint64)1 << (8 * size);
}

/* Appends one field's numbers at *P. */
static gboolean decode_field(const HeTensorDef *tensor, HeWire items, HeWireType item,
                             guint8 **p, GError **error)
{
    size_t size = he_type_size(tensor->type);
    guint64 value;

    if (item != HE_WIRE_VARINT) { /* stored as they are to be */
        memcpy(*p, items.at, (size_t)(items.end - items.at));
        *p += items.end - items.at;
        return TRUE;
    }
    while (he_wire_item(&items, item, &value, error)) {
        if (!fits(value, size))
            return he_wire_error(&items, error, "%" G_GINT64_FORMAT " is no %s",
                                 (gint64)value, he_type_name(tensor->type));
        for (size_t i = 0; i < size; i++)
            *(*p)++ = (guint8)(value >> (8 * i));
    }
    return !items.has_failed;
}

/* Goes over the fields FIELD of the message: counts their numbers, or decodes them when P is given. */
static gboolean walk_data(const HeTensorDef *tensor, HeWire wire, gint64 data_type,
                          size_t *count, guint8 *p, GError **error)
{
    HeWireType item = data_types[data_type].item;
    HeWireField field;
    HeWire items;

    while (he_wire_next(&wire, &field, error)) {
        if (field.number != (guint64)data_types[data_type].field)
            continue;
        if (!he_wire_items(&field, item, &items, count, error))
            return FALSE;
        if (p && !decode_field(tensor, items, item, &p, error))
            return FALSE;
    }
    return !wire.has_failed;
}

static gboolean check_count(const HeTensorDef *tensor, const HeWire *wire, size_t found,
                            size_t expected, const char *unit, GError **error)
{
    HeTensor shape = {.type = tensor->type, .rank = tensor->rank};

    if (found == expected)
        return TRUE;
    memcpy(shape.dim, tensor->dim, sizeof shape.dim);
    g_autofree char *text = he_tensor_shape_text(&shape);
    return he_wire_error(wire, error, "tensor '%s' (%s %s) holds %zu %s, expected %zu",
                         tensor->name, he_type_name(tensor->type), text, found, unit,
                         expected);
}

static gboolean read_typed_data(HeTensorDef *tensor, HeWire wire, const Parts *parts,
                                size_t n, GError **error)
{
    size_t count = 0, again = 0, size = he_type_size(tensor->type);

    if (parts->data_field && parts->data_field != data_types[parts->data_type].field)
        return he_wire_error(&wire, error,
                             "tensor '%s' of type %s has its numbers in field %d",
                             tensor->name, he_type_name(tensor->type), parts->data_field);
    if (!walk_data(tensor, wire, parts->data_type, &count, NULL, error) ||
        !check_count(tensor, &wire, count, n, "numbers", error))
        return FALSE;
    if (n == 0)
        return TRUE;
    tensor->owned = he_alloc(n, size, tensor->name, error);
    if (!tensor->owned)
        return FALSE;
    tensor->raw = tensor->owned;
    tensor->raw_bytes = n * size;
    return walk_data(tensor, wire, parts->data_type, &again, tensor->owned, error);
}

gboolean he_onnx_read_tensor(HeWire wire, HeTensorDef *out, GError **error)
{
    HeWire rest = wire;
    HeWireField field;
    Parts parts = {0};
    size_t n;

    out->name = g_strdup("");
    while (he_wire_next(&rest, &field, error))
        if (!read_part(&field, out, &parts, error))
            return FALSE;
    if (rest.has_failed)
        return FALSE;
    out->type = he_onnx_type(parts.data_type);
    if (!check_supported(out, &parts, error) || !check_shape(out, &wire, &n, error))
        return FALSE;
    if (parts.is_external) {
        if (!out->external || parts.is_raw || parts.data_field)
            return he_wire_error(&wire, error,
                                 "tensor '%s' has external data, but not there alone",
                                 out->name);
        return TRUE;
    }
    if (!parts.is_raw)
        return read_typed_data(out, wire, &parts, n, error);
    return check_count(out, &wire, out->raw_bytes, n * he_type_size(out->type), "bytes",
                       error);
}

void he_onnx_clear_tensor(HeTensorDef *tensor)
{
    g_free(tensor->name);
    he_free(tensor->owned);
    he_onnx_clear_external(tensor);
}
