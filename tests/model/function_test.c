/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The model's own functions become nodes when a file is opened: what things are called then, attributes that a call
 * gives, functions in functions and in branches, and files that ask for too much. */
#include <string.h>

#include "core/limits.h"
#include "model/onnx.h"
#include "tests/support/onnx_write.h"
#include "tests/support/scratch.h"

#define DOMAIN "my.domain"
#define SOON   (G_USEC_PER_SEC * 20)
enum { KIND_FLOAT = 1, KIND_INT = 2, KIND_INTS = 7 };

static const gint64 dim[] = {2, 3};

static OnnxGraph *graph_new(void)
{
    OnnxGraph *graph = onnx_graph_new("net");
    onnx_input(graph, "x", HE_F32, 2, dim);
    onnx_output(graph, "y", HE_F32, 2, dim);
    return graph;
}

static OnnxNode *call(OnnxGraph *graph, const char *function, const char *in,
                      const char *out)
{
    OnnxNode *node = onnx_node(graph, function, in, out);
    onnx_node_domain(node, DOMAIN);
    return node;
}

static void add_function(GByteArray *model, OnnxGraph *body, const char *name,
                         const char *in, const char *out)
{
    wire_message(model, 25, onnx_function(body, DOMAIN, name, in, out, 0));
}

/* Takes MODEL. */
static HeOnnx *open_model(GByteArray *model, GError **error)
{
    g_autoptr(Scratch) scratch = scratch_new();
    gint64 start = g_get_monotonic_time();
    HeOnnx *onnx = he_onnx_open(
        scratch_write(scratch, "net.onnx", model->data, (gssize)model->len), error);
    g_assert_cmpint(g_get_monotonic_time() - start, <, SOON);
    g_byte_array_unref(model);
    return onnx;
}

static HeOnnx *open_good(GByteArray *model)
{
    g_autoptr(GError) error = NULL;
    HeOnnx *onnx = open_model(model, &error);
    g_assert_no_error(error);
    return onnx;
}

/* Takes MODEL. */
static void assert_refused(GByteArray *model, HeErrorCode code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(open_model(model, &error));
    g_assert_error(error, HE_ERROR, (int)code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
}

static char *node_text(const HeNodeDef *node)
{
    g_autofree char *in = g_strjoinv(",", node->in), *out = g_strjoinv(",", node->out);
    return g_strdup_printf("%s %s: %s -> %s", node->op_type, node->name, in, out);
}

/* LINES: the nodes as node_text has them. */
static void assert_nodes(const HeGraphDef *graph, const char *const *lines)
{
    g_assert_cmpint(graph->n_nodes, ==, (int)g_strv_length((char **)lines));
    for (int i = 0; i < graph->n_nodes; i++) {
        g_autofree char *text = node_text(&graph->nodes[i]);
        g_assert_cmpstr(text, ==, lines[i]);
    }
}

/* ---- names ------------------------------------------------------------------------------------------- */

/* Scaled(x) = Relu(x * s), s inside; Twice calls it two times. */
static GByteArray *nested(void)
{
    OnnxGraph *graph = graph_new(), *scaled = onnx_graph_new(""),
              *twice = onnx_graph_new("");
    onnx_node_name(call(graph, "Twice", "x", "h"), "/block");
    call(graph, "Scaled", "h", "block/t"); /* no name; its output is what others have */
    onnx_node(graph, "Relu", "block/t", "y");
    onnx_node(scaled, "Constant", "", "s");
    onnx_node(scaled, "Mul", "a,s", "t");
    onnx_node_name(onnx_node(scaled, "Relu", "t", "b"), "act");
    onnx_node_name(call(twice, "Scaled", "p", "t"), "first");
    onnx_node_name(call(twice, "Scaled", "t", "q"), "second");
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, scaled, "Scaled", "a", "b");
    add_function(model, twice, "Twice", "p", "q");
    return model;
}

static void test_names(void)
{
    g_autoptr(HeOnnx) onnx = open_good(nested());
    assert_nodes(
        &onnx->graph,
        (const char *const[]){
            "Constant /block/first:  -> /block/first/s",
            "Mul /block/first: x,/block/first/s -> /block/first/t",
            "Relu /block/first/act: /block/first/t -> /block/t",
            "Constant /block/second:  -> /block/second/s",
            "Mul /block/second: /block/t,/block/second/s -> /block/second/t",
            "Relu /block/second/act: /block/second/t -> h",
            "Constant block/t:  -> block/t/s", "Mul block/t: h,block/t/s -> block/t/t",
            "Relu block/t/act: block/t/t -> block/t", "Relu : block/t -> y", NULL});
    g_assert_cmpint(onnx->graph.nodes[0].opset, ==, 18);
}

