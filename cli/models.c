/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models: the models there are, and what is known of one. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/table.h"
#include "plugin/core/run.h"

static const CliUsage usage = {
    .name = "models",
    .arguments = "[list | info NAME]",
    .summary =
        "list: the models that --model finds by name. info: how a model takes its\n"
        "picture, what it knows, and what of that was guessed.",
    .examples = "Examples:\n"
                "  human-eye models\n"
                "  human-eye models info efficientnet-lite0\n"
                "  human-eye models info ./resnet50.onnx\n",
    .max_arguments = 2,
};

/* ---- list -------------------------------------------------------------------------------------------- */

static char *stem_of(const char *path)
{
    char *name = g_path_get_basename(path);
    if (g_str_has_suffix(name, ".onnx"))
        name[strlen(name) - strlen(".onnx")] = '\0';
    return name;
}

static void list_json(char **paths)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_array(json);
    for (char **path = paths; *path; path++) {
        g_autofree char *name = stem_of(*path);
        json_builder_begin_object(json);
        cli_json_text(json, "name", name);
        cli_json_text(json, "file", *path);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    cli_print_json(json);
}

static int list(gboolean is_json)
{
    g_auto(GStrv) paths = he_models_list(cli_program_folder());
    if (is_json) {
        list_json(paths);
        return CLI_GOOD;
    }
    g_autoptr(CliTable) table = cli_table_new("MODEL", "FILE", NULL);
    for (char **path = paths; *path; path++) {
        g_autofree char *name = stem_of(*path);
        cli_table_add(table, name, *path);
    }
    cli_table_print(table);
    return CLI_GOOD;
}

/* ---- info ---------------------------------------------------------------------------------------------- */

static const char *nick(const HeChoice *choices, int value)
{
    const HeChoice *choice = he_choice_get(choices, value);
    return choice ? choice->nick : "";
}

static char *numbers_text(const double *v, int n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; v && i < n; i++)
        g_string_append_printf(text, "%s%g", i ? ", " : "", v[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean is_guessed(const HeDescriptor *d, const char *key)
{
    for (char **guess = d->guessed; guess && *guess; guess++)
        if (g_str_has_prefix(*guess, key) && (*guess)[strlen(key)] == '=')
            return TRUE;
    return FALSE;
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
        cli_json_text(info->json, key, value);
    else
        cli_table_add(info->table, key, value,
                      is_guessed(info->descriptor, key) ? "(guessed)" : "");
}

static void tell_input(Info *info)
{
    const HeDescriptor *d = info->descriptor;
    char *size =
        g_strdup_printf("%dx%d%s", d->height, d->width, d->is_size_free ? " (free)" : "");
    tell(info, "Input.Tensor", g_strdup(d->input));
    tell(info, "Input.Layout", g_strdup(nick(he_layouts, (int)d->layout)));
    tell(info, "Input.Size", size);
    tell(info, "Input.Channels", d->channels ? g_strjoinv(";", d->channels) : NULL);
    tell(info, "Input.Encoding", g_strdup(nick(he_encodings, (int)d->encoding)));
    if (d->has_range)
        tell(info, "Input.Range", g_strdup_printf("%g..%g", d->range[0], d->range[1]));
    tell(info, "Input.Mean", numbers_text(d->mean, d->n_channels));
    tell(info, "Input.Std", numbers_text(d->std, d->n_channels));
    tell(info, "Input.Scale", g_strdup_printf("%g", d->scale));
    tell(info, "Input.Fit", g_strdup(nick(he_fits, (int)d->fit)));
    tell(info, "Input.Filter", g_strdup(nick(he_filters, (int)d->filter)));
    tell(info, "Input.Antialias", g_strdup(d->antialias ? "true" : "false"));
    tell(info, "Input.Background",
         d->is_background_mean ? g_strdup("mean") : numbers_text(d->background, 3));
}

static gboolean tell_model(Info *info, HeModel *model, GError **error)
{
    const HeDescriptor *d = info->descriptor;
    const char *sha256 = he_model_get_sha256(model, error);
    if (!sha256)
        return FALSE;
    tell(info, "Name", g_strdup(he_model_get_name(model)));
    tell(info, "File", g_strdup(he_model_get_path(model)));
    tell(info, "SHA256", g_strdup(sha256));
    tell(info, "Model.Title", g_strdup(d->title));
    tell(info, "Model.Licence", g_strdup(d->licence));
    tell(info, "Model.Source", g_strdup(d->source));
    tell(info, "Model.Knows", g_strdup(d->knows));
    tell_input(info);
    tell(info, "Output.Tensor", g_strdup(d->output));
    tell(info, "Output.Activation", g_strdup(nick(he_activations, (int)d->activation)));
    tell(info, "Output.Negative", g_strdup(d->negative));
    tell(info, "Classes", g_strdup_printf("%d", he_model_get_n_classes(model)));
    tell(info, "Layers.Default", g_strdup(d->default_layer));
    return TRUE;
}

static void add_guesses(JsonBuilder *json, const HeDescriptor *d)
{
    json_builder_set_member_name(json, "guessed");
    json_builder_begin_array(json);
    for (char **guess = d->guessed; guess && *guess; guess++)
        json_builder_add_string_value(json, *guess);
    json_builder_end_array(json);
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
    add_guesses(json, out.descriptor);
    json_builder_end_object(json);
    cli_print_json(json);
    return TRUE;
}

int cli_models(int argc, char **argv)
{
    static const char *const later[] = {"add", "check", "get", NULL};
    gboolean is_json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL}, {0}};
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    const char *verb = options.n_arguments > 0 ? options.arguments[0] : "list";
    if (g_strv_contains(later, verb))
        return cli_usage_error(&usage, "%s: is not built yet", verb);
    if (strcmp(verb, "list") == 0 && options.n_arguments < 2)
        return list(is_json);
    if (strcmp(verb, "info") != 0 || options.n_arguments != 2)
        return cli_usage_error(&usage, "expected list or info NAME");
    return info(options.arguments[1], is_json, &error) ? CLI_GOOD : cli_failed(error);
}
