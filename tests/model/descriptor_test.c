/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Descriptors: every key read, every bad value refused by its name, what is guessed and listed, and that
 * docs/descriptor.md names every key. */
#include <locale.h>
#include <string.h>

#include "model/model.h"
#include "tests/support/onnx_write.h"
#include "tests/support/scratch.h"

typedef struct {
    HeDescriptor d;
    GHashTable *seen;
    char *labels;
} Read;

static void read_clear(Read *read)
{
    he_descriptor_clear(&read->d);
    g_hash_table_unref(read->seen);
    g_free(read->labels);
}

static gboolean read_text(const char *text, Read *read, GError **error)
{
    g_autoptr(Scratch) scratch = scratch_new();
    const char *path = scratch_write(scratch, "net.ini", text, -1);

    *read = (Read){.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    return he_descriptor_read(path, NULL, &read->d, read->seen, &read->labels, error);
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static void test_every_key(void)
{
    static const char text[] =
        "# a comment\n[Model]\nFormat=1\nTitle=A net\nLicence=MIT\nSource=https://example.org\n"
        "SHA256=86B6aa1f73adfdb55c0f64fdac820ed8979d77fc89526969d4ab32dde02fe139\nKnows=two things\n"
        "[Input]\nTensor=x\nLayout=NHWC\nSize=32x48\nChannels=red; green ;nir\nGrey=709\n"
        "Encoding=linear\nRange=-0.5..4095\nMean=1,2.5,-3\nStd=0.1, 1e2,3\nScale=255\nFit=crop\n"
        "CropFraction=0.875\nFilter=nearest\nAntialias=false\nBackground=#0080ff\n"
        "[Output]\nTensor=y\nActivation=none\nLabels=sub/l.txt\nNegative=no\n"
        "[Layers]\nDefault=a\nearly=/conv1\nlate stage=/conv9\n";
    g_autoptr(GError) error = NULL;
    Read read;
    const HeDescriptor *d = &read.d;

    read_text(text, &read, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(d->title, ==, "A net");
    g_assert_cmpstr(d->licence, ==, "MIT");
    g_assert_cmpstr(d->source, ==, "https://example.org");
    g_assert_cmpstr(d->sha256, ==,
                    "86b6aa1f73adfdb55c0f64fdac820ed8979d77fc89526969d4ab32dde02fe139");
    g_assert_cmpstr(d->knows, ==, "two things");
    g_assert_cmpstr(d->input, ==, "x");
    g_assert_cmpint(d->layout, ==, HE_LAYOUT_NHWC);
    g_assert_cmpint(d->height, ==, 32);
    g_assert_cmpint(d->width, ==, 48);
    g_assert_cmpint(d->n_channels, ==, 3);
    g_assert_cmpstr(d->channels[1], ==, "green");
    g_assert_null(d->channels[3]);
    g_assert_cmpint(d->grey, ==, HE_GREY_709);
    g_assert_cmpint(d->encoding, ==, HE_ENCODING_LINEAR);
    g_assert_true(d->has_range);
    g_assert_cmpfloat(d->range[0], ==, -0.5);
    g_assert_cmpfloat(d->range[1], ==, 4095);
    g_assert_cmpfloat(d->mean[1], ==, 2.5);
    g_assert_cmpfloat(d->std[1], ==, 100);
    g_assert_cmpfloat(d->scale, ==, 255);
    g_assert_cmpint(d->fit, ==, HE_FIT_CROP);
    g_assert_cmpfloat(d->crop_fraction, ==, 0.875);
    g_assert_cmpint(d->filter, ==, HE_FILTER_NEAREST);
    g_assert_false(d->antialias);
    g_assert_false(d->is_background_mean);
    g_assert_cmpfloat(d->background[0], ==, 0);
    g_assert_cmpfloat(d->background[1], ==, 128 / 255.0);
    g_assert_cmpfloat(d->background[2], ==, 1);
    g_assert_cmpstr(d->output, ==, "y");
    g_assert_cmpint(d->activation, ==, HE_ACTIVATION_NONE);
    g_assert_true(g_str_has_suffix(read.labels, "/sub/l.txt"));
    g_assert_cmpstr(d->negative, ==, "no");
    g_assert_cmpstr(d->default_layer, ==, "a");
    g_assert_cmpstr(d->stage_names[1], ==, "late stage");
    g_assert_cmpstr(d->stage_tensors[1], ==, "/conv9");
    g_assert_null(d->stage_names[2]);
    g_assert_cmpuint(GPOINTER_TO_UINT(g_hash_table_lookup(read.seen, "Input.Std")), ==,
                     3);
    read_clear(&read);
}

static void test_channels(void)
{
    g_autoptr(GError) error = NULL;
    Read read;

    read_text("[Model]\nFormat=1\n[Input]\nChannels=BGR\n", &read, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(read.d.channels[0], ==, "B");
    g_assert_cmpstr(read.d.channels[2], ==, "R");
    read_clear(&read);
    read_text("[Model]\nFormat=1\n[Input]\nChannels=Y\n", &read, &error);
    g_assert_no_error(error);
    g_assert_cmpint(read.d.n_channels, ==, 1);
    g_assert_cmpstr(read.d.channels[0], ==, "Y");
    read_clear(&read);
}

/* Numbers have a point even where the language has a comma. */
static void test_locale(void)
{
    g_autoptr(GError) error = NULL;
    Read read;

    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
        g_test_skip("no locale with a decimal comma is installed");
        return;
    }
    read_text("[Model]\nFormat=1\n[Input]\nCropFraction=0.5\n", &read, &error);
    setlocale(LC_NUMERIC, "C");
    g_assert_no_error(error);
    g_assert_cmpfloat(read.d.crop_fraction, ==, 0.5);
    read_clear(&read);
}

typedef struct {
    const char *text; /* after [Model] Format=1 */
    const char *words;
} Bad;

static void assert_bad(const char *text, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    Read read;

    g_assert_false(read_text(text, &read, &error));
    g_assert_error(error, HE_ERROR, code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "net.ini: "));
    g_assert_nonnull(strstr(error->message, words));
    g_assert_null(read.labels);
    read_clear(&read);
}

static void test_bad_values(void)
{
    static const Bad cases[] = {
        {"[Input]\nSize=224\n",
         "[Input] Size=224: expected HEIGHTxWIDTH, each 1 to 16384"},
        {"[Input]\nSize=0x224\n", "Size=0x224: expected"},
        {"[Input]\nSize=224x16385\n", "Size=224x16385: expected"},
        {"[Input]\nSize=224x-1\n", "Size=224x-1: expected"},
        {"[Input]\nSize=224 x 224\n", "Size=224 x 224: expected"},
        {"[Input]\nLayout=nchw\n", "Layout=nchw: expected NCHW, NHWC"},
        {"[Input]\nFit=squash\n", "Fit=squash: expected stretch, crop, pad, aspect"},
        {"[Input]\nFilter=\n", "Filter=: expected nearest, bilinear, bicubic"},
        {"[Input]\nEncoding=srgb\n", "Encoding=srgb: expected sRGB, linear, raw"},
        {"[Input]\nGrey=1\n", "Grey=1: expected 601, 709, first"},
        {"[Input]\nChannels=a;;b\n", "band names that differ"},
        {"[Input]\nChannels=a;b;a\n", "band names that differ"},
        {"[Input]\nChannels=\n", "Channels=: expected"},
        {"[Input]\nRange=1\n", "Range=1: expected LOW..HIGH"},
        {"[Input]\nRange=5..5\n", "Range=5..5: expected"},
        {"[Input]\nRange=0..nan\n", "Range=0..nan: expected"},
        {"[Input]\nMean=1,b,3\n", "Mean=1,b,3: expected a number for each channel"},
        {"[Input]\nMean=1,,3\n", "Mean=1,,3: expected"},
        {"[Input]\nMean=inf\n", "Mean=inf: expected"},
        {"[Input]\nStd=1,0,1\n", "Std=1,0,1: expected numbers above 0"},
        {"[Input]\nStd=-1\n", "Std=-1: expected numbers above 0"},
        {"[Input]\nScale=256\n", "Scale=256: expected 1 or 255"},
        {"[Input]\nCropFraction=0\n",
         "CropFraction=0: expected a number above 0, at most 1"},
        {"[Input]\nCropFraction=1.01\n", "CropFraction=1.01: expected"},
        {"[Input]\nCropFraction=0,875\n", "CropFraction=0,875: expected"},
        {"[Input]\nAntialias=yes\n", "Antialias=yes: expected true or false"},
        {"[Input]\nBackground=black\n", "Background=black: expected mean or #rrggbb"},
        {"[Input]\nBackground=#12345g\n", "Background=#12345g: expected"},
        {"[Input]\nTensor=\n", "Tensor=: expected some text"},
        {"[Output]\nActivation=relu\n",
         "Activation=relu: expected softmax, sigmoid, none"},
        {"[Output]\nLabels=/etc/passwd\n", "Labels=/etc/passwd: expected a file in the"},
        {"[Output]\nLabels=../x.txt\n", "Labels=../x.txt: expected a file in the"},
        {"[Output]\nLabels=a/../../x.txt\n", "expected a file in the"},
        {"[Output]\nLabels=..\\\\x.txt\n", "expected a file in the"},
        {"[Layers]\nearly=\n", "[Layers] early=: expected a tensor"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat("[Model]\nFormat=1\n", cases[i].text, NULL);
        assert_bad(text, HE_ERROR_CORRUPT_MODEL, cases[i].words);
    }
}

static void test_bad_files(void)
{
    g_autofree char *large = g_strnfill((1 << 20) + 1, '#');

    assert_bad("[Model]\nTitle=x\n", HE_ERROR_CORRUPT_MODEL,
               "[Model] Format=1 is missing");
    assert_bad("", HE_ERROR_CORRUPT_MODEL, "[Model] Format=1 is missing");
    assert_bad("[Model]\nFormat=2\n", HE_ERROR_CORRUPT_MODEL, "Format=2: expected 1,");
    assert_bad("[Model]\nSHA256=abc\n", HE_ERROR_CORRUPT_MODEL, "64 hexadecimal digits");
    assert_bad("[Model]\nFormat=1\n[Imput]\nSize=1x1\n", HE_ERROR_CORRUPT_MODEL,
               "there is no group [Imput]; known are Input, Layers, Model, Output");
    assert_bad(
        "[Model]\nFormat=1\n[Output]\nLabel=x\n", HE_ERROR_CORRUPT_MODEL,
        "[Output] has no key 'Label'; known are Activation, Labels, Negative, Tensor");
    assert_bad("[Model]\nFormat=1\n[Input]\nsize=1x1\n", HE_ERROR_CORRUPT_MODEL,
               "[Input] has no key 'size'");
    assert_bad("[Model]\nFormat=1\n[Input mask]\nValue=zero\n", HE_ERROR_CORRUPT_MODEL,
               "[Input mask] Value=zero: expected a number, or a .npy file");
    assert_bad("[Model]\nFormat=1\n[Input mask]\nValue=../mask.npy\n",
               HE_ERROR_CORRUPT_MODEL, "without '..'");
    assert_bad("[Model]\nFormat=1\n[Input mask]\nValue=0\nValues=1\n",
               HE_ERROR_CORRUPT_MODEL,
               "[Input mask] has no key 'Values'; known is Value");
    assert_bad("Format=1\n", HE_ERROR_CORRUPT_MODEL, "group");
    assert_bad("[Model]\nFormat=1\nTitle=\xff\n", HE_ERROR_CORRUPT_MODEL, "Title");
    assert_bad(large, HE_ERROR_CORRUPT_MODEL, "at most 1048576 are accepted");
}

/* ---- guessing ---------------------------------------------------------------------------------------- */

typedef struct {
    const char *ini;
    int rank;
    gint64 dim[5];    /* of the input */
    const char *last; /* the operator that makes the output */
    gint64 classes;
    HeType type;
} Net;
/* clang-format off */
#define NET(text, n, ...) {.ini = text, .rank = n, .dim = {__VA_ARGS__}}
/* clang-format on */

static HeOnnx *open_net(const Net *net)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = onnx_graph_new("net");

    onnx_input(graph, "x", net->type ? net->type : HE_F32, net->rank, net->dim);
    onnx_node(graph, "Anything", "x", "h");
    onnx_node(graph, net->last ? net->last : "Gemm", "h", "p");
    onnx_node(graph, "Reshape", "p,s", "y");
    onnx_output(graph, "y", HE_F32, 2, (gint64[]){1, net->classes ? net->classes : 10});
    onnx_write(graph, 13, scratch_path(scratch, "net.onnx"));
    HeOnnx *onnx = he_onnx_open(g_ptr_array_index(scratch->paths, 0), &error);
    g_assert_no_error(error);
    return onnx;
}

static gboolean guess(const Net *net, Read *read, GError **error)
{
    g_autofree char *text = g_strconcat("[Model]\nFormat=1\n", net->ini, NULL);
    g_autoptr(HeOnnx) onnx = open_net(net);
    g_autoptr(GError) failure = NULL;

    read_text(text, read, &failure);
    g_assert_no_error(failure);
    return he_descriptor_guess(&read->d, read->seen, onnx, error);
}

static void assert_guess(const Net *net, Read *read)
{
    g_autoptr(GError) error = NULL;

    guess(net, read, &error);
    g_assert_no_error(error);
}

static gboolean is_guessed(const Read *read, const char *text)
{
    return g_strv_contains((const char *const *)read->d.guessed, text);
}

static void test_guess_all(void)
{
    Read read;

    assert_guess(&(Net)NET("", 4, 1, 3, 32, 48), &read);
    const HeDescriptor *d = &read.d;
    g_assert_cmpstr(d->input, ==, "x");
    g_assert_cmpstr(d->output, ==, "y");
    g_assert_cmpint(d->layout, ==, HE_LAYOUT_NCHW);
    g_assert_cmpint(d->height, ==, 32);
    g_assert_cmpint(d->width, ==, 48);
    g_assert_false(d->is_size_free);
    g_assert_cmpstr(d->channels[0], ==, "R");
    g_assert_cmpfloat(d->mean[2], ==, 0.406);
    g_assert_cmpfloat(d->std[0], ==, 0.229);
    g_assert_cmpfloat(d->scale, ==, 1);
    g_assert_cmpint(d->fit, ==, HE_FIT_STRETCH);
    g_assert_cmpint(d->filter, ==, HE_FILTER_BICUBIC);
    g_assert_cmpint(d->activation, ==, HE_ACTIVATION_SOFTMAX);
    g_assert_true(d->antialias && d->is_background_mean);
    static const char *const expected[] = {"Input.Layout=NCHW",
                                           "Input.Channels=RGB",
                                           "Input.Scale=1",
                                           "Input.Mean=0.485,0.456,0.406",
                                           "Input.Std=0.229,0.224,0.225",
                                           "Input.Encoding=sRGB",
                                           "Input.Fit=stretch",
                                           "Input.Filter=bicubic",
                                           "Input.CropFraction=0.875",
                                           "Input.Antialias=true",
                                           "Input.Background=mean",
                                           "Output.Activation=softmax"};
    g_assert_cmpuint(g_strv_length(d->guessed), ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_true(is_guessed(&read, expected[i]));
    read_clear(&read);
}

static void test_guess_shapes(void)
{
    Read read;

    assert_guess(&(Net)NET("", 4, -1, 3, -1, -1), &read);
    g_assert_true(read.d.is_size_free);
    g_assert_cmpint(read.d.height, ==, 224);
    g_assert_true(is_guessed(&read, "Input.Size=224x224"));
    read_clear(&read);

    assert_guess(&(Net)NET("[Input]\nSize=64x96\n", 4, -1, 3, -1, -1), &read);
    g_assert_true(read.d.is_size_free);
    g_assert_cmpint(read.d.width, ==, 96);
    g_assert_false(is_guessed(&read, "Input.Size=64x96"));
    read_clear(&read);

    assert_guess(&(Net)NET("", 4, 1, 32, 48, 3), &read);
    g_assert_cmpint(read.d.layout, ==, HE_LAYOUT_NHWC);
    g_assert_cmpint(read.d.height, ==, 32);
    g_assert_cmpint(read.d.n_channels, ==, 3);
    read_clear(&read);

    assert_guess(&(Net)NET("", 4, 1, 1, 28, 28), &read);
    g_assert_cmpstr(read.d.channels[0], ==, "Y");
    g_assert_true(is_guessed(&read, "Input.Grey=601"));
    g_assert_true(is_guessed(&read, "Input.Mean=0"));
    g_assert_true(is_guessed(&read, "Input.Std=1"));
    read_clear(&read);

    assert_guess(&(Net)NET("", 4, 1, 13, 64, 64), &read);
    g_assert_cmpint(read.d.layout, ==, HE_LAYOUT_NCHW);
    g_assert_cmpint(read.d.n_channels, ==, 13);
    g_assert_cmpstr(read.d.channels[12], ==, "band 13");
    g_assert_cmpfloat(read.d.mean[12], ==, 0);
    read_clear(&read);

    assert_guess(&(Net)NET("", -1, 0), &read);
    g_assert_cmpint(read.d.n_channels, ==, 3);
    g_assert_true(read.d.is_size_free);
    read_clear(&read);
}

static void test_guess_mean(void)
{
    Read read;

    assert_guess(&(Net)NET("[Input]\nChannels=BGR\n", 4, 1, 3, 8, 8), &read);
    g_assert_cmpfloat(read.d.mean[0], ==, 0.406);
    g_assert_cmpfloat(read.d.std[2], ==, 0.229);
    read_clear(&read);
    assert_guess(&(Net)NET("[Input]\nMean=1,2,3\n", 4, 1, 3, 8, 8), &read);
    g_assert_cmpfloat(read.d.mean[1], ==, 2);
    g_assert_cmpfloat(read.d.std[1], ==, 1);
    g_assert_true(is_guessed(&read, "Input.Std=1,1,1"));
    read_clear(&read);
    assert_guess(&(Net)NET("[Input]\nScale=255\n", 4, 1, 3, 8, 8), &read);
    g_assert_cmpfloat(read.d.mean[1], ==, 0);
    g_assert_cmpfloat(read.d.std[1], ==, 1);
    read_clear(&read);
    assert_guess(&(Net)NET("[Input]\nChannels=r;g;b\n", 4, 1, 3, 8, 8), &read);
    g_assert_cmpfloat(read.d.mean[1], ==, 0);
    read_clear(&read);
}

static void test_guess_activation(void)
{
    static const struct {
        const char *ini, *last;
        gint64 classes;
        HeActivation activation;
        const char *guessed; /* NULL: not a guess */
    } cases[] = {
        {"", "Gemm", 2, HE_ACTIVATION_SOFTMAX, "Output.Activation=softmax"},
        {"", "Gemm", 1, HE_ACTIVATION_SIGMOID, "Output.Activation=sigmoid"},
        {"", "Softmax", 5, HE_ACTIVATION_SOFTMAX, NULL},
        {"", "LogSoftmax", 5, HE_ACTIVATION_SOFTMAX, NULL},
        {"", "Sigmoid", 5, HE_ACTIVATION_SIGMOID, NULL},
        {"[Output]\nActivation=none\n", "Sigmoid", 5, HE_ACTIVATION_NONE, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Read read;
        assert_guess(&(Net){.ini = cases[i].ini,
                            .rank = 4,
                            .dim = {1, 3, 8, 8},
                            .last = cases[i].last,
                            .classes = cases[i].classes},
                     &read);
        g_assert_cmpint(read.d.activation, ==, cases[i].activation);
        if (cases[i].guessed)
            g_assert_true(is_guessed(&read, cases[i].guessed));
        else
            for (char **text = read.d.guessed; *text; text++)
                g_assert_false(g_str_has_prefix(*text, "Output."));
        read_clear(&read);
    }
}

static void test_disagreements(void)
{
    static const struct {
        Net net;
        int code;
        const char *words;
    } cases[] = {
        {NET("[Input]\nTensor=z\n", 4, 1, 3, 8, 8), HE_ERROR_CORRUPT_MODEL,
         "Tensor=z: the network has no such input; it has x"},
        {NET("[Output]\nTensor=z\n", 4, 1, 3, 8, 8), HE_ERROR_CORRUPT_MODEL,
         "no node of the network makes the output 'z'; its outputs are y"},
        {NET("[Input]\nSize=9x8\n", 4, 1, 3, 8, 8), HE_ERROR_CORRUPT_MODEL,
         "Size states a height of 9, the network's input 'x' has 8"},
        {NET("[Input]\nChannels=Y\n", 4, 1, 3, 8, 8), HE_ERROR_CORRUPT_MODEL,
         "Channels names 1 channels, the network's input 'x' has 3"},
        {NET("[Input]\nLayout=NHWC\nChannels=RGB\n", 4, 1, 3, 8, 8),
         HE_ERROR_CORRUPT_MODEL, "has 8"},
        {NET("[Input]\nMean=1\n", 4, 1, 3, 8, 8), HE_ERROR_CORRUPT_MODEL,
         "Mean has 1 numbers for 3 channels"},
        {NET("[Input]\nStd=1,1\n", 4, 1, 3, 8, 8), HE_ERROR_CORRUPT_MODEL,
         "Std has 2 numbers for 3 channels"},
        {NET("", 3, 3, 8, 8), HE_ERROR_UNSUPPORTED, "has 3 dimensions, expected 4"},
        {NET("", 4, 1, 2000, 8, 8), HE_ERROR_UNSUPPORTED, "2000 channels, at most 1024"},
        {NET("", 4, 1, 3, 20000, 8), HE_ERROR_UNSUPPORTED,
         "a height of 20000, at most 16384"},
        {{.ini = "", .rank = 4, .dim = {1, 3, 8, 8}, .type = HE_U8},
         HE_ERROR_UNSUPPORTED,
         "the input 'x' is uint8, expected float"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        Read read;
        g_assert_false(guess(&cases[i].net, &read, &error));
        g_assert_error(error, HE_ERROR, cases[i].code);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].words));
        read_clear(&read);
    }
}

/* ---- documentation ----------------------------------------------------------------------------------- */

static void test_documented(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "docs", "descriptor.md", NULL);
    g_autofree char *page = NULL;
    g_autoptr(GError) error = NULL;
    Read read;

    g_file_get_contents(path, &page, NULL, &error);
    g_assert_no_error(error);
    for (const char *const *group =
             (const char *const[]){"Model", "Input", "Output", NULL};
         *group; group++) {
        g_autofree char *text = g_strdup_printf("[%s]\nnone=1\n", *group);
        g_assert_false(read_text(text, &read, &error));
        const char *known = strstr(error->message, "known are ");
        g_assert_nonnull(known);
        g_auto(GStrv) names = g_strsplit(known + strlen("known are "), ", ", -1);
        for (char **name = names; *name; name++) {
            g_autofree char *quoted = g_strdup_printf("`%s`", *name);
            g_assert_nonnull(strstr(page, quoted));
        }
        g_clear_error(&error);
        read_clear(&read);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/descriptor/every-key", test_every_key);
    g_test_add_func("/model/descriptor/channels", test_channels);
    g_test_add_func("/model/descriptor/locale", test_locale);
    g_test_add_func("/model/descriptor/bad-values", test_bad_values);
    g_test_add_func("/model/descriptor/bad-files", test_bad_files);
    g_test_add_func("/model/descriptor/guess-all", test_guess_all);
    g_test_add_func("/model/descriptor/guess-shapes", test_guess_shapes);
    g_test_add_func("/model/descriptor/guess-mean", test_guess_mean);
    g_test_add_func("/model/descriptor/guess-activation", test_guess_activation);
    g_test_add_func("/model/descriptor/disagreements", test_disagreements);
    g_test_add_func("/model/descriptor/documented", test_documented);
    return g_test_run();
}
