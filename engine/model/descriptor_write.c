/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The descriptor: writing. A value's text is what its reader in descriptor_keys.c takes; a row is
 * "Group.Key=value", the form in which guesses are listed too. */
#include <math.h>
#include <string.h>

#include "core/number.h"
#include "model/descriptor_keys.h"
#include "model/model.h"

/* ---- values ------------------------------------------------------------------------------------------ */

char *he_write_nothing(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    (void)d, (void)value, (void)choices;
    return NULL;
}

char *he_write_text(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    (void)d, (void)choices;
    return g_strdup(*(char *const *)value);
}

char *he_write_choice(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    const HeChoice *choice = he_choice_get(choices, *(const int *)value);

    (void)d;
    return choice ? g_strdup(choice->nick) : NULL;
}

/* Of a grey input alone. */
char *he_write_grey(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    gboolean is_grey = d->n_channels == 1 && strcmp(d->channels[0], "Y") == 0;

    return is_grey ? he_write_choice(d, value, choices) : NULL;
}

char *he_write_boolean(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    (void)d, (void)choices;
    return g_strdup(*(const gboolean *)value ? "true" : "false");
}

char *he_write_size(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    (void)value, (void)choices;
    return d->height > 0 ? g_strdup_printf("%dx%d", d->height, d->width) : NULL;
}

char *he_write_channels(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    g_autofree char *list = d->n_channels ? g_strjoinv(";", d->channels) : NULL;

    (void)value, (void)choices;
    if (g_strcmp0(list, "R;G;B") == 0)
        return g_strdup("RGB");
    if (g_strcmp0(list, "B;G;R") == 0)
        return g_strdup("BGR");
    return g_steal_pointer(&list);
}

char *he_write_number(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    double number = *(const double *)value;

    (void)d, (void)choices;
    return number > 0 ? he_number_to_text(number) : NULL;
}

char *he_write_numbers(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    const double *numbers = *(double *const *)value;
    GString *text = g_string_new(NULL);

    (void)choices;
    for (int i = 0; numbers && i < d->n_channels; i++) {
        g_autofree char *number = he_number_to_text(numbers[i]);
        g_string_append_printf(text, "%s%s", i ? "," : "", number);
    }
    return g_string_free(text, !numbers);
}

char *he_write_range(const HeDescriptor *d, const void *value, const HeChoice *choices)
{
    g_autofree char *low = he_number_to_text(d->range[0]);
    g_autofree char *high = he_number_to_text(d->range[1]);

    (void)value, (void)choices;
    return d->has_range ? g_strconcat(low, "..", high, NULL) : NULL;
}

char *he_write_background(const HeDescriptor *d, const void *value,
                          const HeChoice *choices)
{
    const double *c = d->background;

    (void)value, (void)choices;
    if (d->is_background_mean)
        return g_strdup("mean");
    return g_strdup_printf("#%02x%02x%02x", (guint)lround(255 * c[0]),
                           (guint)lround(255 * c[1]), (guint)lround(255 * c[2]));
}

char **he_descriptor_list(const HeDescriptor *descriptor)
{
    GPtrArray *rows = g_ptr_array_new();
    const HeDescriptorKey *key;

    for (size_t i = 0; (key = he_descriptor_key_get(i)); i++) {
        const char *value = (const char *)descriptor + key->offset;
        g_autofree char *text = key->write(descriptor, value, key->choices);
        if (text)
            g_ptr_array_add(rows,
                            g_strdup_printf("%s.%s=%s", key->group, key->key, text));
    }
    for (int i = 0; descriptor->held_names && descriptor->held_names[i]; i++)
        g_ptr_array_add(rows,
                        g_strdup_printf("Input %s.Value=%s", descriptor->held_names[i],
                                        descriptor->held_values[i]));
    for (int i = 0; descriptor->stage_names && descriptor->stage_names[i]; i++)
        g_ptr_array_add(rows, g_strdup_printf("Layers.%s=%s", descriptor->stage_names[i],
                                              descriptor->stage_tensors[i]));
    g_ptr_array_add(rows, NULL);
    return (char **)g_ptr_array_free(rows, FALSE);
}

