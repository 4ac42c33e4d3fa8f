/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Maps files: what is no regular file is refused before it is opened, because a pipe would wait. */
#include "model/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#ifndef O_BINARY
#define O_BINARY 0
#endif

static gboolean check_kind(const char *path, guint64 max_bytes, GError **error)
{
    GStatBuf info;

    if (g_stat(path, &info) != 0)
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "cannot be opened: %s",
                    g_strerror(errno));
    else if (g_file_test(path, G_FILE_TEST_IS_DIR))
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "it is a folder, not a file");
    else if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "it is not a regular file");
    else if ((guint64)info.st_size > max_bytes)
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "it has %" G_GUINT64_FORMAT " bytes, at most %" G_GUINT64_FORMAT
                    " are accepted",
                    (guint64)info.st_size, max_bytes);
    else
        return TRUE;
    return FALSE;
}

GMappedFile *he_file_map(const char *path, guint64 max_bytes, GError **error)
{
    g_autoptr(GError) failure = NULL;
    GMappedFile *file;

    if (!check_kind(path, max_bytes, error))
        return NULL;
    int fd = g_open(path, O_RDONLY | O_BINARY, 0);
    if (fd < 0) {
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "cannot be opened: %s",
                    g_strerror(errno));
        return NULL;
    }
    file = g_mapped_file_new_from_fd(fd, FALSE, &failure);
    g_close(fd, NULL);
    if (!file)
        g_set_error_literal(error, HE_ERROR, HE_ERROR_IO, failure->message);
    return file;
}

/* ---- paths ------------------------------------------------------------------------------------------- */

gboolean he_path_is_below(const char *path)
{
    g_auto(GStrv) parts = g_strsplit_set(path, "/\\", -1);

    return *path && !g_path_is_absolute(path) && *path != '\\' &&
           !g_strv_contains((const char *const *)parts, "..");
}

char *he_path_inside(const char *folder, const char *path)
{
    g_autofree char *joined = g_build_filename(folder, path, NULL);
    char *real = realpath(joined, NULL), *top = realpath(folder, NULL);
    g_autofree char *prefix = top ? g_build_filename(top, G_DIR_SEPARATOR_S, NULL) : NULL;
    char *inside =
        real && prefix && g_str_has_prefix(real, prefix) ? g_strdup(real) : NULL;

    free(real);
    free(top);
    return inside;
}
