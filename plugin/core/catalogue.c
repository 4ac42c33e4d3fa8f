/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading the catalogue: strict, because it may come from anywhere and says what is fetched and where it is
 * put. */
#include "plugin/core/catalogue.h"

#include <string.h>

#include "core/error.h"
#include "model/file.h"
#include "plugin/core/rows.h"
#include "plugin/core/run.h"

#define FILE_NAME   "catalogue.ini"
#define HEAD        "Catalogue"
#define MAX_BYTES   ((gsize)4 << 20)
#define MAX_ENTRIES 10000
#define MAX_MODEL   ((gint64)1 << 40)

/* ---- entries ----------------------------------------------------------------------------------------- */

static char *take_text(GKeyFile *file, const char *group, const char *key)
{
    char *text = g_key_file_get_string(file, group, key, NULL);

    return text ? g_strstrip(text) : NULL;
}

static gboolean take_number(GKeyFile *file, const char *group, const char *key,
                            gint64 min, gint64 max, gint64 *out, GError **error)
{
    g_autofree char *text = take_text(file, group, key);

    return (text && g_ascii_string_to_signed(text, 10, min, max, out, NULL)) ||
           he_fail(error, HE_ERROR_CORRUPT_MODEL,
                   "[%s] %s=%s: expected a number from %" G_GINT64_FORMAT
                   " to %" G_GINT64_FORMAT,
                   group, key, text ? text : "", min, max);
}

/* Keys with a '.' are the descriptor's. */
static gboolean take_rows(GKeyFile *file, HeCatalogueEntry *entry, GError **error)
{
    static const char *const own[] = {"Bytes", "Family", "File", "Labels",
                                      "Note",  "Opset",  NULL};
    g_auto(GStrv) keys = g_key_file_get_keys(file, entry->name, NULL, NULL);
    GPtrArray *rows = g_ptr_array_new();
    const char *unknown = NULL;

    for (char **key = keys; key && *key; key++) {
        g_autofree char *value = take_text(file, entry->name, *key);
        if (strchr(*key, '.') && value)
            g_ptr_array_add(rows, g_strdup_printf("%s=%s", *key, value));
        else if (!g_strv_contains(own, *key))
            unknown = *key;
    }
    g_ptr_array_add(rows, NULL);
    entry->rows = (char **)g_ptr_array_free(rows, FALSE);
    if (unknown)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "[%s] has no key '%s'", entry->name,
                       unknown);
    g_autofree char *text =
        he_descriptor_text((const char *const *)entry->rows, NULL, error);
    if (!text)
        g_prefix_error(error, "[%s]: ", entry->name);
    entry->title = he_row_find(entry->rows, "Model.Title");
    entry->licence = he_row_find(entry->rows, "Model.Licence");
    entry->sha256 = he_row_find(entry->rows, "Model.SHA256");
    return text != NULL;
}

static gboolean read_entry(GKeyFile *file, HeCatalogueEntry *entry, GError **error)
{
    gint64 opset = 0;

    entry->family = take_text(file, entry->name, "Family");
    entry->file = take_text(file, entry->name, "File");
    entry->note = take_text(file, entry->name, "Note");
    entry->labels = take_text(file, entry->name, "Labels");
    if (!he_models_is_name(entry->name))
        return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                       "[%s]: a model cannot be called that", entry->name);
    if (!entry->file || !he_models_is_name(entry->file) ||
        !g_str_has_suffix(entry->file, ".onnx"))
        return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                       "[%s] File: expected the name of an .onnx file", entry->name);
    if (entry->labels && !he_path_is_below(entry->labels))
        return he_fail(error, HE_ERROR_CORRUPT_MODEL,
                       "[%s] Labels=%s: expected a file below, without '..'", entry->name,
                       entry->labels);
    if (!take_number(file, entry->name, "Bytes", 1, MAX_MODEL, &entry->bytes, error) ||
        (g_key_file_has_key(file, entry->name, "Opset", NULL) &&
         !take_number(file, entry->name, "Opset", 1, 1000, &opset, error)) ||
        !take_rows(file, entry, error))
        return FALSE;
    entry->opset = (int)opset;
    return entry->sha256 || he_fail(error, HE_ERROR_CORRUPT_MODEL,
                                    "[%s] Model.SHA256 is missing: nothing is "
                                    "downloaded without a checksum",
                                    entry->name);
}

/* ---- the file ---------------------------------------------------------------------------------------- */

