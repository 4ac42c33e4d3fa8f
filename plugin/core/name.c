/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Names of results and their groups, as the layers are called. */
#include <math.h>

#include "plugin/core/runner.h"

#define UNSURE_BELOW 0.3

/* A label as a title has it: its first synonym. */
static char *label_text(const char *label, gboolean is_short)
{
    const char *comma = is_short ? strchr(label, ',') : NULL;
    return comma && comma > label ? g_strndup(label, (gsize)(comma - label))
                                  : g_strdup(label);
}

static void append_labels(GString *out, char *const *labels, const double *weights, int n,
                          gboolean is_positive, gboolean is_short)
{
    gboolean is_first = TRUE;
    for (int i = 0; i < n; i++) {
        if ((weights[i] > 0) != is_positive)
            continue;
        g_autofree char *text = label_text(labels[i], is_short);
        g_string_append_printf(out, "%s%s", is_first ? "" : ", ", text);
        is_first = FALSE;
    }
}

char *he_name_labels(char *const *labels, const double *weights, int n, gboolean is_short)
{
    GString *out = g_string_new(NULL);
    gboolean has_negative = FALSE;
    append_labels(out, labels, weights, n, TRUE, is_short);
    for (int i = 0; i < n; i++)
        has_negative |= weights[i] <= 0;
    if (has_negative)
        g_string_append(out, out->len ? " versus " : "not ");
    append_labels(out, labels, weights, n, FALSE, is_short);
    return g_string_free(out, FALSE);
}

/* " (90 %)", " (12 %, not sure)", or "" where there is no probability. */
static char *probability_text(double probability)
{
    if (isnan(probability))
        return g_strdup("");
    return g_strdup_printf(" (%d %%%s)", (int)lround(100 * probability),
                           probability < UNSURE_BELOW ? ", not sure" : "");
}

char *he_name_result(const HeMethodInfo *method, const char *layer, const char *gradient,
                     const HeWhat *what)
{
    g_autofree char *probability = probability_text(what->probability);
    return g_strconcat(method->title, layer ? " of " : "", layer ? layer : "",
                       gradient ? ", " : "", gradient ? gradient : "", " - ",
                       what->short_words, probability, NULL);
}

char *he_name_group(const HeMethodInfo *const *methods, int n_methods, const char *words)
{
    GString *out = g_string_new(NULL);
    for (int i = 0; i < n_methods; i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", methods[i]->title);
    g_string_append_printf(out, " - %s", words);
    return g_string_free(out, FALSE);
}
