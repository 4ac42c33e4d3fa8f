/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* HeModel: the ONNX file, its descriptor and its labels, read once and then immutable. */
#include "model/model.h"

#include <string.h>

#include "core/limits.h"
#include "model/held.h"

/* ---- loading ------------------------------------------------------------------------------------- */

/* "folder/net" of "folder/net.onnx". */
static char *strip_suffix(const char *path)
{
    return g_str_has_suffix(path, ".onnx")
               ? g_strndup(path, strlen(path) - strlen(".onnx"))
               : g_strdup(path);
}

/* The labels that are stated, else NAME.labels.txt when it is there. */
static gboolean load_labels(HeModel *model, const char *stem, const char *stated,
                            GError **error)
{
    g_autofree char *beside = g_strconcat(stem, ".labels.txt", NULL);
    const char *path = stated ? stated : beside;

    if (!stated && !g_file_test(beside, G_FILE_TEST_EXISTS))
        return TRUE;
    model->labels_path = g_strdup(path);
    model->labels = he_labels_read(path, &model->n_labels, error);
    return model->labels != NULL;
}

static const HeValueDef *find_input(const HeGraphDef *graph, const char *name)
{
    for (int i = 0; i < graph->n_inputs; i++)
        if (strcmp(graph->inputs[i].name, name) == 0)
            return &graph->inputs[i];
    return NULL;
}

/* The values of [Input NAME]; files stand beside the model. */
static gboolean load_held(HeModel *model, GError **error)
{
    const HeDescriptor *d = &model->descriptor;
    g_autofree char *folder = g_path_get_dirname(model->path);
    guint n = d->held_names ? g_strv_length(d->held_names) : 0;

    model->held = g_new0(HeTensorDef, n + 1);
    for (guint i = 0; i < n; i++) {
        const HeValueDef *def = find_input(&model->onnx->graph, d->held_names[i]);
        if (!def || strcmp(def->name, d->input) == 0) {
            g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                        "%s: [Input %s]: the network has no such input besides the "
                        "picture's, '%s'",
                        model->path, d->held_names[i], d->input);
            return FALSE;
        }
        model->n_held++;
        if (!he_held_read(def, folder, d->held_values[i], &model->held[i], error)) {
            g_prefix_error(error, "%s: ", model->path);
            return FALSE;
        }
    }
    return TRUE;
}

/* LABELS, when given, wins over the descriptor's. */
static gboolean load_descriptor(HeModel *model, const char *stem, const char *const *rows,
                                const char *labels, GError **error)
{
    g_autofree char *path = g_strconcat(stem, ".ini", NULL);
    g_autofree char *named = NULL;
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!he_descriptor_read(g_file_test(path, G_FILE_TEST_EXISTS) ? path : NULL, rows,
                            &model->descriptor, seen, &named, error))
        return FALSE;
    if (!he_descriptor_guess(&model->descriptor, seen, model->onnx, error)) {
        g_prefix_error(error, "%s: ", model->path);
        return FALSE;
    }
    return load_held(model, error) &&
           load_labels(model, stem, labels ? labels : named, error);
}

static gboolean fail(const HeModel *model, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean fail(const HeModel *model, GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL, "%s: %s", model->path, text);
    return FALSE;
}

/* A network of one output has its own answer and, when the descriptor names it, the other one. */
static gboolean count_classes(HeModel *model, GError **error)
{
    const HeValueDef *value =
        he_graph_def_output(&model->onnx->graph, model->descriptor.output);
    gint64 n = value ? he_value_def_sample_size(value) : 0;

    /* Who names the other answer says that there is one output; the session will count. */
    if (n == 0 && model->descriptor.negative)
        n = 1;
    if (n > HE_MAX_CLASSES)
        return fail(model, error,
                    "the output '%s' has %" G_GINT64_FORMAT
                    " numbers, which is no list of classes (at most %d)",
                    value->name, n, HE_MAX_CLASSES);
    model->n_outputs = (int)n;
    if (n > 1 && model->descriptor.negative)
        return fail(model, error,
                    "[Output] Negative is for networks of one output; this one has %d",
                    model->n_outputs);
    if (n && model->n_labels && model->n_labels != n)
        return fail(model, error, "the network has %d outputs, its labels are %d%s",
                    model->n_outputs, model->n_labels,
                    n == 1 ? " (the other answer is named by [Output] Negative)" : "");
    model->n_classes = n ? model->n_outputs : model->n_labels;
    if (n == 1 && model->descriptor.negative)
        model->n_classes = 2;
    return TRUE;
}

