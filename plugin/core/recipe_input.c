/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The resolved descriptor as JSON: {"Input": {...}, "Output": {...}, "guessed": [...]}. */
#include "plugin/core/recipe_input.h"

#include <math.h>
#include <string.h>

#include "plugin/core/params.h"

static JsonNode *text_new(const char *text)
{
    return json_node_init_string(json_node_alloc(), text);
}

static const char *text_of(JsonNode *node)
{
    gboolean is_text =
        JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
    return is_text ? json_node_get_string(node) : "";
}

static JsonNode *size_write(const void *owner)
{
    const HeDescriptor *input = owner;
    g_autofree char *text = g_strdup_printf("%dx%d", input->height, input->width);
    return text_new(text);
}

static gboolean size_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    HeDescriptor *input = owner;
    guint64 side[2];
    g_auto(GStrv) parts = g_strsplit(text_of(node), "x", 3);
    if (g_strv_length(parts) != 2)
        return he_fields_refuse(where, "HEIGHTxWIDTH", error);
    for (int i = 0; i < 2; i++)
        if (!g_ascii_string_to_unsigned(parts[i], 10, 1, 262144, &side[i], NULL))
            return he_fields_refuse(where, "HEIGHTxWIDTH, each at most 262144", error);
    input->height = (int)side[0];
    input->width = (int)side[1];
    return TRUE;
}

static JsonNode *numbers_write(const double *numbers, int n)
{
    JsonArray *array = json_array_new();
    for (int i = 0; numbers && i < n; i++)
        json_array_add_double_element(array, numbers[i]);
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    json_node_take_array(node, array);
    return node;
}

/* N numbers, or none: *OUT stays NULL. */
static gboolean numbers_read(JsonNode *node, const char *where, int n, double **out,
                             GError **error)
{
    guint length = JSON_NODE_HOLDS_ARRAY(node)
                       ? json_array_get_length(json_node_get_array(node))
                       : G_MAXUINT;
    if (length && length != (guint)n)
        return he_fields_refuse(where, "a list of one number for each channel", error);
    g_autofree double *numbers = length ? g_new(double, length) : NULL;
    for (guint i = 0; i < length; i++) {
        JsonNode *element = json_array_get_element(json_node_get_array(node), i);
        if (!he_fields_number(element, where, &numbers[i], error))
            return FALSE;
    }
    g_free(*out);
    *out = g_steal_pointer(&numbers);
    return TRUE;
}

static JsonNode *range_write(const void *owner)
{
    const HeDescriptor *input = owner;
    if (!input->has_range)
        return json_node_new(JSON_NODE_NULL);
    return numbers_write(input->range, 2);
}

static gboolean range_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    HeDescriptor *input = owner;
    g_autofree double *range = NULL;
    input->has_range = !JSON_NODE_HOLDS_NULL(node);
    if (!input->has_range)
        return TRUE;
    if (!numbers_read(node, where, 2, &range, error))
        return FALSE;
    if (!range || range[0] >= range[1])
        return he_fields_refuse(where, "null or [LOW, HIGH]", error);
    memcpy(input->range, range, sizeof input->range);
    return TRUE;
}

static JsonNode *mean_write(const void *owner)
{
    const HeDescriptor *input = owner;
    return numbers_write(input->mean, input->n_channels);
}

static JsonNode *std_write(const void *owner)
{
    const HeDescriptor *input = owner;
    return numbers_write(input->std, input->n_channels);
}

/* "Channels" stands before both, so the count is known. */
static gboolean mean_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    HeDescriptor *input = owner;
    input->n_channels = (int)g_strv_length(input->channels);
    return numbers_read(node, where, input->n_channels, &input->mean, error);
}

static gboolean std_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    HeDescriptor *input = owner;
    return numbers_read(node, where, input->n_channels, &input->std, error);
}

static void mean_clear(void *owner)
{
    HeDescriptor *input = owner;
    g_clear_pointer(&input->mean, g_free);
}

static void std_clear(void *owner)
{
    HeDescriptor *input = owner;
    g_clear_pointer(&input->std, g_free);
}

char *he_input_background(const HeDescriptor *input)
{
    guint byte[3];
    if (input->is_background_mean)
        return g_strdup("mean");
    for (int i = 0; i < 3; i++)
        byte[i] = (guint)lround(CLAMP(input->background[i], 0, 1) * 255);
    return g_strdup_printf("#%02x%02x%02x", byte[0], byte[1], byte[2]);
}

