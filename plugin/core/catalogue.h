/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The catalogue: networks that a person can have, with size, checksum, licence, and what their descriptors
 * say (docs/models.md). It is a text file; reading it touches no network. */
#ifndef HE_CORE_CATALOGUE_H
#define HE_CORE_CATALOGUE_H

#include "human-eye.h"

typedef struct {
    char *name, *family, *file, *note; /* family and note may be NULL */
    char *labels;                      /* a file below a folder of models; or NULL */
    gint64 bytes;
    int opset;
    char **rows;                          /* of the descriptor, "Group.Key=value" */
    const char *title, *licence, *sha256; /* of these rows; borrowed */
} HeCatalogueEntry;

typedef struct {
    char *path;
    char **mirrors; /* as he_mirror_url takes them */
    HeCatalogueEntry *entries;
    int n_entries;
} HeCatalogue;

/* PATH, or NULL: the user's own (human-eye/catalogue.ini in the folder for settings), else the first in
 * the folders of models. */
HeCatalogue *he_catalogue_open(const char *path, const char *program_folder,
                               GError **error);
void he_catalogue_free(HeCatalogue *catalogue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeCatalogue, he_catalogue_free)
/* Borrowed. NULL: it is not in it; the error names those that are. */
const HeCatalogueEntry *he_catalogue_find(const HeCatalogue *catalogue, const char *name,
                                          GError **error);
/* Where the entry's labels are: below the catalogue's folder, else below a folder of models. g_free. */
char *he_catalogue_find_labels(const HeCatalogue *catalogue,
                               const HeCatalogueEntry *entry, const char *program_folder,
                               GError **error);

#endif
