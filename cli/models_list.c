/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models list: what is installed, and what the catalogue has beside it. */
#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

#include "cli/models.h"
#include "cli/network.h"
#include "cli/table.h"
#include "plugin/core/catalogue.h"

typedef struct {
    JsonBuilder *json; /* or NULL: a table */
    CliTable *table;
    GHashTable *names; /* told so far */
} List;

/* PATH NULL: it can be had. */
static void tell(List *list, const char *name, const char *title, const char *licence,
                 gint64 bytes, const char *path)
{
    g_hash_table_add(list->names, g_strdup(name));
    if (!list->json) {
        g_autofree char *size = cli_size_text((double)bytes);
        g_autofree char *get = g_strdup_printf("human-eye models get %s", name);
        cli_table_add(list->table, name, title, size, licence, path ? path : get);
        return;
    }
    json_builder_begin_object(list->json);
    cli_json_text(list->json, "name", name);
    cli_json_text(list->json, "title", title);
    cli_json_text(list->json, "licence", licence);
    cli_json_integer(list->json, "bytes", bytes);
    cli_json_text(list->json, "file", path);
    json_builder_end_object(list->json);
}

/* Of the descriptor only what is shown is read: a broken one is told by those who use it. */
static void tell_installed(List *list, const char *path)
{
    g_autofree char *stem = g_strndup(path, strlen(path) - strlen(".onnx"));
    g_autofree char *name = g_path_get_basename(stem);
    g_autofree char *ini = g_strconcat(stem, ".ini", NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    GStatBuf info = {0};
    g_key_file_load_from_file(file, ini, G_KEY_FILE_NONE, NULL);
    g_autofree char *title = g_key_file_get_string(file, "Model", "Title", NULL);
    g_autofree char *licence = g_key_file_get_string(file, "Model", "Licence", NULL);
    if (g_stat(path, &info) != 0)
        info.st_size = 0;
    tell(list, name, title, licence, info.st_size, path);
}

static void tell_obtainable(List *list, const HeCatalogue *catalogue)
{
    for (int i = 0; catalogue && i < catalogue->n_entries; i++) {
        const HeCatalogueEntry *entry = &catalogue->entries[i];
        if (!g_hash_table_contains(list->names, entry->name))
            tell(list, entry->name, entry->title, entry->licence, entry->bytes, NULL);
    }
}

int cli_models_list(const char *catalogue, gboolean is_json)
{
    GError *error = NULL;
    g_auto(GStrv) paths = he_models_list(cli_program_folder());
    g_autoptr(HeCatalogue) more =
        he_catalogue_open(catalogue, cli_program_folder(), &error);
    g_autoptr(JsonBuilder) json = is_json ? json_builder_new() : NULL;
    g_autoptr(CliTable) table = cli_table_new("MODEL", "TITLE", "SIZE", "LICENCE",
                                              "FILE, OR HOW TO HAVE IT", NULL);
    g_autoptr(GHashTable) names =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    List list = {json, table, names};
    /* Without the usual catalogue there is nothing to add; a bad one is told. */
    if (error && (catalogue || !g_error_matches(error, HE_ERROR, HE_ERROR_IO)))
        return cli_failed(error);
    g_clear_error(&error);
    if (json)
        json_builder_begin_array(json);
    for (char **path = paths; *path; path++)
        tell_installed(&list, *path);
    tell_obtainable(&list, more);
    if (!json) {
        cli_table_print(table);
        return CLI_GOOD;
    }
    json_builder_end_array(json);
    cli_print_json(json);
    return CLI_GOOD;
}
