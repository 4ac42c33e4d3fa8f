/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models list: what is installed, and what the catalogue has beside it. */
#include <stdio.h>

#include "cli/models.h"
#include "cli/table.h"
#include "plugin/core/network.h"
#include "plugin/core/shelf.h"

static void print_table(const HeShelf *shelf)
{
    g_autoptr(CliTable) table = cli_table_new("MODEL", "TITLE", "SIZE", "LICENCE",
                                              "FILE, OR HOW TO HAVE IT", NULL);
    for (int i = 0; i < shelf->n_items; i++) {
        const HeShelfItem *item = &shelf->items[i];
        g_autofree char *size = he_size_text((double)item->bytes);
        g_autofree char *get = g_strdup_printf("human-eye models get %s", item->name);
        cli_table_add(table, item->name, item->title, size, item->licence,
                      item->path ? item->path : get);
    }
    cli_table_print(table);
}

int cli_models_list(const char *path, gboolean is_json)
{
    GError *error = NULL;
    g_autoptr(HeCatalogue) catalogue =
        he_catalogue_open(path, cli_program_folder(), &error);
    /* Without the usual catalogue there is nothing to add; a bad one is told. */
    if (error && (path || !g_error_matches(error, HE_ERROR, HE_ERROR_IO)))
        return cli_failed(error);
    g_clear_error(&error);
    g_autoptr(HeShelf) shelf = he_shelf_new(catalogue, cli_program_folder());
    if (is_json) {
        g_autoptr(JsonBuilder) json = json_builder_new();
        he_shelf_to_json(shelf, json);
        cli_print_json(json);
    } else {
        print_table(shelf);
    }
    return CLI_GOOD;
}
