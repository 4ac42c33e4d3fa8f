/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A file that is coming: NAME.part, kept when a transfer breaks off, so that the next one goes on from
 * there. One process at a time works on it. */
#ifndef HE_CORE_PART_H
#define HE_CORE_PART_H

#include "human-eye.h"

typedef struct {
    char *path;
    int fd;
    gint64 size;
} HePart;

/* Opens PATH, new or as it was left, and locks it. */
gboolean he_part_open(HePart *part, const char *path, GError **error);
/* At the end. */
gboolean he_part_write(HePart *part, const void *bytes, size_t n, GError **error);
gboolean he_part_empty(HePart *part, GError **error);
/* SHA-256 of the whole, in hexadecimal. g_free. */
char *he_part_sha256(HePart *part, const HeTask *task, GError **error);
/* To the disk, and then to its own name. */
gboolean he_part_rename(HePart *part, const char *path, GError **error);
/* Closes it; unless IS_KEPT, removes it. */
void he_part_close(HePart *part, gboolean is_kept);

#endif
