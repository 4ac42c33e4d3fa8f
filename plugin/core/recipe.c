/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The recipe's table: one row per key of docs/recipe.md, in the order they are written. */
#include "plugin/core/recipe.h"

#include <math.h>
#include <string.h>

#include "plugin/core/fields.h"
#include "plugin/core/params.h"
#include "plugin/core/recipe_input.h"

#define AT(member)   .at = G_STRUCT_OFFSET(HeRecipe, member)
#define TERM(member) .at = G_STRUCT_OFFSET(HeRecipeTerm, member)

static JsonNode *format_write(const void *owner)
{
    (void)owner;
    return json_node_init_int(json_node_alloc(), HE_RECIPE_FORMAT);
}

static gboolean format_read(JsonNode *node, const char *where, void *owner,
                            GError **error)
{
    (void)owner;
    gboolean is_mine = JSON_NODE_HOLDS_VALUE(node) &&
                       json_node_get_value_type(node) == G_TYPE_INT64 &&
                       json_node_get_int(node) == HE_RECIPE_FORMAT;
    return is_mine || he_fields_refuse(where, "1", error);
}

static JsonNode *array_new(JsonArray *array)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    json_node_take_array(node, array);
    return node;
}

static const HeField view_fields[] = {
    {"x", HE_FIELD_NUMBER, AT(view.x)},
    {"y", HE_FIELD_NUMBER, AT(view.y)},
    {"w", HE_FIELD_NUMBER, AT(view.w)},
    {"h", HE_FIELD_NUMBER, AT(view.h)},
    {"fit", HE_FIELD_CHOICE, AT(view.fit), .choices = he_fits},
    {"filter", HE_FIELD_CHOICE, AT(view.filter), .choices = he_filters},
    {.key = NULL}};

static JsonNode *view_write(const void *owner)
{
    JsonArray *array = json_array_new();
    json_array_add_element(array, he_fields_write(view_fields, owner));
    return array_new(array);
}

static gboolean view_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s[0]", where);
    if (!JSON_NODE_HOLDS_ARRAY(node) ||
        json_array_get_length(json_node_get_array(node)) != 1)
        return he_fields_refuse(where, "a list of one view; several are not built yet",
                                error);
    return he_fields_read(view_fields,
                          json_array_get_element(json_node_get_array(node), 0), path,
                          owner, error);
}

static const HeField term_fields[] = {
    {"tensor", HE_FIELD_TEXT, TERM(tensor), .may_be_null = TRUE},
    {"index", HE_FIELD_INT64, TERM(index)},
    {"label", HE_FIELD_TEXT, TERM(label), .may_be_null = TRUE},
    {"weight", HE_FIELD_NUMBER, TERM(weight)},
    {.key = NULL}};

static JsonNode *target_write(const void *owner)
{
    const HeRecipe *recipe = owner;
    JsonArray *array = json_array_new();
    for (int i = 0; i < recipe->n_target; i++)
        json_array_add_element(array, he_fields_write(term_fields, &recipe->target[i]));
    return array_new(array);
}

static void target_clear(void *owner)
{
    HeRecipe *recipe = owner;
    for (int i = 0; i < recipe->n_target; i++)
        he_fields_clear(term_fields, &recipe->target[i]);
    g_clear_pointer(&recipe->target, g_free);
    recipe->n_target = 0;
}

static gboolean target_read(JsonNode *node, const char *where, void *owner,
                            GError **error)
{
    HeRecipe *recipe = owner;
    JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    guint n = array ? json_array_get_length(array) : 0;
    if (!n)
        return he_fields_refuse(where, "a list of at least one value", error);
    recipe->target = g_new0(HeRecipeTerm, n); /* bounded by he_json_parse */
    recipe->n_target = (int)n;
    for (guint i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("%s[%u]", where, i);
        if (!he_fields_read(term_fields, json_array_get_element(array, i), path,
                            &recipe->target[i], error))
            return FALSE;
    }
    return TRUE;
}

static JsonNode *input_write(const void *owner)
{
    return he_fields_write(he_input_fields, &((const HeRecipe *)owner)->input);
}

static gboolean input_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    return he_fields_read(he_input_fields, node, where, &((HeRecipe *)owner)->input,
                          error);
}

static void input_clear(void *owner)
{
    he_fields_clear(he_input_fields, &((HeRecipe *)owner)->input);
}

static JsonNode *scale_write(const void *owner)
{
    g_autofree char *text = he_scale_to_text(&((const HeRecipe *)owner)->display);
    return json_node_init_string(json_node_alloc(), text);
}

static gboolean scale_read(JsonNode *node, const char *where, void *owner, GError **error)
{
    HeRecipe *recipe = owner;
    const char *text = NULL;
    if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
        text = json_node_get_string(node);
    return (text && he_scale_parse(text, &recipe->display, NULL)) ||
           he_fields_refuse(where, "max, percentile:P or fixed:V", error);
}

static const HeFieldOther format = {format_write, format_read, NULL};
static const HeFieldOther view = {view_write, view_read, NULL};
static const HeFieldOther input = {input_write, input_read, input_clear};
static const HeFieldOther target = {target_write, target_read, target_clear};
static const HeFieldOther scale = {scale_write, scale_read, NULL};

static const HeField image_fields[] = {{"name", HE_FIELD_TEXT, AT(image.name)},
                                       {"sha256", HE_FIELD_TEXT, AT(image.sha256)},
                                       {"width", HE_FIELD_INT, AT(image.width)},
                                       {"height", HE_FIELD_INT, AT(image.height)},
                                       {.key = NULL}};
