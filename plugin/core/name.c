/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Names of results and their groups, as the layers are called. */
#include <math.h>

#include "plugin/core/runner.h"

#define UNSURE_BELOW 0.3

/* " (90 %)", " (12 %, not sure)", or "" where there is no probability. */
static char *probability_text(double probability)
{
    if (isnan(probability))
        return g_strdup("");
    return g_strdup_printf(" (%d %%%s)", (int)lround(100 * probability),
                           probability < UNSURE_BELOW ? ", not sure" : "");
}

char *he_name_result(const HeMethodInfo *method, const char *layer, const HeWhat *what)
{
    g_autofree char *probability = probability_text(what->probability);
    return g_strconcat(method->title, layer ? " of " : "", layer ? layer : "", " - ",
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
