/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Writing JSON with the shortest round-trip numbers (json-glib writes 17 digits), and a scan that bounds
 * depth and size beforehand (json-glib descends without end, and takes more than JSON). */
#include "plugin/core/json.h"

#include <math.h>
#include <string.h>

#include "human-eye.h"

#define WIDTH          100 /* of a line that holds a whole container */
#define MAX_BYTES      ((size_t)16 << 20)
#define MAX_DEPTH      16
#define MAX_CONTAINERS 262144

static void write_node(GString *out, JsonNode *node, int depth);

static void write_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *c = text; *c; c++)
        if (*c == '"' || *c == '\\')
            g_string_append_printf(out, "\\%c", *c);
        else if ((guchar)*c < 0x20 || *c == 0x7f)
            g_string_append_printf(out, "\\u%04x", (guint)(guchar)*c);
        else
            g_string_append_c(out, *c);
    g_string_append_c(out, '"');
}

static void write_value(GString *out, JsonNode *node)
{
    GType type = json_node_get_value_type(node);
    if (type == G_TYPE_STRING) {
        write_string(out, json_node_get_string(node));
    } else if (type == G_TYPE_BOOLEAN) {
        g_string_append(out, json_node_get_boolean(node) ? "true" : "false");
    } else if (type == G_TYPE_INT64) {
        g_string_append_printf(out, "%" G_GINT64_FORMAT, json_node_get_int(node));
    } else if (type == G_TYPE_DOUBLE && isfinite(json_node_get_double(node))) {
        g_autofree char *text = he_number_to_text(json_node_get_double(node));
        g_string_append(out, text);
    } else {
        g_string_append(out, "null");
    }
}

static gboolean is_container(JsonNode *node)
{
    return JSON_NODE_HOLDS_OBJECT(node) || JSON_NODE_HOLDS_ARRAY(node);
}

/* The members' names (NULL for an array) and nodes, in order; the lists are the caller's. */
static GList *list_members(JsonNode *node, GList **names)
{
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        *names = NULL;
        return json_array_get_elements(json_node_get_array(node));
    }
    *names = json_object_get_members(json_node_get_object(node));
    return json_object_get_values(json_node_get_object(node));
}

static void write_members(GString *out, GList *names, GList *nodes, int indent)
{
    for (GList *node = nodes; node; node = node->next) {
        if (node != nodes)
            g_string_append(out, indent < 0 ? ", " : ",");
        if (indent >= 0)
            g_string_append_printf(out, "\n%*s", 2 * indent, "");
        if (names) {
            write_string(out, names->data);
            g_string_append(out, ": ");
            names = names->next;
        }
        write_node(out, node->data, MAX(indent, 0));
    }
}

/* An empty container, or plain values short enough for one line. */
static gboolean write_line(GString *out, GList *names, GList *nodes, int indent)
{
    gsize start = out->len;
    for (GList *node = nodes; node; node = node->next)
        if (is_container(node->data))
            return FALSE;
    write_members(out, names, nodes, -1);
    if (out->len - start + 2 * (gsize)indent <= WIDTH)
        return TRUE;
    g_string_truncate(out, start);
    return FALSE;
}

static void write_node(GString *out, JsonNode *node, int depth)
{
    if (!is_container(node)) {
        write_value(out, node);
        return;
    }
    gboolean is_array = JSON_NODE_HOLDS_ARRAY(node);
    g_autoptr(GList) names = NULL;
    g_autoptr(GList) nodes = list_members(node, &names);
    g_string_append_c(out, is_array ? '[' : '{');
    if (!write_line(out, names, nodes, depth)) {
        write_members(out, names, nodes, depth + 1);
        g_string_append_printf(out, "\n%*s", 2 * depth, "");
    }
    g_string_append_c(out, is_array ? ']' : '}');
}

char *he_json_to_text(JsonNode *node)
{
    g_autoptr(GString) out = g_string_new(NULL);
    write_node(out, node, 0);
    g_string_append_c(out, '\n');
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean refuse(GError **error, const char *what)
{
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "not JSON: %s", what);
    return FALSE;
}

/* Past the string that opens at TEXT; NULL when it does not end. */
static const char *skip_string(const char *text)
{
    for (text++; *text && *text != '"'; text++)
        if (*text == '\\' && *++text == '\0')
            return NULL;
    return *text ? text + 1 : NULL;
}

/* Around the one object or list nothing stands: json-glib would take the last of several. */
static gboolean is_in_place(char c, int depth, int n_containers)
{
    if (depth > 0 || strchr(" \t\r\n", c))
        return TRUE;
    return n_containers == 0 && (c == '[' || c == '{');
}

static gboolean scan(const char *text, GError **error)
{
    /* Outside of strings: structure, numbers, true, false, null. So no comment or single quote hides a
     * bracket from the count. */
    static const char allowed[] = "[]{}:, \t\r\n+-.0123456789Eaeflnrstu\"";
    int depth = 0, n_containers = 0;
    while (text && *text) {
        char c = *text;
        if (!strchr(allowed, c))
            return refuse(error, "a character that stands for nothing outside quotes");
        if (!is_in_place(c, depth, n_containers))
            return refuse(error, "it must be one object or one list");
        if (c == '[' || c == '{') {
            if (++depth > MAX_DEPTH || ++n_containers > MAX_CONTAINERS)
                return refuse(error, "nested too deeply, or too many lists");
        } else if (c == ']' || c == '}') {
            depth--;
        }
        text = c == '"' ? skip_string(text) : text + 1;
    }
    return text ? TRUE : refuse(error, "a string does not end");
}

JsonNode *he_json_parse(const char *text, GError **error)
{
    if (strlen(text) > MAX_BYTES) {
        refuse(error, "longer than 16 MiB");
        return NULL;
    }
    if (!g_utf8_validate(text, -1, NULL)) {
        refuse(error, "the text is not UTF-8");
        return NULL;
    }
    if (!scan(text, error))
        return NULL;
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) wrong = NULL;
    if (!json_parser_load_from_data(parser, text, -1, &wrong) ||
        !json_parser_get_root(parser)) {
        refuse(error, wrong ? wrong->message : "nothing there");
        return NULL;
    }
    return json_node_ref(json_parser_get_root(parser));
}
