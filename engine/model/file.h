/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files that a model names or is, read without trust. */
#ifndef HE_MODEL_FILE_H
#define HE_MODEL_FILE_H

#include "human-eye.h"

/* Maps a regular file of at most MAX_BYTES for reading. Errors (HE_ERROR_IO; a file that is too large:
 * _CORRUPT_MODEL) do not name the file. */
GMappedFile *he_file_map(const char *path, guint64 max_bytes, GError **error);

/* Whether PATH, as it is written, stays below the folder that it begins in: relative, without '..'. */
gboolean he_path_is_below(const char *path);
/* PATH below FOLDER with all links followed, g_free; NULL: it is not there, or not inside FOLDER. */
char *he_path_inside(const char *folder, const char *path);

#endif