HeModel *he_model_load_with(const char *path, const char *const *rows, const char *labels,
                            GError **error)
{
    g_autoptr(HeModel) model = g_new0(HeModel, 1);
    g_autofree char *stem = strip_suffix(path);

    model->ref_count = 1;
    g_mutex_init(&model->lock);
    model->path = g_strdup(path);
    model->name = g_filename_display_basename(stem);
    model->onnx = he_onnx_open(path, error);
    if (!model->onnx || !load_descriptor(model, stem, rows, labels, error) ||
        !count_classes(model, error))
        return NULL;
    return g_steal_pointer(&model);
}

HeModel *he_model_load(const char *path, GError **error)
{
    return he_model_load_with(path, NULL, NULL, error);
}

HeModel *he_model_ref(HeModel *model)
{
    g_atomic_int_inc(&model->ref_count);
    return model;
}

void he_model_unref(HeModel *model)
{
    if (!model || !g_atomic_int_dec_and_test(&model->ref_count))
        return;
    he_model_clear_sha256(model);
    he_descriptor_clear(&model->descriptor);
    g_clear_pointer(&model->numbered, g_hash_table_unref);
    g_clear_pointer(&model->onnx, he_onnx_free);
    for (int i = 0; i < model->n_held; i++)
        he_held_clear(&model->held[i]);
    g_free(model->held);
    g_strfreev(model->labels);
    g_free(model->labels_path);
    g_mutex_clear(&model->lock);
    g_free(model->path);
    g_free(model->name);
    g_free(model);
}

/* ---- answers ------------------------------------------------------------------------------------- */

const char *he_model_get_name(const HeModel *model)
{
    return model->name;
}

const char *he_model_get_path(const HeModel *model)
{
    return model->path;
}

const char *he_model_get_labels_path(const HeModel *model)
{
    return model->labels_path;
}

const HeDescriptor *he_model_get_descriptor(const HeModel *model)
{
    return &model->descriptor;
}

char **he_model_list_files(const HeModel *model)
{
    GPtrArray *files = g_ptr_array_new();
    GHashTableIter iter;
    gpointer location;

    g_hash_table_iter_init(&iter, model->onnx->files);
    while (g_hash_table_iter_next(&iter, &location, NULL))
        g_ptr_array_add(files, g_strdup(location));
    for (char **value = model->descriptor.held_values; value && *value; value++)
        if (g_str_has_suffix(*value, ".npy"))
            g_ptr_array_add(files, g_strdup(*value));
    g_ptr_array_add(files, NULL);
    return (char **)g_ptr_array_free(files, FALSE);
}

int he_model_get_n_classes(const HeModel *model)
{
    return model->n_classes;
}

/* "class 7", kept as long as the model. */
static const char *get_numbered(HeModel *model, int index)
{
    g_mutex_lock(&model->lock);
    if (!model->numbered)
        model->numbered = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    char *text = g_hash_table_lookup(model->numbered, GINT_TO_POINTER(index));
    if (!text) {
        text = g_strdup_printf("class %d", index);
        g_hash_table_insert(model->numbered, GINT_TO_POINTER(index), text);
    }
    g_mutex_unlock(&model->lock);
    return text;
}

const char *he_model_get_label(const HeModel *model, int class_index)
{
    if (class_index == 1 && model->n_outputs == 1 && model->descriptor.negative)
        return model->descriptor.negative;
    if (class_index >= 0 && class_index < model->n_labels && *model->labels[class_index])
        return model->labels[class_index];
    return get_numbered((HeModel *)model, class_index);
}

/* ---- classes by name ----------------------------------------------------------------------------- */

static gboolean is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* Where nothing tells how many classes there are, the session will check. */
static int find_index(const HeModel *model, const char *text, GError **error)
{
    int n = model->n_classes ? model->n_classes : HE_MAX_CLASSES;
    gint64 index;

    if (g_ascii_string_to_signed(text, 10, 0, n - 1, &index, NULL))
        return (int)index;
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "there is no class %s: the classes of %s are 0 to %d", text, model->name,
                n - 1);
    return -1;
}

int he_model_find_class(const HeModel *model, const char *text, GError **error)
{
    const char *negative = model->n_outputs == 1 ? model->descriptor.negative : NULL;
    g_autofree char *trimmed = g_strstrip(g_strdup(text));

    if (is_number(trimmed))
        return find_index(model, trimmed, error);
    if (!negative && !model->labels) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "%s has no labels: give the number of a class", model->name);
        return -1;
    }
    if (!negative)
        return he_labels_find(model->labels, model->n_labels, trimmed, error);
    char *const both[] = {(char *)he_model_get_label(model, 0), (char *)negative};
    return he_labels_find(both, G_N_ELEMENTS(both), trimmed, error);
}
