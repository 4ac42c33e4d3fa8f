/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files that appear together or not at all. Each is written beside its place under a temporary name;
 * commit gives all of them their names. An existing file is kept unless forced. */
#ifndef HE_CLI_OUTPUT_H
#define HE_CLI_OUTPUT_H

#include <stdio.h>

#include "human-eye.h"

typedef struct CliOutputs CliOutputs; /* one at a time in a process */

CliOutputs *cli_outputs_new(gboolean is_forced);
/* Removes whatever was not committed. */
void cli_outputs_free(CliOutputs *outputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliOutputs, cli_outputs_free)

/* Whether PATH may be written: its folder is there, and it is new or forced. Nothing is made. */
gboolean cli_outputs_check(CliOutputs *outputs, const char *path, GError **error);
/* Makes the folder if it is not there. */
gboolean cli_outputs_folder(CliOutputs *outputs, const char *path, GError **error);
/* A file to write, borrowed until close; "-" is standard output, filled by commit. */
FILE *cli_outputs_open(CliOutputs *outputs, const char *path, GError **error);
/* Ends writing of the file opened last. */
gboolean cli_outputs_close(CliOutputs *outputs, GError **error);
gboolean cli_outputs_commit(CliOutputs *outputs, GError **error);

#endif
