/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye layers: the tensors of a network's main path. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/filters.h"
#include "cli/options.h"
#include "cli/table.h"
#include "plugin/core/network.h"

static const CliUsage usage = {
    .name = "layers",
    .arguments = "MODEL",
    .summary =
        "Lists the layers that --layer takes, from the picture to the answer, by\n"
        "stage and by tensor. The starred one is looked at unless another is named;\n"
        "-1 is the last, -2 the one before. The last line is the network in short.\n"
        "--filters draws the first convolution's weights: zero is middle grey, each\n"
        "filter's largest is black or white.",
    .examples = "Examples:\n"
                "  human-eye layers efficientnet-lite0\n"
                "  human-eye layers resnet50.onnx --json\n"
                "  human-eye layers alexnet --filters filters.png\n",
    .min_arguments = 1,
    .max_arguments = 1,
};

static void print_table(const HeLayer *layers, int n)
{
    g_autoptr(CliTable) table =
        cli_table_new("", "STAGE", "TENSOR", "SHAPE", "MADE BY", "MODULE", NULL);
    for (int i = 0; i < n; i++) {
        g_autofree char *shape = cli_shape_text(layers[i].rank, layers[i].dim);
        cli_table_add(table, layers[i].is_default ? "*" : "", layers[i].stage,
                      layers[i].tensor, shape, layers[i].op_type, layers[i].module);
    }
    cli_table_print(table);
}

static void print_json(const HeLayer *layers, int n)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_array(json);
    for (int i = 0; i < n; i++) {
        json_builder_begin_object(json);
        he_json_add_text(json, "tensor", layers[i].tensor);
        he_json_add_text(json, "stage", layers[i].stage);
        he_json_add_text(json, "module", layers[i].module);
        he_json_add_text(json, "op", layers[i].op_type);
        he_json_add_dims(json, "shape", layers[i].rank, layers[i].dim);
        json_builder_set_member_name(json, "default");
        json_builder_add_boolean_value(json, layers[i].is_default);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    cli_print_json(json);
}

static gboolean draw_filters(HeSession *session, const char *path, gboolean is_forced,
                             GError **error)
{
    g_autoptr(CliOutputs) outputs = cli_outputs_new(is_forced);
    g_autofree char *note = NULL;
    if (!cli_filters_write(session, outputs, path, &note, error) ||
        !cli_outputs_commit(outputs, error))
        return FALSE;
    if (note)
        cli_tell("%s: %s", path, note);
    return TRUE;
}

int cli_layers(int argc, char **argv)
{
    gboolean is_json = FALSE, is_forced = FALSE;
    g_autofree char *filters = NULL;
    const GOptionEntry entries[] = {
        {"filters", 0, 0, G_OPTION_ARG_FILENAME, &filters,
         "Draws the first convolution's weights instead", "OUT.png"},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &is_forced, "Replaces OUT.png", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL},
        {0}};
    int status = CLI_GOOD, n = 0;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    g_autoptr(HeSession) session =
        cli_session_new(options.arguments[0], options.request, &error);
    if (session && filters)
        return draw_filters(session, filters, is_forced, &error) ? CLI_GOOD
                                                                 : cli_failed(error);
    HeLayer *layers = session ? he_session_list_layers(session, &n, &error) : NULL;
    if (error)
        return cli_failed(error);
    if (is_json) {
        print_json(layers, n);
    } else {
        g_autofree char *network = he_network_text(session);
        print_table(layers, n);
        puts(network);
    }
    he_layers_free(layers, n);
    return CLI_GOOD;
}
