/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Members of JSON objects. */
#include "plugin/core/json.h"

void he_json_add_text(JsonBuilder *builder, const char *name, const char *text)
{
    json_builder_set_member_name(builder, name);
    if (text)
        json_builder_add_string_value(builder, text);
    else
        json_builder_add_null_value(builder);
}

void he_json_add_number(JsonBuilder *builder, const char *name, double value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_double_value(builder, value);
}

void he_json_add_integer(JsonBuilder *builder, const char *name, gint64 value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, value);
}

void he_json_add_dims(JsonBuilder *builder, const char *name, int rank, const gint64 *dim)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (int k = 0; k < rank; k++)
        json_builder_add_int_value(builder, dim[k]);
    json_builder_end_array(builder);
}

void he_json_add_list(JsonBuilder *builder, const char *name, char *const *texts)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (; texts && *texts; texts++)
        json_builder_add_string_value(builder, *texts);
    json_builder_end_array(builder);
}
