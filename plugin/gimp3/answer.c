/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Return values: see answer.h. Value 0 is the status; the others stand in the order of their table. */
#include "plugin/gimp3/answer.h"

#include <glib/gi18n.h>

static void declare(GimpProcedure *procedure, const HeGimpValue *value)
{
    const char *name = value->name, *blurb = _(value->blurb);

    switch (value->kind) {
    case HE_GIMP_VALUE_LAYER:
        gimp_procedure_add_layer_return_value(procedure, name, name, blurb, TRUE,
                                              G_PARAM_READWRITE);
        break;
    case HE_GIMP_VALUE_INTEGER:
        gimp_procedure_add_int_return_value(procedure, name, name, blurb, G_MININT,
                                            G_MAXINT, 0, G_PARAM_READWRITE);
        break;
    case HE_GIMP_VALUE_NUMBER:
        gimp_procedure_add_double_return_value(procedure, name, name, blurb, -G_MAXDOUBLE,
                                               G_MAXDOUBLE, 0, G_PARAM_READWRITE);
        break;
    case HE_GIMP_VALUE_TEXT:
        gimp_procedure_add_string_return_value(procedure, name, name, blurb, NULL,
                                               G_PARAM_READWRITE);
        break;
    case HE_GIMP_VALUE_INTEGERS:
        gimp_procedure_add_int32_array_return_value(procedure, name, name, blurb,
                                                    G_PARAM_READWRITE);
        break;
    case HE_GIMP_VALUE_NUMBERS:
        gimp_procedure_add_double_array_return_value(procedure, name, name, blurb,
                                                     G_PARAM_READWRITE);
        break;
    case HE_GIMP_VALUE_TEXTS:
        gimp_procedure_add_string_array_return_value(procedure, name, name, blurb,
                                                     G_PARAM_READWRITE);
        break;
    }
}

void he_answer_declare(GimpProcedure *procedure, HeGimpAnswer kind)
{
    for (const HeGimpValue *value = he_gimp_values_of(kind); value->name; value++)
        declare(procedure, value);
}

GimpValueArray *he_answer_error(GimpProcedure *procedure, GError *error)
{
    const GimpPDBStatusType status = he_gimp_status_of(error);

    if (status == GIMP_PDB_CANCEL)
        g_clear_error(&error);
    return gimp_procedure_new_return_values(procedure, status, error);
}

static GimpValueArray *success(GimpProcedure *procedure)
{
    return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
}

GimpValueArray *he_answer_layer(GimpProcedure *procedure, HeGimpLayer layer,
                                const HeResult *result)
{
    GimpValueArray *values = success(procedure);
    int i = 0;

    GIMP_VALUES_SET_LAYER(values, ++i, layer);
    GIMP_VALUES_SET_INT(values, ++i, result->class_index);
    GIMP_VALUES_SET_STRING(values, ++i, result->class_name);
    GIMP_VALUES_SET_DOUBLE(values, ++i, result->recipe->result.score);
    GIMP_VALUES_SET_DOUBLE(values, ++i, result->recipe->result.probability);
    GIMP_VALUES_TAKE_STRING(values, ++i, he_recipe_to_json(result->recipe));
    return values;
}

GimpValueArray *he_answer_take_classes(GimpProcedure *procedure, HeGimpClasses *classes)
{
    GimpValueArray *values = success(procedure);
    const gsize n = (gsize)classes->n;
    int i = 0;

    GIMP_VALUES_TAKE_INT32_ARRAY(values, ++i, g_steal_pointer(&classes->indices), n);
    GIMP_VALUES_TAKE_STRV(values, ++i, g_steal_pointer(&classes->names));
    GIMP_VALUES_TAKE_DOUBLE_ARRAY(values, ++i, g_steal_pointer(&classes->probabilities),
                                  n);
    GIMP_VALUES_TAKE_DOUBLE_ARRAY(values, ++i, g_steal_pointer(&classes->scores), n);
    return values;
}

GimpValueArray *he_answer_take_models(GimpProcedure *procedure, HeManaged *managed)
{
    GimpValueArray *values = success(procedure);

    GIMP_VALUES_TAKE_STRV(values, 1, g_steal_pointer(&managed->names));
    GIMP_VALUES_TAKE_STRING(values, 2, g_steal_pointer(&managed->report));
    return values;
}
