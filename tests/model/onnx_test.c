/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The ONNX reader on good files: the reference networks, against sums that the onnx package for Python gave;
 * every type of data and attribute; and what is refused in words. */
#include "model/onnx.h"

#include <string.h>
#include <unistd.h>

#include "tests/support/onnx_write.h"
#include "tests/support/scratch.h"

static HeOnnx *open_bytes(Scratch *scratch, GByteArray *bytes, GError **error)
{
    const char *path =
        scratch_write(scratch, "net.onnx", bytes->data, (gssize)bytes->len);

    g_byte_array_unref(bytes);
    return he_onnx_open(path, error);
}

/* A graph that is complete but for what the test adds. */
static OnnxGraph *small_graph(void)
{
    OnnxGraph *graph = onnx_graph_new("net");

    onnx_input(graph, "x", HE_F32, 4, (gint64[]){1, 3, -1, -1});
    onnx_output(graph, "y", HE_F32, -1, NULL);
    return graph;
}

static void assert_refused(GByteArray *bytes, int code, const char *words)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    HeOnnx *onnx = open_bytes(scratch, bytes, &error);

    g_assert_null(onnx);
    g_assert_error(error, HE_ERROR, code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_nonnull(strstr(error->message, "net.onnx: "));
}

/* ---- the reference networks ------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    int opset, n_nodes, n_attrs;
    gint64 ints;        /* the sum of all integers in attributes */
    guint64 bytes, sum; /* of all initializers; the sum of all their bytes */
} Facts;

static const Facts nets[] = {
    {"alexnet", 13, 20, 50, 149, 245416, 30819072},
    {"alexnet_lrn", 13, 124, 125, 188, 219816, 27561659},
    {"densenet", 13, 61, 134, 247, 106376, 13279362},
    {"efficientnet_silu_se", 13, 48, 90, 320, 47400, 5918800},
    {"gap_mlp", 13, 12, 27, 60, 47656, 5937853},
    {"gap_mlp_hardswish", 17, 12, 27, 60, 47656, 5967933},
    {"inception", 13, 39, 101, 227, 49608, 6206792},
    {"mobilenet_relu6", 13, 38, 76, 278, 36424, 4565088},
    {"mobilenetv3_hardswish", 17, 40, 90, 320, 47400, 5947913},
    {"nin", 13, 18, 52, 128, 135784, 17052515},
    {"resnet", 13, 34, 79, 234, 134280, 16785685},
    {"resnet_bottleneck", 13, 45, 109, 236, 221160, 27606678},
    {"squeezenet", 13, 29, 69, 145, 29256, 3634965},
    {"vgg", 13, 22, 60, 134, 222888, 27971572},
};

static void add_graph(const HeGraphDef *graph, Facts *facts);

static void add_node(const HeNodeDef *node, Facts *facts)
{
    facts->n_nodes++;
    facts->n_attrs += node->n_attrs;
    for (int i = 0; i < node->n_attrs; i++) {
        const HeAttr *attr = &node->attrs[i];
        facts->ints += attr->i;
        for (size_t k = 0; attr->kind == HE_ATTR_INTS && k < attr->n; k++)
            facts->ints += attr->ints[k];
        if (attr->kind == HE_ATTR_GRAPH)
            add_graph(attr->g, facts);
    }
}

static void add_graph(const HeGraphDef *graph, Facts *facts)
{
    for (int i = 0; i < graph->n_nodes; i++)
        add_node(&graph->nodes[i], facts);
    for (int i = 0; i < graph->n_initializers; i++) {
        const HeTensorDef *tensor = &graph->initializers[i];
        facts->bytes += tensor->raw_bytes;
        for (size_t k = 0; k < tensor->raw_bytes; k++)
            facts->sum += tensor->raw[k];
    }
}

