/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* JSON as the project writes and reads it: numbers with '.' in every locale and no more digits than
 * bring the same double back; hostile text is bounded before a parser sees it. */
#ifndef HE_CORE_JSON_H
#define HE_CORE_JSON_H

#include <json-glib/json-glib.h>

#include "core/number.h"

/* Pretty text with a final line break: members in their order, a container of plain values on one line
 * where it fits. NaN and infinity become null. g_free. */
char *he_json_to_text(JsonNode *node);
/* Strict JSON, at most 16 MiB, 16 levels and 262144 containers. Free with json_node_unref. */
JsonNode *he_json_parse(const char *text, GError **error);

/* Members of an object; TEXT may be NULL (null), VALUE NaN (null). */
void he_json_add_text(JsonBuilder *builder, const char *name, const char *text);
void he_json_add_number(JsonBuilder *builder, const char *name, double value);
void he_json_add_integer(JsonBuilder *builder, const char *name, gint64 value);
void he_json_add_dims(JsonBuilder *builder, const char *name, int rank,
                      const gint64 *dim);
/* TEXTS is NULL-terminated, or NULL: an empty list. */
void he_json_add_list(JsonBuilder *builder, const char *name, char *const *texts);

#endif
