/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The protobuf wire format, read in place. A message is a run of fields: a tag (number << 3 | type), then a
 * varint, 4 or 8 little-endian bytes, or a length and that many bytes. Nothing is allocated except strings;
 * no byte outside the message is touched. Groups, field 0 and varints of more than 64 bits are refused.
 * https://protobuf.dev/programming-guides/encoding/ */
#ifndef HE_MODEL_WIRE_H
#define HE_MODEL_WIRE_H

#include "human-eye.h"

typedef enum {
    HE_WIRE_VARINT = 0,
    HE_WIRE_FIXED64 = 1,
    HE_WIRE_BYTES = 2,
    HE_WIRE_FIXED32 = 5
} HeWireType;

/* A message, or a run of packed numbers, that is being read. */
typedef struct {
    const guint8 *file;     /* byte 0 of error messages */
    const guint8 *at, *end; /* what is left */
    const char *message;    /* "NodeProto"; static */
    gboolean has_failed;
} HeWire;

typedef struct {
    guint64 number;
    HeWireType type;
    guint64 value; /* of a varint or fixed field */
    HeWire
        body; /* the bytes of the value: a packed run of one, unless it is HE_WIRE_BYTES */
} HeWireField;

void he_wire_init(HeWire *wire, const guint8 *data, size_t n, const char *message);
/* FALSE at the end and on errors; `has_failed` tells them apart:
 *     while (he_wire_next(&wire, &field, error)) { ... }
 *     return !wire.has_failed; */
gboolean he_wire_next(HeWire *wire, HeWireField *field, GError **error);

/* The field as what it should be; an error when it has another wire type. */
gboolean he_wire_enter(const HeWireField *field, const char *message, HeWire *out,
                       GError **error);
gboolean he_wire_int(const HeWireField *field, gint64 *out, GError **error);
gboolean he_wire_float(const HeWireField *field, double *out, GError **error);
/* A checked copy (UTF-8, no NUL, at most HE_MAX_NAME bytes) that replaces *OUT; free with g_free. */
gboolean he_wire_string(const HeWireField *field, char **out, GError **error);

/* Repeated numbers, packed or one by one: the run of them in this field, to be read with he_wire_item.
 * COUNT is increased by how many there are. */
gboolean he_wire_items(const HeWireField *field, HeWireType item, HeWire *out,
                       size_t *count, GError **error);
gboolean he_wire_item(HeWire *items, HeWireType item, guint64 *value, GError **error);

/* The bits of a HE_WIRE_FIXED32 item as the float they are. */
double he_wire_float_value(guint64 bits);

/* Sets ERROR to "NodeProto at byte 120: ..." (HE_ERROR_CORRUPT_MODEL) and returns FALSE. */
gboolean he_wire_error(const HeWire *wire, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
