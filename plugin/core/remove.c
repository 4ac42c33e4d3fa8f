/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Models out of the user's own folder. What belongs to a model is what installing one makes, and what its
 * descriptor and its graph name below its own folder; a link is taken away, never what it leads to. */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "model/file.h"
#include "plugin/core/install.h"
#include "plugin/core/part.h"
#include "plugin/core/run.h"
#include "plugin/core/stage.h"

typedef struct {
    const char *name;
    char *user, *own; /* the user's folder of models, and the model's own in it */
    GPtrArray *files; /* to be removed, in this order */
} Removal;

static void removal_clear(Removal *removal)
{
    g_free(removal->user);
    g_free(removal->own);
    g_clear_pointer(&removal->files, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Removal, removal_clear)

/* ---- what belongs to it ------------------------------------------------------------------------------ */

/* Takes PATH when it is a file or a link. */
static void take(Removal *removal, char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_SYMLINK) ||
        g_file_test(path, G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add(removal->files, path);
    else
        g_free(path);
}

static void take_usual(Removal *removal, const char *folder)
{
    static const char *const suffixes[] = {".onnx", ".ini", ".labels.txt"};

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_strconcat(removal->name, suffixes[i], NULL);
        take(removal, g_build_filename(folder, file, NULL));
    }
}

/* A model that cannot be read names nothing. */
static void take_named(Removal *removal, const char *path)
{
    g_autoptr(HeModel) model = he_model_load(path, NULL);
    g_auto(GStrv) files = model ? he_model_list_files(model) : NULL;

    for (char **file = files; file && *file; file++) {
        g_autofree char *inside = he_path_inside(removal->own, *file);
        if (inside)
            take(removal, g_build_filename(removal->own, *file, NULL));
    }
}

static void take_all(Removal *removal)
{
    g_autofree char *file = g_strconcat(removal->name, ".onnx", NULL);
    g_autofree char *network = g_build_filename(removal->own, file, NULL);

    take_usual(removal, removal->user);
    if (g_file_test(removal->own, G_FILE_TEST_IS_SYMLINK)) {
        take(removal, g_strdup(removal->own));
    } else {
        take_usual(removal, removal->own);
        take_named(removal, network);
    }
    take(removal, g_strdup_printf("%s/%s.part", removal->user, file));
}

/* ---- taking it away ---------------------------------------------------------------------------------- */

/* A download that is at work is not taken its file away. */
static gboolean check_part(const Removal *removal, GError **error)
{
    HePart part;
    g_autofree char *path =
        g_strdup_printf("%s/%s.onnx.part", removal->user, removal->name);

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!he_part_open(&part, path, error))
        return FALSE;
    he_part_close(&part, TRUE);
    return TRUE;
}

static gboolean unlink_all(const Removal *removal, GError **error)
{
    for (guint i = 0; i < removal->files->len; i++) {
        const char *path = removal->files->pdata[i];
        if (g_unlink(path) != 0 && errno != ENOENT) {
            g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: %s", path, g_strerror(errno));
            return FALSE;
        }
    }
    return TRUE;
}

/* Folders that this leaves empty, up to the model's own. */
static void remove_folders(const Removal *removal)
{
    for (guint i = 0; i < removal->files->len; i++) {
        char *at = g_path_get_dirname(removal->files->pdata[i]);
        while (strlen(at) > strlen(removal->user) && g_rmdir(at) == 0) {
            char *above = g_path_get_dirname(at);
            g_free(at);
            at = above;
        }
        g_free(at);
    }
}

static void set_missing(const Removal *removal, const char *program_folder,
                        GError **error)
{
    g_autofree char *elsewhere = he_models_find(removal->name, program_folder, NULL);

    if (elsewhere)
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "“%s” is %s: only models in your own folder, %s, are removed",
                    removal->name, elsewhere, removal->user);
    else
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "there is no model “%s” in %s",
                    removal->name, removal->user);
}

static gboolean check_name(const char *name, GError **error)
{
    if (!he_models_is_name(name))
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "“%s” is no model's name",
                    name);
    else if (he_models_is_embedded(name))
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "“%s” comes with Human Eye, and stays", name);
    else
        return TRUE;
    return FALSE;
}

char **he_install_remove(const char *name, const char *program_folder, GError **error)
{
    g_auto(Removal) removal = {.name = name};

    if (!check_name(name, error))
        return NULL;
    removal.user = he_models_user_folder();
    removal.own = g_build_filename(removal.user, name, NULL);
    removal.files = g_ptr_array_new_with_free_func(g_free);
    take_all(&removal);
    if (!check_part(&removal, error))
        return NULL;
    if (!he_stage_sweep(name) && removal.files->len == 0) {
        set_missing(&removal, program_folder, error);
        return NULL;
    }
    if (!unlink_all(&removal, error))
        return NULL;
    remove_folders(&removal);
    g_ptr_array_add(removal.files, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&removal.files), FALSE);
}
