/* SPDX-License-Identifier: LGPL-3.0-or-later */
#ifndef HE_MODEL_FILE_H
#define HE_MODEL_FILE_H

#include "human-eye.h"

/* Maps a regular file of at most MAX_BYTES for reading. Errors (HE_ERROR_IO; a file that is too large:
 * _CORRUPT_MODEL) do not name the file. */
GMappedFile *he_file_map(const char *path, guint64 max_bytes, GError **error);

#endif
