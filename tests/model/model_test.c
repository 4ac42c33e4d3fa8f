/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* HeModel: the embedded model, networks with one output, label files beside the network, checksums. */
#include "model/model.h"

#include <string.h>

#include "tests/support/onnx_write.h"
#include "tests/support/scratch.h"

/* A network with CLASSES outputs (0: not stated; -1: a vector of unknown length), as net.onnx. */
static const char *write_net(Scratch *scratch, gint64 classes)
{
    OnnxGraph *graph = onnx_graph_new("net");
    const char *path = scratch_path(scratch, "net.onnx");

    onnx_input(graph, "x", HE_F32, 4, (gint64[]){1, 3, 8, 8});
    onnx_node(graph, "Gemm", "x,w", "y");
    if (classes == 0)
        onnx_output(graph, "y", HE_F32, -1, NULL);
    else if (classes < 0)
        onnx_output(graph, "y", HE_F32, 1, (gint64[]){-1});
    else
        onnx_output(graph, "y", HE_F32, 2, (gint64[]){-1, classes});
    onnx_write(graph, 13, path);
    return path;
}

static HeModel *load(const char *path)
{
    g_autoptr(GError) error = NULL;
    HeModel *model = he_model_load(path, &error);

    g_assert_no_error(error);
    return model;
}

static void assert_refused(const char *path, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(he_model_load(path, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
}

static int find(const HeModel *model, const char *text)
{
    g_autoptr(GError) error = NULL;
    int found = he_model_find_class(model, text, &error);

    g_assert_true((found < 0) == (error != NULL));
    return found;
}

/* ---- the embedded model ------------------------------------------------------------------------------ */

static void test_embedded(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "models", "efficientnet-lite0",
                         "efficientnet-lite0.onnx", NULL);
    g_autoptr(GError) error = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("the embedded model is not there");
        return;
    }
    g_autoptr(HeModel) model = load(path);
    const HeDescriptor *d = he_model_get_descriptor(model);
    g_assert_cmpstr(he_model_get_name(model), ==, "efficientnet-lite0");
    g_assert_cmpint(he_model_get_n_classes(model), ==, 1000);
    g_assert_cmpuint(g_strv_length(d->guessed), ==, 0);
    g_assert_cmpint(d->fit, ==, HE_FIT_STRETCH);
    g_assert_cmpfloat(d->mean[0], ==, 127);
    g_assert_cmpfloat(d->std[2], ==, 128);
    g_assert_nonnull(d->knows);
    g_assert_cmpint(find(model, "egyptian cat"), ==, 285);
    g_assert_cmpint(find(model, "espresso"), ==, 967);
    g_assert_cmpint(find(model, "Cardigan"), ==, 264);
    g_assert_cmpint(find(model, "cardigan"), ==, 474);
    g_assert_cmpint(find(model, "CARDIGAN"), ==, -1);
    g_assert_cmpstr(he_model_get_label(model, 0), ==, "tench");
    he_model_start_sha256(model);
    g_assert_cmpstr(he_model_get_sha256(model, &error), ==, d->sha256);
    g_assert_no_error(error);
}

/* ---- classes ------------------------------------------------------------------------------------------- */

static void test_indices(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(HeModel) model = load(write_net(scratch, 10));
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(he_model_get_n_classes(model), ==, 10);
    g_assert_cmpint(find(model, "0"), ==, 0);
    g_assert_cmpint(find(model, " 009 "), ==, 9);
    g_assert_cmpint(find(model, "-1"), ==, -1);
    g_assert_cmpint(find(model, "99999999999999999999"), ==, -1);
    g_assert_cmpint(he_model_find_class(model, "10", &error), ==, -1);
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    g_assert_cmpstr(error->message, ==,
                    "there is no class 10: the classes of net are 0 to 9");
    g_clear_error(&error);
    g_assert_cmpint(he_model_find_class(model, "cat", &error), ==, -1);
    g_assert_cmpstr(error->message, ==, "net has no labels: give the number of a class");
    const char *label = he_model_get_label(model, 7);
    g_assert_cmpstr(label, ==, "class 7");
    g_assert_true(he_model_get_label(model, 7) == label);
    g_assert_cmpstr(he_model_get_label(model, -3), ==, "class -3");
}

