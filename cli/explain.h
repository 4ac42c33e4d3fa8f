/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside human-eye explain: what is asked, and what its answers become. */
#ifndef HE_CLI_EXPLAIN_H
#define HE_CLI_EXPLAIN_H

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/sheet.h"

/* One of the models that are asked: it stays open for the next picture. */
typedef struct {
    HeRequest *request;
    HeRunner *runner;
} CliAsked;

typedef struct {
    CliOptions options;
    char *out, *raw, *raw_native, *save_input, *sheet, *recipe; /* as given, or NULL */
    CliAs as;
    gboolean is_json, is_forced, is_quiet;
    CliOpening *first; /* of the pictures, until it is asked about; or NULL */
    GArray *asked;     /* CliAsked */
    CliOutputs *outputs;
    CliSheet *page; /* NULL: no sheet is wanted */
    CliProgress progress;
    GHashTable *taken;  /* names of results so far */
    GHashTable *said;   /* notes so far: several pictures share many */
    GPtrArray *recipes; /* JSON of each result */
} CliExplain;

/* "-" */
gboolean cli_explain_is_stream(const char *path);
/* Shows all models the picture in the file PATH, and writes what they answer. */
gboolean cli_explain_picture(CliExplain *job, const char *path, GError **error);

#endif