/* Two calls of one name, and a tensor that is called as an inner one would be. */
static void test_taken_names(void)
{
    OnnxGraph *graph = graph_new(), *body = onnx_graph_new("");
    onnx_node_name(call(graph, "F", "x", "h"), "f");
    onnx_node_name(call(graph, "F", "h", "g"), "f");
    onnx_node(graph, "Relu", "g", "f/t");
    onnx_node(graph, "Relu", "f/t", "y");
    onnx_node(body, "Neg", "a", "t");
    onnx_node(body, "Neg", "t", "b");
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, body, "F", "a", "b");
    g_autoptr(HeOnnx) onnx = open_good(model);
    assert_nodes(&onnx->graph,
                 (const char *const[]){"Neg f: x -> f/t.1", "Neg f: f/t.1 -> h",
                                       "Neg f: h -> f/t.2", "Neg f: f/t.2 -> g",
                                       "Relu : g -> f/t", "Relu : f/t -> y", NULL});
}

/* An input handed out, an output given twice, what is left out, and an opset of its own. */
static void test_edges(void)
{
    OnnxGraph *graph = graph_new(), *body = onnx_graph_new("");
    onnx_node_name(call(graph, "F", "x,", "same,y,again"), "f");
    onnx_node(body, "Clip", "a,lo,hi", "b");
    GByteArray *model = onnx_bytes(graph, 18);
    wire_message(model, 25,
                 onnx_function(body, DOMAIN, "F", "a,lo,hi", "a,b,b,unused", 13));
    g_autoptr(HeOnnx) onnx = open_good(model);
    assert_nodes(&onnx->graph,
                 (const char *const[]){"Clip f: x,, -> y", "Identity f: x -> same",
                                       "Identity f: y -> again", NULL});
    g_assert_cmpint(onnx->graph.nodes[0].opset, ==, 13);
    g_assert_cmpint(onnx->graph.nodes[1].opset, ==, 18);
}

/* ---- attributes and subgraphs ------------------------------------------------------------------------ */

static void test_attributes(void)
{
    OnnxGraph *graph = graph_new(), *body = onnx_graph_new("");
    gint64 axes[] = {1, 0};
    OnnxNode *node = call(graph, "F", "x", "y");
    onnx_attr_float(node, "slope", 0.5f);
    onnx_attr_ints(node, "order", 2, axes);
    onnx_attr_ref(onnx_node(body, "LeakyRelu", "a", "t"), "alpha", KIND_FLOAT, "slope");
    onnx_attr_ref(onnx_node(body, "Transpose", "t", "u"), "perm", KIND_INTS, "order");
    onnx_attr_ref(onnx_node(body, "Softmax", "u", "b"), "axis", KIND_INT, "none");
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, body, "F", "a", "b");
    g_autoptr(HeOnnx) onnx = open_good(model);
    const HeAttr *alpha = he_node_def_attr(&onnx->graph.nodes[0], "alpha");
    const HeAttr *perm = he_node_def_attr(&onnx->graph.nodes[1], "perm");
    g_assert_cmpint(alpha->kind, ==, HE_ATTR_FLOAT);
    g_assert_cmpfloat(alpha->f, ==, 0.5);
    g_assert_cmpint((int)perm->n, ==, 2);
    g_assert_cmpint((int)perm->ints[0], ==, 1);
    g_assert_cmpint(onnx->graph.nodes[2].n_attrs, ==, 0);
}

/* A branch inside a function reads names around it, and calls a function. */
static void test_branch(void)
{
    OnnxGraph *graph = graph_new(), *body = onnx_graph_new(""),
              *branch = onnx_graph_new("then"), *inner = onnx_graph_new("");
    float one = 1;
    onnx_node_name(call(graph, "F", "x", "y"), "f");
    onnx_init_f32(branch, "w", 0, NULL, &one);
    onnx_node(branch, "Add", "a,w", "s");
    onnx_node_name(call(branch, "G", "s", "r"), "g");
    onnx_output(branch, "r", HE_F32, -1, NULL);
    onnx_attr_graph(onnx_node(body, "If", "c", "b"), "then_branch", branch);
    onnx_node(inner, "Neg", "i", "o");
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, body, "F", "a", "b");
    add_function(model, inner, "G", "i", "o");
    g_autoptr(HeOnnx) onnx = open_good(model);
    const HeGraphDef *then = onnx->graph.nodes[0].attrs[0].g;
    assert_nodes(
        then, (const char *const[]){"Add f: x,f/w -> f/s", "Neg f/g: f/s -> f/r", NULL});
    g_assert_cmpstr(then->initializers[0].name, ==, "f/w");
    g_assert_cmpstr(then->outputs[0].name, ==, "f/r");
    g_assert_cmpint(then->nodes[1].opset, ==, 18);
}

/* ---- hostile ----------------------------------------------------------------------------------------- */

static GByteArray *model_with(OnnxGraph *body, const char *in, const char *out)
{
    OnnxGraph *graph = graph_new();
    call(graph, "F", "x", "y");
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, body, "F", in, out);
    return model;
}