static gboolean read_head(HeCatalogue *catalogue, GKeyFile *file, GError **error)
{
    g_autofree char *format = take_text(file, HEAD, "Format");
    g_autofree char *mirrors = take_text(file, HEAD, "Mirrors");

    if (g_strcmp0(format, "1") != 0)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "[" HEAD "] Format=%s: expected 1",
                       format ? format : "");
    catalogue->mirrors = g_strsplit(mirrors ? mirrors : "", ";", -1);
    for (char **mirror = catalogue->mirrors; *mirror; mirror++)
        g_strstrip(*mirror);
    return TRUE;
}

static gboolean read_groups(HeCatalogue *catalogue, GKeyFile *file, GError **error)
{
    gsize n;
    g_auto(GStrv) groups = g_key_file_get_groups(file, &n);

    if (n > MAX_ENTRIES)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "at most %d models are accepted",
                       MAX_ENTRIES);
    catalogue->entries = g_new0(HeCatalogueEntry, n);
    for (char **group = groups; *group; group++) {
        if (strcmp(*group, HEAD) == 0)
            continue;
        HeCatalogueEntry *entry = &catalogue->entries[catalogue->n_entries++];
        entry->name = g_strdup(*group);
        if (!read_entry(file, entry, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean load(GKeyFile *file, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize n;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "there is no such file");
    if (!g_file_get_contents(path, &text, &n, error))
        return FALSE;
    if (n > MAX_BYTES)
        return he_fail(error, HE_ERROR_CORRUPT_MODEL, "it is longer than 4 MiB");
    return g_key_file_load_from_data(file, text, n, G_KEY_FILE_NONE, error);
}

static HeCatalogue *read_catalogue(const char *path, GError **error)
{
    g_autoptr(HeCatalogue) catalogue = g_new0(HeCatalogue, 1);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) failure = NULL;

    catalogue->path = g_strdup(path);
    if (load(file, path, &failure) && read_head(catalogue, file, &failure) &&
        read_groups(catalogue, file, &failure))
        return g_steal_pointer(&catalogue);
    g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL, "catalogue %s: %s", path,
                failure->message);
    return NULL;
}

static char *find_catalogue(const char *program_folder, GError **error)
{
    g_auto(GStrv) folders = he_models_folders(program_folder);
    char *path = g_build_filename(g_get_user_config_dir(), "human-eye", FILE_NAME, NULL);

    for (char **folder = folders; *folder && !g_file_test(path, G_FILE_TEST_EXISTS);
         folder++) {
        g_free(path);
        path = g_build_filename(*folder, FILE_NAME, NULL);
    }
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return path;
    g_free(path);
    g_set_error(error, HE_ERROR, HE_ERROR_IO,
                "there is no catalogue: no " FILE_NAME " in any folder of models");
    return NULL;
}

HeCatalogue *he_catalogue_open(const char *path, const char *program_folder,
                               GError **error)
{
    g_autofree char *found =
        path ? g_strdup(path) : find_catalogue(program_folder, error);

    return found ? read_catalogue(found, error) : NULL;
}

void he_catalogue_free(HeCatalogue *catalogue)
{
    if (!catalogue)
        return;
    for (int i = 0; i < catalogue->n_entries; i++) {
        HeCatalogueEntry *entry = &catalogue->entries[i];
        g_free(entry->name);
        g_free(entry->family);
        g_free(entry->file);
        g_free(entry->note);
        g_free(entry->labels);
        g_strfreev(entry->rows);
    }
    g_free(catalogue->entries);
    g_strfreev(catalogue->mirrors);
    g_free(catalogue->path);
    g_free(catalogue);
}

const HeCatalogueEntry *he_catalogue_find(const HeCatalogue *catalogue, const char *name,
                                          GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (int i = 0; i < catalogue->n_entries; i++) {
        if (strcmp(catalogue->entries[i].name, name) == 0)
            return &catalogue->entries[i];
        g_string_append_printf(names, "%s%s", i ? ", " : "", catalogue->entries[i].name);
    }
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "“%s” is not in the catalogue; it has %s", name, names->str);
    return NULL;
}

char *he_catalogue_find_labels(const HeCatalogue *catalogue,
                               const HeCatalogueEntry *entry, const char *program_folder,
                               GError **error)
{
    g_autofree char *beside = g_path_get_dirname(catalogue->path);
    g_auto(GStrv) folders = he_models_folders(program_folder);
    char *path = g_build_filename(beside, entry->labels, NULL);

    for (char **folder = folders; *folder && !g_file_test(path, G_FILE_TEST_IS_REGULAR);
         folder++) {
        g_free(path);
        path = g_build_filename(*folder, entry->labels, NULL);
    }
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return path;
    g_free(path);
    g_set_error(
        error, HE_ERROR, HE_ERROR_IO,
        "%s: its labels %s are neither beside the catalogue nor in a folder of models",
        entry->name, entry->labels);
    return NULL;
}
