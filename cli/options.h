/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A subcommand's command line: its own options, and those that the table of parameters gives. */
#ifndef HE_CLI_OPTIONS_H
#define HE_CLI_OPTIONS_H

#include "plugin/core/request.h"

typedef struct {
    const char *name;                 /* "explain" */
    const char *arguments;            /* "PICTURE... -o OUT" */
    const char *summary;              /* what it does, in a sentence or two */
    const char *examples;             /* lines that can be typed */
    guint groups;                     /* HeParamGroup: all parameters of these */
    const char *const *params;        /* or just these, NULL-terminated; may be NULL */
    int min_arguments, max_arguments; /* -1: any number */
} CliUsage;

typedef struct {
    HeRequest *request; /* what the parameters were set to */
    char **arguments;   /* what is no option; NULL-terminated */
    int n_arguments;
} CliOptions;

/* Reads ARGV (ARGV[0] is the subcommand's name). OWN: entries ended by one without a name, or NULL;
 * their callbacks get DATA. FALSE: the caller ends with *STATUS; help was shown (0) or the error was told (2). */
gboolean cli_options_parse(const CliUsage *usage, const GOptionEntry *own, void *data,
                           CliOptions *options, int argc, char **argv, int *status);
void cli_options_clear(CliOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliOptions, cli_options_clear)

/* Tells a mistake in how the command was called; gives exit status 2. */
int cli_usage_error(const CliUsage *usage, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
