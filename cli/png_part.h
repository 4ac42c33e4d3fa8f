/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A part of a PNG's rows, filtered and deflated by itself, so that parts can be made beside each other. */
#ifndef HE_CLI_PNG_PART_H
#define HE_CLI_PNG_PART_H

#include "cli/png.h"

/* Rows of a part, by the picture's size alone: the file's bytes may not depend on the number of threads. */
int cli_png_part_rows(int width, int height);

CliPngPart *cli_png_part_new(const CliPngShape *shape, GError **error);
void cli_png_part_free(CliPngPart *part);
/* A part from row Y on; what it held is forgotten. */
void cli_png_part_begin(CliPngPart *part, int y);
/* Its next N rows, R'G'B'A in 0..1. */
void cli_png_part_add(CliPngPart *part, const float *rgba, int n);
gboolean cli_png_part_is_full(const CliPngPart *part);

/* Bytes of the picture's zlib stream, until the part begins anew. Parts are asked in their order: ADLER goes
 * from one to the next, from 1 on, and the last one's ends the stream. */
const guint8 *cli_png_part_finish(CliPngPart *part, gulong *adler, gsize *n);

#endif