static void test_refused(void)
{
    OnnxGraph *itself = onnx_graph_new(""), *twice = onnx_graph_new(""),
              *assigns = onnx_graph_new(""), *few = onnx_graph_new(""),
              *old = onnx_graph_new("");
    call(itself, "F", "a", "b");
    assert_refused(model_with(itself, "a", "b"), HE_ERROR_UNSUPPORTED, "calls itself");
    GByteArray *model = model_with(twice, "a", "b");
    add_function(model, onnx_graph_new(""), "F", "a", "b");
    assert_refused(model, HE_ERROR_CORRUPT_MODEL,
                   "two functions are named 'my.domain.F'");
    onnx_node(assigns, "Neg", "a", "a");
    assert_refused(model_with(assigns, "a", "b"), HE_ERROR_CORRUPT_MODEL,
                   "which is an input");
    onnx_node(few, "Neg", "a", "b");
    assert_refused(model_with(few, "", ""), HE_ERROR_CORRUPT_MODEL, "its function");
    OnnxGraph *graph = graph_new();
    onnx_node(graph, "Relu", "x", "y");
    model = onnx_bytes(graph, 18);
    wire_message(model, 25, onnx_function(old, DOMAIN, "F", "a", "b", 99));
    assert_refused(model, HE_ERROR_UNSUPPORTED, "opset 99");
}

/* A graph as an attribute that the body refers to. */
static void test_graph_by_reference(void)
{
    OnnxGraph *graph = graph_new(), *body = onnx_graph_new("");
    onnx_attr_graph(call(graph, "F", "x", "y"), "g", onnx_graph_new("g"));
    onnx_attr_ref(onnx_node(body, "If", "a", "b"), "then_branch", 5, "g");
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, body, "F", "a", "b");
    assert_refused(model, HE_ERROR_UNSUPPORTED, "is a graph that a call gives");
}

/* Each function calls the next FAN times: FAN^10 nodes, or calls of nothing. */
static GByteArray *bomb(int fan, gboolean has_nodes, const char *in)
{
    OnnxGraph *graph = graph_new();
    call(graph, "F0", "x", "y");
    GByteArray *model = onnx_bytes(graph, 18);
    for (int level = 0; level < 10; level++) {
        OnnxGraph *body = onnx_graph_new("");
        g_autofree char *name = g_strdup_printf("F%d", level),
                        *next = g_strdup_printf("F%d", level + 1);
        for (int i = 0; i < fan && level < 9; i++)
            call(body, next, "a", "b");
        if (level == 9 && has_nodes)
            onnx_node(body, "Neg", "a", "b");
        add_function(model, body, name, in, "b");
    }
    return model;
}

static void test_bombs(void)
{
    assert_refused(bomb(10, TRUE, "a"), HE_ERROR_UNSUPPORTED, "its functions make more");
    assert_refused(bomb(10, FALSE, "a"), HE_ERROR_UNSUPPORTED, "its functions make more");
    g_autoptr(GString) many = g_string_new("a");
    for (int i = 0; i < HE_MAX_NODE_IO - 1; i++)
        g_string_append_printf(many, ",a%d", i);
    assert_refused(bomb(10, FALSE, many->str), HE_ERROR_UNSUPPORTED,
                   "its functions make more");
}

/* A large list, copied by many calls. */
static void test_large_list(void)
{
    OnnxGraph *graph = graph_new(), *body = onnx_graph_new("");
    g_autofree gint64 *list = g_new0(gint64, 1000000);
    for (int i = 0; i < 1000; i++)
        call(graph, "F", "x", "y");
    onnx_attr_ints(onnx_node(body, "Neg", "a", "b"), "list", 1000000, list);
    GByteArray *model = onnx_bytes(graph, 18);
    add_function(model, body, "F", "a", "b");
    assert_refused(model, HE_ERROR_UNSUPPORTED, "MiB of them");
}

/* Cut anywhere, and with wrong bits: an error, or another network, and never a crash. */
static void test_damaged(void)
{
    g_autoptr(GByteArray) whole = nested();
    for (guint at = 0; at < whole->len; at++) {
        GByteArray *cut = g_byte_array_new(), *flipped = g_byte_array_new();
        g_byte_array_append(cut, whole->data, at);
        g_byte_array_append(flipped, whole->data, whole->len);
        flipped->data[at] ^= (guint8)(1u << at % 8);
        he_onnx_free(open_model(cut, NULL));
        he_onnx_free(open_model(flipped, NULL));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/function/names", test_names);
    g_test_add_func("/model/function/taken-names", test_taken_names);
    g_test_add_func("/model/function/edges", test_edges);
    g_test_add_func("/model/function/attributes", test_attributes);
    g_test_add_func("/model/function/branch", test_branch);
    g_test_add_func("/model/function/refused", test_refused);
    g_test_add_func("/model/function/graph-by-reference", test_graph_by_reference);
    g_test_add_func("/model/function/bombs", test_bombs);
    g_test_add_func("/model/function/large-list", test_large_list);
    g_test_add_func("/model/function/damaged", test_damaged);
    return g_test_run();
}