gboolean he_input_set_background(HeDescriptor *input, const char *text)
{
    HeParamCheck check = he_param_get_check(he_param_find("background"));
    if (!check(text, NULL))
        return FALSE;
    input->is_background_mean = text[0] != '#';
    for (int i = 0; i < 3 && !input->is_background_mean; i++)
        input->background[i] = (g_ascii_xdigit_value(text[1 + 2 * i]) * 16 +
                                g_ascii_xdigit_value(text[2 + 2 * i])) /
                               255.0;
    return TRUE;
}

static JsonNode *background_write(const void *owner)
{
    g_autofree char *text = he_input_background(owner);
    return text_new(text);
}

static gboolean background_read(JsonNode *node, const char *where, void *owner,
                                GError **error)
{
    return he_input_set_background(owner, text_of(node)) ||
           he_fields_refuse(where, "mean or #rrggbb", error);
}

static const HeFieldOther size = {size_write, size_read, NULL};
static const HeFieldOther range = {range_write, range_read, NULL};
static const HeFieldOther mean = {mean_write, mean_read, mean_clear};
static const HeFieldOther std = {std_write, std_read, std_clear};
static const HeFieldOther background = {background_write, background_read, NULL};

#define AT(member) .at = G_STRUCT_OFFSET(HeDescriptor, member)
static const HeField in_fields[] = {
    {"Tensor", HE_FIELD_TEXT, AT(input), .may_be_null = TRUE},
    {"Layout", HE_FIELD_CHOICE, AT(layout), .choices = he_layouts},
    {"Size", HE_FIELD_OTHER, .other = &size},
    {"Channels", HE_FIELD_TEXTS, AT(channels)},
    {"Grey", HE_FIELD_CHOICE, AT(grey), .choices = he_greys},
    {"Encoding", HE_FIELD_CHOICE, AT(encoding), .choices = he_encodings},
    {"Range", HE_FIELD_OTHER, .other = &range},
    {"Mean", HE_FIELD_OTHER, .other = &mean},
    {"Std", HE_FIELD_OTHER, .other = &std},
    {"Scale", HE_FIELD_NUMBER, AT(scale)},
    {"Fit", HE_FIELD_CHOICE, AT(fit), .choices = he_fits},
    {"CropFraction", HE_FIELD_NUMBER, AT(crop_fraction)},
    {"Filter", HE_FIELD_CHOICE, AT(filter), .choices = he_filters},
    {"Antialias", HE_FIELD_BOOL, AT(antialias)},
    {"Background", HE_FIELD_OTHER, .other = &background},
    {.key = NULL}};
static const HeField out_fields[] = {
    {"Tensor", HE_FIELD_TEXT, AT(output), .may_be_null = TRUE},
    {"Activation", HE_FIELD_CHOICE, AT(activation), .choices = he_activations},
    {"Negative", HE_FIELD_TEXT, AT(negative), .may_be_null = TRUE},
    {.key = NULL}};
const HeField he_input_fields[] = {{"Input", HE_FIELD_OBJECT, .fields = in_fields},
                                   {"Output", HE_FIELD_OBJECT, .fields = out_fields},
                                   {"guessed", HE_FIELD_TEXTS, AT(guessed)},
                                   {.key = NULL}};

void he_input_copy(const HeDescriptor *from, HeDescriptor *out)
{
    g_autoptr(JsonNode) node = he_fields_write(he_input_fields, from);
    g_autoptr(GError) error = NULL;
    if (!he_fields_read(he_input_fields, node, "", out, &error))
        g_warning("%s", error->message);
}

static char *group_difference(const char *group, const HeField *fields,
                              const HeDescriptor *a, const HeDescriptor *b)
{
    g_autoptr(JsonNode) of_a = he_fields_write(fields, a);
    g_autoptr(JsonNode) of_b = he_fields_write(fields, b);
    for (const HeField *field = fields; field->key; field++) {
        if (g_str_equal(field->key, "Fit") || g_str_equal(field->key, "Background"))
            continue;
        JsonObject *in_a = json_node_get_object(of_a), *in_b = json_node_get_object(of_b);
        g_autofree char *value_a =
            he_json_to_text(json_object_get_member(in_a, field->key));
        g_autofree char *value_b =
            he_json_to_text(json_object_get_member(in_b, field->key));
        if (!g_str_equal(value_a, value_b))
            return g_strdup_printf("%s.%s", group, field->key);
    }
    return NULL;
}

char *he_input_difference(const HeDescriptor *a, const HeDescriptor *b)
{
    char *key = group_difference("Input", in_fields, a, b);
    return key ? key : group_difference("Output", out_fields, a, b);
}
