/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes of a file or of standard input, read once, whose first ones may be looked at before. */
#ifndef HE_CLI_INPUT_H
#define HE_CLI_INPUT_H

#include <stdio.h>

#include "human-eye.h"

#define CLI_HEAD_BYTES 16

typedef struct {
    FILE *file;
    char *name;   /* for messages: the path, or "standard input" */
    gint64 bytes; /* of a regular file; -1: not known */
    guint8 head[CLI_HEAD_BYTES];
    size_t n_head, n_read; /* bytes in head; bytes given out so far */
} CliInput;

/* PATH "-" is standard input. Reads the head. */
CliInput *cli_input_open(const char *path, GError **error);
void cli_input_free(CliInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliInput, cli_input_free)
/* FALSE when fewer than N bytes are left. */
gboolean cli_input_read(CliInput *input, void *out, size_t n);
/* "NAME: " and what, as an error of HE_ERROR_IO. Always FALSE. */
gboolean cli_input_error(const CliInput *input, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Memory for N rows of SIZE bytes; refused when it is more than the machine has. he_free. */
void *cli_input_alloc_rows(const CliInput *input, size_t n, size_t size, GError **error);

#endif
