/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Activations spelt out are one node for the rules, whatever the order of their factors; nodes that do nothing
 * are views. Values and slopes are those of the formula. */
#include "graph/graph.h"

#include <math.h>

#include "support/plans.h"

static const gint64 four[] = {1, 4};
static const double points[] = {-1.5, -0.2, 0.4, 2.5};

typedef struct {
    HeOnnx *onnx;
    HePlan *plan;
} Net;

/* Takes G, of input "x" [1, 4] and output "y"; run on POINTS, differentiated from y[1] + y[3]. */
static void net_run(Net *net, OnnxGraph *g, const char *also, HeRule rule,
                    HeCoverage *coverage)
{
    g_autoptr(GError) error = NULL;
    const char *y[] = {"y", NULL}, *x[] = {"x", also, NULL};
    HeTensor shape;
    onnx_output(g, "y", HE_F32, -1, NULL);
    net->onnx = plans_open(g);
    he_tensor_init(&shape, HE_F64, 2, four);
    shape.data = (void *)(guintptr)points;
    HePlanContext context = {.onnx = net->onnx,
                             .input = "x",
                             .shape = &shape,
                             .precision = HE_PRECISION_DOUBLE};
    HeWanted wanted = {y, x, y};
    net->plan = he_plan_new(&context, &wanted, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(he_plan_forward(net->plan, &shape, NULL, &error));
    HeTerm terms[] = {{(char *)(guintptr) "y", 1, 1}, {(char *)(guintptr) "y", 3, 1}};
    HeTarget target = {terms, 2};
    g_assert_true(he_plan_backward(net->plan, &target, rule, coverage, NULL, &error));
}

static void net_close(Net *net)
{
    he_plan_free(net->plan);
    he_onnx_free(net->onnx);
}

static OnnxGraph *graph_new(void)
{
    static const float numbers[] = {
        0.5f,     1, 2, 3, 0.7071067811865476f, 1.4142135623730951f, 0.7978845608028654f,
        0.044715f};
    static const char *const names[] = {"half", "one",   "two",  "three",
                                        "r2",   "sqrt2", "s2pi", "cubic"};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 2, four);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        onnx_init_f32(g, names[i], 0, NULL, &numbers[i]);
    return g;
}

static double gelu(double x)
{
    return 0.5 * x * (1 + erf(x / sqrt(2)));
}

static double gelu_tanh(double x)
{
    return 0.5 * x * (1 + tanh(sqrt(2 / G_PI) * (x + 0.044715 * x * x * x)));
}

static double mish(double x)
{
    return x * tanh(log1p(exp(x)));
}

/* The graph must be one node, f, ruled as a smooth activation. */
static void check(OnnxGraph *g, double (*f)(double))
{
    Net net;
    HeCoverage coverage;
    net_run(&net, g, NULL, HE_RULE_GUIDED, &coverage);
    g_assert_cmpint(he_plan_get_n_nodes(net.plan), ==, 1);
    g_assert_cmpint(coverage.ruled, ==, 1);
    g_assert_cmpint(coverage.extended, ==, 1);
    const HeTensor *y = he_plan_get_value(net.plan, "y");
    const double *dx = he_plan_get_gradient(net.plan, "x")->data;
    for (int i = 0; i < 4; i++) {
        double x = points[i], slope = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
        double expected = i % 2 ? MAX(slope, 0) : 0;
        g_assert_cmpfloat(fabs(he_tensor_get_double(y, i) - f(x)), <, 1e-12);
        g_assert_cmpfloat(fabs(dx[i] - expected), <, 1e-8);
    }
    net_close(&net);
}

static void gelu_gate(OnnxGraph *g, gboolean by_mul)
{
    onnx_node(g, by_mul ? "Mul" : "Div", by_mul ? "r2,x" : "x,sqrt2", "z");
    onnx_node(g, "Erf", "z", "e");
    onnx_node(g, "Add", by_mul ? "one,e" : "e,one", "gate");
}

static void test_gelu(void)
{
    for (int by_mul = 0; by_mul < 2; by_mul++) {
        OnnxGraph *g = graph_new(); /* (x * gate) * half: PyTorch's first exporter */
        gelu_gate(g, by_mul);
        onnx_node(g, "Mul", "x,gate", "m");
        onnx_node(g, "Mul", "m,half", "y");
        check(g, gelu);
        g = graph_new(); /* (half * x) * gate */
        gelu_gate(g, by_mul);
        onnx_node(g, "Mul", "half,x", "m");
        onnx_node(g, "Mul", "gate,m", "y");
        check(g, gelu);
        g = graph_new(); /* x * (gate / two) */
        gelu_gate(g, by_mul);
        onnx_node(g, "Div", "gate,two", "m");
        onnx_node(g, "Mul", "x,m", "y");
        check(g, gelu);
    }
}

