/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models: its verbs, and what is known of one model. */
#include <stdio.h>
#include <string.h>

#include "cli/models.h"
#include "cli/options.h"
#include "cli/table.h"
#include "plugin/core/rows.h"
#include "plugin/core/run.h"

static const CliUsage usage = {
    .name = "models",
    .arguments = "[list | info | get | add | check | remove] [NAME|FILE]",
    .summary =
        "list: the models that --model finds by name, and those that can be had. info:\n"
        "how a model takes its picture, what it knows, and what of that was guessed.\n"
        "get: downloads one of the catalogue. add: takes in one of your own. check:\n"
        "whether a network works here, and what of it. remove: takes one away again. Each\n"
        "has its own --help.",
    .examples = "Examples:\n"
                "  human-eye models\n"
                "  human-eye models info efficientnet-lite0\n"
                "  human-eye models info ./resnet50.onnx\n"
                "  human-eye models get squeezenet1.1 --help\n",
    .max_arguments = 2,
};

static gboolean is_guessed(const HeDescriptor *d, const char *key)
{
    return he_row_find(d->guessed, key) != NULL;
}

typedef struct {
    const HeDescriptor *descriptor;
    JsonBuilder *json; /* or NULL: a text table */
    CliTable *table;
} Info;

/* KEY is the descriptor's, "Group.Key"; TEXT is taken; NULL or empty is left out. */
static void tell(Info *info, const char *key, char *text)
{
    g_autofree char *value = text;
    if (!value || !*value)
        return;
    if (info->json)
        he_json_add_text(info->json, key, value);
    else
        cli_table_add(info->table, key, value,
                      is_guessed(info->descriptor, key) ? "(guessed)" : "");
}

/* The descriptor's own rows of GROUP. */
static void tell_group(Info *info, char *const *rows, const char *group)
{
    for (; *rows; rows++) {
        g_autofree char *key = he_row_key(*rows);
        if (g_str_has_prefix(key, group) && strcmp(key, "Model.SHA256") != 0)
            tell(info, key, g_strdup(*rows + strlen(key) + 1));
    }
}

static gboolean tell_model(Info *info, HeModel *model, GError **error)
{
    const HeDescriptor *d = info->descriptor;
    const char *sha256 = he_model_get_sha256(model, error);
    g_auto(GStrv) rows = he_descriptor_list(d);
    if (!sha256)
        return FALSE;
    tell(info, "Name", g_strdup(he_model_get_name(model)));
    tell(info, "File", g_strdup(he_model_get_path(model)));
    tell(info, "SHA256", g_strdup(sha256));
    tell_group(info, rows, "Model.");
    tell_group(info, rows, "Input.");
    tell(info, "AnySize", g_strdup(d->is_size_free ? "true" : NULL));
    tell_group(info, rows, "Output.");
    tell(info, "Classes", g_strdup_printf("%d", he_model_get_n_classes(model)));
    tell(info, "Labels", g_strdup(he_model_get_labels_path(model)));
    tell_group(info, rows, "Layers.");
    return TRUE;
}

static gboolean info(const char *name, gboolean is_json, GError **error)
{
    g_autofree char *path = he_models_find(name, cli_program_folder(), error);
    g_autoptr(HeModel) model = path ? he_model_load(path, error) : NULL;
    if (!model)
        return FALSE;
    g_autoptr(JsonBuilder) json = is_json ? json_builder_new() : NULL;
    g_autoptr(CliTable) table = cli_table_new("KEY", "VALUE", "", NULL);
    Info out = {he_model_get_descriptor(model), json, table};
    if (json)
        json_builder_begin_object(json);
    if (!tell_model(&out, model, error))
        return FALSE;
    if (!json) {
        cli_table_print(table);
        return TRUE;
    }
    he_json_add_list(json, "guessed", out.descriptor->guessed);
    json_builder_end_object(json);
    cli_print_json(json);
    return TRUE;
}

static int run_verb(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } verbs[] = {{"add", cli_models_add},
                 {"check", cli_models_check},
                 {"get", cli_models_get},
                 {"remove", cli_models_remove}};
    for (size_t i = 0; argc > 1 && i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return -1;
}

int cli_models(int argc, char **argv)
{
    gboolean is_json = FALSE;
    g_autofree char *catalogue = NULL;
    const GOptionEntry entries[] = {
        {"catalogue", 0, 0, G_OPTION_ARG_FILENAME, &catalogue,
         "list: another catalogue than the one that is installed", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL},
        {0}};
    int status = run_verb(argc, argv);
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (status >= 0 ||
        !cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    const char *verb = options.n_arguments > 0 ? options.arguments[0] : "list";
    if (strcmp(verb, "list") == 0 && options.n_arguments < 2)
        return cli_models_list(catalogue, is_json);
    if (strcmp(verb, "info") != 0 || options.n_arguments != 2)
        return cli_usage_error(
            &usage,
            "expected list, info NAME, get NAME, add FILE, check FILE or remove NAME");
    return info(options.arguments[1], is_json, &error) ? CLI_GOOD : cli_failed(error);
}
