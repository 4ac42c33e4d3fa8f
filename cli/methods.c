/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye methods: how an answer can be explained. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/table.h"

static const char *const params[] = {"model", NULL};
static const CliUsage usage = {
    .name = "methods",
    .arguments = "",
    .summary = "Lists the methods that --method takes, how each is drawn unless told\n"
               "otherwise, and where it comes from; with --model, which of them fit it.",
    .examples = "Examples:\n"
                "  human-eye methods\n"
                "  human-eye methods --model vgg16.onnx\n",
    .params = params,
    .max_arguments = 0,
};

static const char *nick(const HeChoice *choices, int value)
{
    const HeChoice *choice = he_choice_get(choices, value);
    return choice ? choice->nick : "";
}

static void print_table(const HeMethodInfo *methods, int n, HeSession *session)
{
    g_autoptr(CliTable) table = cli_table_new("METHOD", "GRADIENT", "COLORMAP", "OPACITY",
                                              "BLEND", "PAPER", NULL);
    for (int i = 0; i < n; i++) {
        const HeDisplay *d = &methods[i].display;
        g_autofree char *opacity = g_strdup_printf("%g %%", d->opacity);
        cli_table_add(table, methods[i].id, nick(he_gradients, (int)d->gradient),
                      nick(he_colormaps, (int)d->colormap), opacity,
                      nick(he_blends, (int)d->blend), methods[i].paper);
    }
    cli_table_print(table);
    puts("");
    for (int i = 0; i < n; i++) {
        g_autofree char *refusal =
            session ? he_method_refusal(session, methods[i].id) : NULL;
        printf("%s: %s%s%s\n", methods[i].id, methods[i].blurb,
               refusal ? " Not for this network: " : "", refusal ? refusal : "");
    }
}

static void add_json(JsonBuilder *json, const HeMethodInfo *method, HeSession *session)
{
    const HeDisplay *d = &method->display;
    json_builder_begin_object(json);
    he_json_add_text(json, "id", method->id);
    he_json_add_text(json, "title", method->title);
    he_json_add_text(json, "blurb", method->blurb);
    he_json_add_text(json, "paper", method->paper);
    json_builder_set_member_name(json, "takes_layer");
    json_builder_add_boolean_value(json, method->takes_layer);
    he_json_add_text(json, "gradient", nick(he_gradients, (int)d->gradient));
    he_json_add_text(json, "colormap", nick(he_colormaps, (int)d->colormap));
    he_json_add_number(json, "opacity", d->opacity);
    he_json_add_text(json, "blend", nick(he_blends, (int)d->blend));
    if (session) {
        g_autofree char *refusal = he_method_refusal(session, method->id);
        he_json_add_text(json, "refusal", refusal);
    }
    json_builder_end_object(json);
}

static void print_json(const HeMethodInfo *methods, int n, HeSession *session)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_array(json);
    for (int i = 0; i < n; i++)
        add_json(json, &methods[i], session);
    json_builder_end_array(json);
    cli_print_json(json);
}

int cli_methods(int argc, char **argv)
{
    gboolean is_json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL}, {0}};
    int status = CLI_GOOD, n = 0;
    g_auto(CliOptions) options = {0};
    g_autoptr(HeSession) session = NULL;
    GError *error = NULL;
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    const char *model = he_request_get(options.request, "model");
    if (model && !(session = cli_session_new(model, options.request, &error)))
        return cli_failed(error);
    const HeMethodInfo *methods = he_methods_list(&n);
    if (is_json)
        print_json(methods, n, session);
    else
        print_table(methods, n, session);
    return CLI_GOOD;
}
