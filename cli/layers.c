/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye layers: the tensors of a network's main path. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/table.h"
#include "core/tensor.h"

static const CliUsage usage = {
    .name = "layers",
    .arguments = "MODEL",
    .summary =
        "Lists the layers that --layer takes, from the picture to the answer, by\n"
        "stage and by tensor. The starred one is looked at unless another is named;\n"
        "-1 is the last, -2 the one before.",
    .examples = "Examples:\n"
                "  human-eye layers efficientnet-lite0\n"
                "  human-eye layers resnet50.onnx --json\n",
    .min_arguments = 1,
    .max_arguments = 1,
};

static char *shape_text(const HeLayer *layer)
{
    HeTensor tensor;
    he_tensor_init(&tensor, HE_F32, layer->rank, layer->dim);
    return he_tensor_shape_text(&tensor);
}

static void print_table(const HeLayer *layers, int n)
{
    g_autoptr(CliTable) table =
        cli_table_new("", "STAGE", "TENSOR", "SHAPE", "MADE BY", "MODULE", NULL);
    for (int i = 0; i < n; i++) {
        g_autofree char *shape = shape_text(&layers[i]);
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
        cli_json_text(json, "tensor", layers[i].tensor);
        cli_json_text(json, "stage", layers[i].stage);
        cli_json_text(json, "module", layers[i].module);
        cli_json_text(json, "op", layers[i].op_type);
        json_builder_set_member_name(json, "shape");
        json_builder_begin_array(json);
        for (int k = 0; k < layers[i].rank; k++)
            json_builder_add_int_value(json, layers[i].dim[k]);
        json_builder_end_array(json);
        json_builder_set_member_name(json, "default");
        json_builder_add_boolean_value(json, layers[i].is_default);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    cli_print_json(json);
}

int cli_layers(int argc, char **argv)
{
    gboolean is_json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL}, {0}};
    int status = CLI_GOOD, n = 0;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    g_autoptr(HeSession) session =
        cli_session_new(options.arguments[0], options.request, &error);
    HeLayer *layers = session ? he_session_list_layers(session, &n, &error) : NULL;
    if (error)
        return cli_failed(error);
    if (is_json)
        print_json(layers, n);
    else
        print_table(layers, n);
    he_layers_free(layers, n);
    return CLI_GOOD;
}
