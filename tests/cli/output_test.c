/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files appear together or not at all; an existing one is kept. */
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/output.h"

static char *folder;

static char *at(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static gboolean put(CliOutputs *outputs, const char *path, const char *text,
                    GError **error)
{
    FILE *file = cli_outputs_open(outputs, path, error);
    return file && fputs(text, file) >= 0 && cli_outputs_close(outputs, error);
}

static void assert_content(const char *path, const char *text)
{
    g_autofree char *got = NULL;
    g_assert_true(g_file_get_contents(path, &got, NULL, NULL));
    g_assert_cmpstr(got, ==, text);
}

static int count_files(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    int n = 0;
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void test_commit(void)
{
    g_autofree char *a = at("a"), *b = at("b");
    g_autoptr(GError) error = NULL;
    g_autoptr(CliOutputs) outputs = cli_outputs_new(FALSE);
    g_assert_true(put(outputs, a, "one", &error));
    g_assert_true(put(outputs, b, "two", &error));
    g_assert_false(g_file_test(a, G_FILE_TEST_EXISTS));
    g_assert_true(cli_outputs_commit(outputs, &error));
    assert_content(a, "one");
    assert_content(b, "two");
    g_assert_cmpint(count_files(), ==, 2);
    GStatBuf st;
    mode_t mask = umask(0);
    umask(mask);
    g_assert_cmpint(g_stat(a, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0666 & ~mask);
    g_remove(a);
    g_remove(b);
}

static void test_abandon(void)
{
    g_autofree char *a = at("a"), *inner = at("folder"), *b = at("folder/b");
    CliOutputs *outputs = cli_outputs_new(FALSE);
    g_assert_true(put(outputs, a, "one", NULL));
    g_assert_true(cli_outputs_folder(outputs, inner, NULL));
    g_assert_nonnull(cli_outputs_open(outputs, b, NULL)); /* not even closed */
    cli_outputs_free(outputs);
    g_assert_cmpint(count_files(), ==, 0);
}

static void test_kept(void)
{
    g_autofree char *a = at("a"), *b = at("b");
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(a, "old", -1, NULL));
    CliOutputs *outputs = cli_outputs_new(FALSE);
    g_assert_false(put(outputs, a, "new", &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_clear_error(&error);

    /* A file that came while we worked is kept too, and its siblings are taken back. */
    g_assert_true(put(outputs, b, "new", &error));
    g_remove(a);
    g_assert_true(put(outputs, a, "new", &error));
    g_assert_true(g_file_set_contents(a, "old", -1, NULL));
    g_assert_false(cli_outputs_commit(outputs, &error));
    cli_outputs_free(outputs);
    assert_content(a, "old");
    g_assert_cmpint(count_files(), ==, 1);
    g_remove(a);
}

static void test_forced(void)
{
    g_autofree char *a = at("a");
    g_autoptr(GError) error = NULL;
    g_autoptr(CliOutputs) outputs = cli_outputs_new(TRUE);
    g_assert_true(g_file_set_contents(a, "old", -1, NULL));
    g_assert_true(put(outputs, a, "new", &error));
    assert_content(a, "old");
    g_assert_true(cli_outputs_commit(outputs, &error));
    assert_content(a, "new");
    g_assert_cmpint(count_files(), ==, 1);
    g_remove(a);
}

static void test_devices(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliOutputs) outputs = cli_outputs_new(TRUE);
    g_assert_true(put(outputs, "/dev/null", "new", &error));
    g_assert_true(cli_outputs_commit(outputs, &error));
    GStatBuf st;
    g_assert_cmpint(g_stat("/dev/null", &st), ==, 0);
    g_assert_true(S_ISCHR(st.st_mode)); /* --force replaces files only */
    if (g_file_test("/dev/full", G_FILE_TEST_EXISTS))
        g_assert_false(put(outputs, "/dev/full", "new", &error));
}

/* A file half written goes with the program. */
static void test_signal(void)
{
    g_autofree char *a = at("a"), *b = at("b");
    pid_t child = fork();
    if (child == 0) {
        CliOutputs *outputs = cli_outputs_new(FALSE);
        put(outputs, a, "one", NULL);
        fputs("half", cli_outputs_open(outputs, b, NULL));
        raise(SIGTERM);
        _exit(0);
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGTERM);
    g_assert_cmpint(count_files(), ==, 0);
}

static void test_no_folder(void)
{
    g_autofree char *deep = at("none/a");
    g_autoptr(GError) error = NULL;
    g_autoptr(CliOutputs) outputs = cli_outputs_new(FALSE);
    g_assert_false(cli_outputs_check(outputs, deep, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_clear_error(&error);
    g_assert_false(cli_outputs_check(outputs, folder, &error));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("human-eye-output-XXXXXX", NULL);
    g_test_add_func("/output/commit", test_commit);
    g_test_add_func("/output/abandon", test_abandon);
    g_test_add_func("/output/kept", test_kept);
    g_test_add_func("/output/forced", test_forced);
    g_test_add_func("/output/devices", test_devices);
    g_test_add_func("/output/signal", test_signal);
    g_test_add_func("/output/no-folder", test_no_folder);
    int status = g_test_run();
    g_rmdir(folder);
    return status;
}
