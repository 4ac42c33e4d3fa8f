/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The protobuf wire format, read in place (wire.h). */
#include "model/wire.h"

#include <string.h>

#include "core/limits.h"

gboolean he_wire_error(const HeWire *wire, GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL, "%s at byte %zu: %s",
                wire->message, (size_t)(wire->at - wire->file), text);
    return FALSE;
}

void he_wire_init(HeWire *wire, const guint8 *data, size_t n, const char *message)
{
    *wire = (HeWire){.file = data, .at = data, .end = data + n, .message = message};
}

/* Leaves `at` in front of what could not be read, so that errors point there. */
static gboolean read_varint(HeWire *wire, guint64 *out, GError **error)
{
    size_t left = (size_t)(wire->end - wire->at);
    guint64 value = 0;

    for (size_t i = 0; i < left && i < 10; i++) {
        guint8 byte = wire->at[i];
        if (i == 9 && byte > 1)
            return he_wire_error(wire, error, "a number of more than 64 bits");
        value |= (guint64)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            wire->at += i + 1;
            *out = value;
            return TRUE;
        }
    }
    return he_wire_error(wire, error, "cut short inside a number");
}

static gboolean read_fixed(HeWire *wire, size_t size, guint64 *out, GError **error)
{
    size_t left = (size_t)(wire->end - wire->at);
    guint64 value = 0;

    if (left < size)
        return he_wire_error(wire, error, "cut short: %zu bytes are needed, %zu are left",
                             size, left);
    for (size_t i = 0; i < size; i++)
        value |= (guint64)wire->at[i] << (8 * i);
    wire->at += size;
    *out = value;
    return TRUE;
}

static gboolean read_value(HeWire *wire, HeWireType type, guint64 *out, GError **error)
{
    if (type == HE_WIRE_VARINT)
        return read_varint(wire, out, error);
    return read_fixed(wire, type == HE_WIRE_FIXED32 ? 4 : 8, out, error);
}

/* The length and the bytes after it. */
static gboolean read_bytes(HeWire *wire, HeWireField *field, GError **error)
{
    guint64 n = 0;

    if (!read_varint(wire, &n, error))
        return FALSE;
    if (n > (guint64)(wire->end - wire->at))
        return he_wire_error(wire, error,
                             "cut short: field %" G_GUINT64_FORMAT
                             " says it has %" G_GUINT64_FORMAT " bytes, %zu are left",
                             field->number, n, (size_t)(wire->end - wire->at));
    field->body.at = wire->at;
    wire->at += n;
    return TRUE;
}

static gboolean read_field(HeWire *wire, HeWireField *field, GError **error)
{
    HeWire start = *wire;
    guint64 tag = 0;

    if (!read_varint(wire, &tag, error))
        return FALSE;
    field->number = tag >> 3;
    field->type = (HeWireType)(tag & 7);
    if (field->number == 0 || field->number >= 1 << 29)
        return he_wire_error(&start, error, "no field has the number %" G_GUINT64_FORMAT,
                             field->number);
    field->value = 0;
    field->body = *wire;
    switch (field->type) {
    case HE_WIRE_VARINT:
    case HE_WIRE_FIXED32:
    case HE_WIRE_FIXED64:
        return read_value(wire, field->type, &field->value, error);
    case HE_WIRE_BYTES:
        return read_bytes(wire, field, error);
    default:
        return he_wire_error(&start, error,
                             "field %" G_GUINT64_FORMAT
                             " has wire type %d, which ONNX never uses",
                             field->number, (int)field->type);
    }
}

gboolean he_wire_next(HeWire *wire, HeWireField *field, GError **error)
{
    if (wire->at == wire->end)
        return FALSE;
    if (!read_field(wire, field, error)) {
        wire->has_failed = TRUE;
        return FALSE;
    }
    field->body.end = wire->at;
    return TRUE;
}

static gboolean check_type(const HeWireField *field, HeWireType type, GError **error)
{
    if (field->type == type)
        return TRUE;
    return he_wire_error(&field->body, error,
                         "field %" G_GUINT64_FORMAT " has wire type %d, expected %d",
                         field->number, (int)field->type, (int)type);
}

gboolean he_wire_enter(const HeWireField *field, const char *message, HeWire *out,
                       GError **error)
{
    if (!check_type(field, HE_WIRE_BYTES, error))
        return FALSE;
    *out = field->body;
    out->message = message;
    return TRUE;
}

gboolean he_wire_int(const HeWireField *field, gint64 *out, GError **error)
{
    if (!check_type(field, HE_WIRE_VARINT, error))
        return FALSE;
    *out = (gint64)field->value;
    return TRUE;
}

double he_wire_float_value(guint64 bits)
{
    guint32 low = (guint32)bits;
    float value;

    memcpy(&value, &low, sizeof value);
    return value;
}

gboolean he_wire_float(const HeWireField *field, double *out, GError **error)
{
    if (!check_type(field, HE_WIRE_FIXED32, error))
        return FALSE;
    *out = he_wire_float_value(field->value);
    return TRUE;
}

gboolean he_wire_string(const HeWireField *field, char **out, GError **error)
{
    const HeWire *body = &field->body;
    size_t n = (size_t)(body->end - body->at);

    if (!check_type(field, HE_WIRE_BYTES, error))
        return FALSE;
    if (n > HE_MAX_NAME)
        return he_wire_error(body, error,
                             "field %" G_GUINT64_FORMAT
                             " is a text of %zu bytes, at most %d are accepted",
                             field->number, n, HE_MAX_NAME);
    if (!g_utf8_validate_len((const char *)body->at, n, NULL))
        return he_wire_error(body, error, "field %" G_GUINT64_FORMAT " is not UTF-8 text",
                             field->number);
    g_free(*out);
    *out = g_strndup((const char *)body->at, n);
    return TRUE;
}

static gboolean count_items(const HeWire *items, HeWireType item, size_t *count,
                            GError **error)
{
    size_t n = (size_t)(items->end - items->at), size = item == HE_WIRE_FIXED32 ? 4 : 8;

    if (item == HE_WIRE_VARINT) {
        for (const guint8 *p = items->at; p < items->end; p++)
            *count += *p < 0x80;
        return TRUE;
    }
    if (n % size != 0)
        return he_wire_error(items, error,
                             "%zu bytes are no whole number of %zu-byte values", n, size);
    *count += n / size;
    return TRUE;
}

gboolean he_wire_items(const HeWireField *field, HeWireType item, HeWire *out,
                       size_t *count, GError **error)
{
    if (field->type != HE_WIRE_BYTES && !check_type(field, item, error))
        return FALSE;
    *out = field->body;
    return count_items(out, item, count, error);
}

gboolean he_wire_item(HeWire *items, HeWireType item, guint64 *value, GError **error)
{
    if (items->at == items->end)
        return FALSE;
    if (read_value(items, item, value, error))
        return TRUE;
    items->has_failed = TRUE;
    return FALSE;
}
