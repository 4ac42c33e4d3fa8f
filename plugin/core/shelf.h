/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The models that there are: those installed, and those of the catalogue that can be had. */
#ifndef HE_CORE_SHELF_H
#define HE_CORE_SHELF_H

#include "plugin/core/catalogue.h"
#include "plugin/core/json.h"

typedef struct {
    char *name, *title, *licence; /* title and licence may be NULL */
    char *path;                   /* NULL: it can be had */
    gint64 bytes;                 /* of the network's file */
    gboolean is_own;              /* in the user's folder, and may be removed */
} HeShelfItem;

typedef struct {
    HeShelfItem *items; /* the installed by name, then the catalogue's in its order */
    int n_items;
} HeShelf;

/* CATALOGUE may be NULL. */
HeShelf *he_shelf_new(const HeCatalogue *catalogue, const char *program_folder);
void he_shelf_free(HeShelf *shelf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeShelf, he_shelf_free)

/* An array of objects. */
void he_shelf_to_json(const HeShelf *shelf, JsonBuilder *json);

#endif
