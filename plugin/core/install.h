/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Models into the user's own folder, and out of it: NAME/NAME.onnx, NAME/NAME.ini and labels appear together
 * or not at all. */
#ifndef HE_CORE_INSTALL_H
#define HE_CORE_INSTALL_H

#include "plugin/core/catalogue.h"

/* Whether NAME may be NAME given, and nothing is in its place, or IS_FORCED and it can be replaced. */
gboolean he_install_check(const char *name, gboolean is_forced, GError **error);

/* What the model in FILE would be called: FILE's name with what no name may have made '-'. g_free. */
char *he_install_name(const char *file);
/* Whether MODEL can be asked at all. */
gboolean he_install_check_use(HeModel *model, GError **error);

/* Copies MODEL's files and writes a descriptor that states what MODEL's does, with its guesses as comments.
 * Gives the path of the copy (g_free). */
char *he_install_model(HeModel *model, const char *name, gboolean is_forced,
                       const HeTask *task, GError **error);

typedef struct {
    const char *const *mirrors; /* instead of the catalogue's; or NULL */
    const char *program_folder;
    gboolean is_forced;
    int stall_seconds; /* 0: as a download's */
} HeInstallOptions;

/* Downloads ENTRY's file. Gives its path (g_free). */
char *he_install_entry(const HeCatalogue *catalogue, const HeCatalogueEntry *entry,
                       const HeInstallOptions *options, const HeTask *task,
                       GError **error);

/* Takes the model NAME away again: its files, what a broken-off download of it left, and its folder unless
 * the user keeps other files there. Only in the user's own folder, and never the embedded model. Gives the
 * paths of what is gone (g_strfreev). */
char **he_install_remove(const char *name, const char *program_folder, GError **error);

#endif
