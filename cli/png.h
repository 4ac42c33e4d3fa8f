/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG in and out. */
#ifndef HE_CLI_PNG_H
#define HE_CLI_PNG_H

#include "cli/picture.h"

/* Reads the whole picture; INPUT stays the caller's. */
CliPicture *cli_png_read(CliInput *input, GError **error);

/* Writes rows as they come. Errors name NAME. */
typedef struct CliPngWriter CliPngWriter;
typedef struct {
    const char *name;
    int width, height;
    gboolean has_alpha;
    int depth;          /* 8 or 16 */
    const char *recipe; /* JSON, or NULL */
} CliPngShape;

/* Some of a PNG's rows, ready to be written: png_part.h. */
typedef struct CliPngPart CliPngPart;

/* Writes the header to FILE, which stays the caller's. */
CliPngWriter *cli_png_writer_new(FILE *file, const CliPngShape *shape, GError **error);
/* N rows of R'G'B'A in sRGB, 0..1, not premultiplied; alpha is left out when has_alpha is FALSE. */
gboolean cli_png_writer_rows(CliPngWriter *writer, const float *rgba, int n,
                             GError **error);
/* Or all parts, full, in their order. */
gboolean cli_png_writer_take(CliPngWriter *writer, CliPngPart *part, GError **error);
gboolean cli_png_writer_end(CliPngWriter *writer, GError **error);
void cli_png_writer_free(CliPngWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliPngWriter, cli_png_writer_free)

#endif
