/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The descriptor NAME.ini: reading the file. descriptor_keys.c knows the keys. */
#include <string.h>

#include "core/error.h"
#include "model/descriptor_keys.h"
#include "model/file.h"
#include "model/held.h"
#include "model/model.h"

#define MAX_BYTES (1 << 20)
#define MAX_PAIRS 1000

/* FALSE: there are too many. */
static gboolean add_pair(char ***names, char ***values, const char *name,
                         const char *value)
{
    guint n = *names ? g_strv_length(*names) : 0;

    if (n == MAX_PAIRS)
        return FALSE;
    *names = g_renew(char *, *names, n + 2);
    *values = g_renew(char *, *values, n + 2);
    (*names)[n] = g_strdup(name);
    (*values)[n] = g_strdup(value);
    (*names)[n + 1] = (*values)[n + 1] = NULL;
    return TRUE;
}

/* Any other key of [Layers] names a stage. */
static gboolean add_stage(HeDescriptor *d, const char *name, const char *tensor,
                          GError **error)
{
    if (!*tensor || !add_pair(&d->stage_names, &d->stage_tensors, name, tensor))
        return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                       "[Layers] %s=%s: expected a tensor, and at most %d stages", name,
                       tensor, MAX_PAIRS);
    return TRUE;
}

static gboolean read_key(HeDescriptorReading *reading, GKeyFile *file, const char *group,
                         const char *name, GError **error)
{
    const HeDescriptorKey *key = he_descriptor_key_find(group, name);
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = g_key_file_get_string(file, group, name, &failure);

    if (!text)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "[%s] %s: %s", group, name,
                       failure->message);
    g_strstrip(text);
    if (!key && strcmp(group, "Layers") == 0)
        return add_stage(reading->out, name, text, error);
    if (!key) {
        g_autofree char *known = he_descriptor_keys_list(group);
        return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                       "[%s] has no key '%s'; known are %s", group, name, known);
    }
    g_autofree char *expected =
        key->read(reading, text, (char *)reading->out + key->offset, key->choices);
    if (expected)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "[%s] %s=%s: expected %s", group,
                       name, text, expected);
    return TRUE;
}

/* [Input NAME] has one key, Value. */
static gboolean read_held(HeDescriptor *d, GKeyFile *file, const char *group,
                          GError **error)
{
    g_auto(GStrv) names = g_key_file_get_keys(file, group, NULL, NULL);
    g_autofree char *text = g_key_file_get_string(file, group, "Value", NULL);

    for (char **name = names; name && *name; name++)
        if (strcmp(*name, "Value") != 0)
            return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                           "[%s] has no key '%s'; known is Value", group, *name);
    g_autofree char *expected = he_held_check(text ? g_strstrip(text) : "");
    if (expected)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "[%s] Value=%s: expected %s", group,
                       text ? text : "", expected);
    return add_pair(&d->held_names, &d->held_values, group + strlen("Input "), text) ||
           he_fail(error, HE_ERROR_CORRUPT_MODEL, "[%s]: more than %d inputs", group,
                   MAX_PAIRS);
}

static gboolean read_group(HeDescriptorReading *reading, GKeyFile *file,
                           const char *group, GHashTable *keys_seen, GError **error)
{
    if (g_str_has_prefix(group, "Input "))
        return read_held(reading->out, file, group, error);
    if (!he_descriptor_key_find(group, NULL)) {
        g_autofree char *known = he_descriptor_keys_list(NULL);
        return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                       "there is no group [%s]; known are %s", group, known);
    }
    g_auto(GStrv) names = g_key_file_get_keys(file, group, NULL, NULL);
    for (char **name = names; name && *name; name++) {
        reading->count = 1;
        if (!read_key(reading, file, group, *name, error))
            return FALSE;
        g_hash_table_insert(keys_seen, g_strdup_printf("%s.%s", group, *name),
                            GUINT_TO_POINTER(reading->count));
    }
    return TRUE;
}

static gboolean load_file(const char *path, GKeyFile *file, GError **error)
{
    g_autoptr(GMappedFile) bytes = he_file_map(path, MAX_BYTES, error);
    g_autoptr(GError) failure = NULL;

    if (!bytes)
        return FALSE;
    const char *text = g_mapped_file_get_contents(bytes);
    if (!g_key_file_load_from_data(file, text ? text : "",
                                   g_mapped_file_get_length(bytes), G_KEY_FILE_NONE,
                                   &failure))
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "%s", failure->message);
    return TRUE;
}

static gboolean check_format(GHashTable *keys_seen, GError **error)
{
    return g_hash_table_contains(keys_seen, "Model.Format") ||
           he_fail(error, HE_ERROR_CORRUPT_MODEL, "[Model] Format=1 is missing");
}

static gboolean read_groups(HeDescriptorReading *reading, GKeyFile *file,
                            GHashTable *keys_seen, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

    for (char **group = groups; *group; group++)
        if (!read_group(reading, file, *group, keys_seen, error))
            return FALSE;
    return TRUE;
}

gboolean he_descriptor_read(const char *path, const char *const *rows, HeDescriptor *out,
                            GHashTable *keys_seen, char **labels, GError **error)
{
    HeDescriptorReading reading = {.out = out};
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *shown = path ? g_filename_display_name(path) : NULL;
    gboolean ok = (!path || load_file(path, file, error)) &&
                  he_descriptor_set_rows(file, rows, error) &&
                  read_groups(&reading, file, keys_seen, error) &&
                  (!path || check_format(keys_seen, error));

    if (!ok && path)
        g_prefix_error(error, "%s: ", shown);
    *labels = NULL;
    if (ok && reading.labels) {
        g_autofree char *folder = path ? g_path_get_dirname(path) : g_strdup(".");
        *labels = g_build_filename(folder, reading.labels, NULL);
    }
    g_free(reading.labels);
    return ok;
}

void he_descriptor_clear(HeDescriptor *descriptor)
{
    HeDescriptor *d = descriptor;

    g_free(d->title);
    g_free(d->licence);
    g_free(d->source);
    g_free(d->sha256);
    g_free(d->knows);
    g_free(d->input);
    g_strfreev(d->channels);
    g_free(d->mean);
    g_free(d->std);
    g_free(d->output);
    g_free(d->negative);
    g_free(d->default_layer);
    g_strfreev(d->held_names);
    g_strfreev(d->held_values);
    g_strfreev(d->stage_names);
    g_strfreev(d->stage_tensors);
    g_strfreev(d->guessed);
    *d = (HeDescriptor){0};
}
