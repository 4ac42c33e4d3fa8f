/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A request as one text: the plug-in's `options` argument, the last values of a dialog. */
#include "plugin/core/request.h"

#include <string.h>

#include "plugin/core/params.h"
#include "plugin/core/recipe.h"

#define RECIPE "recipe"

static gboolean set_recipe(HeRequest *request, const char *json, GError **error)
{
    g_autoptr(HeRecipe) recipe = he_recipe_from_json(json, error);
    if (!recipe)
        return FALSE;
    g_free(request->recipe);
    request->recipe = g_strdup(json);
    return TRUE;
}

static gboolean parse_word(HeRequest *request, const char *word, GError **error)
{
    const char *equals = strchr(word, '=');
    if (!equals) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "options: “%s” is not of the form key=value", word);
        return FALSE;
    }
    g_autofree char *name = g_strndup(word, (size_t)(equals - word));
    if (g_str_equal(name, RECIPE))
        return set_recipe(request, equals + 1, error);
    return he_request_set(request, name, equals + 1, error);
}

static gboolean parse_words(HeRequest *request, const char *options, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) shell = NULL;
    if (!g_shell_parse_argv(options, NULL, &words, &shell)) {
        if (g_error_matches(shell, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
            return TRUE;
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "options: %s",
                    shell->message);
        return FALSE;
    }
    for (char **word = words; *word; word++)
        if (!parse_word(request, *word, error))
            return FALSE;
    return TRUE;
}

static void swap(HeRequest *a, HeRequest *b)
{
    HeRequest kept = *a;
    *a = *b;
    *b = kept;
}

gboolean he_request_parse(HeRequest *request, const char *options, GError **error)
{
    const char *start = options ? options : "";
    while (g_ascii_isspace(*start))
        start++;
    g_autoptr(HeRequest) parsed = he_request_copy(request);
    gboolean is_good = *start == '{' ? set_recipe(parsed, start, error)
                                     : parse_words(parsed, start, error);
    if (is_good)
        swap(request, parsed);
    return is_good;
}

static void append_word(GString *out, const char *name, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_.,:/+-";
    g_autofree char *quoted = g_shell_quote(text);
    gboolean is_plain = strspn(text, plain) == strlen(text);
    g_string_append_printf(out, "%s%s=%s", out->len ? " " : "", name,
                           is_plain ? text : quoted);
}

char *he_request_to_text(const HeRequest *request)
{
    if (request->recipe && !g_hash_table_size(request->values))
        return g_strdup(request->recipe);
    g_autoptr(GString) out = g_string_new(NULL);
    int n_params;
    const HeParam *params = he_params_list(&n_params);
    for (int i = 0; i < n_params; i++) {
        const char *text = g_hash_table_lookup(request->values, params[i].name);
        g_auto(GStrv) items = g_strsplit(text ? text : "", "\n", -1);
        for (char **item = items; *item; item++)
            append_word(out, params[i].name, *item);
    }
    if (request->recipe)
        append_word(out, RECIPE, request->recipe);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
