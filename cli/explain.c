/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye explain: pictures in, results out. All of them appear at the end, or none. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/maps.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/recipes.h"

static const CliUsage usage = {
    .name = "explain",
    .arguments = "PICTURE... -o OUT",
    .summary =
        "Shows what the network looked at: PICTURE (a PNG, or a .npy of [H, W] or\n"
        "[H, W, C]) with a map over it that says where a class, or a part of the network,\n"
        "found what speaks for it. One result becomes the file OUT; several (classes,\n"
        "layers, methods, pictures) a folder OUT of PICTURE.METHOD.CLASS.png.\n"
        "\"-\" is standard input or output.",
    .examples =
        "Examples:\n"
        "  human-eye explain cat.png -o why.png\n"
        "      why the network gives the answer it gives\n"
        "  human-eye explain cat.png -o why.png --class \"tiger cat\" --versus tabby\n"
        "      what makes it the one rather than the other\n"
        "  human-eye explain cat.png -o folder --class top3 --method cam,saliency\n"
        "      its three best answers by two methods\n"
        "  human-eye explain cat.png -o dog.png --class dog --gradient negative\n"
        "      what speaks against a dog\n"
        "  human-eye explain cat.png -o folder --method grad-cam --layer stage1,stage3,-1\n"
        "      what different depths of the network look at\n"
        "  human-eye explain cat.png --raw map.npy --json\n"
        "      the numbers, and all that made them\n",
    .groups = HE_PARAM_WHERE | HE_PARAM_HOW | HE_PARAM_GENERAL,
    .min_arguments = 1,
    .max_arguments = -1,
};

typedef struct {
    CliOptions options;
    char *out, *raw, *raw_native, *save_input, *recipe; /* as given, or NULL */
    CliAs as;
    gboolean is_json, is_forced, is_quiet;
    HeRunner *runner;
    CliOutputs *outputs;
    CliProgress progress;
    GHashTable *taken;  /* names of results so far */
    GHashTable *said;   /* notes so far: several pictures share many */
    GPtrArray *recipes; /* JSON of each result */
} Job;

static void job_clear(Job *job)
{
    cli_options_clear(&job->options);
    g_free(job->out);
    g_free(job->raw);
    g_free(job->raw_native);
    g_free(job->save_input);
    g_free(job->recipe);
    g_clear_pointer(&job->runner, he_runner_free);
    g_clear_pointer(&job->outputs, cli_outputs_free);
    g_clear_pointer(&job->taken, g_hash_table_unref);
    g_clear_pointer(&job->said, g_hash_table_unref);
    g_clear_pointer(&job->recipes, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Job, job_clear)

static gboolean set_as(const char *option, const char *value, void *data, GError **error)
{
    const HeChoice *choice = he_choice_find(cli_as_choices, value);
    if (choice) {
        ((Job *)data)->as = (CliAs)choice->value;
        return TRUE;
    }
    g_autofree char *list = he_choice_list(cli_as_choices);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "%s: “%s” is none of %s",
                option, value, list);
    return FALSE;
}

/* ---- where files go -------------------------------------------------------------------------------- */

static gboolean is_stream(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* The file for one of several things, or for the only one. NULL: error. */
static char *place(Job *job, const char *out, gboolean is_one, const char *stem,
                   const char *suffix, GError **error)
{
    if (is_one && !g_file_test(out, G_FILE_TEST_IS_DIR))
        return g_strdup(out);
    if (is_stream(out)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "standard output: takes one result, and there are several");
        return NULL;
    }
    if (!cli_outputs_folder(job->outputs, out, error))
        return NULL;
    g_autofree char *name = g_strconcat(stem, suffix, NULL);
    return g_build_filename(out, name, NULL);
}

/* What can be known to fail is known before the work. */
static gboolean check_places(Job *job, GError **error)
{
    const char *const paths[] = {job->out, job->raw, job->raw_native, job->save_input};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        if (paths[i] && !g_file_test(paths[i], G_FILE_TEST_IS_DIR) &&
            !cli_outputs_check(job->outputs, paths[i], error))
            return FALSE;
    return TRUE;
}

/* ---- one picture -------------------------------------------------------------------------------------- */

