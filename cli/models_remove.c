/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models remove: a model out of the user's own folder. */
#include <stdio.h>

#include "cli/models.h"
#include "cli/options.h"
#include "plugin/core/install.h"

static const CliUsage usage = {
    .name = "models remove",
    .arguments = "NAME",
    .summary =
        "Takes a model out of your own folder of models: the network, its descriptor, its\n"
        "labels, and what a download that broke off has left. Prints what is gone. Other\n"
        "files in its folder stay, and so does every model that is not in your own folder.",
    .examples = "Examples:\n"
                "  human-eye models remove squeezenet1.1\n",
    .min_arguments = 1,
    .max_arguments = 1,
};

int cli_models_remove(int argc, char **argv)
{
    gboolean is_quiet = FALSE;
    const GOptionEntry entries[] = {
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &is_quiet, "Only errors are told", NULL},
        {0}};
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    g_auto(GStrv) gone =
        he_install_remove(options.arguments[0], cli_program_folder(), &error);
    if (!gone)
        return cli_failed(error);
    for (char **path = gone; !is_quiet && *path; path++)
        puts(*path);
    return CLI_GOOD;
}
