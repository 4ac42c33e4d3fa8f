/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Structs to JSON objects and back, by a table of fields. */
#include "plugin/core/fields.h"

#include <math.h>

#define MAX_EXACT ((gint64)1 << 53) /* JSON's numbers are doubles to many readers */
#define MAX_TEXTS 100000

gboolean he_fields_refuse(const char *where, const char *needed, GError **error)
{
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "recipe: the key “%s” must be %s", where, needed);
    return FALSE;
}

static JsonNode *text_node(const char *text)
{
    JsonNode *node = json_node_new(text ? JSON_NODE_VALUE : JSON_NODE_NULL);
    if (text) {
        g_autofree char *valid =
            g_utf8_make_valid(text, -1); /* a file's name may be anything */
        json_node_set_string(node, valid);
    }
    return node;
}

static JsonNode *texts_node(char *const *texts)
{
    JsonArray *array = json_array_new();
    for (; texts && *texts; texts++)
        json_array_add_element(array, text_node(*texts));
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    json_node_take_array(node, array);
    return node;
}

static JsonNode *field_write(const HeField *field, const void *owner)
{
    const char *at = (const char *)owner + field->at;
    JsonNode *node = json_node_alloc();
    switch (field->kind) {
    case HE_FIELD_TEXT:
        json_node_unref(node);
        return text_node(*(char *const *)at);
    case HE_FIELD_TEXTS:
        json_node_unref(node);
        return texts_node(*(char *const *const *)at);
    case HE_FIELD_OBJECT:
        json_node_unref(node);
        return he_fields_write(field->fields, owner);
    case HE_FIELD_OTHER:
        json_node_unref(node);
        return field->other->write(owner);
    case HE_FIELD_BOOL:
        return json_node_init_boolean(node, *(const gboolean *)at);
    case HE_FIELD_INT:
        return json_node_init_int(node, *(const int *)at);
    case HE_FIELD_INT64:
        return json_node_init_int(node, *(const gint64 *)at);
    case HE_FIELD_NUMBER:
        return json_node_init_double(node, *(const double *)at);
    case HE_FIELD_CHOICE:
        break;
    }
    return json_node_init_string(node,
                                 he_choice_get(field->choices, *(const int *)at)->nick);
}

JsonNode *he_fields_write(const HeField *fields, const void *owner)
{
    JsonObject *object = json_object_new();
    for (const HeField *field = fields; field->key; field++)
        json_object_set_member(object, field->key, field_write(field, owner));
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, object);
    return node;
}

