/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Models into the user's own folder. */
#include "plugin/core/install.h"

#include <string.h>

#include "plugin/core/download.h"
#include "plugin/core/mirror.h"
#include "plugin/core/rows.h"
#include "plugin/core/run.h"
#include "plugin/core/stage.h"

#define LABELS ".labels.txt"

gboolean he_install_check(const char *name, gboolean is_forced, GError **error)
{
    g_autofree char *user = he_models_user_folder();
    g_autofree char *file = g_strconcat(name, ".onnx", NULL);
    g_autofree char *flat = g_build_filename(user, file, NULL);
    g_autofree char *own = g_build_filename(user, name, file, NULL);

    if (!he_models_is_name(name)) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "a model cannot be called “%s”: letters, digits and . _ + - are good, "
            "no . or - in front",
            name);
        return FALSE;
    }
    if (g_file_test(flat, G_FILE_TEST_EXISTS)) {
        g_set_error(error, HE_ERROR, HE_ERROR_IO,
                    "%s stands in the way: that file would be found first", flat);
        return FALSE;
    }
    if (is_forced || !g_file_test(own, G_FILE_TEST_EXISTS))
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: exists already; --force replaces it",
                own);
    return FALSE;
}

/* ---- what both ways share ---------------------------------------------------------------------------- */

static void show_copying(goffset now, goffset total, gpointer data)
{
    const HeTask *task = data;

    if (task && task->progress && total > 0)
        task->progress((double)now / (double)total, task->user_data);
}

static gboolean copy(const char *from, const char *to, const HeTask *task, GError **error)
{
    g_autoptr(GFile) source = g_file_new_for_path(from);
    g_autoptr(GFile) place = g_file_new_for_path(to);
    g_autoptr(GError) failure = NULL;

    if (g_file_copy(source, place, G_FILE_COPY_TARGET_DEFAULT_PERMS,
                    task ? task->cancellable : NULL, show_copying, (gpointer)task,
                    &failure))
        return TRUE;
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_propagate_error(error, g_steal_pointer(&failure));
    else
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: %s", to, failure->message);
    return FALSE;
}

/* Labels and descriptor. LABELS may be NULL. */
static gboolean fill(const HeStage *stage, const char *name, const char *labels,
                     const char *const *rows, const char *const *guessed, GError **error)
{
    g_autofree char *ini = he_stage_path(stage, ".ini");
    g_autofree char *list = he_stage_path(stage, LABELS);
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_autofree char *named = g_strdup_printf("Output.Labels=%s" LABELS, name);
    g_autoptr(GError) failure = NULL;

    for (; rows && *rows; rows++)
        g_ptr_array_add(all, (gpointer)*rows);
    if (labels)
        g_ptr_array_add(all, named);
    g_ptr_array_add(all, NULL);
    g_autofree char *text =
        he_descriptor_text((const char *const *)all->pdata, guessed, error);
    if (!text || (labels && !copy(labels, list, NULL, error)))
        return FALSE;
    if (g_file_set_contents(ini, text, -1, &failure))
        return TRUE;
    g_set_error_literal(error, HE_ERROR, HE_ERROR_IO, failure->message);
    return FALSE;
}

/* ---- a file that the user has ------------------------------------------------------------------------ */

char *he_install_name(const char *file)
{
    char *name = g_path_get_basename(file);

    if (g_str_has_suffix(name, ".onnx"))
        name[strlen(name) - strlen(".onnx")] = '\0';
    for (char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("._+-", *c))
            *c = '-';
    return name;
}

gboolean he_install_check_use(HeModel *model, GError **error)
{
    const HeSessionOptions defaults = {0};
    g_autoptr(HeSession) session = he_session_new(model, &defaults, error);

    return session != NULL;
}

/* All that its descriptor has but guesses, with the file's own sum. */
static char **list_stated(HeModel *model, GError **error)
{
    const HeDescriptor *d = he_model_get_descriptor(model);
    const char *sum = he_model_get_sha256(model, error);
    g_auto(GStrv) all = he_descriptor_list(d);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);

    if (!sum)
        return NULL;
    for (char **row = all; *row; row++) {
        g_autofree char *key = he_row_key(*row);
        if (!he_row_find(d->guessed, key) && strcmp(key, "Model.SHA256") != 0)
            g_ptr_array_add(rows, g_strdup(*row));
    }
    g_ptr_array_add(rows, g_strdup_printf("Model.SHA256=%s", sum));
    g_ptr_array_add(rows, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&rows), FALSE);
}

