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
        gboolean is_mark = c < 128 && strchr("_+=,()", (int)c) && c;
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

static gboolean layers_differ(const HeOutcome *outcome)
{
    for (int i = 1; i < outcome->n_results; i++)
        if (g_strcmp0(outcome->results[i].map->layer, outcome->results[0].map->layer) !=
            0)
            return TRUE;
    return FALSE;
}

char *cli_result_stem(const char *picture_stem, const HeOutcome *outcome, int i,
                      GHashTable *taken)
{
    const HeResult *result = &outcome->results[i];
    g_autofree char *explained = make_safe(result->class_name);
    g_autoptr(GString) name = g_string_new(NULL);
    g_string_printf(name, "%s.%s.%s", picture_stem, result->map->method, explained);
    if (result->map->layer && layers_differ(outcome)) {
        g_autofree char *layer = make_safe(result->map->layer);
        g_string_append_printf(name, ".%s", layer);
    }
    /* Two classes may share a label (ImageNet has "crane" twice). */
    size_t length = name->len;
    for (int n = 2; g_hash_table_contains(taken, name->str); n++) {
        g_string_truncate(name, length);
        g_string_append_printf(name, "-%d", n);
    }
    g_hash_table_add(taken, g_strdup(name->str));
    return g_string_free(g_steal_pointer(&name), FALSE);
}
