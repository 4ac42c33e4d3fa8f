/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Command lines by GOption. Parameters are made into options here, one by one, from the table that the
 * plug-in's arguments and dialogs are made from, and set a request by name. Texts are taken as bytes and
 * must be UTF-8, so that a class's name reads alike in every locale. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/options.h"

#define HELP_COLUMNS 90

static const struct {
    HeParamGroup group;
    const char *name, *title;
} groups[] = {
    {HE_PARAM_WHERE, "where", "Where to look:"},
    {HE_PARAM_HOW, "how", "How to show it:"},
    {HE_PARAM_GENERAL, "general", "How to work:"},
    {HE_PARAM_CLASSIFY, "classify", "How much to tell:"},
};

static gboolean set_param(const char *option, const char *value, void *request,
                          GError **error)
{
    if (he_request_set(request, option + strlen("--"), value, error))
        return TRUE;
    g_prefix_error(error, "--");
    return FALSE;
}

static gboolean is_offered(const CliUsage *usage, const HeParam *param)
{
    return (param->groups & usage->groups) != 0 ||
           (usage->params && g_strv_contains(usage->params, param->name));
}

static char *describe(const HeParam *param)
{
    g_autoptr(GString) text = g_string_new(param->blurb);
    if (param->choices) {
        g_autofree char *choices = he_choice_list(param->choices);
        g_string_append_printf(text, " (%s)", choices);
    }
    if (param->initial && *param->initial)
        g_string_append_printf(text, " [%s]", param->initial);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The parameters of one group. TEXTS keeps the descriptions alive. */
static void add_group(GOptionContext *context, const CliUsage *usage, size_t g,
                      HeRequest *request, GPtrArray *texts)
{
    int n_params;
    const HeParam *params = he_params_list(&n_params);
    GOptionGroup *group = g_option_group_new(groups[g].name, groups[g].title,
                                             groups[g].title, request, NULL);
    for (int i = 0; i < n_params; i++) {
        const HeParam *param = &params[i];
        if (!(param->groups & groups[g].group) || !is_offered(usage, param))
            continue;
        g_ptr_array_add(texts, describe(param));
        GOptionEntry entries[] = {{param->name, 0, G_OPTION_FLAG_FILENAME,
                                   G_OPTION_ARG_CALLBACK, (gpointer)set_param,
                                   texts->pdata[texts->len - 1], param->value},
                                  {0}};
        g_option_group_add_entries(group, entries);
    }
    g_option_context_add_group(context, group);
}

static GOptionContext *make_context(const CliUsage *usage, HeRequest *request,
                                    GPtrArray *texts)
{
    GOptionContext *context = g_option_context_new(usage->arguments);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_summary(context, usage->summary);
    g_option_context_set_description(context, usage->examples);
    for (size_t g = 0; g < G_N_ELEMENTS(groups); g++)
        add_group(context, usage, g, request, texts);
    return context;
}

int cli_usage_error(const CliUsage *usage, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    cli_tell("%s: %s (human-eye %s --help)", usage->name, what, usage->name);
    return CLI_USAGE;
}

/* An option that a later version brings is refused by its name. */
static void explain_unknown(GError **error)
{
    if (!g_error_matches(*error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
        return;
    const char *option = strstr((*error)->message, "--");
    g_autoptr(HeRequest) scratch = he_request_new();
    g_autoptr(GError) reason = NULL;
    if (!option || he_param_find(option + 2) ||
        he_request_set(scratch, option + 2, "1", &reason) ||
        !g_error_matches(reason, HE_ERROR, HE_ERROR_UNSUPPORTED))
        return;
    g_clear_error(error);
    *error = g_steal_pointer(&reason);
    g_prefix_error(error, "--");
}

static gboolean check_count(const CliUsage *usage, int n, int *status)
{
    if (n >= usage->min_arguments &&
        (usage->max_arguments < 0 || n <= usage->max_arguments))
        return TRUE;
    *status = cli_usage_error(usage, "%s; expected %s",
                              n < usage->min_arguments ? "something is missing"
                                                       : "there is too much",
                              usage->arguments);
    return FALSE;
}

gboolean cli_options_parse(const CliUsage *usage, const GOptionEntry *own, void *data,
                           CliOptions *options, int argc, char **argv, int *status)
{
    gboolean is_help = FALSE;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    options->request = he_request_new();
    g_autoptr(GOptionContext) context = make_context(usage, options->request, texts);
    const GOptionEntry common[] = {
        {"help", 'h', 0, G_OPTION_ARG_NONE, &is_help, "Show this help", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->arguments, NULL,
         NULL},
        {0}};
    GOptionGroup *group = g_option_group_new("main", "", "", data, NULL);
    if (own)
        g_option_group_add_entries(group, own);
    g_option_group_add_entries(group, common);
    g_option_context_set_main_group(context, group);

    g_autofree char *program = g_strdup_printf("human-eye %s", usage->name);
    g_set_prgname(program);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        explain_unknown(&error);
        *status = cli_usage_error(usage, "%s", error->message);
        return FALSE;
    }
    if (is_help) {
        g_autofree char *help = g_option_context_get_help(context, FALSE, NULL);
        g_autofree char *wrapped = cli_help_wrap(help, HELP_COLUMNS);
        fputs(wrapped, stdout);
        *status = CLI_GOOD;
        return FALSE;
    }
    if (!options->arguments)
        options->arguments = g_new0(char *, 1);
    options->n_arguments = (int)g_strv_length(options->arguments);
    return check_count(usage, options->n_arguments, status);
}

void cli_options_clear(CliOptions *options)
{
    he_request_free(options->request);
    g_strfreev(options->arguments);
    *options = (CliOptions){0};
}