static gboolean write_picture(Job *job, const char *path, CliPicture *picture,
                              const HeResult *result, GError **error)
{
    HeSession *session = he_runner_get_session(job->runner);
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

static gboolean write_result(Job *job, CliPicture *picture, const HeOutcome *outcome,
                             int i, const char *stem, GError **error)
{
    const HeResult *result = &outcome->results[i];
    gboolean is_one = job->options.n_arguments == 1 && outcome->n_results == 1;
    g_ptr_array_add(job->recipes, he_recipe_to_json(result->recipe));
    if (job->out) {
        g_autofree char *path = place(job, job->out, is_one, stem, ".png", error);
        if (!path || !write_picture(job, path, picture, result, error))
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

static gboolean write_input(Job *job, const char *stem, GError **error)
{
    const HeInput *input = he_runner_get_input(job->runner);
    if (!job->save_input)
        return TRUE;
    g_autofree char *path = place(job, job->save_input, job->options.n_arguments == 1,
                                  stem, ".input.npy", error);
    return path && cli_write_npy(job->outputs, path, input->tensor.rank,
                                 input->tensor.dim, input->tensor.data, error);
}

static void say(Job *job, const char *note)
{
    if (!job->is_quiet && g_hash_table_add(job->said, g_strdup(note)))
        cli_tell("note: %s", note);
}

static gboolean write_outcome(Job *job, const char *path, CliPicture *picture,
                              const HeOutcome *outcome, GError **error)
{
    g_autofree char *stem = cli_picture_stem(path);
    for (char **message = outcome->messages; message && *message; message++)
        say(job, *message);
    for (int i = 0; i < outcome->n_results; i++) {
        HeSession *session = he_runner_get_session(job->runner);
        g_autofree char *name = cli_result_stem(stem, session, outcome, i, job->taken);
        if (!write_result(job, picture, outcome, i, name, error))
            return FALSE;
    }
    return write_input(job, stem, error);
}

static gboolean explain_picture(Job *job, const char *path, GError **error)
{
    g_autoptr(CliPicture) picture = cli_picture_open(path, error);
    if (!picture)
        return FALSE;
    if (picture->note)
        say(job, picture->note);
    g_autofree char *name = is_stream(path) ? g_strdup("") : g_path_get_basename(path);
    he_runner_set_picture(job->runner, &picture->source, NULL, name);
    HeOutcome *outcome = NULL;
    gboolean is_good = cli_ask(job->runner, job->options.request, &job->progress, path,
                               &outcome, NULL, error) &&
                       write_outcome(job, path, picture, outcome, error);
    he_outcome_free(outcome);
    return is_good;
}

/* ---- all of them ---------------------------------------------------------------------------------------- */

static void print_recipes(const Job *job)
{
    puts("[");
    for (guint i = 0; i < job->recipes->len; i++) {
        const char *text = job->recipes->pdata[i];
        printf("%s%s\n", g_strchomp((char *)text), i + 1 < job->recipes->len ? "," : "");
    }
    puts("]");
}

static gboolean run(Job *job, GError **error)
{
    job->outputs = cli_outputs_new(job->is_forced);
    job->runner = he_runner_new(cli_program_folder());
    job->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    job->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    job->recipes = g_ptr_array_new_with_free_func(g_free);
    cli_progress_init(&job->progress, job->is_quiet);
    if (!check_places(job, error) ||
        !he_runner_prepare(job->runner, job->options.request, NULL, error))
        return FALSE;
    /* The recipe's checksum of the model takes longer than to read a picture. */
    he_model_start_sha256(he_session_get_model(he_runner_get_session(job->runner)));
    for (char **path = job->options.arguments; *path; path++)
        if (!explain_picture(job, *path, error))
            return FALSE;
    if (!cli_outputs_commit(job->outputs, error))
        return FALSE;
    if (job->is_json)
        print_recipes(job);
    return TRUE;
}

/* Exit status 2 for a command line that cannot be meant. */
static int check_usage(Job *job, GError **error)
{
    const char *const paths[] = {job->out, job->raw, job->raw_native, job->save_input};
    int n_in = 0, n_out = job->is_json, n_asked = job->is_json;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        n_out += is_stream(paths[i]);
        n_asked += paths[i] != NULL;
    }
    for (char **path = job->options.arguments; *path; path++)
        n_in += is_stream(*path);
    if (n_asked == 0)
        return cli_usage_error(&usage, "where to? -o OUT, --raw, --raw-native, "
                                       "--save-input or --json must be given");
    if (n_in > 1 || n_out > 1)
        return cli_usage_error(&usage, "standard %s can be used once",
                               n_in > 1 ? "input" : "output");
    if (job->recipe &&
        !cli_recipe_read(job->recipe, &job->options.request->recipe, error))
        return CLI_FAILED;
    return CLI_GOOD;
}

int cli_explain(int argc, char **argv)
{
    g_auto(Job) job = {0};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &job.out,
         "The result: a PNG, or a folder for several", "OUT"},
        {"as", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)set_as,
         "picture: the map over the picture [picture]; layer: the coloured map alone",
         "WHAT"},
        {"raw", 0, 0, G_OPTION_ARG_FILENAME, &job.raw,
         "The map's numbers on the picture's pixels, float32 [H, W], NaN where the network "
         "did not look",
         "MAP.npy"},
        {"raw-native", 0, 0, G_OPTION_ARG_FILENAME, &job.raw_native,
         "The map as the method gave it, before type of gradient and resizing", "A.npy"},
        {"save-input", 0, 0, G_OPTION_ARG_FILENAME, &job.save_input,
         "What the network saw; `evaluate` takes it", "X.npy"},
        {"recipe", 0, 0, G_OPTION_ARG_FILENAME, &job.recipe,
         "Does again what a recipe says: JSON, or a PNG that carries one", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &job.is_json,
         "Prints the recipes of all results", NULL},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &job.is_forced, "Replaces files", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &job.is_quiet, "Only errors are told", NULL},
        {0}};
    int status = CLI_GOOD;
    g_autoptr(GError) error = NULL;
    if (!cli_options_parse(&usage, entries, &job, &job.options, argc, argv, &status))
        return status;
    status = check_usage(&job, &error);
    if (status == CLI_GOOD && !run(&job, &error))
        status = CLI_FAILED;
    cli_progress_end(&job.progress);
    return error ? cli_failed(g_steal_pointer(&error)) : status;
}
