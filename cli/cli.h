/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the subcommands share: exit statuses, how things are told, sessions, JSON. */
#ifndef HE_CLI_CLI_H
#define HE_CLI_CLI_H

#include "human-eye.h"
#include "plugin/core/json.h"
#include "plugin/core/run.h"

enum { CLI_GOOD, CLI_FAILED, CLI_USAGE }; /* exit statuses */

/* The subcommands; ARGV[0] is the subcommand's name. */
int cli_bench(int argc, char **argv);
int cli_classify(int argc, char **argv);
int cli_evaluate(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_layers(int argc, char **argv);
int cli_methods(int argc, char **argv);
int cli_models(int argc, char **argv);
int cli_verify(int argc, char **argv);

/* "human-eye: " and one line, on standard error. */
void cli_tell(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Tells the error, frees it, gives exit status 1. */
int cli_failed(GError *error);

/* Where the program stands, for the models installed with it. */
const char *cli_program_folder(void);

/* Progress on standard error where that is a terminal. */
typedef struct {
    HeTask task;
    gboolean is_shown;
    int percent; /* what was shown last */
} CliProgress;
void cli_progress_init(CliProgress *progress, gboolean is_quiet);
void cli_progress_end(CliProgress *progress); /* wipes it away */

/* Explains into OUTCOME, or classifies into SCORES (the other is NULL). What is wrong with the model is
 * told as such, the rest as of PICTURE. */
gboolean cli_ask(HeRunner *runner, const HeRequest *request, CliProgress *progress,
                 const char *picture, HeOutcome **outcome, HeScores *scores,
                 GError **error);

/* The request's threads, kernels and precision; texts are borrowed from it. */
HeSessionOptions cli_session_options(const HeRequest *request);
/* A session for MODEL (a name or a file) with these. */
HeSession *cli_session_new(const char *model, const HeRequest *request, GError **error);

/* Prints the builder's value, indented, with '.' in every locale. */
void cli_print_json(JsonBuilder *builder);

#endif