static void assert_in_place(const HeOnnx *onnx)
{
    const guint8 *file = (const guint8 *)g_mapped_file_get_contents(onnx->file);
    size_t n = g_mapped_file_get_length(onnx->file);

    for (int i = 0; i < onnx->graph.n_initializers; i++) {
        const HeTensorDef *tensor = &onnx->graph.initializers[i];
        g_assert_null(tensor->owned);
        g_assert_true(tensor->raw >= file && tensor->raw + tensor->raw_bytes <= file + n);
    }
}

static void test_reference(gconstpointer data)
{
    const Facts *expected = data;
    g_autofree char *file = g_strconcat(expected->name, ".onnx", NULL);
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests", "oracle", "nets", file, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(HeOnnx) onnx = he_onnx_open(path, &error);
    Facts found = {.name = expected->name};

    g_assert_no_error(error);
    found.opset = onnx->opset;
    add_graph(&onnx->graph, &found);
    g_assert_cmpint(found.opset, ==, expected->opset);
    g_assert_cmpint(found.n_nodes, ==, expected->n_nodes);
    g_assert_cmpint(found.n_attrs, ==, expected->n_attrs);
    g_assert_cmpint(found.ints, ==, expected->ints);
    g_assert_cmpuint(found.bytes, ==, expected->bytes);
    g_assert_cmpuint(found.sum, ==, expected->sum);
    g_assert_cmpstr(onnx->producer, ==, "pytorch");
    g_assert_cmpint(onnx->graph.n_inputs, ==, 1);
    g_assert_cmpstr(onnx->graph.inputs[0].name, ==, "input");
    g_assert_cmpint(onnx->graph.inputs[0].rank, ==, 4);
    g_assert_cmpint(onnx->graph.inputs[0].dim[1], ==, 3);
    assert_in_place(onnx);
}

/* ---- every kind of content --------------------------------------------------------------------------- */

static void test_typed_data(void)
{
    static const HeType types[] = {HE_F32, HE_F64,  HE_I8,  HE_U8,  HE_I16,
                                   HE_U16, HE_I32,  HE_U32, HE_I64, HE_U64,
                                   HE_F16, HE_BF16, HE_BOOL};
    static const double values[] = {1, 0, 1, 0, 1, 1};
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = small_graph();

    onnx_node(graph, "Relu", "x", "y");
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(types); i++) {
        g_autofree char *name = g_strdup_printf("t%zu", i);
        onnx_init_typed(graph, name, types[i / 2], 2, (gint64[]){2, 3}, values,
                        i % 2 == 1);
    }
    g_autoptr(HeOnnx) onnx = open_bytes(scratch, onnx_bytes(graph, 13), &error);
    g_assert_no_error(error);
    g_assert_cmpint(onnx->graph.n_initializers, ==, 2 * G_N_ELEMENTS(types));
    for (int i = 0; i < onnx->graph.n_initializers; i++) {
        const HeTensorDef *def = &onnx->graph.initializers[i];
        HeTensor tensor;
        he_tensor_init(&tensor, def->type, def->rank, def->dim);
        tensor.data = def->owned;
        g_assert_cmpint(def->type, ==, types[i / 2]);
        g_assert_cmpuint(def->raw_bytes, ==, 6 * he_type_size(def->type));
        for (size_t k = 0; k < G_N_ELEMENTS(values); k++)
            if (def->type == HE_F16 || def->type == HE_BF16) /* stored as bits */
                g_assert_cmpuint(((guint16 *)def->owned)[k], ==, (guint)values[k]);
            else
                g_assert_cmpfloat(he_tensor_get_double(&tensor, k), ==, values[k]);
    }
}

