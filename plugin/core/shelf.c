/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Of a descriptor only what is shown is read, which is cheaper than mapping every network to list it: a broken
 * one is told by those who use it. */
#include "plugin/core/shelf.h"

#include <glib/gstdio.h>
#include <string.h>

#include "plugin/core/run.h"

#define SUFFIX ".onnx"

static void set_installed(HeShelfItem *item, const char *path, const char *user)
{
    g_autofree char *stem = g_strndup(path, strlen(path) - strlen(SUFFIX));
    g_autofree char *ini = g_strconcat(stem, ".ini", NULL);
    g_autofree char *below = g_build_filename(user, G_DIR_SEPARATOR_S, NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    GStatBuf info = {0};

    g_key_file_load_from_file(file, ini, G_KEY_FILE_NONE, NULL);
    item->name = g_path_get_basename(stem);
    item->title = g_key_file_get_string(file, "Model", "Title", NULL);
    item->licence = g_key_file_get_string(file, "Model", "Licence", NULL);
    item->path = g_strdup(path);
    item->bytes = g_stat(path, &info) == 0 ? info.st_size : 0;
    item->is_own = g_str_has_prefix(path, below) && !he_models_is_embedded(item->name);
}

static gboolean is_there(const HeShelf *shelf, const char *name)
{
    for (int i = 0; i < shelf->n_items; i++)
        if (strcmp(shelf->items[i].name, name) == 0)
            return TRUE;
    return FALSE;
}

static void add_obtainable(HeShelf *shelf, const HeCatalogue *catalogue)
{
    for (int i = 0; i < catalogue->n_entries; i++) {
        const HeCatalogueEntry *entry = &catalogue->entries[i];
        if (is_there(shelf, entry->name))
            continue;
        shelf->items[shelf->n_items++] = (HeShelfItem){
            .name = g_strdup(entry->name),
            .title = g_strdup(entry->title),
            .licence = g_strdup(entry->licence),
            .bytes = entry->bytes,
        };
    }
}

HeShelf *he_shelf_new(const HeCatalogue *catalogue, const char *program_folder)
{
    g_auto(GStrv) paths = he_models_list(program_folder);
    g_autofree char *user = he_models_user_folder();
    const size_t n_most =
        g_strv_length(paths) + (catalogue ? (size_t)catalogue->n_entries : 0);
    HeShelf *shelf = g_new0(HeShelf, 1);

    shelf->items = g_new0(HeShelfItem, n_most);
    for (char **path = paths; *path; path++)
        set_installed(&shelf->items[shelf->n_items++], *path, user);
    if (catalogue)
        add_obtainable(shelf, catalogue);
    return shelf;
}

void he_shelf_free(HeShelf *shelf)
{
    if (!shelf)
        return;
    for (int i = 0; i < shelf->n_items; i++) {
        g_free(shelf->items[i].name);
        g_free(shelf->items[i].title);
        g_free(shelf->items[i].licence);
        g_free(shelf->items[i].path);
    }
    g_free(shelf->items);
    g_free(shelf);
}

void he_shelf_to_json(const HeShelf *shelf, JsonBuilder *json)
{
    json_builder_begin_array(json);
    for (int i = 0; i < shelf->n_items; i++) {
        const HeShelfItem *item = &shelf->items[i];
        json_builder_begin_object(json);
        he_json_add_text(json, "name", item->name);
        he_json_add_text(json, "title", item->title);
        he_json_add_text(json, "licence", item->licence);
        he_json_add_integer(json, "bytes", item->bytes);
        he_json_add_text(json, "file", item->path);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}
