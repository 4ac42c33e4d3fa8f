/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files that appear together or not at all. A name is given by link(), which never replaces; where a
 * file system has no links, or with --force, by rename(). Devices and pipes are written as they are.
 * A signal that ends the program takes the temporary files along. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli/output.h"

typedef struct Output Output;
struct Output {
    char *path, *temporary; /* temporary NULL: standard output, a device or a pipe */
    FILE *file;             /* NULL once closed, but for standard output */
    gboolean is_committed;
    Output *next_pending;
};

struct CliOutputs {
    gboolean is_forced;
    GPtrArray *files;   /* Output * */
    GPtrArray *folders; /* char *, made here */
    gboolean is_done;
};

/* What a signal must remove, in a form that a handler may walk: made by one thread, newest first, and
 * emptied before anything of it is freed. */
static Output *volatile pending;

static void on_signal(int number)
{
    for (Output *output = pending; output; output = output->next_pending)
        if (!output->is_committed)
            unlink(output->temporary);
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_signals(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        const struct sigaction action = {.sa_handler = on_signal};
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(numbers[i], &action, NULL);
    }
}

static void output_free(void *data)
{
    Output *output = data;
    if (output->file)
        fclose(output->file);
    if (output->temporary && !output->is_committed)
        g_unlink(output->temporary);
    g_free(output->path);
    g_free(output->temporary);
    g_free(output);
}

CliOutputs *cli_outputs_new(gboolean is_forced)
{
    CliOutputs *outputs = g_new0(CliOutputs, 1);
    watch_signals();
    outputs->is_forced = is_forced;
    outputs->files = g_ptr_array_new_with_free_func(output_free);
    outputs->folders = g_ptr_array_new_with_free_func(g_free);
    return outputs;
}

void cli_outputs_free(CliOutputs *outputs)
{
    if (!outputs)
        return;
    pending = NULL;
    g_ptr_array_unref(outputs->files);
    if (!outputs->is_done)
        for (guint i = outputs->folders->len; i > 0; i--)
            g_rmdir(outputs->folders->pdata[i - 1]);
    g_ptr_array_unref(outputs->folders);
    g_free(outputs);
}

static gboolean fail(GError **error, const char *path, const char *why)
{
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: %s", path, why);
    return FALSE;
}

static gboolean is_special(const char *path)
{
    GStatBuf st;
    return g_stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

gboolean cli_outputs_check(CliOutputs *outputs, const char *path, GError **error)
{
    if (strcmp(path, "-") == 0 || is_special(path))
        return TRUE;
    g_autofree char *folder = g_path_get_dirname(path);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        return fail(error, path, "there is no such folder");
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return fail(error, path, "a folder, not a file");
    if (!outputs->is_forced && g_file_test(path, G_FILE_TEST_EXISTS))
        return fail(error, path, "exists already; --force replaces it");
    return TRUE;
}

gboolean cli_outputs_folder(CliOutputs *outputs, const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return TRUE;
    if (g_mkdir(path, 0777) != 0)
        return fail(error, path,
                    errno == EEXIST ? "not a folder, and there are several results"
                                    : g_strerror(errno));
    g_ptr_array_add(outputs->folders, g_strdup(path));
    return TRUE;
}

/* The mode that open(2) would have given. */
static void set_usual_mode(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) != 0)
        errno = 0; /* file systems without modes: theirs will do */
}

static gboolean open_file(Output *output, GError **error)
{
    if (strcmp(output->path, "-") == 0) {
        output->file = tmpfile();
    } else if (is_special(output->path)) {
        output->file = g_fopen(output->path, "wb");
    } else {
        output->temporary = g_strdup_printf("%s.XXXXXX", output->path);
        int fd = g_mkstemp(output->temporary);
        if (fd < 0) {
            g_clear_pointer(&output->temporary, g_free);
            return fail(error, output->path, g_strerror(errno));
        }
        output->next_pending = pending;
        pending = output;
        set_usual_mode(fd);
        output->file = fdopen(fd, "wb");
        if (!output->file)
            close(fd);
    }
    return output->file || fail(error, output->path, g_strerror(errno));
}

FILE *cli_outputs_open(CliOutputs *outputs, const char *path, GError **error)
{
    if (!cli_outputs_check(outputs, path, error))
        return NULL;
    Output *output = g_new0(Output, 1);
    output->path = g_strdup(path);
    g_ptr_array_add(outputs->files, output);
    return open_file(output, error) ? output->file : NULL;
}

gboolean cli_outputs_close(CliOutputs *outputs, GError **error)
{
    Output *output = outputs->files->pdata[outputs->files->len - 1];
    if (strcmp(output->path, "-") == 0)
        return TRUE;
    int failed = ferror(output->file) | fclose(output->file);
    output->file = NULL;
    return !failed || fail(error, output->path, g_strerror(errno));
}

static gboolean copy_to_stdout(FILE *from, GError **error)
{
    char bytes[65536];
    size_t n;
    rewind(from);
    while ((n = fread(bytes, 1, sizeof bytes, from)) > 0)
        if (fwrite(bytes, 1, n, stdout) != n)
            return fail(error, "standard output", g_strerror(errno));
    return fflush(stdout) == 0 || fail(error, "standard output", g_strerror(errno));
}

static gboolean give_name(CliOutputs *outputs, Output *output, GError **error)
{
    if (strcmp(output->path, "-") == 0)
        return copy_to_stdout(output->file, error);
    if (!output->temporary)
        return TRUE;
    if (!outputs->is_forced) {
        if (link(output->temporary, output->path) == 0) {
            output->is_committed = TRUE;
            g_unlink(output->temporary);
            return TRUE;
        }
        if (errno == EEXIST || !cli_outputs_check(outputs, output->path, NULL))
            return fail(error, output->path, "exists already; --force replaces it");
    }
    if (g_rename(output->temporary, output->path) != 0)
        return fail(error, output->path, g_strerror(errno));
    output->is_committed = TRUE;
    return TRUE;
}

gboolean cli_outputs_commit(CliOutputs *outputs, GError **error)
{
    for (guint i = 0; i < outputs->files->len; i++) {
        if (give_name(outputs, outputs->files->pdata[i], error))
            continue;
        /* What was forced has replaced its file for good; the rest can be taken back. */
        for (guint k = 0; k < i && !outputs->is_forced; k++) {
            Output *done = outputs->files->pdata[k];
            if (done->is_committed)
                g_unlink(done->path);
        }
        return FALSE;
    }
    outputs->is_done = TRUE;
    return TRUE;
}
