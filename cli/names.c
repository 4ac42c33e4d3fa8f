/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Names of result files. Labels come from anywhere: what a file system, a shell or another system could
 * take amiss becomes a hyphen, and length is bounded, before the parts are joined. */
#include <string.h>

#include "cli/names.h"

#define MAX_PART 80 /* bytes; three parts and a suffix stay below any file system's 255 */

/* Letters and digits of every script, and few marks. */
static char *make_safe(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = valid; *p && out->len < MAX_PART - 6; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        gboolean is_mark = c < 128 && strchr("_+=()", (int)c) && c;
        if (g_unichar_isalnum(c) || g_unichar_ismark(c) || is_mark ||
            (c == '.' && out->len > 0))
            g_string_append_unichar(out, c);
        else if (out->len > 0 && out->str[out->len - 1] != '-')
            g_string_append_c(out, '-');
    }
    while (out->len > 0 && strchr("-.", out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    if (out->len == 0)
        g_string_append(out, "unnamed");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *cli_picture_stem(const char *path)
{
    if (strcmp(path, "-") == 0)
        return g_strdup("picture");
    g_autofree char *base = g_path_get_basename(path);
    char *dot = strrchr(base, '.');
    if (dot && dot != base)
        *dot = '\0';
    return make_safe(base);
}

/* Whether another result of the same method looks at another layer. */
static gboolean layers_differ(const HeOutcome *outcome, const HeMap *map)
{
    for (int i = 0; i < outcome->n_results; i++) {
        const HeMap *other = outcome->results[i].map;
        if (g_str_equal(other->method, map->method) &&
            g_strcmp0(other->layer, map->layer) != 0)
            return TRUE;
    }
    return FALSE;
}

static const char *gradient_of(const HeResult *result)
{
    return he_choice_get(he_gradients, (int)result->recipe->display.gradient)->nick;
}

/* Whether another result of the same method shows another type of gradient. */
static gboolean gradients_differ(const HeOutcome *outcome, const HeResult *result)
{
    for (int i = 0; i < outcome->n_results; i++)
        if (g_str_equal(outcome->results[i].map->method, result->map->method) &&
            gradient_of(&outcome->results[i]) != gradient_of(result))
            return TRUE;
    return FALSE;
}

/* The stage that TENSOR ends, or the tensor. */
static char *layer_name(HeSession *session, const char *tensor)
{
    int n = 0;
    const char *stage = NULL;
    HeLayer *layers = he_session_list_layers(session, &n, NULL);
    for (int i = 0; i < n && !stage; i++)
        if (g_str_equal(layers[i].tensor, tensor))
            stage = layers[i].stage;
    char *name = g_strdup(stage ? stage : tensor);
    he_layers_free(layers, n);
    return name;
}

/* Of a result beside those of other layers; else NULL. */
static char *told_layer(HeSession *session, const HeOutcome *outcome, const HeMap *map)
{
    return map->layer && layers_differ(outcome, map) ? layer_name(session, map->layer)
                                                     : NULL;
}

char *cli_result_caption(HeSession *session, const HeOutcome *outcome, int i)
{
    const HeResult *result = &outcome->results[i];
    g_autofree char *layer = told_layer(session, outcome, result->map);
    return g_strconcat(result->map->method, layer ? " of " : "", layer ? layer : "", ", ",
                       gradient_of(result), ": ", result->class_name, NULL);
}

char *cli_result_stem(const char *picture_stem, HeSession *session,
                      const HeOutcome *outcome, int i, GHashTable *taken)
{
    const HeResult *result = &outcome->results[i];
    g_autofree char *explained = make_safe(result->class_name);
    g_autoptr(GString) name = g_string_new(NULL);
    g_string_printf(name, "%s.%s.%s", picture_stem, result->map->method, explained);
    g_autofree char *layer = told_layer(session, outcome, result->map);
    g_autofree char *part = layer ? make_safe(layer) : NULL;
    if (part)
        g_string_append_printf(name, ".%s", part);
    if (gradients_differ(outcome, result))
        g_string_append_printf(name, ".%s", gradient_of(result));
    /* Two classes may share a label (ImageNet has "crane" twice). */
    size_t length = name->len;
    for (int n = 2; g_hash_table_contains(taken, name->str); n++) {
        g_string_truncate(name, length);
        g_string_append_printf(name, "-%d", n);
    }
    g_hash_table_add(taken, g_strdup(name->str));
    return g_string_free(g_steal_pointer(&name), FALSE);
}
