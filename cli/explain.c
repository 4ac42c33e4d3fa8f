/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye explain: pictures in, results out. All of them appear at the end, or none. */
#include <stdio.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/recipes.h"
#include "plugin/core/params.h"

static const CliUsage usage = {
    .name = "explain",
    .arguments = "PICTURE... -o OUT",
    .summary =
        "Shows what the network looked at: PICTURE (a PNG, or a .npy of [H, W] or\n"
        "[H, W, C]) with a map over it that says where a class, or a part of the network,\n"
        "found what speaks for it. One result becomes the file OUT; several (classes,\n"
        "layers, methods, types of gradient, pictures) a folder OUT of\n"
        "PICTURE.METHOD.CLASS.png. --model takes several names, too, separated by commas.\n"
        "--sheet shows all of it as one picture.\n"
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
        "  human-eye explain cat.png --sheet sheet.png --model alexnet,resnet50 \\\n"
        "      --method guided-backprop --gradient positive,negative,absolute \\\n"
        "      --as layer --alpha full\n"
        "      the classic comparison: a row for each network\n"
        "  human-eye explain cat.png --raw map.npy --json\n"
        "      the numbers, and all that made them\n",
    .groups = HE_PARAM_WHERE | HE_PARAM_HOW | HE_PARAM_GENERAL,
    .min_arguments = 1,
    .max_arguments = -1,
};

static void job_clear(CliExplain *job)
{
    if (job->first)
        cli_picture_free(cli_picture_finish(job->first, NULL));
    cli_options_clear(&job->options);
    g_free(job->out);
    g_free(job->raw);
    g_free(job->raw_native);
    g_free(job->save_input);
    g_free(job->sheet);
    g_free(job->recipe);
    g_clear_pointer(&job->asked, g_array_unref);
    g_clear_pointer(&job->page, cli_sheet_free);
    g_clear_pointer(&job->outputs, cli_outputs_free);
    g_clear_pointer(&job->taken, g_hash_table_unref);
    g_clear_pointer(&job->said, g_hash_table_unref);
    g_clear_pointer(&job->recipes, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliExplain, job_clear)

static gboolean set_as(const char *option, const char *value, void *data, GError **error)
{
    const HeChoice *choice = he_choice_find(cli_as_choices, value);
    if (choice) {
        ((CliExplain *)data)->as = (CliAs)choice->value;
        return TRUE;
    }
    g_autofree char *list = he_choice_list(cli_as_choices);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "%s: “%s” is none of %s",
                option, value, list);
    return FALSE;
}

/* What can be known to fail is known before the work. */
static gboolean check_places(CliExplain *job, GError **error)
{
    const char *const paths[] = {job->out, job->raw, job->raw_native, job->save_input,
                                 job->sheet};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        if (paths[i] && !g_file_test(paths[i], G_FILE_TEST_IS_DIR) &&
            !cli_outputs_check(job->outputs, paths[i], error))
            return FALSE;
    return TRUE;
}

/* ---- all of them ---------------------------------------------------------------------------------------- */

static void print_recipes(const CliExplain *job)
{
    puts("[");
    for (guint i = 0; i < job->recipes->len; i++) {
        const char *text = job->recipes->pdata[i];
        printf("%s%s\n", g_strchomp((char *)text), i + 1 < job->recipes->len ? "," : "");
    }
    puts("]");
}

static void clear_asked(gpointer data)
{
    CliAsked *asked = data;
    he_request_free(asked->request);
    he_runner_free(asked->runner);
}

/* A file's name may hold commas. */
static char **list_models(const HeRequest *request)
{
    const char *text = he_request_get(request, "model");
    if (text && !g_file_test(text, G_FILE_TEST_EXISTS))
        return he_list_split(text);
    char **one = g_new0(char *, 2);
    *one = g_strdup(text ? text : "");
    return one;
}

/* What is wrong with a model is told before what is wrong with a picture. */
static gboolean open_models(CliExplain *job, GError **error)
{
    g_auto(GStrv) names = list_models(job->options.request);
    for (char **name = names; *name; name++) {
        CliAsked asked = {.request = he_request_copy(job->options.request),
                          .runner = he_runner_new(cli_program_folder())};
        g_array_append_val(job->asked, asked);
        if (!he_request_set(asked.request, "model", *name, error) ||
            !he_runner_prepare(asked.runner, asked.request, NULL, error))
            return FALSE;
        /* The recipe's checksum of the model takes longer than to read a picture. */
        he_model_start_sha256(he_session_get_model(he_runner_get_session(asked.runner)));
    }
    return TRUE;
}

static gboolean run(CliExplain *job, GError **error)
{
    job->outputs = cli_outputs_new(job->is_forced);
    job->asked = g_array_new(FALSE, FALSE, sizeof(CliAsked));
    g_array_set_clear_func(job->asked, clear_asked);
    job->page = job->sheet ? cli_sheet_new() : NULL;
    job->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    job->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    job->recipes = g_ptr_array_new_with_free_func(g_free);
    cli_progress_init(&job->progress, job->is_quiet);
    if (!check_places(job, error))
        return FALSE;
    /* A network is opened, planned and summed while the picture is read. */
    job->first = cli_picture_start(job->options.arguments[0]);
    if (!open_models(job, error))
        return FALSE;
    for (char **path = job->options.arguments; *path; path++)
        if (!cli_explain_picture(job, *path, error))
            return FALSE;
    if (job->page && !cli_sheet_write(job->page, job->outputs, job->sheet, error))
        return FALSE;
    if (!cli_outputs_commit(job->outputs, error))
        return FALSE;
    if (job->is_json)
        print_recipes(job);
    return TRUE;
}

/* Exit status 2 for a command line that cannot be meant. */
static int check_usage(CliExplain *job, GError **error)
{
    const char *const paths[] = {job->out, job->raw, job->raw_native, job->save_input,
                                 job->sheet};
    int n_in = 0, n_out = job->is_json, n_asked = job->is_json;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        n_out += cli_explain_is_stream(paths[i]);
        n_asked += paths[i] != NULL;
    }
    for (char **path = job->options.arguments; *path; path++)
        n_in += cli_explain_is_stream(*path);
    if (n_asked == 0)
        return cli_usage_error(&usage, "where to? -o OUT, --sheet, --raw, --raw-native, "
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
    g_auto(CliExplain) job = {0};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &job.out,
         "The result: a PNG, or a folder for several", "OUT"},
        {"as", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)set_as,
         "picture: the map over the picture [picture]; layer: the coloured map alone",
         "WHAT"},
        {"sheet", 0, 0, G_OPTION_ARG_FILENAME, &job.sheet,
         "All results small in one PNG, a row for each picture and model, with captions",
         "SHEET"},
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
