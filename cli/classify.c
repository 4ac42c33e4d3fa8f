/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye classify: the network's best answers. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/picture.h"
#include "plugin/core/run.h"

static const char *const params[] = {"background", "fit",     "kernels", "model",
                                     "precision",  "threads", NULL};
static const CliUsage usage = {
    .name = "classify",
    .arguments = "PICTURE...",
    .summary = "Tells what the network believes is in each picture, best answer first.",
    .examples = "Examples:\n"
                "  human-eye classify cat.png\n"
                "  human-eye classify --model resnet50.onnx --top 10 cat.png dog.png\n"
                "  human-eye classify --json cat.png\n",
    .groups = HE_PARAM_CLASSIFY,
    .params = params,
    .min_arguments = 1,
    .max_arguments = -1,
};

typedef struct {
    CliOptions options;
    HeRunner *runner;
    CliProgress progress;
    gboolean is_json, is_quiet;
    JsonBuilder *json;
    GString *table;
} Job;

static void add_table(Job *job, const char *name, const HeModel *model,
                      const HeScores *scores, int top)
{
    g_string_append_printf(job->table, "%s (%s)\n", name, he_model_get_name(model));
    for (int i = 0; i < top; i++) {
        int c = scores->order[i];
        if (scores->probability[c] == scores->probability[c]) /* none is NaN */
            g_string_append_printf(job->table, "  %5.1f %%",
                                   100 * scores->probability[c]);
        g_string_append_printf(job->table, "  %8.3f  %s (%d)\n", scores->score[c],
                               he_model_get_label(model, c), c);
    }
}

static void add_json(Job *job, const char *name, const HeModel *model,
                     const HeScores *scores, int top)
{
    json_builder_begin_object(job->json);
    he_json_add_text(job->json, "image", name);
    he_json_add_text(job->json, "model", he_model_get_name(model));
    json_builder_set_member_name(job->json, "classes");
    json_builder_begin_array(job->json);
    for (int i = 0; i < top; i++) {
        int c = scores->order[i];
        json_builder_begin_object(job->json);
        he_json_add_integer(job->json, "index", c);
        he_json_add_text(job->json, "label", he_model_get_label(model, c));
        he_json_add_number(job->json, "probability", scores->probability[c]);
        he_json_add_number(job->json, "score", scores->score[c]);
        json_builder_end_object(job->json);
    }
    json_builder_end_array(job->json);
    json_builder_end_object(job->json);
}

static gboolean classify(Job *job, const char *path, GError **error)
{
    HeScores scores = {0};
    g_autoptr(CliPicture) picture = cli_picture_open(path, error);
    if (!picture)
        return FALSE;
    if (picture->note && !job->is_quiet)
        cli_tell("note: %s", picture->note);
    g_autofree char *name = g_path_get_basename(path);
    he_runner_set_picture(job->runner, &picture->source, NULL, name);
    if (!cli_ask(job->runner, job->options.request, &job->progress, path, NULL, &scores,
                 error))
        return FALSE;
    HeModel *model = he_session_get_model(he_runner_get_session(job->runner));
    int asked = (int)he_request_get_number(job->options.request, "top", scores.n);
    int top = MIN(asked, scores.n);
    if (job->is_json)
        add_json(job, name, model, &scores, top);
    else
        add_table(job, name, model, &scores, top);
    he_scores_clear(&scores);
    return TRUE;
}

static gboolean classify_all(Job *job, GError **error)
{
    json_builder_begin_array(job->json);
    for (char **path = job->options.arguments; *path; path++)
        if (!classify(job, *path, error))
            return FALSE;
    json_builder_end_array(job->json);
    if (job->is_json)
        cli_print_json(job->json);
    else
        fputs(job->table->str, stdout);
    return TRUE;
}

int cli_classify(int argc, char **argv)
{
    Job job = {0};
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &job.is_json, "Prints JSON", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &job.is_quiet, "Only errors are told", NULL},
        {0}};
    int status = CLI_GOOD;
    GError *error = NULL;
    if (cli_options_parse(&usage, entries, NULL, &job.options, argc, argv, &status)) {
        job.runner = he_runner_new(cli_program_folder());
        job.json = json_builder_new();
        job.table = g_string_new(NULL);
        cli_progress_init(&job.progress, job.is_quiet);
        if (!classify_all(&job, &error))
            status = cli_failed(error);
        g_object_unref(job.json);
        g_string_free(job.table, TRUE);
        he_runner_free(job.runner);
    }
    cli_options_clear(&job.options);
    return status;
}
