/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Modules of layers, as PyTorch's older exporter writes them into the tensors' names and its newer one into the
 * nodes' metadata; layers found by them. */
#include <string.h>

#include "methods/session.h"
#include "support/onnx_write.h"
#include "support/scratch.h"

static void add_entry(OnnxNode *node, const char *key, const char *value)
{
    GByteArray *entry = g_byte_array_new();
    wire_string(entry, 1, key);
    wire_string(entry, 2, value);
    wire_message(onnx_node_extra(node), 9, entry);
}

static void add_scopes(OnnxNode *node, const char *scopes)
{
    g_autofree char *trace = g_strnfill(9000, 'x'); /* longer than any name may be */
    add_entry(node, "pkg.torch.onnx.stack_trace", trace);
    add_entry(node, "pkg.torch.onnx.name_scopes", scopes);
}

static HeSession *open_graph(Scratch *scratch, OnnxGraph *g)
{
    g_autoptr(GError) error = NULL;
    onnx_write(g, 13, scratch_path(scratch, "net.onnx"));
    g_autoptr(HeModel) model = he_model_load(scratch_path(scratch, "net.onnx"), &error);
    g_assert_no_error(error);
    HeSessionOptions options = {.n_threads = 1};
    HeSession *session = he_session_new(model, &options, &error);
    g_assert_no_error(error);
    return session;
}

static HeSession *open_net(Scratch *scratch)
{
    static const gint64 x[] = {1, 2, 4, 4}, w[] = {2, 2, 1, 1}, y[] = {1, 2};
    static const float weights[] = {1, 2, 3, 4};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, x);
    onnx_init_f32(g, "w", 4, w, weights);
    onnx_node(g, "Conv", "x,w", "/layers/layers.0/blocks/blocks.1/Conv_output_0");
    onnx_node(g, "Relu", "/layers/layers.0/blocks/blocks.1/Conv_output_0",
              "/layers/layers.0/blocks/blocks.1/act/Relu_output_0");
    add_scopes(onnx_node(g, "Conv",
                         "/layers/layers.0/blocks/blocks.1/act/Relu_output_0,w",
                         "conv2d"),
               "['', 'layers', 'layers.1', 'conv2d']");
    add_scopes(onnx_node(g, "Relu", "conv2d", "relu"),
               "['', 'layers', 'layers.1', 'layers.1.act', 'relu']");
    add_scopes(onnx_node(g, "Add", "relu,conv2d", "add"), "['', 'add']");
    add_scopes(onnx_node(g, "GlobalAveragePool", "add", "pool"), "nonsense'");
    onnx_node(g, "Flatten", "pool", "y");
    onnx_output(g, "y", HE_F32, 2, y);
    return open_graph(scratch, g);
}

static void test_modules(void)
{
    static const char *const expected[] = {"layers.0.blocks.1",
                                           "layers.0.blocks.1.act",
                                           "layers.1",
                                           "layers.1.act",
                                           NULL,
                                           NULL};
    g_autoptr(GError) error = NULL;
    Scratch *scratch = scratch_new();
    g_autoptr(HeSession) session = open_net(scratch);
    int n;
    HeLayer *layers = he_session_list_layers(session, &n, &error);
    g_assert_cmpint(n, ==, G_N_ELEMENTS(expected));
    for (int i = 0; i < n; i++)
        g_assert_cmpstr(layers[i].module, ==, expected[i]);
    he_layers_free(layers, n);
    scratch_free(scratch);
}

