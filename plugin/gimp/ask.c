/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arguments <-> request: see ask.h. */
#include "plugin/gimp/ask.h"

#include <glib/gi18n.h>

#include "plugin/core/recipe.h"

char *he_gimp_text_argument(const char *value)
{
    return value && value[0] ? g_strdup(value) : NULL;
}

char *he_gimp_number_argument(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    return value < 0 ? NULL : g_strdup(g_ascii_dtostr(text, sizeof text, value));
}

char *he_gimp_integer_argument(int value)
{
    return value == 0 ? NULL : g_strdup_printf("%d", value);
}

void he_gimp_texts_clear(char **texts)
{
    for (int i = 0; i < HE_GIMP_MAX_PARAMS; i++)
        g_clear_pointer(&texts[i], g_free);
}

static gboolean set_argument(HeRequest *request, const char *name, const char *text,
                             GError **error)
{
    if (request->recipe && !g_str_equal(name, "model")) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    _("%s: the recipe in the options states it already; leave it empty"),
                    name);
        return FALSE;
    }
    return he_gimp_request_replace(request, name, text, error);
}

static gboolean is_options(const char *name)
{
    return g_str_equal(name, HE_GIMP_OPTIONS);
}

static gboolean parse_options(HeRequest *request, const HeGimpProcedure *procedure,
                              char *const *texts, GError **error)
{
    for (int i = 0; procedure->params[i]; i++)
        if (texts[i] && is_options(procedure->params[i]) &&
            !he_request_parse(request, texts[i], error))
            return FALSE;
    return TRUE;
}

/* An argument of its own wins over the same key in `options`. */
static gboolean set_arguments(HeRequest *request, const HeGimpProcedure *procedure,
                              char *const *texts, GError **error)
{
    for (int i = 0; procedure->params[i]; i++)
        if (texts[i] && !is_options(procedure->params[i]) &&
            !set_argument(request, procedure->params[i], texts[i], error))
            return FALSE;
    return TRUE;
}

/* The method that options or a recipe ask for; NULL: none. Free with g_free. */
static char *asked_method(const HeRequest *request)
{
    g_autoptr(HeRecipe) recipe = NULL;

    if (request->recipe == NULL)
        return g_strdup(he_request_get(request, "method"));
    recipe = he_recipe_from_json(request->recipe, NULL);
    return recipe ? g_strdup(recipe->method.id) : NULL;
}

gboolean he_gimp_request_set_method(HeRequest *request, const HeGimpProcedure *procedure,
                                    GError **error)
{
    g_autofree char *asked = asked_method(request);

    if (procedure->method == NULL || g_strcmp0(asked, procedure->method) == 0)
        return TRUE;
    if (asked == NULL)
        return he_request_set(request, "method", procedure->method, error);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                _("method: %s is for %s; for %s call plug-in-human-eye-explain"),
                procedure->name, procedure->method, asked);
    return FALSE;
}

HeRequest *he_gimp_request_new(const HeGimpProcedure *procedure, char *const *texts,
                               GError **error)
{
    g_autoptr(HeRequest) request = he_request_new();

    if (!parse_options(request, procedure, texts, error) ||
        !set_arguments(request, procedure, texts, error) ||
        !he_gimp_request_set_method(request, procedure, error))
        return NULL;
    return g_steal_pointer(&request);
}

char **he_gimp_request_texts(const HeGimpProcedure *procedure, const HeRequest *request)
{
    g_autoptr(HeRequest) rest = he_request_copy(request);
    const guint n = g_strv_length((char **)procedure->params);
    char **texts = g_new0(char *, n + 1);

    for (guint i = 0; i < n; i++) {
        const char *name = procedure->params[i];

        if (is_options(name))
            continue;
        texts[i] = g_strdup(g_hash_table_lookup(request->values, name));
        if (texts[i] == NULL)
            texts[i] = g_strdup("");
        g_hash_table_remove(rest->values, name);
    }
    for (guint i = 0; i < n; i++)
        if (texts[i] == NULL)
            texts[i] = he_request_to_text(rest);
    return texts;
}