static void test_typed_signs(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = small_graph();

    onnx_node(graph, "Relu", "x", "y");
    onnx_init_typed(graph, "i8", HE_I8, 1, (gint64[]){2}, (double[]){-128, 127}, TRUE);
    onnx_init_typed(graph, "i64", HE_I64, 1, (gint64[]){2}, (double[]){-5, 1e15}, TRUE);
    onnx_init_typed(graph, "scalar", HE_F32, 0, NULL, (double[]){-2.5}, FALSE);
    onnx_init_i64(graph, "none", 1, (gint64[]){0}, NULL);
    g_autoptr(HeOnnx) onnx = open_bytes(scratch, onnx_bytes(graph, 13), &error);
    g_assert_no_error(error);
    const HeTensorDef *t = onnx->graph.initializers;
    g_assert_cmpint(((gint8 *)t[0].owned)[0], ==, -128);
    g_assert_cmpint(((gint8 *)t[0].owned)[1], ==, 127);
    g_assert_cmpint(((gint64 *)t[1].owned)[0], ==, -5);
    g_assert_cmpint(((gint64 *)t[1].owned)[1], ==, 1000000000000000);
    g_assert_cmpint(t[2].rank, ==, 0);
    g_assert_cmpfloat(((float *)t[2].owned)[0], ==, -2.5);
    g_assert_cmpuint(t[3].raw_bytes, ==, 0);
}

static OnnxGraph *branch(const char *op)
{
    OnnxGraph *graph = onnx_graph_new("branch");

    onnx_node(graph, op, "x", "b");
    onnx_output(graph, "b", HE_F32, -1, NULL);
    return graph;
}

static void test_attributes(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = small_graph();
    OnnxNode *node = onnx_node(graph, "If", "x,,c", "y");
    float half = 0.5f;

    onnx_node_name(node, "choice");
    onnx_attr_int(node, "int", -3);
    onnx_attr_float(node, "float", 0.25f);
    onnx_attr_string(node, "string", "SAME_UPPER");
    onnx_attr_ints(node, "ints", 3, (gint64[]){1, -2, G_MAXINT64});
    onnx_attr_floats(node, "floats", 2, (float[]){1.5f, -1});
    onnx_attr_tensor(node, "tensor", HE_F32, 0, NULL, &half, sizeof half);
    onnx_attr_graph(node, "then_branch", branch("Relu"));
    onnx_attr_ints(node, "empty", 0, NULL);
    g_autoptr(HeOnnx) onnx = open_bytes(scratch, onnx_bytes(graph, 9), &error);
    g_assert_no_error(error);

    const HeNodeDef *def = &onnx->graph.nodes[0];
    g_assert_cmpstr(def->name, ==, "choice");
    g_assert_cmpint(def->n_in, ==, 3);
    g_assert_cmpstr(def->in[1], ==, "");
    g_assert_cmpstr(def->out[0], ==, "y");
    g_assert_cmpint(he_node_def_attr(def, "int")->i, ==, -3);
    g_assert_cmpfloat(he_node_def_attr(def, "float")->f, ==, 0.25);
    g_assert_cmpstr(he_node_def_attr(def, "string")->s, ==, "SAME_UPPER");
    g_assert_cmpuint(he_node_def_attr(def, "ints")->n, ==, 3);
    g_assert_cmpint(he_node_def_attr(def, "ints")->ints[1], ==, -2);
    g_assert_cmpint(he_node_def_attr(def, "ints")->ints[2], ==, G_MAXINT64);
    g_assert_cmpfloat(he_node_def_attr(def, "floats")->floats[0], ==, 1.5);
    g_assert_cmpuint(he_node_def_attr(def, "tensor")->t->raw_bytes, ==, 4);
    g_assert_cmpstr(he_node_def_attr(def, "then_branch")->g->nodes[0].op_type, ==,
                    "Relu");
    g_assert_cmpint(he_node_def_attr(def, "empty")->kind, ==, HE_ATTR_INTS);
    g_assert_cmpuint(he_node_def_attr(def, "empty")->n, ==, 0);
    g_assert_null(he_node_def_attr(def, "other"));
}

