/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arguments -> request: see arguments.h. */
#include "plugin/gimp2/arguments.h"

#include <glib/gi18n.h>
#include <string.h>

#include "plugin/core/recipe.h"

static GimpPDBArgType argument_type(const char *name)
{
    const HeParam *param = he_param_find(name);

    if (param && param->kind == HE_PARAM_NUMBER)
        return GIMP_PDB_FLOAT;
    if (param && param->kind == HE_PARAM_INTEGER)
        return GIMP_PDB_INT32;
    return GIMP_PDB_STRING;
}

GimpParamDef *he_arguments_describe(const HeGimpProcedure *procedure, int *n)
{
    static const GimpParamDef first[HE_N_FIRST_ARGUMENTS] = {
        {GIMP_PDB_INT32, (gchar *)"run-mode",
         (gchar *)"The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), "
                  "RUN-WITH-LAST-VALS (2) }"},
        {GIMP_PDB_IMAGE, (gchar *)"image", (gchar *)N_("The image")},
        {GIMP_PDB_DRAWABLE, (gchar *)"drawable", (gchar *)N_("The layer to explain")},
    };
    GimpParamDef *defs = g_new0(GimpParamDef, HE_N_FIRST_ARGUMENTS + HE_GIMP_MAX_PARAMS);
    int i = HE_N_FIRST_ARGUMENTS;

    memcpy(defs, first, sizeof first);
    for (const char *const *name = procedure->params; *name; name++, i++) {
        defs[i].type = argument_type(*name);
        defs[i].name = (gchar *)*name;
        defs[i].description = (gchar *)he_gimp_param_blurb(*name);
    }
    *n = i;
    return defs;
}

/* The argument as a request's text; NULL: the default was asked for. */
static char *argument_text(const GimpParam *argument)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    switch (argument->type) {
    case GIMP_PDB_FLOAT:
        if (argument->data.d_float < 0)
            return NULL;
        return g_strdup(g_ascii_dtostr(number, sizeof number, argument->data.d_float));
    case GIMP_PDB_INT32:
        if (argument->data.d_int32 == 0)
            return NULL;
        return g_strdup_printf("%d", argument->data.d_int32);
    default:
        if (argument->data.d_string == NULL || argument->data.d_string[0] == '\0')
            return NULL;
        return g_strdup(argument->data.d_string);
    }
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

/* An argument of its own wins over the same key in `options`. */
static gboolean set_arguments(HeRequest *request, const HeGimpProcedure *procedure,
                              const GimpParam *arguments, GError **error)
{
    for (int i = 0; procedure->params[i]; i++) {
        g_autofree char *text = argument_text(&arguments[i]);
        gboolean is_options = g_str_equal(procedure->params[i], HE_GIMP_OPTIONS);

        if (text && !is_options &&
            !set_argument(request, procedure->params[i], text, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean parse_options(HeRequest *request, const HeGimpProcedure *procedure,
                              const GimpParam *arguments, GError **error)
{
    for (int i = 0; procedure->params[i]; i++) {
        g_autofree char *text = NULL;

        if (!g_str_equal(procedure->params[i], HE_GIMP_OPTIONS))
            continue;
        text = argument_text(&arguments[i]);
        if (text && !he_request_parse(request, text, error))
            return FALSE;
    }
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

static gboolean set_method(HeRequest *request, const HeGimpProcedure *procedure,
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

HeRequest *he_arguments_parse(const HeGimpProcedure *procedure, int n,
                              const GimpParam *arguments, GError **error)
{
    g_autoptr(HeRequest) request = he_request_new();
    const int n_expected =
        HE_N_FIRST_ARGUMENTS + (int)g_strv_length((char **)procedure->params);

    if (n != n_expected) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    _("%s takes %d arguments, not %d"), procedure->name, n_expected, n);
        return NULL;
    }
    arguments += HE_N_FIRST_ARGUMENTS;
    if (!parse_options(request, procedure, arguments, error) ||
        !set_arguments(request, procedure, arguments, error) ||
        !set_method(request, procedure, error))
        return NULL;
    return g_steal_pointer(&request);
}

HeRequest *he_last_values_get(const HeGimpProcedure *procedure)
{
    HeRequest *request = he_request_new();
    const int size = gimp_get_data_size(procedure->name);
    g_autofree char *text = NULL;

    if (size > 0) {
        text = g_malloc0((gsize)size + 1);
        if (gimp_get_data(procedure->name, text))
            he_request_parse(request, text, NULL);
    }
    set_method(request, procedure, NULL);
    return request;
}

void he_last_values_set(const HeGimpProcedure *procedure, const HeRequest *request)
{
    g_autofree char *text = he_request_to_text(request);

    gimp_set_data(procedure->name, text, (guint32)strlen(text) + 1);
}
