/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The ONNX reader on bad files: cut anywhere, flipped bytes, impossible sizes, depths and counts, every way of
 * writing protobuf wrongly, and memory that runs out. Each must end in one error, and soon. */
#include <string.h>

#include "core/alloc.h"
#include "core/limits.h"
#include "model/onnx.h"
#include "tests/support/onnx_write.h"
#include "tests/support/scratch.h"

#define SOON (G_USEC_PER_SEC * 5) /* for one file, also under the sanitizers */

static HeOnnx *open_data(Scratch *scratch, const void *data, size_t n, GError **error)
{
    gint64 start = g_get_monotonic_time();
    HeOnnx *onnx =
        he_onnx_open(scratch_write(scratch, "net.onnx", data, (gssize)n), error);

    g_assert_cmpint(g_get_monotonic_time() - start, <, SOON);
    return onnx;
}

/* Takes BYTES. */
static void assert_corrupt_at(GByteArray *bytes, const char *where, const char *words)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    HeOnnx *onnx = open_data(scratch, bytes->data, bytes->len, &error);

    g_byte_array_unref(bytes);
    g_assert_null(onnx);
    g_assert_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, where));
    g_assert_nonnull(strstr(error->message, words));
}

static void assert_corrupt(GByteArray *bytes, const char *words)
{
    assert_corrupt_at(bytes, "", words);
}

static char *load_net(const char *name, gsize *n)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests", "oracle", "nets", name, NULL);
    g_autoptr(GError) error = NULL;
    char *data = NULL;

    g_file_get_contents(path, &data, n, &error);
    g_assert_no_error(error);
    return data;
}

/* ---- damaged files ----------------------------------------------------------------------------------- */

static void test_cut(void)
{
    gsize n;
    g_autofree char *data = load_net("squeezenet.onnx", &n);
    g_autoptr(Scratch) scratch = scratch_new();

    for (gsize at = 0; at < n; at += 97) {
        g_autoptr(GError) error = NULL;
        g_assert_null(open_data(scratch, data, at, &error));
        g_assert_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL);
        g_assert_nonnull(strstr(error->message, at ? "at byte " : "empty"));
    }
}

/* Reads all that the reader hands out. */
static guint64 walk(const HeGraphDef *graph)
{
    guint64 sum = 0;

    for (int i = 0; i < graph->n_initializers; i++)
        for (size_t k = 0; k < graph->initializers[i].raw_bytes; k++)
            sum += graph->initializers[i].raw[k];
    for (int i = 0; i < graph->n_nodes; i++) {
        const HeNodeDef *node = &graph->nodes[i];
        g_assert_cmpuint(strlen(node->op_type), >, 0);
        g_assert_true(g_utf8_validate(node->name, -1, NULL));
        for (int k = 0; k < node->n_in; k++)
            g_assert_nonnull(node->in[k]);
        for (int k = 0; k < node->n_attrs; k++)
            if (node->attrs[k].kind == HE_ATTR_GRAPH)
                sum += walk(node->attrs[k].g);
    }
    return sum;
}

static void flip(char *data, gsize n, guint32 seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    int count = g_rand_int_range(random, 1, 9);
    /* Half of them among the structure at the front, not the weights. */
    gsize reach = seed % 2 ? MIN(n, 2000) : n;

    for (int i = 0; i < count; i++)
        data[g_rand_int_range(random, 0, (gint32)reach)] = (char)g_rand_int(random);
}

static void test_flips(void)
{
    static const char *const nets[] = {"alexnet_lrn.onnx", "squeezenet.onnx"};
    g_autoptr(Scratch) scratch = scratch_new();
    int n_refused = 0;

    for (guint32 seed = 0; seed < 1000; seed++) {
        gsize n;
        g_autofree char *data = load_net(nets[seed / 2 % 2], &n);
        g_autoptr(GError) error = NULL;
        flip(data, n, seed);
        g_autoptr(HeOnnx) onnx = open_data(scratch, data, n, &error);
        g_assert_true((onnx != NULL) == (error == NULL));
        if (onnx)
            walk(&onnx->graph);
        else
            g_assert_true(error->domain == HE_ERROR);
        n_refused += onnx == NULL;
    }
    g_test_message("%d of 1000 refused", n_refused);
    g_assert_cmpint(n_refused, >, 100);
}

