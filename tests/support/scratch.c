/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A folder for one test's files (scratch.h). */
#include "tests/support/scratch.h"

#include <glib/gstdio.h>
#include <string.h>

Scratch *scratch_new(void)
{
    Scratch *scratch = g_new(Scratch, 1);
    g_autoptr(GError) error = NULL;

    scratch->folder = g_dir_make_tmp("he-test-XXXXXX", &error);
    g_assert_no_error(error);
    scratch->paths = g_ptr_array_new_with_free_func(g_free);
    return scratch;
}

const char *scratch_path(Scratch *scratch, const char *name)
{
    char *path = g_build_filename(scratch->folder, name, NULL);

    g_ptr_array_add(scratch->paths, path);
    return path;
}

const char *scratch_write(Scratch *scratch, const char *name, const void *text, gssize n)
{
    const char *path = scratch_path(scratch, name);
    size_t size = n < 0 ? strlen(text) : (size_t)n;
    /* g_file_set_contents waits for the disk, which thousands of small files cannot. */
    FILE *file = g_fopen(path, "wb");

    g_assert_nonnull(file);
    if (size)
        g_assert_cmpuint(fwrite(text, 1, size, file), ==, size);
    g_assert_cmpint(fclose(file), ==, 0);
    return path;
}

void scratch_free(Scratch *scratch)
{
    for (guint i = 0; i < scratch->paths->len; i++)
        g_remove(g_ptr_array_index(scratch->paths, i));
    g_assert_cmpint(g_rmdir(scratch->folder), ==, 0);
    g_ptr_array_unref(scratch->paths);
    g_free(scratch->folder);
    g_free(scratch);
}