/* The other forms that protobuf allows: packed integers, a value without its kind, fields unknown to us. */
static void test_other_forms(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = small_graph();
    OnnxNode *node = onnx_node(graph, "Relu", "x", "y");
    GByteArray *packed = g_byte_array_new(), *attr = g_byte_array_new();

    wire_varint(packed, 7);
    wire_varint(packed, (guint64)-1);
    wire_string(attr, 1, "list");
    wire_message(attr, 8, packed);
    wire_int(attr, 8, 300);
    wire_message(onnx_node_extra(node), 5, attr);
    wire_string(onnx_node_extra(node), 6, "doc \xff is no text, nor is it read");
    wire_int(onnx_graph_extra(graph), 999, 1);
    g_autoptr(HeOnnx) onnx = open_bytes(scratch, onnx_bytes(graph, 13), &error);
    g_assert_no_error(error);
    const HeAttr *list = he_node_def_attr(&onnx->graph.nodes[0], "list");
    g_assert_cmpint(list->kind, ==, HE_ATTR_INTS);
    g_assert_cmpuint(list->n, ==, 3);
    g_assert_cmpint(list->ints[0], ==, 7);
    g_assert_cmpint(list->ints[1], ==, -1);
    g_assert_cmpint(list->ints[2], ==, 300);
}

static void test_values(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = onnx_graph_new("net");
    float w[2] = {1, 2};

    onnx_input(graph, "w", HE_F32, 1, (gint64[]){2}); /* as before IR version 4 */
    onnx_input(graph, "x", HE_F32, 4, (gint64[]){-1, 3, 0, 224});
    onnx_init_f32(graph, "w", 1, (gint64[]){2}, w);
    onnx_node(graph, "Mul", "x,w", "y");
    onnx_output(graph, "y", HE_F16, -1, NULL);
    g_autoptr(HeOnnx) onnx = open_bytes(scratch, onnx_bytes(graph, 22), &error);
    g_assert_no_error(error);
    g_assert_cmpint(onnx->graph.n_inputs, ==, 1);
    const HeValueDef *x = &onnx->graph.inputs[0];
    g_assert_cmpstr(x->name, ==, "x");
    g_assert_cmpint(x->dim[0], ==, -1);
    g_assert_cmpint(x->dim[1], ==, 3);
    g_assert_cmpint(x->dim[2], ==, -1);
    g_assert_cmpint(x->dim[3], ==, 224);
    g_assert_cmpint(onnx->graph.outputs[0].rank, ==, -1);
    g_assert_cmpint(onnx->graph.outputs[0].type, ==, HE_F16);
}

/* ---- refused in words -------------------------------------------------------------------------------- */

static GByteArray *with_initializer(GByteArray *tensor)
{
    OnnxGraph *graph = small_graph();

    onnx_node(graph, "Relu", "x", "y");
    wire_message(onnx_graph_extra(graph), 5, tensor);
    return onnx_bytes(graph, 13);
}

static GByteArray *tensor_of(gint64 type)
{
    GByteArray *tensor = g_byte_array_new();

    wire_string(tensor, 8, "weights");
    wire_int(tensor, 2, type);
    wire_int(tensor, 1, 2);
    return tensor;
}

static void test_unsupported_tensors(void)
{
    GByteArray *tensor = tensor_of(1);

    wire_int(tensor, 14, 1);
    wire_string(tensor, 13, "");
    assert_refused(with_initializer(tensor), HE_ERROR_IO, "inside the model's folder");
    assert_refused(with_initializer(tensor_of(8)), HE_ERROR_UNSUPPORTED,
                   "tensor 'weights' holds elements of data type 8");
    assert_refused(with_initializer(tensor_of(-1)), HE_ERROR_UNSUPPORTED, "data type -1");
    tensor = tensor_of(1);
    wire_string(tensor, 3, "");
    assert_refused(with_initializer(tensor), HE_ERROR_UNSUPPORTED, "segments");
}

static void test_sparse(void)
{
    OnnxGraph *graph = small_graph();
    GByteArray *sparse = g_byte_array_new();

    onnx_node(graph, "Mul", "x,weights", "y");
    wire_message(sparse, 1, tensor_of(1));
    wire_message(onnx_graph_extra(graph), 15, sparse);
    assert_refused(onnx_bytes(graph, 13), HE_ERROR_UNSUPPORTED,
                   "node Mul 'y': initializer 'weights' is a sparse tensor");
}