static gboolean holds(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

gboolean he_fields_number(JsonNode *node, const char *where, double *out, GError **error)
{
    if (!holds(node, G_TYPE_DOUBLE) && !holds(node, G_TYPE_INT64))
        return he_fields_refuse(where, "a number", error);
    double value = json_node_get_double(node);
    if (!isfinite(value))
        return he_fields_refuse(where, "a finite number", error);
    *out = value;
    return TRUE;
}

static gboolean read_text(JsonNode *node, const char *where, char **out, GError **error)
{
    if (!holds(node, G_TYPE_STRING))
        return he_fields_refuse(where, "a text", error);
    g_free(*out);
    *out = json_node_dup_string(node);
    return TRUE;
}

static gboolean read_texts(JsonNode *node, const char *where, char ***out, GError **error)
{
    if (!JSON_NODE_HOLDS_ARRAY(node) ||
        json_array_get_length(json_node_get_array(node)) > MAX_TEXTS)
        return he_fields_refuse(where, "a list of texts", error);
    JsonArray *array = json_node_get_array(node);
    guint n = json_array_get_length(array);
    g_auto(GStrv) texts = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        if (!read_text(json_array_get_element(array, i), where, &texts[i], error))
            return FALSE;
    g_strfreev(*out);
    *out = g_steal_pointer(&texts);
    return TRUE;
}

static gboolean read_choice(JsonNode *node, const char *where, const HeChoice *choices,
                            int *out, GError **error)
{
    const char *nick = holds(node, G_TYPE_STRING) ? json_node_get_string(node) : "";
    const HeChoice *choice = he_choice_find(choices, nick);
    if (!choice) {
        g_autofree char *nicks = he_choice_list(choices);
        g_autofree char *needed = g_strdup_printf("one of %s", nicks);
        return he_fields_refuse(where, needed, error);
    }
    *out = choice->value;
    return TRUE;
}

static gboolean read_integer(JsonNode *node, const char *where, gint64 max, gint64 *out,
                             GError **error)
{
    gint64 value = holds(node, G_TYPE_INT64) ? json_node_get_int(node) : -1;
    if (value < 0 || value > max) {
        g_autofree char *needed =
            g_strdup_printf("a whole number from 0 to %" G_GINT64_FORMAT, max);
        return he_fields_refuse(where, needed, error);
    }
    *out = value;
    return TRUE;
}

static gboolean read_bool(JsonNode *node, const char *where, gboolean *out,
                          GError **error)
{
    if (!holds(node, G_TYPE_BOOLEAN))
        return he_fields_refuse(where, "true or false", error);
    *out = json_node_get_boolean(node);
    return TRUE;
}

static gboolean read_null(const HeField *field, void *at)
{
    if (field->kind == HE_FIELD_NUMBER)
        *(double *)at = NAN;
    else
        g_clear_pointer((char **)at, g_free);
    return TRUE;
}

static gboolean field_read(const HeField *field, JsonNode *node, const char *where,
                           void *owner, GError **error)
{
    char *at = (char *)owner + field->at;
    gint64 integer;
    if (JSON_NODE_HOLDS_NULL(node) && field->may_be_null)
        return read_null(field, at);
    switch (field->kind) {
    case HE_FIELD_TEXT:
        return read_text(node, where, (char **)at, error);
    case HE_FIELD_TEXTS:
        return read_texts(node, where, (char ***)at, error);
    case HE_FIELD_BOOL:
        return read_bool(node, where, (gboolean *)at, error);
    case HE_FIELD_INT:
        if (!read_integer(node, where, G_MAXINT, &integer, error))
            return FALSE;
        *(int *)at = (int)integer;
        return TRUE;
    case HE_FIELD_INT64:
        return read_integer(node, where, MAX_EXACT, (gint64 *)at, error);
    case HE_FIELD_NUMBER:
        return he_fields_number(node, where, (double *)at, error);
    case HE_FIELD_CHOICE:
        return read_choice(node, where, field->choices, (int *)at, error);
    case HE_FIELD_OBJECT:
        return he_fields_read(field->fields, node, where, owner, error);
    case HE_FIELD_OTHER:
        break;
    }
    return field->other->read(node, where, owner, error);
}

static gboolean refuse_unknown(const HeField *fields, JsonObject *object,
                               const char *where, GError **error)
{
    g_autoptr(GList) names = json_object_get_members(object);
    for (GList *name = names; name; name = name->next) {
        const HeField *field = fields;
        while (field->key && !g_str_equal(field->key, name->data))
            field++;
        if (field->key)
            continue;
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "recipe: the key “%s%s%s” is not known to this version", where,
                    *where ? "." : "", (const char *)name->data);
        return FALSE;
    }
    return TRUE;
}

gboolean he_fields_read(const HeField *fields, JsonNode *node, const char *where,
                        void *owner, GError **error)
{
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return he_fields_refuse(*where ? where : "recipe", "an object", error);
    JsonObject *object = json_node_get_object(node);
    if (!refuse_unknown(fields, object, where, error))
        return FALSE;
    for (const HeField *field = fields; field->key; field++) {
        g_autofree char *path = g_strconcat(where, *where ? "." : "", field->key, NULL);
        JsonNode *member = json_object_get_member(object, field->key);
        if (!member)
            return he_fields_refuse(path, "there", error);
        if (!field_read(field, member, path, owner, error))
            return FALSE;
    }
    return TRUE;
}

void he_fields_clear(const HeField *fields, void *owner)
{
    for (const HeField *field = fields; field->key; field++) {
        char *at = (char *)owner + field->at;
        if (field->kind == HE_FIELD_TEXT)
            g_clear_pointer((char **)at, g_free);
        else if (field->kind == HE_FIELD_TEXTS)
            g_clear_pointer((char ***)at, g_strfreev);
        else if (field->kind == HE_FIELD_OBJECT)
            he_fields_clear(field->fields, owner);
        else if (field->kind == HE_FIELD_OTHER && field->other->clear)
            field->other->clear(owner);
    }
}