static void test_gelu_tanh(void)
{
    for (int spelling = 0; spelling < 3; spelling++) {
        OnnxGraph *g = graph_new();
        if (spelling == 0) {
            onnx_node(g, "Pow", "x,three", "p");
            onnx_node(g, "Mul", "cubic,p", "c");
        } else if (spelling == 1) {
            onnx_node(g, "Mul", "x,x", "xx");
            onnx_node(g, "Mul", "xx,x", "p");
            onnx_node(g, "Mul", "p,cubic", "c");
        } else {
            onnx_node(g, "Mul", "x,cubic", "cx");
            onnx_node(g, "Mul", "cx,x", "cxx");
            onnx_node(g, "Mul", "x,cxx", "c");
        }
        onnx_node(g, "Add", "x,c", "s");
        onnx_node(g, "Mul", "s,s2pi", "z");
        onnx_node(g, "Tanh", "z", "t");
        onnx_node(g, "Add", "t,one", "gate");
        onnx_node(g, "Mul", "x,half", "h");
        onnx_node(g, "Mul", "h,gate", "y");
        check(g, gelu_tanh);
    }
}

static void test_mish(void)
{
    OnnxGraph *g = graph_new();
    onnx_node(g, "Softplus", "x", "s");
    onnx_node(g, "Tanh", "s", "t");
    onnx_node(g, "Mul", "x,t", "y");
    check(g, mish);
}

/* x itself a product by a number: u = 2 x, gelu(u). */
static double gelu_of_double(double x)
{
    return gelu(2 * x);
}

static void test_inner_product(void)
{
    OnnxGraph *g = graph_new();
    Net net;
    onnx_node(g, "Mul", "x,two", "u");
    onnx_node(g, "Div", "u,sqrt2", "z");
    onnx_node(g, "Erf", "z", "e");
    onnx_node(g, "Add", "e,one", "gate");
    onnx_node(g, "Mul", "u,gate", "m");
    onnx_node(g, "Mul", "m,half", "y");
    net_run(&net, g, NULL, HE_RULE_PLAIN, NULL);
    g_assert_cmpint(he_plan_get_n_nodes(net.plan), ==, 2);
    for (int i = 0; i < 4; i++)
        g_assert_cmpfloat(fabs(he_tensor_get_double(he_plan_get_value(net.plan, "y"), i) -
                               gelu_of_double(points[i])),
                          <, 1e-12);
    net_close(&net);
}

/* HOW 0: d^2 by Pow, 1: by Mul, 2: d^3, 3: the mean is of another tensor. */
static OnnxGraph *layer_norm(int how)
{
    const gint64 last[] = {-1}, n = 4;
    const float scale[] = {1, -2, 0.5f, 3}, bias[] = {0.25f, 1, -1, 2}, epsilon = 0.01f;
    OnnxGraph *g = graph_new();
    onnx_init_f32(g, "scale", 1, &n, scale);
    onnx_init_f32(g, "bias", 1, &n, bias);
    onnx_init_f32(g, "epsilon", 0, NULL, &epsilon);
    onnx_node(g, "Relu", "x", "r");
    onnx_attr_ints(onnx_node(g, "ReduceMean", how == 3 ? "r" : "x", "m"), "axes", 1,
                   last);
    onnx_node(g, "Sub", "x,m", "d");
    onnx_node(g, how == 1 ? "Mul" : "Pow",
              how == 1   ? "d,d"
              : how == 2 ? "d,three"
                         : "d,two",
              "dd");
    onnx_attr_ints(onnx_node(g, "ReduceMean", "dd", "v"), "axes", 1, last);
    onnx_node(g, "Add", how == 1 ? "epsilon,v" : "v,epsilon", "ve");
    onnx_node(g, "Sqrt", "ve", "s");
    onnx_node(g, "Div", "d,s", "q");
    onnx_node(g, "Mul", how == 1 ? "scale,q" : "q,scale", "p");
    onnx_node(g, "Add", how == 1 ? "bias,p" : "p,bias", "y");
    return g;
}

/* Against the same nodes one by one, which a gradient of an inner tensor keeps apart. */
static void test_layer_norm(void)
{
    for (int how = 0; how < 2; how++) {
        Net whole, parts;
        net_run(&whole, layer_norm(how), NULL, HE_RULE_PLAIN, NULL);
        net_run(&parts, layer_norm(how), "dd", HE_RULE_PLAIN, NULL);
        g_assert_cmpint(he_plan_get_n_nodes(whole.plan), ==, 1);
        g_assert_cmpstr(he_plan_get_node(whole.plan, 0)->op->name, ==,
                        "LayerNormalization");
        g_assert_cmpint(he_plan_get_n_nodes(parts.plan), ==, 9);
        for (int i = 0; i < 4; i++) {
            const double *dx = he_plan_get_gradient(whole.plan, "x")->data,
                         *other = he_plan_get_gradient(parts.plan, "x")->data;
            g_assert_cmpfloat(
                fabs(he_tensor_get_double(he_plan_get_value(whole.plan, "y"), i) -
                     he_tensor_get_double(he_plan_get_value(parts.plan, "y"), i)),
                <, 1e-12);
            g_assert_cmpfloat(fabs(dx[i] - other[i]), <, 1e-12);
        }
        net_close(&whole);
        net_close(&parts);
    }
    for (int how = 2; how < 4; how++) {
        Net net;
        net_run(&net, layer_norm(how), NULL, HE_RULE_PLAIN, NULL);
        g_assert_cmpint(he_plan_get_n_nodes(net.plan), ==, how == 3 ? 10 : 9);
        net_close(&net);
    }
}