static void test_labels_beside(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch, 3);

    scratch_write(scratch, "labels.txt", "not\nasked\nfor\nat all\n", -1);
    scratch_write(scratch, "net.labels.txt", "cat\n\n5\n", -1);
    g_autoptr(HeModel) model = load(path);
    g_assert_cmpstr(he_model_get_label(model, 0), ==, "cat");
    g_assert_cmpstr(he_model_get_label(model, 1), ==, "class 1");
    g_assert_cmpint(find(model, "Cat"), ==, 0);
    g_assert_cmpint(find(model, "5"), ==, -1); /* digits are a number, not a name */
    g_assert_cmpint(find(model, "2"), ==, 2);
}

static void test_labels_named(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch, 2);

    scratch_write(scratch, "net.labels.txt", "wrong\n", -1);
    scratch_write(scratch, "mine.txt", "left\nright\n", -1);
    scratch_write(scratch, "net.ini", "[Model]\nFormat=1\n[Output]\nLabels=mine.txt\n",
                  -1);
    g_autoptr(HeModel) model = load(path);
    g_assert_cmpstr(he_model_get_label(model, 1), ==, "right");
    scratch_write(scratch, "mine.txt", "left\nright\nup\n", -1);
    assert_refused(path, "net.onnx: the network has 2 outputs, its labels are 3");
    scratch_write(scratch, "net.ini", "[Model]\nFormat=1\n[Output]\nLabels=gone.txt\n",
                  -1);
    g_autoptr(GError) error = NULL;
    g_assert_null(he_model_load(path, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "gone.txt: cannot be opened"));
}

static void test_unknown_outputs(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch, 0);
    g_autoptr(HeModel) bare = load(path);

    g_assert_cmpint(bare->n_outputs, ==, 0);
    g_assert_cmpint(he_model_get_n_classes(bare), ==, 0);
    g_assert_cmpint(find(bare, "123"), ==, 123);
    scratch_write(scratch, "net.labels.txt", "a\nb\nc\nd\n", -1);
    g_autoptr(HeModel) named = load(path);
    g_assert_cmpint(named->n_outputs, ==, 0);
    g_assert_cmpint(he_model_get_n_classes(named), ==, 4);
    g_assert_cmpint(find(named, "4"), ==, -1);
}

static void test_one_output(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch, 1);
    g_autoptr(HeModel) bare = load(path);

    g_assert_cmpint(he_model_get_n_classes(bare), ==, 1);
    scratch_write(scratch, "net.labels.txt", "defect\n", -1);
    scratch_write(scratch, "net.ini", "[Model]\nFormat=1\n[Output]\nNegative=no defect\n",
                  -1);
    g_autoptr(HeModel) named = load(path);
    g_assert_cmpint(named->n_outputs, ==, 1);
    g_assert_cmpint(he_model_get_n_classes(named), ==, 2);
    g_assert_cmpstr(he_model_get_label(named, 0), ==, "defect");
    g_assert_cmpstr(he_model_get_label(named, 1), ==, "no defect");
    g_assert_cmpint(find(named, "Defect"), ==, 0);
    g_assert_cmpint(find(named, "NO_DEFECT"), ==, 1);
    g_assert_cmpint(find(named, "1"), ==, 1);
    g_assert_cmpint(find(named, "2"), ==, -1);
    scratch_write(scratch, "net.labels.txt", "good\nbad\n", -1);
    assert_refused(path, "has 1 outputs, its labels are 2 (the other answer is named by");
    scratch_write(scratch, "net.labels.txt", "defect\n", -1);
    g_autoptr(HeModel) vector = load(write_net(scratch, -1));
    g_assert_cmpint(vector->n_outputs, ==, 1);
}

