/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The verbs of `human-eye models`, and what they share. */
#ifndef HE_CLI_MODELS_H
#define HE_CLI_MODELS_H

#include "cli/cli.h"

/* ARGV[0] is the verb. */
int cli_models_add(int argc, char **argv);
int cli_models_check(int argc, char **argv);
int cli_models_get(int argc, char **argv);
int cli_models_remove(int argc, char **argv);
/* What is installed, and what of the CATALOGUE (a file, or NULL: the usual one) is not. */
int cli_models_list(const char *catalogue, gboolean is_json);

#endif
