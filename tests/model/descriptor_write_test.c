/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Descriptors written: what is written reads back as the same numbers, in every locale; guesses stand as
 * comments; rows win over the file; what is no row is refused. */
#include <locale.h>
#include <string.h>

#include "model/model.h"
#include "tests/support/onnx_write.h"
#include "tests/support/scratch.h"

static const char *const all[] = {
    "Input.Antialias=false",
    "Input.Background=#0080ff",
    "Input.Channels=red;green;nir",
    "Input.CropFraction=0.9",
    "Input.Encoding=linear",
    "Input.Filter=nearest",
    "Input.Fit=crop",
    "Input.Layout=NHWC",
    "Input.Mean=0.1,1e-07,-3",
    "Input.Range=-0.5..4095",
    "Input.Scale=255",
    "Input.Size=32x48",
    "Input.Std=0.3333333333333333,100,3",
    "Input.Tensor=gpu_0/data_0",
    "Layers.Default=a=b",
    "Model.Knows=two things; or three",
    "Model.Licence=MIT",
    "Model.SHA256=86b6aa1f73adfdb55c0f64fdac820ed8979d77fc89526969d4ab32dde02fe139",
    "Model.Source=https://example.org/#x",
    "Model.Title= A net\\with\nlines ",
    "Output.Activation=sigmoid",
    "Output.Negative=no",
    "Output.Tensor=y:0",
    "Input gain.1.Value=-2.5",
    "Input mask.Value=masks/m.npy",
    "Layers.late stage=/conv9",
    NULL};

static void read_rows(const char *path, const char *const *rows, HeDescriptor *d)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *labels = NULL;

    he_descriptor_read(path, rows, d, seen, &labels, &error);
    g_assert_no_error(error);
}

static void assert_lists(const HeDescriptor *d, const char *const *rows)
{
    g_auto(GStrv) list = he_descriptor_list(d);

    for (int i = 0; rows[i]; i++) {
        /* A text loses the blanks at its ends when it is read. */
        gboolean is_title = g_str_has_prefix(rows[i], "Model.Title=");
        g_assert_cmpstr(list[i], ==,
                        is_title ? "Model.Title=A net\\with\nlines" : rows[i]);
    }
    g_assert_cmpuint(g_strv_length(list), ==, g_strv_length((char **)rows));
}

static void test_round_trip(void)
{
    static const char *const locales[] = {"C", "de_DE.UTF-8", NULL};

    for (const char *const *locale = locales; *locale; locale++) {
        g_autoptr(Scratch) scratch = scratch_new();
        g_autoptr(GError) error = NULL;
        HeDescriptor d = {0};
        setlocale(LC_ALL, *locale);
        g_autofree char *text = he_descriptor_text(all, NULL, &error);
        g_assert_no_error(error);
        read_rows(scratch_write(scratch, "net.ini", text, -1), NULL, &d);
        assert_lists(&d, all);
        he_descriptor_clear(&d);
    }
    setlocale(LC_ALL, "C");
}

static void test_short_names(void)
{
    static const char *const rows[] = {"Input.Channels=B;G;R", "Input.Background=mean",
                                       NULL};
    HeDescriptor d = {0};

    read_rows(NULL, rows, &d);
    g_auto(GStrv) list = he_descriptor_list(&d);
    g_assert_true(g_strv_contains((const char *const *)list, "Input.Channels=BGR"));
    g_assert_true(g_strv_contains((const char *const *)list, "Input.Background=mean"));
    he_descriptor_clear(&d);
}

static void test_guesses_are_comments(void)
{
    static const char *const rows[] = {"Input.Fit=crop", NULL};
    static const char *const guessed[] = {"Input.Mean=1,2", "Output.Tensor=a\n[Model]",
                                          NULL};
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    HeDescriptor d = {0};

    g_autofree char *text = he_descriptor_text(rows, guessed, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(text, "[Input]\nFit=crop\n#Mean=1,2\n"));
    g_assert_nonnull(strstr(text, "#Tensor=a\\n[Model]\n"));
    read_rows(scratch_write(scratch, "net.ini", text, -1), NULL, &d);
    g_assert_cmpint(d.fit, ==, HE_FIT_CROP);
    g_assert_null(d.mean);
    g_assert_null(d.output);
    he_descriptor_clear(&d);
}

static void test_bad_rows(void)
{
    static const struct {
        const char *row, *words;
    } cases[] = {
        {"Input.Fit=squeeze", "stretch"},   {"Input.Fot=crop", "no key 'Fot'"},
        {"Inpit.Fit=crop", "no group"},     {"Input.Fit", "Group.Key=value"},
        {"Fit=crop", "Group.Key=value"},    {"Input.=crop", "name cannot be"},
        {"Layers.a]b=x", "name cannot be"}, {"Input.Mean=1,,2", "a number for each"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const rows[] = {cases[i].row, NULL};
        g_autoptr(GError) error = NULL;
        g_assert_null(he_descriptor_text(rows, NULL, &error));
        g_assert_nonnull(error);
        if (!strstr(error->message, cases[i].words))
            g_test_fail_printf("%s: %s", cases[i].row, error->message);
    }
}

/* A one-node network of two outputs. */
static const char *write_net(Scratch *scratch)
{
    const char *path = scratch_path(scratch, "net.onnx");
    OnnxGraph *g = onnx_graph_new("net");

    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 3, 1, 1});
    onnx_init_i64(g, "shape", 1, (gint64[]){2}, (gint64[]){1, 3});
    onnx_node(g, "Reshape", "x,shape", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 3});
    onnx_write(g, 13, path);
    return path;
}

static void test_load_with(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = write_net(scratch);
    const char *mine = scratch_write(scratch, "mine.txt", "a\nb\nc\n", -1);
    static const char *const rows[] = {"Input.Fit=pad", "Model.Title=Mine", NULL};
    g_autoptr(GError) error = NULL;

    scratch_write(scratch, "net.ini",
                  "[Model]\nFormat=1\nTitle=Theirs\n[Input]\nFit=crop\nFilter=nearest\n"
                  "[Output]\nLabels=absent.txt\n",
                  -1);
    g_autoptr(HeModel) model = he_model_load_with(path, rows, mine, &error);
    g_assert_no_error(error);
    const HeDescriptor *d = he_model_get_descriptor(model);
    g_assert_cmpstr(d->title, ==, "Mine");
    g_assert_cmpint(d->fit, ==, HE_FIT_PAD);
    g_assert_cmpint(d->filter, ==, HE_FILTER_NEAREST);
    g_assert_cmpstr(he_model_get_label(model, 1), ==, "b");
    g_assert_cmpstr(he_model_get_labels_path(model), ==, mine);
    g_assert_false(g_strv_contains((const char *const *)d->guessed, "Input.Fit=pad"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/descriptor-write/round-trip", test_round_trip);
    g_test_add_func("/model/descriptor-write/short-names", test_short_names);
    g_test_add_func("/model/descriptor-write/guesses", test_guesses_are_comments);
    g_test_add_func("/model/descriptor-write/bad-rows", test_bad_rows);
    g_test_add_func("/model/descriptor-write/load-with", test_load_with);
    return g_test_run();
}
