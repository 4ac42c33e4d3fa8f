/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arguments -> request: see arguments.h. */
#include "plugin/gimp2/arguments.h"

#include <glib/gi18n.h>
#include <string.h>

#include "plugin/gimp/ask.h"

static GimpPDBArgType argument_type(const char *name)
{
    switch (he_gimp_param_kind(name)) {
    case HE_PARAM_NUMBER:
        return GIMP_PDB_FLOAT;
    case HE_PARAM_INTEGER:
        return GIMP_PDB_INT32;
    default:
        return GIMP_PDB_STRING;
    }
}

/* Run mode, and an image with its drawable unless none is wanted. */
static int count_first(const HeGimpProcedure *procedure)
{
    return procedure->answer == HE_GIMP_ANSWER_MODELS ? 1 : 3;
}

GimpParamDef *he_arguments_describe(const HeGimpProcedure *procedure, int *n)
{
    static const GimpParamDef first[] = {
        {GIMP_PDB_INT32, (gchar *)"run-mode",
         (gchar *)"The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), "
                  "RUN-WITH-LAST-VALS (2) }"},
        {GIMP_PDB_IMAGE, (gchar *)"image", (gchar *)N_("The image")},
        {GIMP_PDB_DRAWABLE, (gchar *)"drawable", (gchar *)N_("The layer to explain")},
    };
    GimpParamDef *defs = g_new0(GimpParamDef, G_N_ELEMENTS(first) + HE_GIMP_MAX_PARAMS);
    int i = count_first(procedure);

    memcpy(defs, first, sizeof first);
    for (const char *const *name = procedure->params; *name; name++, i++) {
        defs[i].type = argument_type(*name);
        defs[i].name = (gchar *)*name;
        defs[i].description = (gchar *)he_gimp_param_blurb(*name);
    }
    *n = i;
    return defs;
}

static char *argument_text(const GimpParam *argument)
{
    switch (argument->type) {
    case GIMP_PDB_FLOAT:
        return he_gimp_number_argument(argument->data.d_float);
    case GIMP_PDB_INT32:
        return he_gimp_integer_argument(argument->data.d_int32);
    default:
        return he_gimp_text_argument(argument->data.d_string);
    }
}

gboolean he_arguments_texts(const HeGimpProcedure *procedure, int n,
                            const GimpParam *arguments, char **texts, GError **error)
{
    const int n_params = (int)g_strv_length((char **)procedure->params);
    const int n_first = count_first(procedure);

    if (n != n_first + n_params) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    _("%s takes %d arguments, not %d"), procedure->name,
                    n_first + n_params, n);
        return FALSE;
    }
    for (int i = 0; i < n_params; i++)
        texts[i] = argument_text(&arguments[n_first + i]);
    return TRUE;
}

HeRequest *he_arguments_parse(const HeGimpProcedure *procedure, int n,
                              const GimpParam *arguments, GError **error)
{
    char *texts[HE_GIMP_MAX_PARAMS] = {NULL};
    HeRequest *request = he_arguments_texts(procedure, n, arguments, texts, error)
                             ? he_gimp_request_new(procedure, texts, error)
                             : NULL;

    he_gimp_texts_clear(texts);
    return request;
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
    he_gimp_request_set_method(request, procedure, NULL);
    return request;
}

void he_last_values_set(const HeGimpProcedure *procedure, const HeRequest *request)
{
    g_autofree char *text = he_request_to_text(request);

    gimp_set_data(procedure->name, text, (guint32)strlen(text) + 1);
}
