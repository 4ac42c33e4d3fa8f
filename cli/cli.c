/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the subcommands share. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "plugin/core/json.h"

void cli_tell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_strdelimit(g_strchomp(text), "\r\n", ' ');
    fprintf(stderr, "human-eye: %s\n", text);
}

int cli_failed(GError *error)
{
    cli_tell("%s", error->message);
    g_error_free(error);
    return CLI_FAILED;
}

const char *cli_program_folder(void)
{
    static char *folder;
    if (!folder) {
        g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
        folder = g_path_get_dirname(program ? program : ".");
    }
    return folder;
}

static void show_progress(double fraction, void *user_data)
{
    CliProgress *progress = user_data;
    int percent = (int)(fraction * 100);
    if (progress->is_shown && percent == progress->percent)
        return;
    progress->is_shown = TRUE;
    progress->percent = percent;
    fprintf(stderr, "\r%3d %%", percent);
    fflush(stderr);
}

void cli_progress_init(CliProgress *progress, gboolean is_quiet)
{
    *progress = (CliProgress){0};
    if (is_quiet || !isatty(fileno(stderr)))
        return;
    progress->task.progress = show_progress;
    progress->task.user_data = progress;
}

void cli_progress_end(CliProgress *progress)
{
    if (progress->is_shown)
        fputs("\r     \r", stderr);
    progress->is_shown = FALSE;
}

gboolean cli_ask(HeRunner *runner, const HeRequest *request, CliProgress *progress,
                 const char *picture, HeOutcome **outcome, HeScores *scores,
                 GError **error)
{
    gboolean is_good = he_runner_prepare(runner, request, &progress->task, error);
    if (!is_good) {
        cli_progress_end(progress);
        return FALSE;
    }
    if (outcome)
        is_good = (*outcome = he_runner_explain(runner, request, &progress->task,
                                                error)) != NULL;
    else
        is_good = he_runner_classify(runner, request, &progress->task, scores, error);
    cli_progress_end(progress);
    if (!is_good)
        g_prefix_error(error, "%s: ", picture);
    return is_good;
}

HeSessionOptions cli_session_options(const HeRequest *request)
{
    return (HeSessionOptions){
        .n_threads = (int)he_request_get_number(request, "threads", 0),
        .kernels = he_request_get(request, "kernels"),
        .precision = (HePrecision)he_request_get_choice(request, "precision",
                                                        HE_PRECISION_SINGLE)};
}

HeSession *cli_session_new(const char *model, const HeRequest *request, GError **error)
{
    const HeSessionOptions options = cli_session_options(request);
    g_autofree char *path = he_models_find(model, cli_program_folder(), error);
    if (!path)
        return NULL;
    g_autoptr(HeModel) loaded = he_model_load(path, error);
    return loaded ? he_session_new(loaded, &options, error) : NULL;
}

void cli_print_json(JsonBuilder *builder)
{
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = he_json_to_text(root);
    fputs(text, stdout);
}
