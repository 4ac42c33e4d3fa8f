/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Return values: see answer.h. The lists are final: scripts count positions. */
#include "plugin/gimp2/answer.h"

#include <glib/gi18n.h>

static const GimpParamDef layer_values[] = {
    {GIMP_PDB_LAYER, (gchar *)"layer",
     (gchar *)N_("The new layer, or the group where there are several")},
    {GIMP_PDB_INT32, (gchar *)"class-index",
     (gchar *)N_("The class that is explained, from 0; -1: not a class")},
    {GIMP_PDB_STRING, (gchar *)"class-name", (gchar *)N_("Its name")},
    {GIMP_PDB_FLOAT, (gchar *)"score", (gchar *)N_("Its score before the activation")},
    {GIMP_PDB_FLOAT, (gchar *)"probability", (gchar *)N_("Its probability, 0 to 1")},
    {GIMP_PDB_STRING, (gchar *)"recipe",
     (gchar *)N_("All that made the result, as JSON")},
};

static const GimpParamDef class_values[] = {
    {GIMP_PDB_INT32, (gchar *)"n-indices", (gchar *)N_("Number of classes")},
    {GIMP_PDB_INT32ARRAY, (gchar *)"indices",
     (gchar *)N_("Indices of the classes, the most probable first")},
    {GIMP_PDB_INT32, (gchar *)"n-names", (gchar *)N_("Number of names")},
    {GIMP_PDB_STRINGARRAY, (gchar *)"names", (gchar *)N_("Their names")},
    {GIMP_PDB_INT32, (gchar *)"n-probabilities", (gchar *)N_("Number of probabilities")},
    {GIMP_PDB_FLOATARRAY, (gchar *)"probabilities",
     (gchar *)N_("Their probabilities, 0 to 1")},
    {GIMP_PDB_INT32, (gchar *)"n-scores", (gchar *)N_("Number of scores")},
    {GIMP_PDB_FLOATARRAY, (gchar *)"scores",
     (gchar *)N_("Their scores before the activation")},
};

GimpParamDef *he_answer_describe(HeGimpAnswer kind, int *n)
{
    if (kind == HE_GIMP_ANSWER_CLASSES) {
        *n = G_N_ELEMENTS(class_values);
        return g_memdup2(class_values, sizeof class_values);
    }
    *n = G_N_ELEMENTS(layer_values);
    return g_memdup2(layer_values, sizeof layer_values);
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

static GimpPDBStatusType status_of(const GError *error)
{
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return GIMP_PDB_CANCEL;
    if (g_error_matches(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT))
        return GIMP_PDB_CALLING_ERROR;
    return GIMP_PDB_EXECUTION_ERROR;
}

/* GIMP 2.10 fills missing results up with those declared, and takes the length of an array from the value
 * before it: the message there, as a length, would crash GIMP. Zeros in the arrays' places keep it from
 * doing so. */
void he_answer_error(HeAnswer *answer, HeGimpAnswer kind, const GError *error)
{
    restart(answer, status_of(error));
    add(answer, GIMP_PDB_STRING)->data.d_string = g_strdup(error->message);
    for (size_t i = 1; kind == HE_GIMP_ANSWER_CLASSES && i < G_N_ELEMENTS(class_values);
         i++)
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

void he_answer_classes(HeAnswer *answer, const HeModel *model, const HeScores *scores,
                       int n)
{
    gint32 *indices = g_new(gint32, (gsize)n);
    char **names = g_new(char *, (gsize)n);
    double *probabilities = g_new(double, (gsize)n), *logits = g_new(double, (gsize)n);

    for (int i = 0; i < n; i++) {
        indices[i] = scores->order[i];
        names[i] = g_strdup(he_model_get_label(model, scores->order[i]));
        probabilities[i] = scores->probability[scores->order[i]];
        logits[i] = scores->score[scores->order[i]];
    }
    restart(answer, GIMP_PDB_SUCCESS);
    add(answer, GIMP_PDB_INT32)->data.d_int32 = n;
    add(answer, GIMP_PDB_INT32ARRAY)->data.d_int32array = indices;
    add(answer, GIMP_PDB_INT32)->data.d_int32 = n;
    add(answer, GIMP_PDB_STRINGARRAY)->data.d_stringarray = names;
    add(answer, GIMP_PDB_INT32)->data.d_int32 = n;
    add(answer, GIMP_PDB_FLOATARRAY)->data.d_floatarray = probabilities;
    add(answer, GIMP_PDB_INT32)->data.d_int32 = n;
    add(answer, GIMP_PDB_FLOATARRAY)->data.d_floatarray = logits;
}
