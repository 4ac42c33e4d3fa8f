/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The answers about one picture, as files. */
#include <string.h>

#include "cli/explain.h"
#include "cli/names.h"

/* ---- where files go -------------------------------------------------------------------------------- */

gboolean cli_explain_is_stream(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* The file for one of several things, or for the only one. NULL: error. */
static char *place(CliExplain *job, const char *out, gboolean is_one, const char *stem,
                   const char *suffix, GError **error)
{
    if (is_one && !g_file_test(out, G_FILE_TEST_IS_DIR))
        return g_strdup(out);
    if (cli_explain_is_stream(out)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "standard output: takes one result, and there are several");
        return NULL;
    }
    if (!cli_outputs_folder(job->outputs, out, error))
        return NULL;
    g_autofree char *name = g_strconcat(stem, suffix, NULL);
    return g_build_filename(out, name, NULL);
}

/* ---- one picture -------------------------------------------------------------------------------------- */

static gboolean is_only_one(const CliExplain *job)
{
    return job->options.n_arguments == 1 && job->asked->len == 1;
}

static gboolean write_picture(CliExplain *job, HeSession *session, const char *path,
                              CliPicture *picture, const HeResult *result, GError **error)
{
    HeModel *model = he_session_get_model(session);
    CliComposer composer;
    if (!cli_composer_init(&composer, picture, he_model_get_descriptor(model), result,
                           job->as, error))
        return FALSE;
    gboolean is_good = cli_write_png(job->outputs, path, &composer,
                                     he_session_get_n_threads(session), error);
    cli_composer_clear(&composer);
    return is_good;
}

/* RESULT NULL: the picture alone. */
static gboolean add_to_sheet(CliExplain *job, HeSession *session, CliPicture *picture,
                             const HeResult *result, const char *caption, GError **error)
{
    HeModel *model = he_session_get_model(session);
    CliComposer composer;
    if (!cli_composer_init(&composer, picture, he_model_get_descriptor(model), result,
                           job->as, error))
        return FALSE;
    gboolean is_good = cli_sheet_add(job->page, &composer, caption, error);
    cli_composer_clear(&composer);
    return is_good;
}

static gboolean start_row(CliExplain *job, HeSession *session, CliPicture *picture,
                          const char *stem, GError **error)
{
    g_autofree char *caption =
        g_strdup_printf("%s: %s", he_model_get_name(he_session_get_model(session)), stem);
    cli_sheet_start_row(job->page);
    return add_to_sheet(job, session, picture, NULL, caption, error);
}

static gboolean write_result(CliExplain *job, HeSession *session, CliPicture *picture,
                             const HeOutcome *outcome, int i, const char *stem,
                             GError **error)
{
    const HeResult *result = &outcome->results[i];
    gboolean is_one = is_only_one(job) && outcome->n_results == 1;
    g_ptr_array_add(job->recipes, he_recipe_to_json(result->recipe));
    if (job->out) {
        g_autofree char *path = place(job, job->out, is_one, stem, ".png", error);
        if (!path || !write_picture(job, session, path, picture, result, error))
            return FALSE;
    }
    if (job->page) {
        g_autofree char *caption = cli_result_caption(session, outcome, i);
        if (!add_to_sheet(job, session, picture, result, caption, error))
            return FALSE;
    }
    if (job->raw) {
        g_autofree char *path = place(job, job->raw, is_one, stem, ".npy", error);
        if (!path || !cli_write_raw(job->outputs, path, result, error))
            return FALSE;
    }
    if (job->raw_native) {
        g_autofree char *path =
            place(job, job->raw_native, is_one, stem, ".native.npy", error);
        if (!path || !cli_write_native(job->outputs, path, result->map, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_input(CliExplain *job, HeRunner *runner, const char *stem,
                            GError **error)
{
    const HeInput *input = he_runner_get_input(runner);
    if (!job->save_input)
        return TRUE;
    g_autofree char *path =
        place(job, job->save_input, is_only_one(job), stem, ".input.npy", error);
    return path && cli_write_npy(job->outputs, path, input->tensor.rank,
                                 input->tensor.dim, input->tensor.data, error);
}

static void say(CliExplain *job, const char *note)
{
    if (!job->is_quiet && g_hash_table_add(job->said, g_strdup(note)))
        cli_tell("note: %s", note);
}

/* The picture's part of the files' names: with the model where there are several. */
static char *stem_of(const CliExplain *job, const HeModel *model, const char *path)
{
    g_autofree char *stem = cli_picture_stem(path);
    return job->asked->len > 1 ? g_strconcat(stem, ".", he_model_get_name(model), NULL)
                               : g_steal_pointer(&stem);
}

static gboolean write_outcome(CliExplain *job, HeRunner *runner, const char *path,
                              CliPicture *picture, const HeOutcome *outcome,
                              GError **error)
{
    HeSession *session = he_runner_get_session(runner);
    g_autofree char *picture_stem = cli_picture_stem(path);
    g_autofree char *stem = stem_of(job, he_session_get_model(session), path);
    for (char **message = outcome->messages; message && *message; message++)
        say(job, *message);
    if (job->page && !start_row(job, session, picture, picture_stem, error))
        return FALSE;
    for (int i = 0; i < outcome->n_results; i++) {
        g_autofree char *name = cli_result_stem(stem, session, outcome, i, job->taken);
        if (!write_result(job, session, picture, outcome, i, name, error))
            return FALSE;
    }
    return write_input(job, runner, stem, error);
}

static gboolean ask(CliExplain *job, const CliAsked *asked, const char *path,
                    CliPicture *picture, GError **error)
{
    g_autofree char *name =
        cli_explain_is_stream(path) ? g_strdup("") : g_path_get_basename(path);
    HeOutcome *outcome = NULL;
    he_runner_set_picture(asked->runner, &picture->source, NULL, name);
    gboolean is_good = cli_ask(asked->runner, asked->request, &job->progress, path,
                               &outcome, NULL, error) &&
                       write_outcome(job, asked->runner, path, picture, outcome, error);
    he_outcome_free(outcome);
    return is_good;
}

gboolean cli_explain_picture(CliExplain *job, const char *path, GError **error)
{
    g_autoptr(CliPicture) picture =
        job->first ? cli_picture_finish(g_steal_pointer(&job->first), error)
                   : cli_picture_open(path, error);
    if (!picture)
        return FALSE;
    if (picture->note)
        say(job, picture->note);
    for (guint i = 0; i < job->asked->len; i++)
        if (!ask(job, &g_array_index(job->asked, CliAsked, i), path, picture, error))
            return FALSE;
    return TRUE;
}
