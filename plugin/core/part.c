/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A file that is coming. */
#include "plugin/core/part.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/checksum.h"
#include "core/os.h"

#define CHUNK ((size_t)1 << 20)

static gboolean fail(const HePart *part, GError **error, const char *why)
{
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: %s", part->path, why);
    return FALSE;
}

/* While it was waited for the lock, another process may have given the file its name, or removed it. */
static gboolean is_still_there(const HePart *part)
{
    GStatBuf open, named;

    return fstat(part->fd, &open) == 0 && g_stat(part->path, &named) == 0 &&
           open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

gboolean he_part_open(HePart *part, const char *path, GError **error)
{
    GStatBuf info;

    *part = (HePart){.path = g_strdup(path)};
    part->fd = g_open(path, O_RDWR | O_CREAT | HE_OS_OPEN_OWN, 0666);
    if (part->fd < 0) {
        fail(part, error, g_strerror(errno));
    } else if (!he_os_lock_file(part->fd) || !is_still_there(part)) {
        fail(part, error, "another download is at work on it");
    } else if (fstat(part->fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        fail(part, error, "not a regular file");
    } else if (lseek(part->fd, 0, SEEK_END) < 0) {
        fail(part, error, g_strerror(errno));
    } else {
        part->size = info.st_size;
        return TRUE;
    }
    he_part_close(part, TRUE);
    return FALSE;
}

gboolean he_part_write(HePart *part, const void *bytes, size_t n, GError **error)
{
    const guint8 *from = bytes;

    while (n > 0) {
        gssize done = write(part->fd, from, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return fail(part, error, done < 0 ? g_strerror(errno) : "nothing is written");
        from += done;
        n -= (size_t)done;
        part->size += done;
    }
    return TRUE;
}

gboolean he_part_empty(HePart *part, GError **error)
{
    if (ftruncate(part->fd, 0) != 0 || lseek(part->fd, 0, SEEK_SET) < 0)
        return fail(part, error, g_strerror(errno));
    part->size = 0;
    return TRUE;
}

static gboolean is_cancelled(const HeTask *task, GError **error)
{
    return task && g_cancellable_set_error_if_cancelled(task->cancellable, error);
}

char *he_part_sha256(HePart *part, const HeTask *task, GError **error)
{
    struct sha256_ctx sum;
    g_autofree guint8 *bytes = g_malloc(CHUNK);
    gssize n;

    if (lseek(part->fd, 0, SEEK_SET) < 0) {
        fail(part, error, g_strerror(errno));
        return NULL;
    }
    sha256_init(&sum);
    while ((n = read(part->fd, bytes, CHUNK)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail(part, error, g_strerror(errno));
        if (n < 0 || is_cancelled(task, error))
            return NULL;
        sha256_update(&sum, (size_t)n, bytes);
    }
    return he_sha256_text(&sum);
}

gboolean he_part_rename(HePart *part, const char *path, GError **error)
{
    if (g_fsync(part->fd) != 0 || g_rename(part->path, path) != 0)
        return fail(part, error, g_strerror(errno));
    part->size = 0;
    he_part_close(part, TRUE);
    return TRUE;
}

void he_part_close(HePart *part, gboolean is_kept)
{
    /* Removed before the lock goes: nobody else opens what is no more. */
    if (part->fd >= 0 && part->path && !is_kept)
        g_unlink(part->path);
    if (part->fd >= 0)
        g_close(part->fd, NULL);
    g_free(part->path);
    *part = (HePart){.fd = -1};
}
