/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What was found in a network, whether it works here, and what it costs. */
#include "plugin/core/check.h"

#include <string.h>

#include "core/os.h"
#include "core/tensor.h"
#include "plugin/core/network.h"
#include "plugin/core/probe.h"
#include "plugin/core/rows.h"

HeCheck *he_check_new(void)
{
    HeCheck *check = g_new0(HeCheck, 1);

    check->rows = g_ptr_array_new_with_free_func(g_free);
    check->json = json_builder_new();
    return check;
}

void he_check_free(HeCheck *check)
{
    if (!check)
        return;
    g_ptr_array_unref(check->rows);
    g_object_unref(check->json);
    g_free(check);
}

void he_check_add(HeCheck *check, const char *what, const char *found)
{
    g_ptr_array_add(check->rows, g_strdup(what));
    g_ptr_array_add(check->rows, g_strdup(found));
}

/* ---- the model ----------------------------------------------------------------------------------------- */

/* TEXT is taken; NULL is left out. */
static void tell(HeCheck *check, const char *what, char *text)
{
    g_autofree char *value = text;
    if (!value)
        return;
    he_check_add(check, what, value);
    g_autofree char *key = g_ascii_strdown(what, -1);
    g_strdelimit(key, " ", '-');
    he_json_add_text(check->json, key, value);
}

static char *input_text(const HeDescriptor *d)
{
    g_auto(GStrv) rows = he_descriptor_list(d);
    return g_strdup_printf("%s, %s %s%s, %s", d->input, he_row_find(rows, "Input.Layout"),
                           he_row_find(rows, "Input.Size"),
                           d->is_size_free ? " (or any size)" : "",
                           he_row_find(rows, "Input.Channels"));
}

static void tell_model(HeCheck *check, const HeModel *model)
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

static void tell_guesses(HeCheck *check, const HeDescriptor *d)
{
    g_autofree char *guesses = g_strjoinv(" ", d->guessed);
    if (*guesses)
        he_check_add(check, "Guessed", guesses);
    he_json_add_list(check->json, "guessed", d->guessed);
}

/* One line for each operator, with the nodes that have it. */
static void tell_unsupported(HeCheck *check, const HeModel *model)
{
    int n;
    HeUnsupported *list = he_model_list_unsupported(model, &n);
    json_builder_set_member_name(check->json, "unsupported");
    json_builder_begin_array(check->json);
    for (int i = 0; i < n; i++) {
        json_builder_begin_object(check->json);
        he_json_add_text(check->json, "operator", list[i].op_type);
        he_json_add_text(check->json, "node", list[i].node);
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
            he_check_add(check, "Not supported", nodes->str);
    }
    check->is_bad |= n > 0;
    he_unsupported_free(list, n);
}

static void tell_default_layer(HeCheck *check, HeSession *session)
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

static void tell_head(HeCheck *check, HeSession *session)
{
    const HeDescriptor *d = he_model_get_descriptor(he_session_get_model(session));
    HeActivation activation;
    const char *logits = he_session_get_logits(session, &activation);
    gboolean is_behind = strcmp(logits, d->output) != 0;
    tell(check, "Network", he_network_text(session));
    tell(check, "Scores",
         g_strdup_printf("%s, %s%s", logits,
                         he_choice_get(he_activations, (int)activation)->nick,
                         is_behind ? " (stepped over)" : ""));
    tell_default_layer(check, session);
}

