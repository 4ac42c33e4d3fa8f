/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Recipes from files. */
#include <string.h>

#include "cli/png.h"
#include "cli/recipes.h"
#include "plugin/core/json.h"
#include "plugin/core/recipe.h"

#define MAX_BYTES (1 << 20)

static char *read_text(CliInput *input, GError **error)
{
    g_autofree char *text = g_malloc0(MAX_BYTES + 1);
    size_t n = 0;
    while (n < MAX_BYTES && cli_input_read(input, text + n, 1))
        n++;
    if (n < MAX_BYTES && g_utf8_validate(text, (gssize)n, NULL))
        return g_steal_pointer(&text);
    cli_input_error(input, error, "not a recipe");
    return NULL;
}

/* `explain --json` prints a list. */
static char *unwrap(const char *name, const char *text, GError **error)
{
    g_autoptr(JsonNode) node = he_json_parse(text, error);
    if (!node) {
        g_prefix_error(error, "%s: ", name);
        return NULL;
    }
    if (!JSON_NODE_HOLDS_ARRAY(node))
        return g_strdup(text);
    JsonArray *list = json_node_get_array(node);
    guint n = json_array_get_length(list);
    if (n == 1)
        return he_json_to_text(json_array_get_element(list, 0));
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "%s: holds %u recipes; give it one", name, n);
    return NULL;
}

static char *read_any(const char *path, GError **error)
{
    g_autoptr(CliInput) input = cli_input_open(path, error);
    if (!input)
        return NULL;
    if (input->head[0] != 0x89) {
        g_autofree char *text = read_text(input, error);
        return text ? unwrap(input->name, text, error) : NULL;
    }
    g_autoptr(CliPicture) picture = cli_png_read(input, error);
    if (!picture)
        return NULL;
    if (!picture->recipe)
        cli_input_error(input, error, "this PNG carries no recipe of human-eye");
    return g_steal_pointer(&picture->recipe);
}

gboolean cli_recipe_read(const char *path, char **json, GError **error)
{
    g_autofree char *text = read_any(path, error);
    if (!text)
        return FALSE;
    g_autoptr(HeRecipe) recipe = he_recipe_from_json(text, error);
    if (!recipe) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    g_free(*json);
    *json = g_steal_pointer(&text);
    return TRUE;
}