/* A module stands for its last tensor, its parts' included. */
static void test_find(void)
{
    static const struct {
        const char *module, *tensor;
    } cases[] = {
        {"layers.1", "relu"},
        {"layers.1.act", "relu"},
        {"layers.0", "/layers/layers.0/blocks/blocks.1/act/Relu_output_0"},
        {"layers", "relu"},
    };
    g_autoptr(GError) error = NULL;
    Scratch *scratch = scratch_new();
    g_autoptr(HeSession) session = open_net(scratch);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *tensor = he_session_find_layer(session, cases[i].module, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(tensor, ==, cases[i].tensor);
    }
    g_assert_null(he_session_find_layer(session, "layer", &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    scratch_free(scratch);
}

/* An adaptive pooling to more places than there are is spelt with Gather: no class token, for nothing attends. */
static void test_picked_places(void)
{
    static const gint64 x[] = {1, 2, 4, 4}, w[] = {2, 2, 1, 1}, y[] = {1, 2}, at = 1;
    static const float weights[] = {1, 2, 3, 4};
    g_autoptr(GError) error = NULL;
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, x);
    onnx_init_f32(g, "w", 4, w, weights);
    onnx_init_i64(g, "at", 0, NULL, &at);
    onnx_node(g, "Conv", "x,w", "conv");
    onnx_attr_int(onnx_node(g, "Gather", "conv,at", "row"), "axis", 2);
    onnx_attr_int(onnx_node(g, "Gather", "row,at", "y"), "axis", 2);
    onnx_output(g, "y", HE_F32, 2, y);
    Scratch *scratch = scratch_new();
    g_autoptr(HeSession) session = open_graph(scratch, g);
    g_assert_cmpstr(session->default_layer, ==, "conv");
    scratch_free(scratch);
}

/* The sum of two heads, each with a pooling of its own: the later one's layer, not a view of it. */
static void test_several_heads(void)
{
    static const gint64 x[] = {1, 2, 4, 4}, w[] = {2, 2, 1, 1}, y[] = {1, 2}, two[] = {2};
    static const gint64 tokens[] = {1, 2, -1}, strides[] = {2, 2};
    static const float weights[] = {1, 2, 3, 4};
    g_autoptr(GError) error = NULL;
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, x);
    onnx_init_f32(g, "w", 4, w, weights);
    onnx_init_i64(g, "tokens", 1, (gint64[]){3}, tokens);
    onnx_node(g, "Conv", "x,w", "early");
    onnx_attr_ints(onnx_node(g, "Conv", "early,w", "late"), "strides", 2, strides);
    onnx_node(g, "GlobalAveragePool", "early", "pool");
    onnx_node(g, "Flatten", "pool", "head1");
    onnx_node(g, "Reshape", "late,tokens", "places");
    OnnxNode *mean = onnx_node(g, "ReduceMean", "places", "head2");
    onnx_attr_ints(mean, "axes", 1, two);
    onnx_attr_int(mean, "keepdims", 0);
    onnx_node(g, "Add", "head1,head2", "y");
    onnx_output(g, "y", HE_F32, 2, y);
    Scratch *scratch = scratch_new();
    g_autoptr(HeSession) session = open_graph(scratch, g);
    g_assert_cmpstr(session->default_layer, ==, "late");
    scratch_free(scratch);
}

/* A network that brings the picture into order and range itself: that is no stage of it. */
static void test_stages(void)
{
    static const gint64 x[] = {1, 8, 8, 2}, w[] = {2, 2, 1, 1}, y[] = {1, 2};
    static const gint64 perm[] = {0, 3, 1, 2}, strides[] = {2, 2};
    static const char *const expected[] = {NULL, NULL,     NULL, "stage1",
                                           NULL, "stage2", NULL};
    static const float weights[] = {1, 2, 3, 4}, half = 0.5f;
    g_autoptr(GError) error = NULL;
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, x);
    onnx_init_f32(g, "w", 4, w, weights);
    onnx_init_f32(g, "half", 0, NULL, &half);
    onnx_attr_ints(onnx_node(g, "Transpose", "x", "turned"), "perm", 4, perm);
    onnx_node(g, "Sub", "turned,half", "ranged");
    onnx_attr_ints(onnx_node(g, "Conv", "ranged,w", "c1"), "strides", 2, strides);
    onnx_node(g, "Relu", "c1", "r1");
    onnx_attr_ints(onnx_node(g, "Conv", "r1,w", "c2"), "strides", 2, strides);
    onnx_node(g, "Relu", "c2", "r2");
    onnx_node(g, "GlobalAveragePool", "r2", "pool");
    onnx_node(g, "Flatten", "pool", "y");
    onnx_output(g, "y", HE_F32, 2, y);
    Scratch *scratch = scratch_new();
    g_autoptr(HeSession) session = open_graph(scratch, g);
    int n;
    HeLayer *layers = he_session_list_layers(session, &n, &error);
    g_assert_cmpint(n, ==, G_N_ELEMENTS(expected));
    for (int i = 0; i < n; i++)
        g_assert_cmpstr(layers[i].stage, ==, expected[i]);
    he_layers_free(layers, n);
    scratch_free(scratch);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/methods/layers/modules", test_modules);
    g_test_add_func("/methods/layers/find", test_find);
    g_test_add_func("/methods/layers/picked-places", test_picked_places);
    g_test_add_func("/methods/layers/several-heads", test_several_heads);
    g_test_add_func("/methods/layers/stages", test_stages);
    return g_test_run();
}
