/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye models check: what was found in a network, whether it works here, and what it costs. */
#include <stdio.h>
#include <string.h>

#include "cli/compare.h"
#include "cli/models.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/samples.h"
#include "cli/table.h"
#include "core/os.h"
#include "core/tensor.h"
#include "plugin/core/rows.h"

#define TOLERANCE 1e-3

static const char *const params[] = {"kernels", "precision", "threads", NULL};
static const CliUsage usage = {
    .name = "models check",
    .arguments = "FILE|NAME",
    .summary =
        "Tells what was found in a network: input, classes, layers, which methods fit,\n"
        "every operator that is not supported, what was guessed, and what an explanation\n"
        "costs. With --input and --expect it compares the network's output with that of\n"
        "your own framework. Exit status 1: it does not work, or the outputs differ.",
    .examples = "Examples:\n"
                "  human-eye models check ./net.onnx\n"
                "  human-eye models check ./net.onnx --input x.npy --expect y.npy\n",
    .params = params,
    .min_arguments = 1,
    .max_arguments = 1,
};

typedef struct {
    JsonBuilder *json;
    CliTable *table;
    char *input, *expect;
    double tolerance;
    gboolean is_bad; /* exit status 1, though all is told */
} Check;

/* ---- telling ----------------------------------------------------------------------------------------- */

/* TEXT is taken; NULL is left out. */
static void tell(Check *check, const char *what, char *text)
{
    g_autofree char *value = text;
    if (!value)
        return;
    cli_table_add(check->table, what, value);
    g_autofree char *key = g_ascii_strdown(what, -1);
    g_strdelimit(key, " ", '-');
    cli_json_text(check->json, key, value);
}

static char *input_text(const HeDescriptor *d)
{
    g_auto(GStrv) rows = he_descriptor_list(d);
    return g_strdup_printf("%s, %s %s%s, %s", d->input, he_row_find(rows, "Input.Layout"),
                           he_row_find(rows, "Input.Size"),
                           d->is_size_free ? " (or any size)" : "",
                           he_row_find(rows, "Input.Channels"));
}

static void tell_model(Check *check, const HeModel *model)
{
    const HeDescriptor *d = he_model_get_descriptor(model);
    const char *labels = he_model_get_labels_path(model);
    int n = he_model_get_n_classes(model);
    tell(check, "Name", g_strdup(he_model_get_name(model)));
    tell(check, "Title", g_strdup(d->title));
    tell(check, "Licence", g_strdup(d->licence));
    tell(check, "Input", input_text(d));
    if (n > 0)
        tell(check, "Classes",
             g_strdup_printf("%d, %s", n, labels ? labels : "without labels"));
}

static void tell_guesses(Check *check, const HeDescriptor *d)
{
    g_autofree char *guesses = g_strjoinv(" ", d->guessed);
    if (*guesses)
        cli_table_add(check->table, "Guessed", guesses);
    cli_json_list(check->json, "guessed", d->guessed);
}

/* One line for each operator, with the nodes that have it. */
static void tell_unsupported(Check *check, const HeModel *model)
{
    int n;
    HeUnsupported *list = he_model_list_unsupported(model, &n);
    json_builder_set_member_name(check->json, "unsupported");
    json_builder_begin_array(check->json);
    for (int i = 0; i < n; i++) {
        json_builder_begin_object(check->json);
        cli_json_text(check->json, "operator", list[i].op_type);
        cli_json_text(check->json, "node", list[i].node);
        json_builder_end_object(check->json);
    }
    json_builder_end_array(check->json);
    for (int i = 0; i < n; i++) {
        g_autoptr(GString) nodes = g_string_new(NULL);
        gboolean is_told = FALSE;
        for (int k = 0; k < n; k++) {
            gboolean is_same = g_str_equal(list[i].op_type, list[k].op_type);
            is_told |= is_same && k < i;
            if (is_same)
                g_string_append_printf(nodes, "%s%s", nodes->len ? ", " : "",
                                       list[k].node);
        }
        g_string_prepend(nodes, ": ");
        g_string_prepend(nodes, list[i].op_type);
        if (!is_told)
            cli_table_add(check->table, "Not supported", nodes->str);
    }
    check->is_bad |= n > 0;
    he_unsupported_free(list, n);
}

