/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where models are found: every place in its order. XDG folders are read once by GLib, so they are set
 * before anything asks. */
#include <glib/gstdio.h>
#include <string.h>

#include "plugin/core/run.h"

static char *top; /* a temporary folder */

static char *put(const char *folder, const char *file)
{
    g_autofree char *where = g_build_filename(top, folder, NULL);
    char *path = g_build_filename(where, file, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_mkdir_with_parents(parent, 0700);
    g_assert_true(g_file_set_contents(path, "x", 1, NULL));
    return path;
}

static char *below(const char *folder)
{
    return g_build_filename(top, folder, NULL);
}

static void assert_found(const char *name, const char *program, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = he_models_find(name, program, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(found, ==, path);
}

/* The last place first, so that each earlier one takes over. */
static void test_order(void)
{
    g_autofree char *program = below("prefix/bin");
    g_autofree char *shared = put("prefix/share/human-eye/models", "net.onnx");
    assert_found("net", program, shared);
    g_autofree char *above = put("prefix/models", "net/net.onnx");
    assert_found("net", program, above);
    g_autofree char *beside = put("prefix/bin/models", "net.onnx");
    assert_found("net", program, beside);
    g_autofree char *system2 = put("sys2/human-eye/models", "net/net.onnx");
    assert_found("net", program, system2);
    g_autofree char *system1 = put("sys1/human-eye/models", "net/net.onnx");
    assert_found("net", program, system1);
    g_autofree char *user = put("data/human-eye/models", "net.onnx");
    assert_found("net", program, user);
    assert_found("net", NULL, user);
    g_autofree char *listed = put("list2", "net/net.onnx");
    assert_found("net", program, listed);
    g_autofree char *flat = put("list2", "net.onnx");
    assert_found("net", program, flat);
    g_autofree char *first = put("list1", "net.onnx");
    assert_found("net", program, first);
    assert_found(beside, program, beside); /* a path wins */
}

static void test_default(void)
{
    g_autofree char *path = put("list1", "efficientnet-lite0.onnx");
    assert_found(NULL, NULL, path);
    assert_found("", NULL, path);
}

static void assert_missing(const char *name, const char *said)
{
    g_autofree char *program = below("prefix/bin");
    g_autoptr(GError) error = NULL;
    g_assert_null(he_models_find(name, program, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    if (!strstr(error->message, said))
        g_error("“%s” does not say “%s”", error->message, said);
}

static void test_missing(void)
{
    static const char *const places[] = {"list1",
                                         "list2",
                                         "data/human-eye/models",
                                         "sys1/human-eye/models",
                                         "sys2/human-eye/models",
                                         "prefix/bin/models",
                                         "prefix/models",
                                         "prefix/share/human-eye/models"};
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *place = below(places[i]);
        assert_missing("other", place);
    }
    assert_missing("other.onnx", "other.onnx");
    assert_missing("./net", "no such file");
    assert_missing(top, "no such file"); /* a folder is no model */
}

static void test_list(void)
{
    g_autofree char *program = below("prefix/bin");
    g_autofree char *zebra = put("prefix/bin/models", "zebra/zebra.onnx");
    g_free(put("prefix/bin/models", "folder/else.onnx"));
    g_free(put("prefix/bin/models", "notes.txt"));
    g_free(put("prefix/bin/models", ".onnx"));
    g_autofree char *net = below("list1/net.onnx");
    g_autofree char *lite = below("list1/efficientnet-lite0.onnx");
    g_auto(GStrv) list = he_models_list(program);
    g_assert_cmpuint(g_strv_length(list), ==, 3);
    g_assert_cmpstr(list[0], ==, lite);
    g_assert_cmpstr(list[1], ==, net); /* the first of many */
    g_assert_cmpstr(list[2], ==, zebra);
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *inside = g_build_filename(path, entry, NULL);
        remove_all(inside);
    }
    g_remove(path);
}

int main(int argc, char **argv)
{
    top = g_dir_make_tmp("human-eye-models-XXXXXX", NULL);
    g_autofree char *data = below("data");
    g_autofree char *system = g_strdup_printf("%s/sys1:%s/sys2", top, top);
    g_autofree char *listed = g_strdup_printf("%s/list1:%s/list2::", top, top);
    g_setenv("XDG_DATA_HOME", data, TRUE);
    g_setenv("XDG_DATA_DIRS", system, TRUE);
    g_setenv("HUMAN_EYE_MODELS", listed, TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/models/order", test_order);
    g_test_add_func("/models/default", test_default);
    g_test_add_func("/models/missing", test_missing);
    g_test_add_func("/models/list", test_list);
    int status = g_test_run();
    remove_all(top);
    g_free(top);
    return status;
}