/* ---- sizes ------------------------------------------------------------------------------------------ */

static OnnxGraph *small_graph(void)
{
    OnnxGraph *graph = onnx_graph_new("net");

    onnx_node(graph, "Relu", "x", "y");
    onnx_output(graph, "y", HE_F32, -1, NULL);
    return graph;
}

static void test_dims(void)
{
    static const struct {
        int rank;
        gint64 dim[9];
        const char *words;
    } cases[] = {
        {1, {1000000000000}, "impossible shape [1000000000000]"},
        {2, {1 << 20, 1 << 20}, "impossible shape"},
        {2, {(gint64)1 << 40, (gint64)1 << 40}, "impossible shape"},
        {2, {G_MAXINT64, G_MAXINT64}, "impossible shape"},
        {2, {-1, 2}, "impossible shape [-1, 2]"},
        {2, {0, G_MININT64}, "impossible shape"},
        {9, {1, 1, 1, 1, 1, 1, 1, 1, 1}, "9 dimensions, at most 8"},
        {2, {3, 5}, "tensor 'w' (float [3, 5]) holds 4 bytes, expected 60"},
        {1, {0}, "holds 4 bytes, expected 0"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        OnnxGraph *graph = small_graph();
        onnx_init(graph, "w", HE_F32, cases[i].rank, cases[i].dim, "\0\0\0\0", 4);
        onnx_node(graph, "Mul", "x,w", "z");
        /* Dimensions stand before the name: the ninth is refused when it is not known yet. */
        const char *where = cases[i].rank > 8 ? "TensorProto at byte" : "node Mul 'z': ";
        assert_corrupt_at(onnx_bytes(graph, 13), where, cases[i].words);
    }
}

/* Read in a branch alone, which sees the tensors around it. */
static void test_dims_in_branch(void)
{
    OnnxGraph *graph = small_graph(), *branch = onnx_graph_new("branch");

    onnx_init(graph, "w", HE_F32, 1, (gint64[]){1000000000000}, "\0\0\0\0", 4);
    onnx_node(branch, "Mul", "x,w", "b");
    onnx_output(branch, "b", HE_F32, -1, NULL);
    onnx_attr_graph(onnx_node(graph, "If", "c", "z"), "then_branch", branch);
    assert_corrupt_at(onnx_bytes(graph, 13), "node Mul 'b': ", "impossible shape");
}

static void test_input_dims(void)
{
    OnnxGraph *graph = small_graph();

    onnx_input(graph, "x", HE_F32, 4, (gint64[]){-1, 3, 1 << 30, 1 << 30});
    assert_corrupt(onnx_bytes(graph, 13), "'x' has the impossible shape");
    graph = small_graph();
    onnx_input(graph, "x", HE_F32, 9, (gint64[]){1, 1, 1, 1, 1, 1, 1, 1, 1});
    assert_corrupt(onnx_bytes(graph, 13), "'x' has more than 8 dimensions");
}

/* The numbers are counted before memory is asked for: 10^10 floats are refused for what the file holds. */
static void test_typed_count(void)
{
    OnnxGraph *graph = small_graph();
    GByteArray *tensor = g_byte_array_new();

    wire_int(tensor, 1, 10000000000);
    wire_int(tensor, 2, 1);
    wire_string(tensor, 8, "w");
    wire_bytes(tensor, 4, "\0\0\0\0", 4);
    wire_message(onnx_graph_extra(graph), 5, tensor);
    assert_corrupt(
        onnx_bytes(graph, 13),
        "tensor 'w' (float [10000000000]) holds 1 numbers, expected 10000000000");
}

static void test_typed_wrong(void)
{
    static const struct {
        gint64 type;
        guint field;
        const char *bytes;
        size_t n;
        const char *words;
    } cases[] = {
        {1, 4, "\0\0\0", 3, "3 bytes are no whole number of 4-byte values"},
        {1, 7, "\1", 1, "of type float has its numbers in field 7"},
        {2, 5, "\x80\x04", 2, "512 is no uint8"},
        {7, 7, "\x81", 1, "holds 0 numbers, expected 1"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        OnnxGraph *graph = small_graph();
        GByteArray *tensor = g_byte_array_new();
        wire_int(tensor, 1, 1);
        wire_int(tensor, 2, cases[i].type);
        wire_bytes(tensor, cases[i].field, cases[i].bytes, cases[i].n);
        wire_message(onnx_graph_extra(graph), 5, tensor);
        assert_corrupt(onnx_bytes(graph, 13), cases[i].words);
    }
}

static void test_data_twice(void)
{
    for (guint first = 0; first < 2; first++) {
        OnnxGraph *graph = small_graph();
        GByteArray *tensor = g_byte_array_new();
        wire_int(tensor, 1, 1);
        wire_int(tensor, 2, 1);
        wire_bytes(tensor, first ? 9 : 4, "\0\0\0\0", 4);
        wire_bytes(tensor, first ? 4 : 9, "\0\0\0\0", 4);
        wire_message(onnx_graph_extra(graph), 5, tensor);
        assert_corrupt(onnx_bytes(graph, 13), "its numbers are given twice");
    }
}

/* ---- depth and counts ---------------------------------------------------------------------------------- */

static OnnxGraph *nested(int depth)
{
    OnnxGraph *graph = small_graph();

    for (int i = 1; i < depth; i++) {
        OnnxGraph *outer = small_graph();
        onnx_attr_graph(onnx_node(outer, "If", "c", "z"), "then_branch", graph);
        graph = outer;
    }
    return graph;
}

static void test_depth(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    GByteArray *bytes = onnx_bytes(nested(HE_MAX_DEPTH), 13);
    g_autoptr(HeOnnx) onnx = open_data(scratch, bytes->data, bytes->len, &error);

    g_byte_array_unref(bytes);
    g_assert_no_error(error);
    g_assert_cmpint(onnx->graph.n_nodes, ==, 2);
    assert_corrupt(onnx_bytes(nested(HE_MAX_DEPTH + 1), 13), "nested more than 16 deep");
    assert_corrupt(onnx_bytes(nested(3000), 13), "nested more than 16 deep");
}

/* N times the same BYTES as FIELD of the graph. */
static GByteArray *with_many(guint field, const void *bytes, size_t n_bytes, int n)
{
    OnnxGraph *graph = small_graph();

    for (int i = 0; i < n; i++)
        wire_bytes(onnx_graph_extra(graph), field, bytes, n_bytes);
    return onnx_bytes(graph, 13);
}

static void test_counts(void)
{
    GByteArray *node = g_byte_array_new();

    assert_corrupt(with_many(1, "", 0, HE_MAX_NODES), "more than 100000 nodes");
    assert_corrupt(with_many(11, "", 0, 2000001), "more than 2000000 names");
    for (int i = 0; i <= HE_MAX_NODE_IO; i++)
        wire_string(node, 1, "x");
    assert_corrupt(with_many(1, node->data, node->len, 1), "4097 inputs");
    g_byte_array_set_size(node, 0);
    for (int i = 0; i < 65; i++)
        wire_string(node, 5, "");
    assert_corrupt(with_many(1, node->data, node->len, 1), "65 attributes");
    /* Each node asks for as much as a node may. */
    g_byte_array_set_size(node, 0);
    wire_string(node, 4, "Relu");
    for (int i = 0; i < HE_MAX_NODE_IO; i++)
        wire_string(node, 1, "");
    assert_corrupt(with_many(1, node->data, node->len, 600), "more than 2000000 names");
    g_byte_array_unref(node);
}

/* Names that a hash table would make slow: many that begin alike. */
static void test_many_names(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = small_graph();

    for (int i = 0; i < 50000; i++) {
        g_autofree char *name = g_strdup_printf("a_long_name_that_all_begin_with_%d", i);
        onnx_input(graph, name, HE_F32, -1, NULL);
        onnx_init_i64(graph, name, 0, NULL, (gint64[]){0});
    }
    GByteArray *bytes = onnx_bytes(graph, 13);
    g_autoptr(HeOnnx) onnx = open_data(scratch, bytes->data, bytes->len, &error);
    g_byte_array_unref(bytes);
    g_assert_no_error(error);
    g_assert_cmpint(onnx->graph.n_inputs, ==, 0);
}

/* ---- names ------------------------------------------------------------------------------------------- */

static void test_names(void)
{
    OnnxGraph *graph = small_graph();
    g_autofree char *longest = g_strnfill(HE_MAX_NAME + 1, 'n');
    gint64 one = 1;

    onnx_init_i64(graph, "w", 0, NULL, &one);
    onnx_init_i64(graph, "w", 0, NULL, &one);
    assert_corrupt(onnx_bytes(graph, 13), "two initializers are named 'w'");
    graph = small_graph();
    onnx_init_i64(graph, "", 0, NULL, &one);
    assert_corrupt(onnx_bytes(graph, 13), "an initializer without a name");
    graph = small_graph();
    onnx_input(graph, "x", HE_F32, -1, NULL);
    onnx_input(graph, "x", HE_F32, -1, NULL);
    assert_corrupt(onnx_bytes(graph, 13), "two inputs are named 'x'");
    graph = small_graph();
    onnx_input(graph, "", HE_F32, -1, NULL);
    assert_corrupt(onnx_bytes(graph, 13), "without a name");
    graph = small_graph();
    onnx_node_name(onnx_node(graph, "", "x", "z"), "nameless");
    assert_corrupt(onnx_bytes(graph, 13), "node 'nameless' has no operator");
    graph = small_graph();
    onnx_node(graph, longest, "x", "z");
    assert_corrupt(onnx_bytes(graph, 13), "a text of 4097 bytes, at most 4096");
    graph = small_graph();
    onnx_node(graph, "Re\xfflu", "x", "z");
    assert_corrupt(onnx_bytes(graph, 13), "is not UTF-8 text");
    graph = small_graph();
    wire_bytes(onnx_graph_extra(graph), 2, "a\0b", 3);
    assert_corrupt(onnx_bytes(graph, 13), "is not UTF-8 text");
}

static void test_attributes(void)
{
    OnnxGraph *graph = small_graph();
    OnnxNode *node = onnx_node(graph, "Conv", "x", "z");
    GByteArray *attr = g_byte_array_new();

    onnx_node_name(node, "c1");
    onnx_attr_int(node, "group", 1);
    onnx_attr_int(node, "group", 2);
    assert_corrupt(onnx_bytes(graph, 13), "attribute 'group' is given twice");

    graph = small_graph();
    node = onnx_node(graph, "If", "c", "z");
    OnnxGraph *branch = onnx_graph_new("branch");
    onnx_node_name(node, "outer");
    onnx_node_name(onnx_node(branch, "Conv", "", ""), "inner\xff");
    onnx_attr_graph(node, "then_branch", branch);
    assert_corrupt(onnx_bytes(graph, 13), "at all: node Conv '': NodeProto at byte");

    graph = small_graph();
    node = onnx_node(graph, "Conv", "x", "z");
    onnx_attr_int(node, "", 1);
    assert_corrupt(onnx_bytes(graph, 13), "an attribute without a name");

    graph = small_graph();
    node = onnx_node(graph, "Conv", "x", "z");
    wire_string(attr, 1, "both");
    wire_int(attr, 3, 1);
    wire_string(attr, 4, "1");
    wire_message(onnx_node_extra(node), 5, attr);
    assert_corrupt(onnx_bytes(graph, 13), "attribute 'both' has values of two kinds");

    graph = small_graph();
    node = onnx_node(graph, "Conv", "x", "z");
    attr = g_byte_array_new();
    wire_string(attr, 1, "t");
    wire_int(attr, 20, 4);
    wire_message(onnx_node_extra(node), 5, attr);
    assert_corrupt(onnx_bytes(graph, 13), "attribute 't' has no value");

    graph = small_graph();
    node = onnx_node(graph, "Conv", "x", "z");
    attr = g_byte_array_new();
    wire_string(attr, 1, "t");
    wire_int(attr, 20, 2);
    wire_string(attr, 4, "text");
    wire_message(onnx_node_extra(node), 5, attr);
    assert_corrupt(onnx_bytes(graph, 13), "is not of the kind that it says");
}

/* ---- protobuf ---------------------------------------------------------------------------------------- */

static void test_wire(void)
{
    static const struct {
        const char *bytes; /* after a good graph */
        size_t n;
        const char *words;
    } cases[] = {
        {"\x0b", 1, "has wire type 3, which ONNX never uses"},
        {"\x0c", 1, "has wire type 4"},
        {"\x0e", 1, "has wire type 6"},
        {"\x00\x00", 2, "no field has the number 0"},
        {"\x80\x80\x80\x80\x10\x00", 6, "no field has the number"},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11,
         "a number of more than 64 bits"},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12,
         "a number of more than 64 bits"},
        {"\x08\x80", 2, "cut short inside a number"},
        {"\x0d\1\2\3", 4, "cut short: 4 bytes are needed, 3 are left"},
        {"\x09\1\2\3", 4, "cut short: 8 bytes are needed, 3 are left"},
        {"\xfa\x01\x7f", 3, "cut short: field 31 says it has 127 bytes, 0 are left"},
        {"\xfa\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12,
         "says it has 18446744073709551615 bytes, 0 are left"},
        {"\x0a\x00", 2, "field 1 has wire type 2, expected 0"},
        {"\x3a\x00", 2, "a second graph"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GByteArray *bytes = onnx_bytes(small_graph(), 13);
        g_byte_array_append(bytes, (const guint8 *)cases[i].bytes, (guint)cases[i].n);
        assert_corrupt(bytes, cases[i].words);
    }
}

static void test_wire_type(void)
{
    GByteArray *bytes = g_byte_array_new();

    wire_int(bytes, 7, 0);
    assert_corrupt(bytes, "ModelProto at byte 1: field 7 has wire type 0, expected 2");
}

static void test_offset(void)
{
    GByteArray *bytes = onnx_bytes(small_graph(), 13);
    g_autofree char *words =
        g_strdup_printf("ModelProto at byte %u: field 1 has wire type 7", bytes->len);

    g_byte_array_append(bytes, (const guint8 *)"\x0f", 1);
    assert_corrupt(bytes, words);
}

static void test_empty_graph(void)
{
    assert_corrupt(onnx_bytes(onnx_graph_new("net"), 13),
                   "its graph has 0 nodes and 0 outputs");
    GByteArray *no_graph = g_byte_array_new();
    wire_int(no_graph, 1, 8);
    assert_corrupt(no_graph, "there is no graph in it");
}

/* ---- memory ------------------------------------------------------------------------------------------ */

static void test_memory(void)
{
    OnnxGraph *graph = small_graph();
    OnnxNode *node = onnx_node(graph, "Conv", "x", "z");
    g_autoptr(Scratch) scratch = scratch_new();
    guint64 call = 0;
    gboolean is_open = FALSE;

    onnx_attr_ints(node, "pads", 2, (gint64[]){1, 1});
    onnx_attr_floats(node, "scales", 2, (float[]){1, 1});
    onnx_init_typed(graph, "w", HE_F32, 1, (gint64[]){2}, (double[]){1, 2}, TRUE);
    g_autoptr(GByteArray) bytes = onnx_bytes(graph, 13);
    while (!is_open) {
        g_autoptr(GError) error = NULL;
        he_alloc_fail_at(++call);
        g_autoptr(HeOnnx) onnx = open_data(scratch, bytes->data, bytes->len, &error);
        he_alloc_fail_at(0);
        is_open = onnx != NULL;
        if (!is_open)
            g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
    }
    g_assert_cmpuint(call, ==, 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/hostile/cut", test_cut);
    g_test_add_func("/model/hostile/flips", test_flips);
    g_test_add_func("/model/hostile/dims", test_dims);
    g_test_add_func("/model/hostile/dims-in-branch", test_dims_in_branch);
    g_test_add_func("/model/hostile/input-dims", test_input_dims);
    g_test_add_func("/model/hostile/typed-count", test_typed_count);
    g_test_add_func("/model/hostile/typed-wrong", test_typed_wrong);
    g_test_add_func("/model/hostile/data-twice", test_data_twice);
    g_test_add_func("/model/hostile/depth", test_depth);
    g_test_add_func("/model/hostile/counts", test_counts);
    g_test_add_func("/model/hostile/many-names", test_many_names);
    g_test_add_func("/model/hostile/names", test_names);
    g_test_add_func("/model/hostile/attributes", test_attributes);
    g_test_add_func("/model/hostile/wire", test_wire);
    g_test_add_func("/model/hostile/wire-type", test_wire_type);
    g_test_add_func("/model/hostile/offset", test_offset);
    g_test_add_func("/model/hostile/empty-graph", test_empty_graph);
    g_test_add_func("/model/hostile/memory", test_memory);
    return g_test_run();
}
