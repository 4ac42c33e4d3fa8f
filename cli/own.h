/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network of the user's own, and what is stated of it. */
#ifndef HE_CLI_OWN_H
#define HE_CLI_OWN_H

#include "human-eye.h"

typedef struct {
    const char *file;
    char *labels;    /* a file, or NULL: what the descriptor says */
    GPtrArray *rows; /* stated, "Group.Key=value" */
    HeModel *model;  /* with all that; made by load */
} CliOwn;

/* KEY is "Group.Key"; the value is checked by itself. */
gboolean cli_own_state(CliOwn *own, const char *key, const char *value, GError **error);
gboolean cli_own_load(CliOwn *own, GError **error);
/* Asks on the terminal for what was guessed; what is answered is stated then. */
void cli_own_ask(CliOwn *own);

#endif
