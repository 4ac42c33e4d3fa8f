/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models check: what was found in a network, whether it works here, and what it costs. */
#include "cli/compare.h"
#include "cli/models.h"
#include "cli/options.h"
#include "cli/table.h"
#include "plugin/core/check.h"

#define TOLERANCE 1e-3

static const char *const params[] = {"kernels", "precision", "threads", NULL};
static const CliUsage usage = {
    .name = "models check",
    .arguments = "FILE|NAME",
    .summary =
        "Tells what was found in a network: input, classes, layers, which methods fit,\n"
        "every operator that is not supported, what was guessed, and what an explanation\n"
        "costs. With --input and --expect it compares the network's output with that of\n"
        "your own framework. Exit status 1: it does not work, or the outputs differ.",
    .examples = "Examples:\n"
                "  human-eye models check ./net.onnx\n"
                "  human-eye models check ./net.onnx --input x.npy --expect y.npy\n",
    .params = params,
    .min_arguments = 1,
    .max_arguments = 1,
};

typedef struct {
    char *input, *expect;
    double tolerance;
    gboolean is_bad; /* exit status 1, though all is told */
} Check;

static gboolean compare(HeCheck *check, HeSession *session, void *data, GError **error)
{
    const Check *wanted = data;
    CliComparison found;
    if (!cli_compare(session, wanted->input, wanted->expect, NULL, &found, error))
        return FALSE;
    gboolean is_same = found.relative <= wanted->tolerance;
    g_autofree char *text = g_strdup_printf(
        "%s: relative difference %.2g, largest %.2g (sample %" G_GINT64_FORMAT
        ", value %" G_GINT64_FORMAT "); the same best in %" G_GINT64_FORMAT
        " of %" G_GINT64_FORMAT,
        is_same ? "as expected" : "DIFFERS", found.relative, found.max_abs,
        found.worst_sample, found.worst_index, found.same_best, found.samples);
    he_check_add(check, "Output", text);
    json_builder_set_member_name(check->json, "output");
    json_builder_begin_object(check->json);
    he_json_add_number(check->json, "relative", found.relative);
    he_json_add_number(check->json, "max-abs", found.max_abs);
    he_json_add_integer(check->json, "samples", found.samples);
    he_json_add_integer(check->json, "same-best", found.same_best);
    json_builder_end_object(check->json);
    check->is_bad |= !is_same;
    return TRUE;
}

static gboolean run(Check *check, const CliOptions *options, gboolean is_json,
                    GError **error)
{
    const HeSessionOptions session = cli_session_options(options->request);
    g_autoptr(HeCheck) found = he_check_new();
    g_autofree char *path =
        he_models_find(options->arguments[0], cli_program_folder(), error);
    if (!path || !he_check_run(found, path, &session, check->input ? compare : NULL,
                               check, NULL, error))
        return FALSE;
    check->is_bad = found->is_bad;
    if (is_json) {
        cli_print_json(found->json);
        return TRUE;
    }
    g_autoptr(CliTable) table = cli_table_new("WHAT", "FOUND", NULL);
    for (guint i = 0; i < found->rows->len; i += 2)
        cli_table_add(table, found->rows->pdata[i], found->rows->pdata[i + 1]);
    cli_table_print(table);
    return TRUE;
}

int cli_models_check(int argc, char **argv)
{
    Check check = {.tolerance = TOLERANCE};
    gboolean is_json = FALSE;
    const GOptionEntry entries[] = {
        {"input", 0, 0, G_OPTION_ARG_FILENAME, &check.input,
         "What the network is shown, [N, ...]", "X.npy"},
        {"expect", 0, 0, G_OPTION_ARG_FILENAME, &check.expect,
         "What your framework answers, [N, ...]: the network's output as it is", "Y.npy"},
        {"tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &check.tolerance,
         "How large the relative difference may be [0.001]", "R"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL},
        {0}};
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status)) {
        if (!check.input != !check.expect)
            status = cli_usage_error(&usage, "--input and --expect go together");
        else if (!run(&check, &options, is_json, &error))
            status = cli_failed(error);
        else
            status = check.is_bad ? CLI_FAILED : CLI_GOOD;
    }
    g_free(check.input);
    g_free(check.expect);
    return status;
}