static gboolean copy_more(HeModel *model, HeStage *stage, const HeTask *task,
                          GError **error)
{
    g_autofree char *folder = g_path_get_dirname(he_model_get_path(model));
    g_auto(GStrv) files = he_model_list_files(model);

    for (char **file = files; *file; file++) {
        g_autofree char *from = g_build_filename(folder, *file, NULL);
        g_autofree char *to = he_stage_add(stage, *file, error);
        if (!to || !copy(from, to, task, error))
            return FALSE;
    }
    return TRUE;
}

/* The copy is read as it will be: a file that changed meanwhile, or a bad disk, is found out. */
static gboolean check_copy(HeModel *model, const char *path, GError **error)
{
    g_autoptr(HeModel) copied = he_model_load(path, error);
    const char *sum = copied ? he_model_get_sha256(copied, error) : NULL;
    const char *expected = sum ? he_model_get_sha256(model, error) : NULL;

    if (!expected)
        return FALSE;
    if (g_str_equal(sum, expected))
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: it changed while it was copied",
                he_model_get_path(model));
    return FALSE;
}

char *he_install_model(HeModel *model, const char *name, gboolean is_forced,
                       const HeTask *task, GError **error)
{
    char *const *guessed = he_model_get_descriptor(model)->guessed;
    g_auto(GStrv) rows =
        he_install_check(name, is_forced, error) ? list_stated(model, error) : NULL;
    g_autoptr(HeStage) stage = rows ? he_stage_new(name, error) : NULL;
    g_autofree char *file = stage ? he_stage_path(stage, ".onnx") : NULL;

    if (!stage || !copy(he_model_get_path(model), file, task, error) ||
        !fill(stage, name, he_model_get_labels_path(model), (const char *const *)rows,
              (const char *const *)guessed, error) ||
        !copy_more(model, stage, task, error) || !check_copy(model, file, error) ||
        !he_stage_commit(stage, error))
        return NULL;
    return g_strdup(he_stage_get_target(stage));
}

/* ---- one of the catalogue ---------------------------------------------------------------------------- */

static char **list_urls(const HeCatalogue *catalogue, const HeCatalogueEntry *entry,
                        const char *const *mirrors, GError **error)
{
    g_autoptr(GPtrArray) urls = g_ptr_array_new_with_free_func(g_free);

    if (!mirrors || !*mirrors)
        mirrors = (const char *const *)catalogue->mirrors;
    for (; *mirrors; mirrors++) {
        char *url = **mirrors ? he_mirror_url(*mirrors, entry->file, error) : NULL;
        if (!url && **mirrors)
            return NULL;
        if (url)
            g_ptr_array_add(urls, url);
    }
    g_ptr_array_add(urls, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&urls), FALSE);
}

static gboolean download(const HeCatalogueEntry *entry, char *const *urls,
                         const HeInstallOptions *options, const char *path,
                         const HeTask *task, GError **error)
{
    g_autofree char *user = he_models_user_folder();
    g_autofree char *part = g_strdup_printf("%s/%s.onnx.part", user, entry->name);
    const HeDownload wanted = {.urls = (const char *const *)urls,
                               .bytes = entry->bytes,
                               .sha256 = entry->sha256,
                               .part = part,
                               .stall_seconds = options->stall_seconds};

    if (he_download(&wanted, path, task, error))
        return TRUE;
    g_prefix_error(error, "%s: ", entry->name);
    return FALSE;
}

char *he_install_entry(const HeCatalogue *catalogue, const HeCatalogueEntry *entry,
                       const HeInstallOptions *options, const HeTask *task,
                       GError **error)
{
    const char *const *rows = (const char *const *)entry->rows;
    g_autofree char *labels = NULL;

    if (!he_install_check(entry->name, options->is_forced, error))
        return NULL;
    if (entry->labels && !(labels = he_catalogue_find_labels(
                               catalogue, entry, options->program_folder, error)))
        return NULL;
    g_auto(GStrv) urls = list_urls(catalogue, entry, options->mirrors, error);
    g_autoptr(HeStage) stage = urls ? he_stage_new(entry->name, error) : NULL;
    g_autofree char *file = stage ? he_stage_path(stage, ".onnx") : NULL;
    if (!stage || !fill(stage, entry->name, labels, rows, NULL, error) ||
        !download(entry, urls, options, file, task, error) ||
        !he_stage_commit(stage, error))
        return NULL;
    return g_strdup(he_stage_get_target(stage));
}