static void tell_default_layer(Check *check, HeSession *session)
{
    int n = 0;
    HeLayer *layers = he_session_list_layers(session, &n, NULL);
    for (int i = 0; i < n; i++) {
        HeTensor shape;
        if (!layers[i].is_default)
            continue;
        he_tensor_init(&shape, HE_F32, layers[i].rank, layers[i].dim);
        g_autofree char *text = he_tensor_shape_text(&shape);
        tell(check, "Default layer", g_strdup_printf("%s %s", layers[i].tensor, text));
    }
    he_layers_free(layers, n);
}

static void tell_head(Check *check, HeSession *session)
{
    const HeDescriptor *d = he_model_get_descriptor(he_session_get_model(session));
    HeActivation activation;
    const char *logits = he_session_get_logits(session, &activation);
    gboolean is_behind = strcmp(logits, d->output) != 0;
    tell(check, "Network", cli_network_text(session));
    tell(check, "Scores",
         g_strdup_printf("%s, %s%s", logits,
                         he_choice_get(he_activations, (int)activation)->nick,
                         is_behind ? " (stepped over)" : ""));
    tell_default_layer(check, session);
}

/* Gives the first method that fits, or NULL. */
static const char *tell_methods(Check *check, HeSession *session)
{
    int n;
    const char *first = NULL;
    const HeMethodInfo *methods = he_methods_list(&n);
    g_autoptr(GString) fits = g_string_new(NULL);
    json_builder_set_member_name(check->json, "methods");
    json_builder_begin_object(check->json);
    for (int i = 0; i < n; i++) {
        g_autofree char *refusal = he_method_refusal(session, methods[i].id);
        cli_json_text(check->json, methods[i].id, refusal ? refusal : "fits");
        if (refusal) {
            g_autofree char *text = g_strdup_printf("%s: %s", methods[i].id, refusal);
            cli_table_add(check->table, "Does not fit", text);
            continue;
        }
        first = first ? first : methods[i].id;
        g_string_append_printf(fits, "%s%s", fits->len ? ", " : "", methods[i].id);
    }
    json_builder_end_object(check->json);
    cli_table_add(check->table, "Methods", fits->len ? fits->str : "none");
    return first;
}

/* ---- asking ------------------------------------------------------------------------------------------ */

static gboolean explain_once(HeSession *session, const char *method, double *ms,
                             GError **error)
{
    HeTarget target = {0};
    const HeOptions options = {.method = method};
    g_autoptr(HeInput) input = cli_samples_probe(session, error);
    if (!input || !he_target_class(he_session_get_model(session), 0, 1, &target, error))
        return FALSE;
    gint64 start = g_get_monotonic_time();
    g_autoptr(HeMap) map = he_explain(session, input, &target, &options, NULL, error);
    *ms = (double)(g_get_monotonic_time() - start) / 1000;
    he_target_clear(&target);
    return map != NULL;
}

/* The first also compiles the plan and reads the weights. */
static gboolean measure(Check *check, HeSession *session, const char *method,
                        GError **error)
{
    double first, second;
    if (!explain_once(session, method, &first, error) ||
        !explain_once(session, method, &second, error))
        return FALSE;
    double arena = (double)he_session_get_arena_bytes(session);
    double peak = (double)he_os_peak_rss_bytes();
    g_autofree char *work = cli_size_text(arena), *most = cli_size_text(peak);
    g_autofree char *time =
        g_strdup_printf("%.1f ms by %s; the first %.1f ms", second, method, first);
    g_autofree char *memory =
        g_strdup_printf("%s to work in; the process had at most %s", work, most);
    cli_table_add(check->table, "Time", time);
    cli_table_add(check->table, "Memory", memory);
    cli_json_number(check->json, "first-ms", first);
    cli_json_number(check->json, "next-ms", second);
    cli_json_number(check->json, "arena-bytes", arena);
    cli_json_number(check->json, "peak-bytes", peak);
    return TRUE;
}

