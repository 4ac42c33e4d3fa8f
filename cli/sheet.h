/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A contact sheet: all results of a run in one picture, a row for each picture and model, which stands in
 * front, a column for each result. */
#ifndef HE_CLI_SHEET_H
#define HE_CLI_SHEET_H

#include "cli/maps.h"

typedef struct CliSheet CliSheet;

CliSheet *cli_sheet_new(void);
void cli_sheet_free(CliSheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliSheet, cli_sheet_free)

/* What comes then stands in a row of its own. */
void cli_sheet_start_row(CliSheet *sheet);
/* COMPOSER's rows made small, over CAPTION. */
gboolean cli_sheet_add(CliSheet *sheet, CliComposer *composer, const char *caption,
                       GError **error);
gboolean cli_sheet_write(const CliSheet *sheet, CliOutputs *outputs, const char *path,
                         GError **error);

#endif
