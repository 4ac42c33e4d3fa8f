/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Return values: see answer.h. The lists are final: scripts count positions. */
#include "plugin/gimp2/answer.h"

#include <glib/gi18n.h>

#define MAX_VALUES 8

static GimpParamDef definition(GimpPDBArgType type, const char *name, const char *blurb)
{
    return (GimpParamDef){type, (gchar *)name, (gchar *)blurb};
}

static GimpPDBArgType value_type(HeGimpValueKind kind)
{
    static const GimpPDBArgType types[] = {
        [HE_GIMP_VALUE_LAYER] = GIMP_PDB_LAYER,
        [HE_GIMP_VALUE_INTEGER] = GIMP_PDB_INT32,
        [HE_GIMP_VALUE_NUMBER] = GIMP_PDB_FLOAT,
        [HE_GIMP_VALUE_TEXT] = GIMP_PDB_STRING,
        [HE_GIMP_VALUE_INTEGERS] = GIMP_PDB_INT32ARRAY,
        [HE_GIMP_VALUE_NUMBERS] = GIMP_PDB_FLOATARRAY,
        [HE_GIMP_VALUE_TEXTS] = GIMP_PDB_STRINGARRAY,
    };

    return types[kind];
}

/* Before each array comes its length. */
GimpParamDef *he_answer_describe(HeGimpAnswer kind, int *n)
{
    GimpParamDef *defs = g_new0(GimpParamDef, MAX_VALUES);

    *n = 0;
    for (const HeGimpValue *value = he_gimp_values_of(kind); value->name; value++) {
        if (value->kind >= HE_GIMP_VALUE_INTEGERS) {
            g_autofree char *count = g_strconcat("n-", value->name, NULL);

            defs[(*n)++] = definition(GIMP_PDB_INT32, g_intern_string(count),
                                      N_("The number of them"));
        }
        defs[(*n)++] = definition(value_type(value->kind), value->name, value->blurb);
    }
    return defs;
}

/* ---- values ---------------------------------------------------------------------------------------- */

static void clear_value(gpointer data)
{
    GimpParam *value = data;

    switch (value->type) {
    case GIMP_PDB_STRING:
        g_free(value->data.d_string);
        break;
    case GIMP_PDB_INT32ARRAY:
        g_free(value->data.d_int32array);
        break;
    case GIMP_PDB_FLOATARRAY:
        g_free(value->data.d_floatarray);
        break;
    case GIMP_PDB_STRINGARRAY: { /* its length is the value before it */
        const GimpParam *count = value - 1;

        for (gint32 i = 0; i < count->data.d_int32; i++)
            g_free(value->data.d_stringarray[i]);
        g_free(value->data.d_stringarray);
        break;
    }
    default:
        break;
    }
}

void he_answer_init(HeAnswer *answer)
{
    answer->values = g_array_new(FALSE, TRUE, sizeof(GimpParam));
    g_array_set_clear_func(answer->values, clear_value);
}

void he_answer_clear(HeAnswer *answer)
{
    if (answer->values)
        g_array_unref(answer->values);
    answer->values = NULL;
}

static GimpParam *add(HeAnswer *answer, GimpPDBArgType type)
{
    const GimpParam value = {.type = type};

    g_array_append_val(answer->values, value);
    return &g_array_index(answer->values, GimpParam, answer->values->len - 1);
}

static void restart(HeAnswer *answer, GimpPDBStatusType status)
{
    g_array_set_size(answer->values, 0);
    add(answer, GIMP_PDB_STATUS)->data.d_status = status;
}

/* GIMP 2.10 fills missing results up with those declared, and takes the length of an array from the value
 * before it: the message there, as a length, would crash GIMP. Zeros in the arrays' places keep it from
 * doing so. */
void he_answer_error(HeAnswer *answer, HeGimpAnswer kind, const GError *error)
{
    int n;
    g_autofree GimpParamDef *declared = he_answer_describe(kind, &n);

    restart(answer, he_gimp_status_of(error));
    add(answer, GIMP_PDB_STRING)->data.d_string = g_strdup(error->message);
    for (int i = 1; kind != HE_GIMP_ANSWER_LAYER && i < n; i++)
        add(answer, GIMP_PDB_INT32)->data.d_int32 = 0;
}

void he_answer_layer(HeAnswer *answer, HeGimpLayer layer, const HeResult *result)
{
    restart(answer, GIMP_PDB_SUCCESS);
    add(answer, GIMP_PDB_LAYER)->data.d_layer = layer;
    add(answer, GIMP_PDB_INT32)->data.d_int32 = result->class_index;
    add(answer, GIMP_PDB_STRING)->data.d_string = g_strdup(result->class_name);
    add(answer, GIMP_PDB_FLOAT)->data.d_float = result->recipe->result.score;
    add(answer, GIMP_PDB_FLOAT)->data.d_float = result->recipe->result.probability;
    add(answer, GIMP_PDB_STRING)->data.d_string = he_recipe_to_json(result->recipe);
}

static void add_count(HeAnswer *answer, int n)
{
    add(answer, GIMP_PDB_INT32)->data.d_int32 = n;
}

void he_answer_take_classes(HeAnswer *answer, HeGimpClasses *classes)
{
    restart(answer, GIMP_PDB_SUCCESS);
    add_count(answer, classes->n);
    add(answer, GIMP_PDB_INT32ARRAY)->data.d_int32array =
        g_steal_pointer(&classes->indices);
    add_count(answer, classes->n);
    add(answer, GIMP_PDB_STRINGARRAY)->data.d_stringarray =
        g_steal_pointer(&classes->names);
    add_count(answer, classes->n);
    add(answer, GIMP_PDB_FLOATARRAY)->data.d_floatarray =
        g_steal_pointer(&classes->probabilities);
    add_count(answer, classes->n);
    add(answer, GIMP_PDB_FLOATARRAY)->data.d_floatarray =
        g_steal_pointer(&classes->scores);
}

void he_answer_take_models(HeAnswer *answer, HeManaged *managed)
{
    restart(answer, GIMP_PDB_SUCCESS);
    add_count(answer, (int)g_strv_length(managed->names));
    add(answer, GIMP_PDB_STRINGARRAY)->data.d_stringarray =
        g_steal_pointer(&managed->names);
    add(answer, GIMP_PDB_STRING)->data.d_string = g_steal_pointer(&managed->report);
}