static void test_negative_of_many(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch, 2);

    scratch_write(scratch, "net.ini", "[Model]\nFormat=1\n[Output]\nNegative=no\n", -1);
    assert_refused(path, "Negative is for networks of one output; this one has 2");
}

static void test_inputs(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    const char *path = scratch_path(scratch, "net.onnx");
    OnnxGraph *graph = onnx_graph_new("net");

    onnx_input(graph, "x", HE_F32, 4, (gint64[]){1, 3, 8, 8});
    onnx_input(graph, "mask", HE_F32, 2, (gint64[]){8, 8});
    onnx_node(graph, "Mul", "x,mask", "y");
    onnx_output(graph, "y", HE_F32, -1, NULL);
    onnx_write(graph, 13, path);
    g_assert_null(he_model_load(path, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, "2 inputs (x, mask)"));
    g_clear_error(&error);
    graph = onnx_graph_new("net");
    onnx_node(graph, "Constant", "", "y");
    onnx_output(graph, "y", HE_F32, -1, NULL);
    onnx_write(graph, 13, path);
    g_assert_null(he_model_load(path, &error));
    g_assert_nonnull(strstr(error->message, "takes no input"));
}

static void test_too_many_classes(void)
{
    g_autoptr(Scratch) scratch = scratch_new();

    assert_refused(write_net(scratch, 1000001),
                   "1000001 numbers, which is no list of classes");
}

/* ---- checksums ------------------------------------------------------------------------------------------ */

static void *ask(void *model)
{
    return (void *)he_model_get_sha256(model, NULL);
}

static void test_sha256(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch, 2);
    g_autofree char *data = NULL;
    gsize n;

    g_assert_true(g_file_get_contents(path, &data, &n, NULL));
    g_autofree char *expected =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)data, n);
    g_autoptr(HeModel) model = load(path);
    GThread *threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new("ask", ask, model);
    for (int i = 0; i < 4; i++)
        g_assert_cmpstr(g_thread_join(threads[i]), ==, expected);
    /* Started and never asked for: ends with the model. */
    g_autoptr(HeModel) other = load(path);
    he_model_start_sha256(other);
    he_model_start_sha256(other);
}

static void test_sha256_wrong(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    const char *path = write_net(scratch, 2);
    g_autofree char *zeros = g_strnfill(64, '0');
    g_autofree char *ini = g_strdup_printf("[Model]\nFormat=1\nSHA256=%s\n", zeros);

    scratch_write(scratch, "net.ini", ini, -1);
    g_autoptr(HeModel) model = load(path);
    for (int i = 0; i < 2; i++) {
        g_assert_null(he_model_get_sha256(model, &error));
        g_assert_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL);
        g_assert_nonnull(strstr(error->message, zeros));
        g_clear_error(&error);
    }
}

static void test_ref(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    HeModel *model = load(write_net(scratch, 2));
    HeModel *again = he_model_ref(model);

    he_model_unref(model);
    g_assert_cmpstr(he_model_get_name(again), ==, "net");
    g_assert_true(g_str_has_suffix(he_model_get_path(again), "/net.onnx"));
    he_model_unref(again);
    he_model_unref(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/model/embedded", test_embedded);
    g_test_add_func("/model/model/indices", test_indices);
    g_test_add_func("/model/model/labels-beside", test_labels_beside);
    g_test_add_func("/model/model/labels-named", test_labels_named);
    g_test_add_func("/model/model/unknown-outputs", test_unknown_outputs);
    g_test_add_func("/model/model/one-output", test_one_output);
    g_test_add_func("/model/model/negative-of-many", test_negative_of_many);
    g_test_add_func("/model/model/inputs", test_inputs);
    g_test_add_func("/model/model/too-many-classes", test_too_many_classes);
    g_test_add_func("/model/model/sha256", test_sha256);
    g_test_add_func("/model/model/sha256-wrong", test_sha256_wrong);
    g_test_add_func("/model/model/ref", test_ref);
    return g_test_run();
}