/* Gives the first method that fits, or NULL. */
static const char *tell_methods(HeCheck *check, HeSession *session)
{
    int n;
    const char *first = NULL;
    const HeMethodInfo *methods = he_methods_list(&n);
    g_autoptr(GString) fits = g_string_new(NULL);
    json_builder_set_member_name(check->json, "methods");
    json_builder_begin_object(check->json);
    for (int i = 0; i < n; i++) {
        g_autofree char *refusal = he_method_refusal(session, methods[i].id);
        he_json_add_text(check->json, methods[i].id, refusal ? refusal : "fits");
        if (refusal) {
            g_autofree char *text = g_strdup_printf("%s: %s", methods[i].id, refusal);
            he_check_add(check, "Does not fit", text);
            continue;
        }
        first = first ? first : methods[i].id;
        g_string_append_printf(fits, "%s%s", fits->len ? ", " : "", methods[i].id);
    }
    json_builder_end_object(check->json);
    he_check_add(check, "Methods", fits->len ? fits->str : "none");
    return first;
}

/* ---- what it costs ------------------------------------------------------------------------------------------ */

static gboolean explain_once(HeSession *session, const char *method, const HeTask *task,
                             double *ms, GError **error)
{
    HeTarget target = {0};
    const HeOptions options = {.method = method};
    g_autoptr(HeInput) input = he_probe_new(session, error);
    if (!input || !he_target_class(he_session_get_model(session), 0, 1, &target, error))
        return FALSE;
    gint64 start = g_get_monotonic_time();
    g_autoptr(HeMap) map = he_explain(session, input, &target, &options, task, error);
    *ms = (double)(g_get_monotonic_time() - start) / 1000;
    he_target_clear(&target);
    return map != NULL;
}

/* The first also compiles the plan and reads the weights. */
static gboolean measure(HeCheck *check, HeSession *session, const char *method,
                        const HeTask *task, GError **error)
{
    double first, second;
    if (!explain_once(session, method, task, &first, error) ||
        !explain_once(session, method, task, &second, error))
        return FALSE;
    double arena = (double)he_session_get_arena_bytes(session);
    double peak = (double)he_os_peak_rss_bytes();
    g_autofree char *work = he_size_text(arena), *most = he_size_text(peak);
    g_autofree char *time =
        g_strdup_printf("%.1f ms by %s; the first %.1f ms", second, method, first);
    g_autofree char *memory =
        g_strdup_printf("%s to work in; the process had at most %s", work, most);
    he_check_add(check, "Time", time);
    he_check_add(check, "Memory", memory);
    he_json_add_number(check->json, "first-ms", first);
    he_json_add_number(check->json, "next-ms", second);
    he_json_add_number(check->json, "arena-bytes", arena);
    he_json_add_number(check->json, "peak-bytes", peak);
    return TRUE;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static gboolean check_session(HeCheck *check, HeSession *session, HeCheckMore more,
                              void *data, const HeTask *task, GError **error)
{
    tell_head(check, session);
    const char *method = tell_methods(check, session);
    return (!method || measure(check, session, method, task, error)) &&
           (!more || more(check, session, data, error));
}

/* What keeps the network from working is told in its place, after what could be found. */
static gboolean tell_session(HeCheck *check, HeModel *model,
                             const HeSessionOptions *options, HeCheckMore more,
                             void *data, const HeTask *task, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HeSession) session = he_session_new(model, options, &failure);
    if (session && check_session(check, session, more, data, task, &failure))
        return TRUE;
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    check->is_bad = TRUE;
    he_check_add(check, "Error", failure->message);
    he_json_add_text(check->json, "error", failure->message);
    return TRUE;
}

gboolean he_check_run(HeCheck *check, const char *path, const HeSessionOptions *options,
                      HeCheckMore more, void *data, const HeTask *task, GError **error)
{
    g_autoptr(HeModel) model = he_model_load(path, error);
    if (!model || !he_model_get_sha256(model, error))
        return FALSE;
    json_builder_begin_object(check->json);
    tell_model(check, model);
    tell_unsupported(check, model);
    if (!tell_session(check, model, options, more, data, task, error))
        return FALSE;
    tell_guesses(check, he_model_get_descriptor(model));
    json_builder_set_member_name(check->json, "works");
    json_builder_add_boolean_value(check->json, !check->is_bad);
    json_builder_end_object(check->json);
    return TRUE;
}
