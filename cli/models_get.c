/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models get: a network of the catalogue, downloaded. The one command that touches a network. */
#include <stdio.h>

#include "cli/interrupt.h"
#include "cli/models.h"
#include "cli/options.h"
#include "plugin/core/install.h"
#include "plugin/core/network.h"

#define MAX_STALL 3600

static const CliUsage usage = {
    .name = "models get",
    .arguments = "NAME",
    .summary =
        "Downloads a network of the catalogue into your own folder of models, checks its\n"
        "SHA-256, and writes its descriptor and labels beside it. What breaks off is kept,\n"
        "and the same command goes on from there. `human-eye models` lists the names.",
    .examples = "Examples:\n"
                "  human-eye models get squeezenet1.1\n"
                "  human-eye models get resnet50 --from ~/downloads\n"
                "  human-eye models get resnet50 \\\n"
                "      --from 'https://example.org/mirror/{stem}/{file}'\n",
    .min_arguments = 1,
    .max_arguments = 1,
};

typedef struct {
    char **from;
    char *catalogue;
    gboolean is_forced, is_quiet;
    int stall_seconds;
} Get;

/* What was got is read once, so that a network this version cannot read is not met later. */
static gboolean tell_result(const char *path, GError **error)
{
    g_autoptr(HeModel) model = he_model_load(path, error);
    if (!model) {
        g_prefix_error(error, "it is there now, but cannot be used: ");
        return FALSE;
    }
    puts(path);
    return TRUE;
}

static gboolean get(const Get *wanted, const char *name, GError **error)
{
    const HeInstallOptions options = {.mirrors = (const char *const *)wanted->from,
                                      .program_folder = cli_program_folder(),
                                      .is_forced = wanted->is_forced,
                                      .stall_seconds = wanted->stall_seconds};
    CliProgress progress;
    g_autoptr(HeCatalogue) catalogue =
        he_catalogue_open(wanted->catalogue, cli_program_folder(), error);
    const HeCatalogueEntry *entry =
        catalogue ? he_catalogue_find(catalogue, name, error) : NULL;
    if (!entry)
        return FALSE;
    if (!wanted->is_quiet) {
        g_autofree char *size = he_size_text((double)entry->bytes);
        cli_tell("%s: %s, %s, licence %s", name, entry->title ? entry->title : name, size,
                 entry->licence ? entry->licence : "not stated");
    }
    cli_progress_init(&progress, wanted->is_quiet);
    progress.task.cancellable = cli_interrupt_watch();
    g_autofree char *path =
        he_install_entry(catalogue, entry, &options, &progress.task, error);
    cli_progress_end(&progress);
    return path && tell_result(path, error);
}

int cli_models_get(int argc, char **argv)
{
    Get wanted = {0};
    const GOptionEntry entries[] = {
        {"from", 0, 0, G_OPTION_ARG_STRING_ARRAY, &wanted.from,
         "A mirror instead of the catalogue's: a folder, or an address that the file is "
         "below, or one with {file} or {stem} in it; given again, the next one to try",
         "URL|DIR"},
        {"catalogue", 0, 0, G_OPTION_ARG_FILENAME, &wanted.catalogue, "Another catalogue",
         "FILE"},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &wanted.stall_seconds,
         "A mirror is given up when it sends nothing for so long [30]", "SECONDS"},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &wanted.is_forced,
         "Replaces a model of that name", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &wanted.is_quiet, "Only errors are told",
         NULL},
        {0}};
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status)) {
        if (wanted.stall_seconds < 0 || wanted.stall_seconds > MAX_STALL)
            status = cli_usage_error(&usage, "--timeout: expected 1 to %d", MAX_STALL);
        else if (!get(&wanted, options.arguments[0], &error))
            status = cli_failed(error);
    }
    g_strfreev(wanted.from);
    g_free(wanted.catalogue);
    cli_interrupt_end();
    return status;
}
