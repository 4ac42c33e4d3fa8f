/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A struct as a JSON object by one table: the same rows write it, read it strictly, and free it. Every
 * key must be there, once and of its type; a key that no row names is refused. */
#ifndef HE_CORE_FIELDS_H
#define HE_CORE_FIELDS_H

#include "human-eye.h"
#include "plugin/core/json.h"

typedef enum {
    HE_FIELD_TEXT,   /* char *, owned */
    HE_FIELD_TEXTS,  /* char **, NULL-terminated, owned; NULL is written as [] */
    HE_FIELD_BOOL,   /* gboolean */
    HE_FIELD_INT,    /* int */
    HE_FIELD_INT64,  /* gint64 or guint64, 0 .. 2^53 */
    HE_FIELD_NUMBER, /* double; NaN is null where null may stand */
    HE_FIELD_CHOICE, /* an enumeration, by the nicks of `choices` */
    HE_FIELD_OBJECT, /* rows of `fields`, in the same struct */
    HE_FIELD_OTHER   /* by `other` */
} HeFieldKind;

typedef struct {
    JsonNode *(*write)(const void *owner);
    /* WHERE names the key in errors. */
    gboolean (*read)(JsonNode *node, const char *where, void *owner, GError **error);
    void (*clear)(void *owner); /* or NULL */
} HeFieldOther;

typedef struct HeField HeField;
struct HeField {
    const char *key; /* the row after the last has NULL */
    HeFieldKind kind;
    size_t at; /* offset in the struct */
    gboolean may_be_null;
    const HeChoice *choices;
    const HeField *fields;
    const HeFieldOther *other;
};

JsonNode *he_fields_write(const HeField *fields, const void *owner);
/* WHERE: "" or the path of the object. On failure OWNER holds what was read so far: clear it. */
gboolean he_fields_read(const HeField *fields, JsonNode *node, const char *where,
                        void *owner, GError **error);
void he_fields_clear(const HeField *fields, void *owner);

/* The error for a value at WHERE that is not what is NEEDED. Always FALSE. */
gboolean he_fields_refuse(const char *where, const char *needed, GError **error);
/* A finite number, written with or without a fraction. */
gboolean he_fields_number(JsonNode *node, const char *where, double *out, GError **error);

#endif
