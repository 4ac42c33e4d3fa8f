/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A request: texts by parameter, checked against the table when they are set. */
#include "plugin/core/request.h"

#include <math.h>
#include <string.h>

#include "plugin/core/params.h"
#include "plugin/core/recipe.h"

#define MAX_TEXT  4096 /* bytes of one value: above any path or label */
#define MAX_ITEMS 256  /* of a list */

HeRequest *he_request_new(void)
{
    HeRequest *request = g_new0(HeRequest, 1);
    request->values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return request;
}

HeRequest *he_request_copy(const HeRequest *request)
{
    HeRequest *copy = he_request_new();
    GHashTableIter iter;
    gpointer name, text;
    g_hash_table_iter_init(&iter, request->values);
    while (g_hash_table_iter_next(&iter, &name, &text))
        g_hash_table_insert(copy->values, name, g_strdup(text));
    copy->recipe = g_strdup(request->recipe);
    return copy;
}

void he_request_free(HeRequest *request)
{
    if (!request)
        return;
    g_hash_table_unref(request->values);
    g_free(request->recipe);
    g_free(request);
}

static gboolean check_number(const HeParam *param, const char *text, GError **error)
{
    double value;
    gboolean is_integer = param->kind == HE_PARAM_INTEGER;
    if (he_number_parse(text, &value) && value >= param->min && value <= param->max &&
        (!is_integer || value == floor(value)))
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "“%s” is no %s from %.17g to %.17g", text,
                is_integer ? "whole number" : "number", param->min, param->max);
    return FALSE;
}

static gboolean check_choice(const HeParam *param, const char *text, GError **error)
{
    if (he_choice_find(param->choices, text))
        return TRUE;
    g_autofree char *nicks = he_choice_list(param->choices);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "“%s” is none of %s", text,
                nicks);
    return FALSE;
}

static gboolean check_form(const HeParam *param, const char *text, GError **error)
{
    const char *wrong = NULL;
    if (strlen(text) > MAX_TEXT)
        wrong = "the text is longer than 4096 bytes";
    else if (!g_utf8_validate(text, -1, NULL))
        wrong = "the text is not UTF-8";
    else if (param->kind != HE_PARAM_LIST && strchr(text, '\n'))
        wrong = "the text holds a line break";
    if (wrong)
        g_set_error_literal(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, wrong);
    return !wrong;
}

static gboolean check_value(const HeParam *param, const char *text, GError **error)
{
    HeParamCheck check = he_param_get_check(param);
    switch (param->kind) {
    case HE_PARAM_CHOICE:
        return check_choice(param, text, error);
    case HE_PARAM_NUMBER:
    case HE_PARAM_INTEGER:
        return check_number(param, text, error);
    case HE_PARAM_LIST:
        if (param->choices)
            return check_choice(param, text, error);
        break;
    case HE_PARAM_TEXT:
        break;
    }
    return !check || check(text, error);
}

/* Items whose words are known here are split at commas here. Names of classes and layers may hold
 * commas, so they wait for the model, which knows whether the whole is a name. */
static char **split_items(const HeParam *param, const char *text)
{
    if (!he_param_get_check(param) && !param->choices)
        return g_strsplit(text, "\n", -1);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *joined = g_strjoinv(",", lines);
    return he_list_split(joined);
}

/* The list OLD (or NULL) with the items of TEXT added, none twice. NULL: error. */
static char *list_add(const HeParam *param, const char *old, const char *text,
                      GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) before = g_strsplit(old ? old : "", "\n", -1);
    g_auto(GStrv) items = split_items(param, text);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    char **const parts[] = {before, items};
    for (size_t p = 0; p < G_N_ELEMENTS(parts); p++)
        for (char **item = parts[p]; *item; item++) {
            if (!*g_strstrip(*item) || !g_hash_table_add(seen, *item))
                continue;
            if (!check_value(param, *item, error))
                return NULL;
            g_strv_builder_add(builder, *item);
        }
    if (g_hash_table_size(seen) > MAX_ITEMS) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "%u items; at most %d are taken", g_hash_table_size(seen), MAX_ITEMS);
        return NULL;
    }
    g_auto(GStrv) all = g_strv_builder_end(builder);
    return g_strjoinv("\n", all);
}

static gboolean set_value(HeRequest *request, const HeParam *param, const char *text,
                          GError **error)
{
    if (!check_form(param, text, error))
        return FALSE;
    char *value = NULL;
    if (param->kind == HE_PARAM_LIST)
        value = list_add(param, g_hash_table_lookup(request->values, param->name), text,
                         error);
    else if (check_value(param, text, error))
        value = g_strdup(text);
    if (!value)
        return FALSE;
    g_hash_table_insert(request->values, (gpointer)param->name, value);
    return TRUE;
}

gboolean he_request_set(HeRequest *request, const char *name, const char *text,
                        GError **error)
{
    const HeParam *param = he_param_find(name);
    if (!param) {
        he_param_set_unknown(name, error);
        return FALSE;
    }
    g_autofree char *value = g_strstrip(g_strdup(text ? text : ""));
    if (!*value) {
        g_hash_table_remove(request->values, param->name);
        return TRUE;
    }
    if (set_value(request, param, value, error))
        return TRUE;
    g_prefix_error(error, "%s: ", name);
    return FALSE;
}

const char *he_request_get(const HeRequest *request, const char *name)
{
    const HeParam *param = he_param_find(name);
    g_return_val_if_fail(param != NULL, NULL);
    const char *text = g_hash_table_lookup(request->values, name);
    return text ? text : param->initial;
}

char **he_request_get_list(const HeRequest *request, const char *name)
{
    const char *text = he_request_get(request, name);
    return g_strsplit(text ? text : "", "\n", -1);
}

double he_request_get_number(const HeRequest *request, const char *name, double fallback)
{
    double value;
    const char *text = he_request_get(request, name);
    return text && he_number_parse(text, &value) ? value : fallback;
}

int he_request_get_choice(const HeRequest *request, const char *name, int fallback)
{
    const HeParam *param = he_param_find(name);
    const char *text = he_request_get(request, name);
    const HeChoice *choice = text ? he_choice_find(param->choices, text) : NULL;
    return choice ? choice->value : fallback;
}
