/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Configuration <-> request: see arguments.h. */
#include "plugin/gimp3/arguments.h"

#include <glib/gi18n.h>

#include "plugin/gimp/ask.h"

#define DEFAULT_NUMBER  (-1)
#define DEFAULT_INTEGER 0

static void add_argument(GimpProcedure *procedure, const char *name)
{
    const HeParam *param = he_param_find(name);
    const char *nick = _(he_gimp_param_nick(name));
    const char *blurb = _(he_gimp_param_blurb(name));

    switch (he_gimp_param_kind(name)) {
    case HE_PARAM_NUMBER:
        gimp_procedure_add_double_argument(procedure, name, nick, blurb, DEFAULT_NUMBER,
                                           param->max, DEFAULT_NUMBER, G_PARAM_READWRITE);
        break;
    case HE_PARAM_INTEGER:
        gimp_procedure_add_int_argument(procedure, name, nick, blurb, DEFAULT_INTEGER,
                                        (gint)param->max, DEFAULT_INTEGER,
                                        G_PARAM_READWRITE);
        break;
    default:
        gimp_procedure_add_string_argument(procedure, name, nick, blurb, "",
                                           G_PARAM_READWRITE);
    }
}

void he_arguments_add(GimpProcedure *procedure, const HeGimpProcedure *row)
{
    for (const char *const *name = row->params; *name; name++)
        add_argument(procedure, *name);
}

static char *argument_text(GimpProcedureConfig *config, const char *name)
{
    g_autofree char *text = NULL;
    double number;
    int integer;

    switch (he_gimp_param_kind(name)) {
    case HE_PARAM_NUMBER:
        g_object_get(config, name, &number, NULL);
        return he_gimp_number_argument(number);
    case HE_PARAM_INTEGER:
        g_object_get(config, name, &integer, NULL);
        return he_gimp_integer_argument(integer);
    default:
        g_object_get(config, name, &text, NULL);
        return he_gimp_text_argument(text);
    }
}

void he_arguments_texts(const HeGimpProcedure *row, GimpProcedureConfig *config,
                        char **texts)
{
    for (int i = 0; row->params[i]; i++)
        texts[i] = argument_text(config, row->params[i]);
}

HeRequest *he_arguments_parse(const HeGimpProcedure *row, GimpProcedureConfig *config,
                              GError **error)
{
    char *texts[HE_GIMP_MAX_PARAMS] = {NULL};
    HeRequest *request;

    he_arguments_texts(row, config, texts);
    request = he_gimp_request_new(row, texts, error);
    he_gimp_texts_clear(texts);
    return request;
}

void he_arguments_keep(const HeGimpProcedure *row, const HeRequest *request,
                       GimpProcedureConfig *config)
{
    g_auto(GStrv) texts = he_gimp_request_texts(row, request);

    for (int i = 0; row->params[i]; i++) {
        const char *name = row->params[i], *text = texts[i];

        switch (he_gimp_param_kind(name)) {
        case HE_PARAM_NUMBER:
            g_object_set(config, name,
                         *text ? g_ascii_strtod(text, NULL) : (double)DEFAULT_NUMBER,
                         NULL);
            break;
        case HE_PARAM_INTEGER:
            g_object_set(config, name,
                         *text ? (int)g_ascii_strtoll(text, NULL, 10) : DEFAULT_INTEGER,
                         NULL);
            break;
        default:
            g_object_set(config, name, text, NULL);
        }
    }
}
