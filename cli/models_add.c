/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models add: a network that the user has, with a descriptor of what is stated, what the graph
 * tells, and what is guessed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/models.h"
#include "cli/options.h"
#include "cli/own.h"
#include "cli/table.h"
#include "plugin/core/install.h"
#include "plugin/core/rows.h"

static const CliUsage usage = {
    .name = "models add",
    .arguments = "FILE.onnx",
    .summary =
        "Copies a network and its labels into your own folder of models and writes its\n"
        "descriptor: what the options and a descriptor beside FILE state, and what the\n"
        "network itself tells. The rest is guessed: shown, asked about on a terminal, and\n"
        "written as comments that you can correct.",
    .examples =
        "Examples:\n"
        "  human-eye models add herbs.onnx --labels herbs.txt\n"
        "  human-eye models add net.onnx --name scanner --channels Y --scale 255 \\\n"
        "      --mean 127.5 --std 127.5 --fit crop --title \"My scanner\"\n",
    .min_arguments = 1,
    .max_arguments = 1,
};

static const struct {
    const char *option, *key, *value, *blurb;
} keys[] = {
    {"activation", "Output.Activation", "ID",
     "What makes probabilities: softmax, sigmoid, none"},
    {"antialias", "Input.Antialias", "true|false", "Smooth when making smaller"},
    {"background", "Input.Background", "COLOUR",
     "Seen through transparency: mean, #rrggbb"},
    {"channels", "Input.Channels", "NAMES", "RGB, BGR, Y, or band names: red;green;nir"},
    {"crop-fraction", "Input.CropFraction", "F",
     "For --fit crop: input size / short side"},
    {"default-layer", "Layers.Default", "TENSOR", "The layer that is looked at"},
    {"encoding", "Input.Encoding", "ID", "sRGB, linear, or raw: the stored numbers"},
    {"filter", "Input.Filter", "ID", "bicubic, bilinear, nearest"},
    {"fit", "Input.Fit", "RULE", "stretch, crop, pad, aspect"},
    {"grey", "Input.Grey", "ID", "What Y is of a colour picture: 601, 709, first"},
    {"input", "Input.Tensor", "TENSOR", "The input that takes the picture"},
    {"knows", "Model.Knows", "TEXT", "What the classes are, in a line"},
    {"layout", "Input.Layout", "ID", "NCHW or NHWC"},
    {"licence", "Model.Licence", "TEXT", "The model's licence"},
    {"mean", "Input.Mean", "A,B,...", "For each channel, in units of --scale"},
    {"negative", "Output.Negative", "NAME",
     "The other answer of a network of one output"},
    {"output", "Output.Tensor", "TENSOR", "The output with the classes' scores"},
    {"range", "Input.Range", "LOW..HIGH", "Stored numbers that become 0 to 1"},
    {"scale", "Input.Scale", "1|255", "The unit of --mean and --std"},
    {"size", "Input.Size", "HxW", "Height and width that pictures are brought to"},
    {"source", "Model.Source", "URL", "Where the model comes from"},
    {"std", "Input.Std", "A,B,...", "For each channel, in units of --scale"},
    {"title", "Model.Title", "TEXT", "The name that people see"},
};

typedef struct {
    CliOwn own;
    char *name;
    gboolean is_forced, is_quiet, is_sure, is_json;
} Add;

/* ---- what is stated ---------------------------------------------------------------------------------- */

static gboolean set_key(const char *option, const char *value, void *data, GError **error)
{
    Add *add = data;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(option + strlen("--"), keys[i].option) == 0) {
            if (cli_own_state(&add->own, keys[i].key, value, error))
                return TRUE;
            g_prefix_error(error, "%s: ", option);
            return FALSE;
        }
    g_return_val_if_reached(FALSE);
}

static gboolean is_asking(const Add *add)
{
    return !add->is_sure && !add->is_quiet && !add->is_json && isatty(STDIN_FILENO) &&
           isatty(STDOUT_FILENO);
}