static const HeField model_fields[] = {{"name", HE_FIELD_TEXT, AT(model.name)},
                                       {"sha256", HE_FIELD_TEXT, AT(model.sha256)},
                                       {.key = NULL}};
static const HeField method_fields[] = {
    {"id", HE_FIELD_TEXT, AT(method.id)},
    {"layer", HE_FIELD_TEXT, AT(method.layer), .may_be_null = TRUE},
    {.key = NULL}};
static const HeField display_fields[] = {
    {"gradient", HE_FIELD_CHOICE, AT(display.gradient), .choices = he_gradients},
    {"colormap", HE_FIELD_CHOICE, AT(display.colormap), .choices = he_colormaps},
    {"scale", HE_FIELD_OTHER, .other = &scale},
    {"scale-max", HE_FIELD_NUMBER, AT(scale_max)},
    {"opacity", HE_FIELD_NUMBER, AT(display.opacity)},
    {"blend", HE_FIELD_CHOICE, AT(display.blend), .choices = he_blends},
    {"alpha", HE_FIELD_CHOICE, AT(display.alpha), .choices = he_alphas},
    {.key = NULL}};
static const HeField coverage_fields[] = {
    {"seen", HE_FIELD_INT, AT(result.coverage.seen)},
    {"ruled", HE_FIELD_INT, AT(result.coverage.ruled)},
    {"extended", HE_FIELD_INT, AT(result.coverage.extended)},
    {.key = NULL}};
static const HeField result_fields[] = {
    {"score", HE_FIELD_NUMBER, AT(result.score), .may_be_null = TRUE},
    {"probability", HE_FIELD_NUMBER, AT(result.probability), .may_be_null = TRUE},
    {"max", HE_FIELD_NUMBER, AT(result.max)},
    {"coverage", HE_FIELD_OBJECT, .fields = coverage_fields},
    {"layer", HE_FIELD_TEXT, AT(result.layer)},
    {.key = NULL}};
static const HeField run_fields[] = {
    {"seed", HE_FIELD_INT64, AT(run.seed)},
    {"kernels", HE_FIELD_TEXT, AT(run.kernels)},
    {"precision", HE_FIELD_CHOICE, AT(run.precision), .choices = he_precisions},
    {.key = NULL}};
static const HeField recipe_fields[] = {
    {"human-eye", HE_FIELD_TEXT, AT(version)},
    {"format", HE_FIELD_OTHER, .other = &format},
    {"image", HE_FIELD_OBJECT, .fields = image_fields},
    {"model", HE_FIELD_OBJECT, .fields = model_fields},
    {"view", HE_FIELD_OTHER, .other = &view},
    {"input", HE_FIELD_OTHER, .other = &input},
    {"target", HE_FIELD_OTHER, .other = &target},
    {"method", HE_FIELD_OBJECT, .fields = method_fields},
    {"display", HE_FIELD_OBJECT, .fields = display_fields},
    {"result", HE_FIELD_OBJECT, .fields = result_fields},
    {"run", HE_FIELD_OBJECT, .fields = run_fields},
    {.key = NULL}};

void he_recipe_free(HeRecipe *recipe)
{
    if (!recipe)
        return;
    he_fields_clear(recipe_fields, recipe);
    g_free(recipe);
}

char *he_recipe_to_json(const HeRecipe *recipe)
{
    g_autoptr(JsonNode) node = he_fields_write(recipe_fields, recipe);
    return he_json_to_text(node);
}

/* A newer format may have any keys, so it is looked for before them. */
static gboolean refuse_newer(JsonNode *root, GError **error)
{
    JsonObject *object = JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    gint64 written = 0;
    if (object && json_object_has_member(object, "format"))
        written = json_object_get_int_member_with_default(object, "format", 0);
    if (written <= HE_RECIPE_FORMAT)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                "recipe: format %" G_GINT64_FORMAT " needs a newer human-eye; version %s "
                "reads format %d",
                written, HE_VERSION, HE_RECIPE_FORMAT);
    return FALSE;
}

static gboolean is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* What a type alone does not say. The engine checks the rest: indices, tensors, the method. */
static gboolean check(const HeRecipe *recipe, GError **error)
{
    const double *opacity = &recipe->display.opacity;
    if (!is_sha256(recipe->image.sha256))
        return he_fields_refuse("image.sha256", "64 hexadecimal digits", error);
    if (!is_sha256(recipe->model.sha256))
        return he_fields_refuse("model.sha256", "64 hexadecimal digits", error);
    if (recipe->image.width < 1 || recipe->image.height < 1)
        return he_fields_refuse("image.width and image.height", "at least 1", error);
    if (recipe->view.w <= 0 || recipe->view.h <= 0)
        return he_fields_refuse("view[0].w and view[0].h", "above 0", error);
    if (*opacity < 0 || *opacity > 100)
        return he_fields_refuse("display.opacity", "from 0 to 100", error);
    if (recipe->scale_max < 0)
        return he_fields_refuse("display.scale-max", "at least 0", error);
    return TRUE;
}

HeRecipe *he_recipe_from_json(const char *json, GError **error)
{
    g_autoptr(JsonNode) root = he_json_parse(json, error);
    if (!root) {
        g_prefix_error(error, "recipe: ");
        return NULL;
    }
    g_autoptr(HeRecipe) recipe = g_new0(HeRecipe, 1);
    if (!refuse_newer(root, error) ||
        !he_fields_read(recipe_fields, root, "", recipe, error) || !check(recipe, error))
        return NULL;
    return g_steal_pointer(&recipe);
}