/* ---- rows -------------------------------------------------------------------------------------------- */

/* What GLib's key files can hold as a name. */
static gboolean is_name(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && !strpbrk(name, "[]=\n\r") && name[0] != ' ' && name[0] != '#' &&
           name[n - 1] != ' ';
}

/* The '.' between group and key; the NAME of [Input NAME] may have some itself. */
static const char *find_dot(const char *row)
{
    const char *value = g_str_has_prefix(row, "Input ") ? strstr(row, ".Value=") : NULL;

    return value ? value : strchr(row, '.');
}

gboolean he_descriptor_set_rows(GKeyFile *file, const char *const *rows, GError **error)
{
    for (; rows && *rows; rows++) {
        const char *dot = find_dot(*rows), *equals = dot ? strchr(dot, '=') : NULL;
        if (!equals || !g_utf8_validate(*rows, -1, NULL)) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "'%s': expected Group.Key=value", *rows);
            return FALSE;
        }
        g_autofree char *group = g_strndup(*rows, (size_t)(dot - *rows));
        g_autofree char *key = g_strndup(dot + 1, (size_t)(equals - dot - 1));
        if (!is_name(group) || !is_name(key)) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "'%s': a key's name cannot be that", *rows);
            return FALSE;
        }
        g_key_file_set_string(file, group, key, equals + 1);
    }
    return TRUE;
}

static gboolean check_rows(const char *const *rows, GError **error)
{
    HeDescriptor d = {0};
    g_autofree char *labels = NULL;
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gboolean ok = he_descriptor_read(NULL, rows, &d, seen, &labels, error);

    he_descriptor_clear(&d);
    return ok;
}

/* Adds GROUP's keys of FILE, in their order; Format is written by the caller. */
static void append_keys(GString *text, GKeyFile *file, const char *group,
                        const char *mark)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

    for (char **key = keys; key && *key; key++) {
        g_autofree char *value = g_key_file_get_value(file, group, *key, NULL);
        if (strcmp(*key, "Format") != 0)
            g_string_append_printf(text, "%s%s=%s\n", mark, *key, value);
    }
}

/* [Input NAME], for every further input. */
static void append_held(GString *text, GKeyFile *file)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

    for (char **group = groups; *group; group++)
        if (g_str_has_prefix(*group, "Input ")) {
            g_string_append_printf(text, "\n[%s]\n", *group);
            append_keys(text, file, *group, "");
        }
}

char *he_descriptor_text(const char *const *rows, const char *const *guessed,
                         GError **error)
{
    static const char *const groups[] = {"Model", "Input", NULL, "Output", "Layers"};
    g_autoptr(GKeyFile) stated = g_key_file_new(), unsure = g_key_file_new();
    g_autoptr(GString) text = g_string_new(
        "# How pictures reach this network and what its numbers mean: docs/descriptor.md\n");

    if (!check_rows(rows, error) || !he_descriptor_set_rows(stated, rows, error) ||
        !he_descriptor_set_rows(unsure, guessed, error))
        return NULL;
    if (guessed && *guessed)
        g_string_append(text,
                        "# What begins with '#' and a key is guessed: correct it and "
                        "take the '#' away.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (!groups[i]) {
            append_held(text, stated);
            continue;
        }
        gboolean has_any = i == 0 || g_key_file_has_group(stated, groups[i]) ||
                           g_key_file_has_group(unsure, groups[i]);
        if (has_any)
            g_string_append_printf(text, "%s[%s]\n%s", i ? "\n" : "", groups[i],
                                   i == 0 ? "Format=1\n" : "");
        append_keys(text, stated, groups[i], "");
        append_keys(text, unsure, groups[i], "#");
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