/* NAME=VALUE, for an input besides the picture. */
static gboolean set_held(const char *option, const char *value, void *data,
                         GError **error)
{
    Add *add = data;
    const char *equals = strrchr(value, '=');
    g_autofree char *key =
        g_strdup_printf("Input %.*s.Value", (int)(equals ? equals - value : 0), value);
    if (equals && cli_own_state(&add->own, key, equals + 1, error))
        return TRUE;
    if (!equals)
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "%s: expected INPUT=VALUE", value);
    g_prefix_error(error, "%s: ", option);
    return FALSE;
}

/* ---- telling ----------------------------------------------------------------------------------------- */

static const char *option_of(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].key, key) == 0)
            return keys[i].option;
    return NULL;
}

static void print_guesses(const HeDescriptor *d)
{
    g_autoptr(CliTable) table = cli_table_new("GUESSED", "VALUE", "STATE IT BY", NULL);
    if (!d->guessed || !*d->guessed)
        return;
    for (char **guess = d->guessed; *guess; guess++) {
        g_autofree char *key = he_row_key(*guess);
        const char *option = option_of(key);
        g_autofree char *by = option ? g_strconcat("--", option, NULL) : NULL;
        cli_table_add(table, key, *guess + strlen(key) + 1, by);
    }
    cli_table_print(table);
}

static void print_result(const Add *add, const char *path)
{
    const HeDescriptor *d = he_model_get_descriptor(add->own.model);
    if (!add->is_json) {
        if (!add->is_quiet)
            print_guesses(d);
        puts(path);
        return;
    }
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    he_json_add_text(json, "name", add->name);
    he_json_add_text(json, "file", path);
    he_json_add_list(json, "guessed", d->guessed);
    json_builder_end_object(json);
    cli_print_json(json);
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static gboolean add_model(Add *add, GError **error)
{
    CliProgress progress;
    add->name = add->name ? add->name : he_install_name(add->own.file);
    if (!he_install_check(add->name, add->is_forced, error) ||
        !cli_own_load(&add->own, error))
        return FALSE;
    if (!he_install_check_use(add->own.model, error)) {
        g_prefix_error(error, "it cannot be used (human-eye models check tells more): ");
        return FALSE;
    }
    if (is_asking(add))
        cli_own_ask(&add->own);
    cli_progress_init(&progress, add->is_quiet);
    progress.task.cancellable = cli_interrupt_watch();
    g_autofree char *path = he_install_model(add->own.model, add->name, add->is_forced,
                                             &progress.task, error);
    cli_progress_end(&progress);
    if (path)
        print_result(add, path);
    return path != NULL;
}

static GOptionEntry *make_entries(Add *add)
{
    const GOptionEntry own[] = {
        {"hold", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer)set_held,
         "An input besides the picture is a number, or a .npy file below FILE's folder",
         "INPUT=VALUE"},
        {"labels", 0, 0, G_OPTION_ARG_FILENAME, &add->own.labels,
         "The classes' names, one a line", "FILE"},
        {"name", 0, 0, G_OPTION_ARG_STRING, &add->name,
         "What the model is called here [as its file]", "NAME"},
        {"yes", 'y', 0, G_OPTION_ARG_NONE, &add->is_sure, "Asks nothing", NULL},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &add->is_forced,
         "Replaces a model of that name", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &add->is_json, "Prints JSON", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &add->is_quiet,
         "Asks nothing, prints where it is", NULL},
    };
    GOptionEntry *entries =
        g_new0(GOptionEntry, G_N_ELEMENTS(own) + G_N_ELEMENTS(keys) + 1);
    memcpy(entries, own, sizeof own);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        entries[G_N_ELEMENTS(own) + i] =
            (GOptionEntry){keys[i].option,         0,
                           G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
                           (gpointer)set_key,      keys[i].blurb,
                           keys[i].value};
    return entries;
}

int cli_models_add(int argc, char **argv)
{
    Add add = {.own.rows = g_ptr_array_new_with_free_func(g_free)};
    g_autofree GOptionEntry *entries = make_entries(&add);
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (cli_options_parse(&usage, entries, &add, &options, argc, argv, &status)) {
        add.own.file = options.arguments[0];
        if (!add_model(&add, &error))
            status = cli_failed(error);
    }
    g_clear_pointer(&add.own.model, he_model_unref);
    g_ptr_array_unref(add.own.rows);
    g_free(add.own.labels);
    g_free(add.name);
    cli_interrupt_end();
    return status;
}
