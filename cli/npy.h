/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* NumPy's .npy, versions 1 to 3, C order: numbers in, float32 out. */
#ifndef HE_CLI_NPY_H
#define HE_CLI_NPY_H

#include "cli/picture.h"

/* The array as it is stored, in the machine's byte order; out->data is freed with he_free. */
gboolean cli_npy_read(CliInput *input, HeTensor *out, GError **error);
/* [H, W] or [H, W, C]: bands of stored numbers. INPUT stays the caller's. */
CliPicture *cli_npy_read_picture(CliInput *input, GError **error);

/* The header of a float32 array; its numbers follow as they are. Errors name NAME. */
gboolean cli_npy_write_header(FILE *file, const char *name, int rank, const gint64 *dim,
                              GError **error);
gboolean cli_npy_write_values(FILE *file, const char *name, const float *values, size_t n,
                              GError **error);

#endif
