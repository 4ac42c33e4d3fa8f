/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes of a file or of standard input. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli/input.h"
#include "core/alloc.h"
#include "core/os.h"

static gboolean look_at_file(CliInput *input, GError **error)
{
    struct stat st;
    if (fstat(fileno(input->file), &st) != 0)
        return cli_input_error(input, error, "%s", g_strerror(errno));
    if (S_ISDIR(st.st_mode))
        return cli_input_error(input, error, "a folder, not a file");
    input->bytes = S_ISREG(st.st_mode) ? (gint64)st.st_size : -1;
    return TRUE;
}

CliInput *cli_input_open(const char *path, GError **error)
{
    g_autoptr(CliInput) input = g_new0(CliInput, 1);
    gboolean is_stdin = strcmp(path, "-") == 0;

    input->name = g_strdup(is_stdin ? "standard input" : path);
    input->file = is_stdin ? stdin : g_fopen(path, "rb");
    if (!input->file) {
        cli_input_error(input, error, "%s", g_strerror(errno));
        return NULL;
    }
    if (!look_at_file(input, error))
        return NULL;
    input->n_head = fread(input->head, 1, CLI_HEAD_BYTES, input->file);
    if (input->n_head == 0) {
        cli_input_error(input, error, "empty");
        return NULL;
    }
    return g_steal_pointer(&input);
}

void cli_input_free(CliInput *input)
{
    if (!input)
        return;
    if (input->file && input->file != stdin)
        fclose(input->file);
    g_free(input->name);
    g_free(input);
}

gboolean cli_input_read(CliInput *input, void *out, size_t n)
{
    size_t from_head = 0;
    if (input->n_read < input->n_head) {
        from_head = MIN(n, input->n_head - input->n_read);
        memcpy(out, input->head + input->n_read, from_head);
    }
    input->n_read += n;
    return fread((guint8 *)out + from_head, 1, n - from_head, input->file) ==
           n - from_head;
}

gboolean cli_input_error(const CliInput *input, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: %s", input->name, what);
    return FALSE;
}

void *cli_input_alloc_rows(const CliInput *input, size_t n, size_t size, GError **error)
{
    size_t bytes = 0;
    if (!he_size_mul(n, size, &bytes) || bytes > he_os_memory_bytes() / 4 * 3) {
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                    "%s: %" G_GSIZE_FORMAT " rows of %" G_GSIZE_FORMAT
                    " bytes are more than this machine's memory holds",
                    input->name, n, size);
        return NULL;
    }
    return he_alloc(n, size, input->name, error);
}