static void test_attribute_kinds(void)
{
    static const struct {
        guint field;
        gint64 kind;
        const char *words;
    } cases[] = {{10, 9, "a list of tensors"}, {11, 10, "a list of graphs"},
                 {14, 13, "a type"},           {21, 1, "a parameter of a function"},
                 {22, 11, "a sparse tensor"},  {2999, 12, "of kind 12"}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        OnnxGraph *graph = small_graph();
        OnnxNode *node = onnx_node(graph, "Odd", "x", "y");
        GByteArray *attr = g_byte_array_new();
        wire_string(attr, 1, "strange");
        wire_int(attr, 20, cases[i].kind);
        wire_string(attr, cases[i].field, "");
        onnx_node_name(node, "n1");
        wire_message(onnx_node_extra(node), 5, attr);
        g_autofree char *words = g_strdup_printf("attribute 'strange' %s %s",
                                                 i == 5 ? "is" : "holds", cases[i].words);
        assert_refused(onnx_bytes(graph, 13), HE_ERROR_UNSUPPORTED, words);
    }
}

/* ---- external data --------------------------------------------------------------------------------- */

static void add_entry(GByteArray *tensor, const char *key, const char *value)
{
    GByteArray *entry = g_byte_array_new();

    wire_string(entry, 1, key);
    wire_string(entry, 2, value);
    wire_message(tensor, 13, entry);
}

/* y = x * w, the four numbers of w in a file. */
static GByteArray *with_external(const char *location, const char *offset,
                                 const char *length)
{
    OnnxGraph *graph = small_graph();
    GByteArray *tensor = g_byte_array_new();

    wire_int(tensor, 1, 4);
    wire_int(tensor, 2, 1);
    wire_string(tensor, 8, "w");
    add_entry(tensor, "location", location);
    if (offset)
        add_entry(tensor, "offset", offset);
    if (length)
        add_entry(tensor, "length", length);
    wire_int(tensor, 14, 1);
    wire_message(onnx_graph_extra(graph), 5, tensor);
    onnx_node(graph, "Mul", "x,w", "y");
    return onnx_bytes(graph, 13);
}

static void test_external(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;
    const float numbers[] = {0, 1, 2, 3, 4};

    scratch_write(scratch, "w.bin", numbers, sizeof numbers);
    g_autoptr(HeOnnx) onnx =
        open_bytes(scratch, with_external("w.bin", "4", "16"), &error);
    g_assert_no_error(error);
    const HeTensorDef *w = &onnx->graph.initializers[0];
    g_assert_cmpmem(w->raw, w->raw_bytes, numbers + 1, 16);
}

/* Nothing outside the model's folder is read, by whatever name. */
static void test_external_refused(void)
{
    g_autoptr(Scratch) scratch = scratch_new(), other = scratch_new();
    const float numbers[] = {1, 2, 3, 4};
    const char *outside = scratch_write(other, "o.bin", numbers, sizeof numbers);
    const char *link = scratch_path(scratch, "link.bin");
    g_autofree char *around =
        g_strconcat("../", strrchr(other->folder, '/') + 1, "/o.bin", NULL);
    const struct {
        const char *location, *offset, *length, *words;
    } cases[] = {
        {outside, NULL, NULL, "inside the model's folder"},
        {around, NULL, NULL, "inside the model's folder"},
        {"link.bin", NULL, NULL, "not in the model's folder"},
        {"gone.bin", NULL, NULL, "not in the model's folder"},
        {"", NULL, NULL, "inside the model's folder"},
        {".", NULL, NULL, "in the model's folder"},
        {"w.bin", "4", NULL, "expected 16 from 4"},
        {"w.bin", "18446744073709551615", NULL, "offset"},
        {"w.bin", NULL, "12", "12 bytes, expected 16"},
    };

    g_assert_cmpint(symlink(outside, link), ==, 0);
    scratch_write(scratch, "w.bin", numbers, sizeof numbers);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        HeOnnx *onnx = open_bytes(
            scratch, with_external(cases[i].location, cases[i].offset, cases[i].length),
            &error);
        g_assert_null(onnx);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].words));
        g_assert_nonnull(strstr(error->message, "node Mul 'y': "));
    }
}