static gboolean compare(Check *check, HeSession *session, GError **error)
{
    CliComparison found;
    if (!check->input)
        return TRUE;
    if (!cli_compare(session, check->input, check->expect, NULL, &found, error))
        return FALSE;
    gboolean is_same = found.relative <= check->tolerance;
    g_autofree char *text = g_strdup_printf(
        "%s: relative difference %.2g, largest %.2g (sample %" G_GINT64_FORMAT
        ", value %" G_GINT64_FORMAT "); the same best in %" G_GINT64_FORMAT
        " of %" G_GINT64_FORMAT,
        is_same ? "as expected" : "DIFFERS", found.relative, found.max_abs,
        found.worst_sample, found.worst_index, found.same_best, found.samples);
    cli_table_add(check->table, "Output", text);
    json_builder_set_member_name(check->json, "output");
    json_builder_begin_object(check->json);
    cli_json_number(check->json, "relative", found.relative);
    cli_json_number(check->json, "max-abs", found.max_abs);
    cli_json_integer(check->json, "samples", found.samples);
    cli_json_integer(check->json, "same-best", found.same_best);
    json_builder_end_object(check->json);
    check->is_bad |= !is_same;
    return TRUE;
}

/* What keeps the network from working is told in its place, after what could be found. */
static void tell_session(Check *check, HeModel *model, const HeRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeSession) session =
        cli_session_new(he_model_get_path(model), request, &error);
    if (session) {
        tell_head(check, session);
        const char *method = tell_methods(check, session);
        if ((!method || measure(check, session, method, &error)) &&
            compare(check, session, &error))
            return;
    }
    check->is_bad = TRUE;
    cli_table_add(check->table, "Error", error->message);
    cli_json_text(check->json, "error", error->message);
}

static gboolean run(Check *check, const CliOptions *options, gboolean is_json,
                    GError **error)
{
    g_autofree char *path =
        he_models_find(options->arguments[0], cli_program_folder(), error);
    g_autoptr(HeModel) model = path ? he_model_load(path, error) : NULL;
    if (!model || !he_model_get_sha256(model, error))
        return FALSE;
    json_builder_begin_object(check->json);
    tell_model(check, model);
    tell_unsupported(check, model);
    tell_session(check, model, options->request);
    tell_guesses(check, he_model_get_descriptor(model));
    json_builder_set_member_name(check->json, "works");
    json_builder_add_boolean_value(check->json, !check->is_bad);
    json_builder_end_object(check->json);
    if (is_json)
        cli_print_json(check->json);
    else
        cli_table_print(check->table);
    return TRUE;
}

int cli_models_check(int argc, char **argv)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    g_autoptr(CliTable) table = cli_table_new("WHAT", "FOUND", NULL);
    Check check = {.json = json, .table = table, .tolerance = TOLERANCE};
    gboolean is_json = FALSE;
    const GOptionEntry entries[] = {
        {"input", 0, 0, G_OPTION_ARG_FILENAME, &check.input,
         "What the network is shown, [N, ...]", "X.npy"},
        {"expect", 0, 0, G_OPTION_ARG_FILENAME, &check.expect,
         "What your framework answers, [N, ...]: the network's output as it is", "Y.npy"},
        {"tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &check.tolerance,
         "How large the relative difference may be [0.001]", "R"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &is_json, "Prints JSON", NULL},
        {0}};
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    if (cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status)) {
        if (!check.input != !check.expect)
            status = cli_usage_error(&usage, "--input and --expect go together");
        else if (!run(&check, &options, is_json, &error))
            status = cli_failed(error);
        else
            status = check.is_bad ? CLI_FAILED : CLI_GOOD;
    }
    g_free(check.input);
    g_free(check.expect);
    return status;
}