/* Near misses stay what they are: another number, another x, a gradient of an inner tensor. */
static void test_others(void)
{
    for (int miss = 0; miss < 3; miss++) {
        OnnxGraph *g = graph_new();
        Net net;
        onnx_node(g, "Relu", "x", "r");
        gelu_gate(g, FALSE);
        onnx_node(g, "Mul", miss == 1 ? "r,gate" : "x,gate", "m");
        onnx_node(g, "Mul", miss == 0 ? "m,one" : "m,half", "y");
        net_run(&net, g, miss == 2 ? "e" : NULL, HE_RULE_PLAIN, NULL);
        g_assert_cmpint(he_plan_get_n_nodes(net.plan), >, 3);
        for (int i = 0; i < 4; i++) {
            double x = points[i], gate = 1 + erf(x / sqrt(2));
            double y = gate * (miss == 0 ? x : miss == 1 ? 0.5 * MAX(x, 0) : 0.5 * x);
            g_assert_cmpfloat(
                fabs(he_tensor_get_double(he_plan_get_value(net.plan, "y"), i) - y), <,
                1e-7);
        }
        net_close(&net);
    }
}

/* Nodes that do nothing become views; a slice that turns its axis round is not one of them. */
static void test_nothing(void)
{
    const gint64 two[] = {2}, one_dim[] = {1}, none[] = {0, 0, 0, 0}, zero[] = {0},
                 far[] = {99}, last[] = {-1}, before[] = {-99}, back[] = {-1},
                 n_pads[] = {4}, shape[] = {1, 4};
    const float zeros[] = {0, 0, 0, 0};
    OnnxGraph *g = graph_new();
    Net net;
    onnx_init_f32(g, "zeros", 1, (gint64[]){4}, zeros);
    onnx_init_i64(g, "none", 1, n_pads, none);
    onnx_init_i64(g, "zero", 1, one_dim, zero);
    onnx_init_i64(g, "far", 1, one_dim, far);
    onnx_init_i64(g, "last", 1, one_dim, last);
    onnx_init_i64(g, "before", 1, one_dim, before);
    onnx_init_i64(g, "back", 1, one_dim, back);
    onnx_init_i64(g, "shape", 1, two, shape);
    onnx_node(g, "Add", "zeros,x", "a");
    onnx_node(g, "Mul", "a,one", "b");
    onnx_node(g, "Div", "b,one", "c");
    onnx_node(g, "Pad", "c,none", "d");
    onnx_node(g, "Slice", "d,zero,far,last", "e");
    onnx_node(g, "Expand", "e,shape", "f");
    onnx_attr_int(onnx_node(g, "Concat", "f", "h"), "axis", 0);
    onnx_node(g, "Transpose", "h", "t");
    onnx_node(g, "Transpose", "t", "u");
    onnx_node(g, "Slice", "u,last,before,last,back", "v");
    onnx_node(g, "Neg", "v", "y");
    net_run(&net, g, NULL, HE_RULE_PLAIN, NULL);
    int working = 0;
    for (int i = 0; i < he_plan_get_n_nodes(net.plan); i++)
        working += !(he_plan_get_node(net.plan, i)->op->flags & HE_OP_VIEW);
    g_assert_cmpint(working, ==, 2);
    const double *dx = he_plan_get_gradient(net.plan, "x")->data;
    for (int i = 0; i < 4; i++) {
        g_assert_cmpfloat(he_tensor_get_double(he_plan_get_value(net.plan, "y"), i), ==,
                          -points[3 - i]);
        g_assert_cmpfloat(dx[i], ==, i % 2 == 0 ? -1 : 0);
    }
    net_close(&net);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/graph/pattern/gelu", test_gelu);
    g_test_add_func("/graph/pattern/gelu-tanh", test_gelu_tanh);
    g_test_add_func("/graph/pattern/layer-norm", test_layer_norm);
    g_test_add_func("/graph/pattern/mish", test_mish);
    g_test_add_func("/graph/pattern/inner-product", test_inner_product);
    g_test_add_func("/graph/pattern/others", test_others);
    g_test_add_func("/graph/pattern/nothing", test_nothing);
    return g_test_run();
}