static GByteArray *with_opset(int opset)
{
    OnnxGraph *graph = small_graph();

    onnx_node(graph, "Relu", "x", "y");
    return onnx_bytes(graph, opset);
}

static void test_opset(void)
{
    GByteArray *model = with_opset(13), *other = g_byte_array_new();
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;

    assert_refused(with_opset(23), HE_ERROR_UNSUPPORTED, "opset 23, known are 1 to 22");
    assert_refused(with_opset(0), HE_ERROR_UNSUPPORTED, "opset 0,");
    wire_string(other, 1, "com.microsoft");
    wire_int(other, 2, 400);
    wire_message(model, 8, other);
    g_autoptr(HeOnnx) onnx = open_bytes(scratch, model, &error);
    g_assert_no_error(error);
    g_assert_cmpint(onnx->opset, ==, 13);
}

/* ---- what is no ONNX file ------------------------------------------------------------------------------ */

static void test_other_files(void)
{
    static const struct {
        const char *bytes;
        gssize n;
        const char *words;
    } cases[] = {
        {"", 0, "it is empty"},
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, "a PNG picture"},
        {"PK\3\4\0\0\0\0\0\0", 10,
         "a PyTorch checkpoint?): export it with torch.onnx.export"},
        {"\x80\2\x8a\nl\xfc\x9c\x46\xf9", 9, "an old PyTorch checkpoint?"},
        {"\x89HDF\r\n\x1a\n\0\0", 10, "a Keras model?"},
        {"\x1c\0\0\0TFL3\0\0", 10, "TensorFlow Lite"},
        {"\x08\1\x12\xff\xff\x03\n\xfc", 8, "a TensorFlow SavedModel"},
        {"\n\x1a\n\5input\x12\x0bPlaceholder*", 22, "a frozen TensorFlow graph"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:7\n", -1,
         "git lfs pull"},
        {"<!DOCTYPE html><html>not found</html>", -1, "a web page"},
        {"Gr\xc3\xbc\xc3\x9f"
         "e an alle\n",
         -1, "it is a text"},
        {"\xf0\xf1\xf2\xf3\xf4\xf5", 6, "a damaged or cut ONNX file, or none at all"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GByteArray *bytes = g_byte_array_new();
        gssize n = cases[i].n < 0 ? (gssize)strlen(cases[i].bytes) : cases[i].n;
        g_byte_array_append(bytes, (const guint8 *)cases[i].bytes, (guint)n);
        assert_refused(bytes, HE_ERROR_CORRUPT_MODEL, cases[i].words);
    }
}

static void test_no_file(void)
{
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GError) error = NULL;

    g_assert_null(he_onnx_open(scratch_path(scratch, "none.onnx"), &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "none.onnx: cannot be opened: "));
    g_clear_error(&error);
    g_assert_null(he_onnx_open(scratch->folder, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "a folder"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        g_autofree char *name = g_strconcat("/model/onnx/reference/", nets[i].name, NULL);
        g_test_add_data_func(name, &nets[i], test_reference);
    }
    g_test_add_func("/model/onnx/typed-data", test_typed_data);
    g_test_add_func("/model/onnx/typed-signs", test_typed_signs);
    g_test_add_func("/model/onnx/attributes", test_attributes);
    g_test_add_func("/model/onnx/other-forms", test_other_forms);
    g_test_add_func("/model/onnx/values", test_values);
    g_test_add_func("/model/onnx/unsupported-tensors", test_unsupported_tensors);
    g_test_add_func("/model/onnx/sparse", test_sparse);
    g_test_add_func("/model/onnx/attribute-kinds", test_attribute_kinds);
    g_test_add_func("/model/onnx/external", test_external);
    g_test_add_func("/model/onnx/external-refused", test_external_refused);
    g_test_add_func("/model/onnx/opset", test_opset);
    g_test_add_func("/model/onnx/other-files", test_other_files);
    g_test_add_func("/model/onnx/no-file", test_no_file);
    return g_test_run();
}
