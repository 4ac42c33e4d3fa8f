/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Networks that ask for the impossible: `models check` refuses each in a line that names the node or tensor, and
 * neither memory nor time runs away. */
#include <string.h>

#include "support/command.h"
#include "support/onnx_write.h"

#define MANY 1000000000000 /* 10^12 */

static const gint64 four[] = {1, 3, 4, 4};

static OnnxGraph *start(void)
{
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, four);
    return g;
}

/* Y = f(IN), by the node "culprit". */
static OnnxNode *add(OnnxGraph *g, const char *op, const char *in, const char *out)
{
    OnnxNode *node = onnx_node(g, op, in, out);
    onnx_node_name(node, "culprit");
    return node;
}

/* A head behind F, so that all but the culprit is well. */
static void end(OnnxGraph *g)
{
    const float v[6] = {1, 0, 0, 1, 1, 1};
    g_autofree char *path = at("hostile.onnx");
    onnx_init_f32(g, "v", 2, (gint64[]){3, 2}, v);
    onnx_node(g, "GlobalAveragePool", "f", "p");
    onnx_node(g, "Flatten", "p", "flat");
    onnx_node(g, "MatMul", "flat,v", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    onnx_write(g, 13, path);
}

static void refused(const char *what, const char *words)
{
    gsize n;
    int status =
        run_shell("timeout 20 human-eye models check ./hostile.onnx >said.txt 2>&1");
    g_autofree char *said = load("said.txt", &n);
    if (status != 1 || !strstr(said, words))
        g_test_fail_printf("%s: status %d, does not say “%s”: %s", what, status, words,
                           said);
    g_test_message("%s: %s", what, said);
    drop("said.txt");
    drop("hostile.onnx");
}

static void test_many(void)
{
    static const struct {
        const char *op, *in;
        gint64 n_to, to[8];
    } cases[] = {{"ConstantOfShape", "to", 4, {1, 3, 1000000, 1000000}},
                 {"Expand", "x,to", 6, {1000000, 1000000, 1, 3, 4, 4}},
                 {"Tile", "x,to", 4, {1, 3, 1000000, 1000000}},
                 {"Pad", "x,to", 8, {0, 0, 0, 0, 0, 0, 1000000, 1000000}}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        OnnxGraph *g = start();
        onnx_init_i64(g, "to", 1, &cases[i].n_to, cases[i].to);
        add(g, cases[i].op, cases[i].in, "big");
        onnx_node(g, "Relu", "big", "f");
        end(g);
        refused(cases[i].op, "culprit");
    }
}

static void test_many_stated(void)
{
    OnnxGraph *g = start();
    onnx_init(g, "weights", HE_F32, 1, (gint64[]){MANY}, "\0\0\0\0", 4);
    add(g, "Mul", "x,weights", "f");
    end(g);
    refused("a tensor of 10^12 elements", "'weights'");
}

static void test_structure(void)
{
    OnnxGraph *g = start();
    add(g, "Add", "x,b", "a");
    onnx_node(g, "Relu", "a", "b");
    onnx_node(g, "Relu", "b", "f");
    end(g);
    refused("a cycle", "culprit");

    g = start();
    add(g, "Add", "x,nowhere", "f");
    end(g);
    refused("a missing input", "culprit");

    g = start();
    add(g, "Add", "x", "f");
    end(g);
    refused("too few inputs", "culprit");

    g = start();
    add(g, "FancyRelu", "x", "f");
    end(g);
    refused("an unknown operator", "FancyRelu: culprit");
}

static void test_types(void)
{
    const gint64 whole[] = {1, 2, 3};
    OnnxGraph *g = start();
    onnx_init_i64(g, "whole", 1, (gint64[]){3}, whole);
    add(g, "MatMul", "x,whole", "f");
    end(g);
    refused("integers where numbers are wanted", "culprit");

    g = start();
    onnx_attr_int(add(g, "Concat", "x,x", "f"), "axis", 9);
    end(g);
    refused("an axis that is not there", "culprit");

    g = start();
    add(g, "Reshape", "x,x", "f");
    end(g);
    refused("a shape of floats", "culprit");
}

static void test_external(void)
{
    static const char *const places[] = {"../outside.bin", "/etc/passwd", "link/passwd",
                                         "nowhere.bin"};
    run_shell("ln -s /etc link");
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        OnnxGraph *g = start();
        GByteArray *tensor = g_byte_array_new(), *entry = g_byte_array_new();
        wire_int(tensor, 1, 4);
        wire_int(tensor, 2, 1);
        wire_string(tensor, 8, "weights");
        wire_string(entry, 1, "location");
        wire_string(entry, 2, places[i]);
        wire_message(tensor, 13, entry);
        wire_int(tensor, 14, 1);
        wire_message(onnx_graph_extra(g), 5, tensor);
        add(g, "Mul", "x,weights", "f");
        end(g);
        refused(places[i], "'weights'");
    }
    run_shell("rm link");
}

/* A tensor of a node's own need not have a name: the node has. */
static void test_constant(void)
{
    for (int is_external = 0; is_external < 2; is_external++) {
        OnnxGraph *g = start();
        GByteArray *attr = g_byte_array_new(), *tensor = g_byte_array_new(),
                   *entry = g_byte_array_new();
        wire_int(tensor, 1, is_external ? 4 : MANY);
        wire_int(tensor, 2, 1);
        wire_string(entry, 1, "location");
        wire_string(entry, 2, "../outside.bin");
        if (is_external)
            wire_message(tensor, 13, entry);
        else
            g_byte_array_unref(entry);
        wire_int(tensor, 14, is_external);
        wire_string(attr, 1, "value");
        wire_int(attr, 20, 4);
        wire_message(attr, 5, tensor);
        wire_message(onnx_node_extra(onnx_node(g, "Constant", "", "maker")), 5, attr);
        onnx_node(g, "Mul", "x,maker", "f");
        end(g);
        refused(is_external ? "a file outside" : "10^12 numbers",
                "node Constant 'maker': ");
    }
}

/* A node without a name is called by its output. */
static void test_nameless(void)
{
    OnnxGraph *g = start();
    onnx_node(g, "FancyRelu", "x", "f");
    end(g);
    refused("an unknown operator", "of node 'f' is not supported");

    g = start();
    onnx_attr_string(onnx_node(g, "Constant", "", "text"), "value_string", "abc");
    onnx_node(g, "Add", "x,text", "f");
    end(g);
    refused("a constant of text", "Constant node 'text' has no value");

    g = start();
    onnx_node(g, "If", "x", "f");
    end(g);
    refused("a condition that is no constant", "If node 'f': its condition 'x'");

    g = start();
    wire_bytes(onnx_node_extra(onnx_node(g, "Relu", "x", "")), 2, "\xff", 1);
    end(g);
    refused("an output that is no text", "node Relu '': NodeProto");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    g_test_add_func("/cli/hostile/many", test_many);
    g_test_add_func("/cli/hostile/many-stated", test_many_stated);
    g_test_add_func("/cli/hostile/structure", test_structure);
    g_test_add_func("/cli/hostile/types", test_types);
    g_test_add_func("/cli/hostile/external", test_external);
    g_test_add_func("/cli/hostile/constant", test_constant);
    g_test_add_func("/cli/hostile/nameless", test_nameless);
    int status = g_test_run();
    command_end();
    return status;
}
