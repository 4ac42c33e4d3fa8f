/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Models into the user's own folder: NAME/NAME.onnx, NAME/NAME.ini and labels appear together or not at
 * all. */
#ifndef HE_CORE_INSTALL_H
#define HE_CORE_INSTALL_H

#include "plugin/core/catalogue.h"

/* Whether NAME may be NAME given, and nothing is in its place, or IS_FORCED and it can be replaced. */
gboolean he_install_check(const char *name, gboolean is_forced, GError **error);

/* Copies MODEL's file and labels and writes a descriptor that states ROWS ("Group.Key=value"), with GUESSED as
 * comments. Gives the path of the copy (g_free). */
char *he_install_model(HeModel *model, const char *name, const char *const *rows,
                       const char *const *guessed, gboolean is_forced, const HeTask *task,
                       GError **error);

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

#endif
