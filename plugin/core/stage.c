/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A model's files, gathered before they are seen. A new model's folder gets its name by one rename; where
 * there is one already its files are replaced one by one, the network last. */
#include "plugin/core/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/os.h"
#include "plugin/core/run.h"

struct HeStage {
    char *name, *folder;  /* folder: the temporary one */
    char *place, *target; /* where they will stand: NAME/, NAME/NAME.onnx */
    GPtrArray *more;      /* paths below, char * */
    int fd;               /* of the temporary folder, locked: its owner lives */
};

/* A model's files, the network last: by it the model is found. */
static const char *const suffixes[] = {".labels.txt", ".ini", ".onnx"};

static gboolean fail(GError **error, const char *path)
{
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: %s", path, g_strerror(errno));
    return FALSE;
}

static char *file_in(const char *folder, const char *name, const char *suffix)
{
    g_autofree char *file = g_strconcat(name, suffix, NULL);

    return g_build_filename(folder, file, NULL);
}

/* ---- what was left ----------------------------------------------------------------------------------- */

#define MADE_UP "XXXXXX" /* what g_mkdtemp replaces */

/* Locked for as long as it is open; -1: no folder, or another process has it. */
static int lock_folder(const char *path)
{
    int fd = g_open(path, O_RDONLY | O_DIRECTORY | HE_OS_OPEN_OWN, 0);

    if (fd >= 0 && !he_os_lock_file(fd)) {
        g_close(fd, NULL);
        fd = -1;
    }
    return fd;
}

/* Links are removed, not followed. */
static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        remove_tree(below);
    }
    g_remove(path);
}

gboolean he_stage_sweep(const char *name)
{
    g_autofree char *user = he_models_user_folder();
    g_autofree char *prefix = g_strdup_printf(".%s.", name);
    g_autoptr(GDir) dir = g_dir_open(user, 0, NULL);
    gboolean has_swept = FALSE;
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(user, entry, NULL);
        if (!g_str_has_prefix(entry, prefix) ||
            strlen(entry) != strlen(prefix) + strlen(MADE_UP))
            continue;
        int fd = lock_folder(path);
        if (fd < 0)
            continue;
        remove_tree(path);
        g_close(fd, NULL);
        has_swept = TRUE;
    }
    return has_swept;
}

/* ---- one stage --------------------------------------------------------------------------------------- */

HeStage *he_stage_new(const char *name, GError **error)
{
    g_autofree char *user = he_models_user_folder();
    g_autoptr(HeStage) stage = g_new0(HeStage, 1);
    g_autofree char *file = g_strdup_printf(".%s." MADE_UP, name);

    he_stage_sweep(name);
    stage->fd = -1;
    stage->name = g_strdup(name);
    stage->more = g_ptr_array_new_with_free_func(g_free);
    stage->place = g_build_filename(user, name, NULL);
    stage->target = file_in(stage->place, name, ".onnx");
    if (g_mkdir_with_parents(user, 0777) != 0) {
        fail(error, user);
        return NULL;
    }
    stage->folder = g_build_filename(user, file, NULL);
    if (!g_mkdtemp_full(stage->folder, 0777)) {
        fail(error, stage->folder);
        g_clear_pointer(&stage->folder, g_free);
        return NULL;
    }
    stage->fd = lock_folder(stage->folder);
    return g_steal_pointer(&stage);
}

void he_stage_free(HeStage *stage)
{
    if (!stage)
        return;
    if (stage->folder)
        remove_tree(stage->folder);
    if (stage->fd >= 0)
        g_close(stage->fd, NULL);
    g_ptr_array_unref(stage->more);
    g_free(stage->folder);
    g_free(stage->name);
    g_free(stage->place);
    g_free(stage->target);
    g_free(stage);
}

char *he_stage_path(const HeStage *stage, const char *suffix)
{
    return file_in(stage->folder, stage->name, suffix);
}

static gboolean make_folder_of(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return g_mkdir_with_parents(folder, 0777) == 0 || fail(error, folder);
}

char *he_stage_add(HeStage *stage, const char *path, GError **error)
{
    g_autofree char *full = g_build_filename(stage->folder, path, NULL);

    g_ptr_array_add(stage->more, g_strdup(path));
    return make_folder_of(full, error) ? g_steal_pointer(&full) : NULL;
}

const char *he_stage_get_target(const HeStage *stage)
{
    return stage->target;
}

static gboolean replace_more(const HeStage *stage, GError **error)
{
    for (guint i = 0; i < stage->more->len; i++) {
        g_autofree char *from =
            g_build_filename(stage->folder, stage->more->pdata[i], NULL);
        g_autofree char *to = g_build_filename(stage->place, stage->more->pdata[i], NULL);
        if (!make_folder_of(to, error))
            return FALSE;
        if (g_rename(from, to) != 0)
            return fail(error, to);
    }
    return TRUE;
}

/* What the new model does not have, the old one's may not stand in for. */
static gboolean replace(const HeStage *stage, GError **error)
{
    if (!replace_more(stage, error))
        return FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *from = he_stage_path(stage, suffixes[i]);
        g_autofree char *to = file_in(stage->place, stage->name, suffixes[i]);
        if (g_file_test(from, G_FILE_TEST_EXISTS) ? g_rename(from, to) != 0
                                                  : g_unlink(to) != 0 && errno != ENOENT)
            return fail(error, to);
    }
    return TRUE;
}

gboolean he_stage_commit(HeStage *stage, GError **error)
{
    if (g_file_test(stage->place, G_FILE_TEST_IS_DIR))
        return replace(stage, error);
    if (g_rename(stage->folder, stage->place) != 0)
        return fail(error, stage->place);
    g_clear_pointer(&stage->folder, g_free);
    return TRUE;
}
