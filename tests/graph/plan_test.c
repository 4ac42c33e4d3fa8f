/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plans on small graphs: If and shape subgraphs folded, patterns, rules and their counts, accumulation of
 * gradients, reuse of one forward by many backwards, errors that name what is wrong. */
#include "graph/graph.h"

#include <glib/gstdio.h>
#include <math.h>

#include "core/pool.h"
#include "support/plans.h"

typedef struct {
    HeOnnx *onnx;
    HePlan *plan;
    HeTensor shape;
} Net;

static HePlan *plan_try(Net *net, HePrecision precision, const HeWanted *wanted,
                        GError **error)
{
    HePlanContext context = {.onnx = net->onnx,
                             .input = "x",
                             .shape = &net->shape,
                             .precision = precision,
                             .kernels = HE_SET_PLAIN};
    return he_plan_new(&context, wanted, NULL, error);
}

/* Takes GRAPH; its input "x" has SHAPE. */
static void net_open(Net *net, OnnxGraph *graph, int rank, const gint64 *dim)
{
    net->onnx = plans_open(graph);
    net->plan = NULL;
    he_tensor_init(&net->shape, HE_F64, rank, dim);
}

static void net_plan(Net *net, const HeWanted *wanted)
{
    g_autoptr(GError) error = NULL;
    net->plan = plan_try(net, HE_PRECISION_DOUBLE, wanted, &error);
    g_assert_no_error(error);
}

static void net_forward(Net *net, const double *x)
{
    g_autoptr(GError) error = NULL;
    HeTensor in = net->shape;
    in.data = (void *)(guintptr)x;
    he_plan_forward(net->plan, &in, NULL, &error);
    g_assert_no_error(error);
}

static void net_backward(Net *net, const char *tensor, gint64 index, HeRule rule,
                         HeCoverage *coverage)
{
    g_autoptr(GError) error = NULL;
    HeTerm term = {(char *)(guintptr)tensor, index, 1};
    HeTarget target = {&term, 1};
    he_plan_backward(net->plan, &target, rule, coverage, NULL, &error);
    g_assert_no_error(error);
}

static void net_close(Net *net)
{
    he_plan_free(net->plan);
    he_onnx_free(net->onnx);
}

static void assert_numbers(const HeTensor *t, const double *expected, double tolerance)
{
    g_assert_nonnull(t);
    for (size_t i = 0; i < he_tensor_n(t); i++)
        g_assert_cmpfloat(fabs(he_tensor_get_double(t, i) - expected[i]), <=, tolerance);
}

static const gint64 four[] = {1, 4};
static const char *const want_x[] = {"x", NULL}, *const want_y[] = {"y", NULL};

/* y = relu(x) * relu(x) + relu(x): three readers of one value, whose gradients add up; the element-wise
 * steps may not overwrite what the backward reads. */
static void test_accumulate(void)
{
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 2, four);
    onnx_node(g, "Relu", "x", "r");
    onnx_node(g, "Mul", "r,r", "s");
    onnx_node(g, "Add", "s,r", "a");
    onnx_node(g, "Relu", "a", "y");
    onnx_output(g, "y", HE_F32, 2, four);
    Net net;
    net_open(&net, g, 2, four);
    net_plan(&net, &(HeWanted){want_y, want_x, want_y});
    net_forward(&net, (double[]){-1, 0, 2, 3});
    assert_numbers(he_plan_get_value(net.plan, "y"), (double[]){0, 0, 6, 12}, 0);
    /* Twice, and for two targets: the forward values stay. */
    for (int round = 0; round < 2; round++) {
        net_backward(&net, "y", 2, HE_RULE_PLAIN, NULL);
        assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, 0, 5, 0}, 0);
        net_backward(&net, "y", 3, HE_RULE_PLAIN, NULL);
        assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, 0, 0, 7}, 0);
    }
    net_forward(&net, (double[]){1, 0, -2, 3});
    net_backward(&net, "y", 0, HE_RULE_PLAIN, NULL);
    assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){3, 0, 0, 0}, 0);
    net_close(&net);
}

/* Gradients of an inner tensor and of the input at once; the inner one is a target as well. */
static void test_inner_tensors(void)
{
    OnnxGraph *g = onnx_graph_new("net");
    float two = 2, three = 3;
    onnx_input(g, "x", HE_F32, 2, four);
    onnx_init_f32(g, "two", 0, NULL, &two);
    onnx_init_f32(g, "three", 0, NULL, &three);
    onnx_node(g, "Mul", "x,two", "m");
    onnx_node(g, "Mul", "m,three", "y");
    onnx_output(g, "y", HE_F32, 2, four);
    const char *gradients[] = {"x", "m", NULL}, *targets[] = {"y", "m", NULL};
    Net net;
    net_open(&net, g, 2, four);
    net_plan(&net, &(HeWanted){want_y, gradients, targets});
    net_forward(&net, (double[]){1, 2, 3, 4});
    HeTerm terms[] = {{(char *)(guintptr) "y", 0, 1}, {(char *)(guintptr) "m", 1, 10}};
    HeTarget target = {terms, 2};
    g_assert_true(he_plan_backward(net.plan, &target, HE_RULE_PLAIN, NULL, NULL, NULL));
    assert_numbers(he_plan_get_gradient(net.plan, "m"), (double[]){3, 10, 0, 0}, 0);
    assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){6, 20, 0, 0}, 0);
    net_close(&net);
}

/* x * sigmoid(x) is one activation for the rules, counted once; asking for the gate's own gradient keeps
 * the two nodes. */
static void test_swish(void)
{
    const char *gate[] = {"x", "s", NULL};
    const double f = 0.9276705118714867; /* d swish(1) */
    for (int split = 0; split < 2; split++) {
        OnnxGraph *g = onnx_graph_new("net");
        HeCoverage coverage;
        onnx_input(g, "x", HE_F32, 2, four);
        onnx_node(g, "Sigmoid", "x", "s");
        onnx_node(g, "Mul", "x,s", "y");
        onnx_output(g, "y", HE_F32, 2, four);
        Net net;
        net_open(&net, g, 2, four);
        net_plan(&net, &(HeWanted){want_y, split ? gate : want_x, want_y});
        net_forward(&net, (double[]){1, -3, 0, 2});
        net_backward(&net, "y", 0, HE_RULE_GUIDED, &coverage);
        assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){f, 0, 0, 0},
                       1e-12);
        g_assert_cmpint(coverage.seen, ==, split ? 0 : 1);
        g_assert_cmpint(coverage.ruled, ==, split ? 0 : 1);
        g_assert_cmpint(coverage.extended, ==, split ? 0 : 1);
        net_backward(&net, "y", 1, HE_RULE_GUIDED, &coverage);
        const double *at = he_plan_get_gradient(net.plan, "x")->data;
        g_assert_cmpfloat_with_epsilon(at[1], split ? -0.0881041060 : 0, 1e-9);
        net_close(&net);
    }
}

/* A quantised value and back: the gradient goes straight through where nothing was clamped. */
static void test_quantized(void)
{
    OnnxGraph *g = onnx_graph_new("net");
    float scales[] = {0.5f, 0.5f};
    const gint8 zero = 10;
    onnx_input(g, "x", HE_F32, 2, four);
    onnx_init_f32(g, "s", 0, NULL, &scales[0]);
    onnx_init_f32(g, "s_again", 0, NULL, &scales[1]);
    onnx_init(g, "z", HE_I8, 0, NULL, &zero, 1);
    onnx_node(g, "QuantizeLinear", "x,s,z", "q");
    onnx_node(g, "DequantizeLinear", "q,s_again,z", "d");
    onnx_node(g, "Mul", "d,d", "y");
    onnx_output(g, "y", HE_F32, 2, four);
    Net net;
    net_open(&net, g, 2, four);
    net_plan(&net, &(HeWanted){want_y, want_x, want_y});
    g_assert_cmpint(he_plan_get_n_nodes(net.plan), ==, 2);
    net_forward(&net, (double[]){1.1, -0.7, 60, 0.1});
    assert_numbers(he_plan_get_value(net.plan, "y"), (double[]){1, 0.25, 3422.25, 0}, 0);
    net_backward(&net, "y", 1, HE_RULE_PLAIN, NULL);
    assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, -1, 0, 0}, 0);
    net_backward(&net, "y", 2, HE_RULE_PLAIN, NULL);
    assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, 0, 0, 0}, 0);
    net_close(&net);
}

/* x * relu6(x + 3) / 6 in both orders, with its Clip seen as no ReLU6. */
static void test_hard_swish(void)
{
    for (int order = 0; order < 2; order++) {
        OnnxGraph *g = onnx_graph_new("net");
        float numbers[] = {3, 0, 6};
        HeCoverage coverage;
        onnx_input(g, "x", HE_F32, 2, four);
        onnx_init_f32(g, "three", 0, NULL, &numbers[0]);
        onnx_init_f32(g, "zero", 0, NULL, &numbers[1]);
        onnx_init_f32(g, "six", 0, NULL, &numbers[2]);
        onnx_node(g, "Add", "x,three", "a");
        onnx_node(g, "Clip", "a,zero,six", "c");
        onnx_node(g, order ? "Mul" : "Div", order ? "x,c" : "c,six", "m");
        onnx_node(g, order ? "Div" : "Mul", order ? "m,six" : "x,m", "y");
        onnx_output(g, "y", HE_F32, 2, four);
        Net net;
        net_open(&net, g, 2, four);
        net_plan(&net, &(HeWanted){want_y, want_x, want_y});
        g_assert_cmpint(he_plan_get_n_nodes(net.plan), ==, 1);
        net_forward(&net, (double[]){1, -2, 4, -4});
        assert_numbers(he_plan_get_value(net.plan, "y"),
                       (double[]){4 / 6.0, -2 / 6.0, 4, 0}, 1e-12);
        net_backward(&net, "y", 1, HE_RULE_GUIDED, &coverage);
        assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, 0, 0, 0}, 0);
        net_backward(&net, "y", 1, HE_RULE_PLAIN, &coverage);
        assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, -1 / 6.0, 0, 0},
                       1e-12);
        g_assert_cmpint(coverage.seen, ==, 1);
        g_assert_cmpint(coverage.ruled, ==, 0);
        net_close(&net);
    }
}

/* An If whose condition comes from a shape takes its branch, which sees outer names. */
static void test_if(void)
{
    const gint64 one_dim[] = {1}, index[] = {1}, wanted_size[] = {4};
    for (int taken = 0; taken < 2; taken++) {
        OnnxGraph *g = onnx_graph_new("net");
        OnnxGraph *yes = onnx_graph_new("yes"), *no = onnx_graph_new("no");
        gint64 size[] = {taken ? wanted_size[0] : 5};
        onnx_input(g, "x", HE_F32, 2, four);
        onnx_init_i64(g, "one", 1, one_dim, index);
        onnx_init_i64(g, "size", 1, one_dim, size);
        onnx_node(g, "Shape", "x", "shape");
        onnx_node(g, "Gather", "shape,one", "width");
        onnx_node(g, "Equal", "width,size", "condition");
        onnx_node(yes, "Neg", "x", "yes_out");
        onnx_output(yes, "yes_out", HE_F32, -1, NULL);
        onnx_node(no, "Identity", "x", "no_out");
        onnx_output(no, "no_out", HE_F32, -1, NULL);
        OnnxNode *branch = onnx_node(g, "If", "condition", "b");
        onnx_attr_graph(branch, "then_branch", yes);
        onnx_attr_graph(branch, "else_branch", no);
        onnx_node(g, "Relu", "b", "y");
        onnx_output(g, "y", HE_F32, 2, four);
        Net net;
        net_open(&net, g, 2, four);
        net_plan(&net, &(HeWanted){want_y, want_x, want_y});
        net_forward(&net, (double[]){1, -2, 3, -4});
        assert_numbers(he_plan_get_value(net.plan, "y"),
                       taken ? (double[]){0, 2, 0, 4} : (double[]){1, 0, 3, 0}, 0);
        net_backward(&net, "y", taken ? 1 : 0, HE_RULE_PLAIN, NULL);
        assert_numbers(he_plan_get_gradient(net.plan, "x"),
                       taken ? (double[]){0, -1, 0, 0} : (double[]){1, 0, 0, 0}, 0);
        net_close(&net);
    }
}

/* Views share memory: nothing that is still read is overwritten through another shape. */
static void test_views(void)
{
    const gint64 two[] = {2}, square[] = {2, 2};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 2, four);
    onnx_init_i64(g, "square", 1, two, square);
    onnx_node(g, "Neg", "x", "n");
    onnx_node(g, "Reshape", "n,square", "v");
    onnx_node(g, "Relu", "v", "r"); /* must not overwrite n, which is read below */
    onnx_node(g, "Flatten", "r", "f");
    onnx_node(g, "Transpose", "r", "t");
    onnx_node(g, "Add", "t,v", "y");
    onnx_output(g, "y", HE_F32, 2, square);
    Net net;
    net_open(&net, g, 2, four);
    net_plan(&net, &(HeWanted){want_y, want_x, want_y});
    net_forward(&net, (double[]){-1, 2, -3, 4});
    assert_numbers(he_plan_get_value(net.plan, "y"), (double[]){2, 1, 3, -4}, 0);
    net_backward(&net, "y", 1, HE_RULE_PLAIN, NULL);
    /* y01 = r10 + v01 = relu(-x2) - x1 */
    assert_numbers(he_plan_get_gradient(net.plan, "x"), (double[]){0, -1, -1, 0}, 0);
    net_close(&net);
}

/* More inputs than a mask has bits: every one gets its gradient. */
static void test_many_inputs(void)
{
    enum { N = 40 };
    for (int op = 0; op < 2; op++) {
        OnnxGraph *g = onnx_graph_new("net");
        g_autoptr(GString) names = g_string_new(NULL);
        float factor[N];
        onnx_input(g, "x", HE_F32, 2, four);
        for (int i = 0; i < N; i++) {
            g_autofree char *k = g_strdup_printf("k%d", i),
                            *m = g_strdup_printf("m%d", i);
            g_autofree char *in = g_strdup_printf("x,%s", k);
            factor[i] = (float)(i + 1);
            onnx_init_f32(g, k, 0, NULL, &factor[i]);
            onnx_node(g, "Mul", in, m);
            g_string_append_printf(names, "%s%s", i ? "," : "", m);
        }
        OnnxNode *node = onnx_node(g, op ? "Max" : "Concat", names->str, "y");
        if (!op)
            onnx_attr_int(node, "axis", 1);
        onnx_output(g, "y", HE_F32, -1, NULL);
        Net net;
        net_open(&net, g, 2, four);
        net_plan(&net, &(HeWanted){want_y, want_x, want_y});
        net_forward(&net, (double[]){1, 2, 3, 4});
        for (int i = 0; i < (op ? 1 : N); i++) {
            net_backward(&net, "y", 4 * i, HE_RULE_PLAIN, NULL);
            const double *d = he_plan_get_gradient(net.plan, "x")->data;
            g_assert_cmpfloat(d[0], ==, op ? N : i + 1);
            g_assert_cmpfloat(d[1], ==, 0);
        }
        net_close(&net);
    }
}

static void expect_error(OnnxGraph *g, const HeWanted *wanted, const double *x, int code,
                         const char *needle)
{
    g_autoptr(GError) error = NULL;
    Net net;
    net_open(&net, g, 2, four);
    net.plan = plan_try(&net, HE_PRECISION_DOUBLE, wanted, &error);
    if (net.plan && x) {
        HeTensor in = net.shape;
        in.data = (void *)(guintptr)x;
        HeTerm term = {(char *)(guintptr) "y", 0, 1};
        HeTarget target = {&term, 1};
        if (he_plan_forward(net.plan, &in, NULL, &error))
            he_plan_backward(net.plan, &target, HE_RULE_PLAIN, NULL, NULL, &error);
    }
    g_assert_error(error, HE_ERROR, code);
    g_assert_nonnull(strstr(error->message, needle));
    net_close(&net);
}

static OnnxGraph *one_node(const char *op, const char *in)
{
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 2, four);
    OnnxNode *node = onnx_node(g, op, in, "y");
    onnx_node_name(node, "culprit");
    onnx_output(g, "y", HE_F32, -1, NULL);
    return g;
}

static void test_errors(void)
{
    const HeWanted wanted = {want_y, want_x, want_y}, nothing = {want_y, NULL, NULL};
    const char *unknown[] = {"nowhere", NULL};
    const double zero[] = {0, 1, 1, 1}, big[] = {1000, 0, 0, 0};
    expect_error(one_node("FancyOp", "x"), &wanted, NULL, HE_ERROR_UNSUPPORTED,
                 "culprit");
    expect_error(one_node("Relu", "z"), &wanted, NULL, HE_ERROR_CORRUPT_MODEL, "'z'");
    expect_error(one_node("Relu", "x,x,x"), &wanted, NULL, HE_ERROR_CORRUPT_MODEL,
                 "culprit");
    expect_error(one_node("ArgMax", "x"), &wanted, NULL, HE_ERROR_UNSUPPORTED, "culprit");
    expect_error(one_node("Relu", "x"), &(HeWanted){unknown, NULL, NULL}, NULL,
                 HE_ERROR_INVALID_ARGUMENT, "nowhere");
    expect_error(one_node("Exp", "x"), &nothing, big, HE_ERROR_NUMERIC, "culprit");
    expect_error(one_node("Sqrt", "x"), &wanted, zero, HE_ERROR_NUMERIC, "gradient");
    expect_error(one_node("Sqrt", "x"), &wanted, (double[]){NAN, 1, 1, 1},
                 HE_ERROR_NUMERIC, "input");
    /* A cycle: neither node's input is made before it. */
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 2, four);
    onnx_node(g, "Add", "x,b", "a");
    onnx_node(g, "Relu", "a", "b");
    onnx_node(g, "Relu", "b", "y");
    onnx_output(g, "y", HE_F32, 2, four);
    expect_error(g, &wanted, NULL, HE_ERROR_CORRUPT_MODEL, "'b'");
}

/* A target that the wanted tensor does not lead to is refused, not answered with zeros. */
static void test_unconnected(void)
{
    const char *aside[] = {"aside", NULL};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 2, four);
    onnx_node(g, "Neg", "x", "aside");
    onnx_node(g, "Relu", "x", "y");
    onnx_output(g, "y", HE_F32, 2, four);
    expect_error(g, &(HeWanted){want_y, aside, want_y}, NULL, HE_ERROR_INVALID_ARGUMENT,
                 "aside");
}

static void test_cancel(void)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    HeTask task = {.cancellable = cancellable};
    Net net;
    double x[] = {1, 2, 3, 4};
    net_open(&net, one_node("Relu", "x"), 2, four);
    net_plan(&net, &(HeWanted){want_y, NULL, NULL});
    HeTensor in = net.shape;
    in.data = x;
    g_cancellable_cancel(cancellable);
    g_assert_false(he_plan_forward(net.plan, &in, &task, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    net_close(&net);
}

/* An output that an operator must give may be without a name, when only another one is read. */
static void test_nameless(void)
{
    const gint64 plane[] = {1, 1, 2, 4};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, plane);
    OnnxNode *pool = onnx_node(g, "MaxPool", "x", ",i");
    onnx_attr_ints(pool, "kernel_shape", 2, (gint64[]){2, 2});
    onnx_attr_ints(pool, "strides", 2, (gint64[]){2, 2});
    onnx_attr_int(onnx_node(g, "Cast", "i", "y"), "to", 1);
    onnx_output(g, "y", HE_F32, -1, NULL);
    Net net;
    net_open(&net, g, 4, plane);
    net_plan(&net, &(HeWanted){want_y, NULL, NULL});
    net_forward(&net, (double[]){1, 2, 3, 9, 8, 4, 5, 6});
    assert_numbers(he_plan_get_value(net.plan, "y"), (double[]){4, 3}, 0);
    net_close(&net);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/graph/plan/nameless", test_nameless);
    g_test_add_func("/graph/plan/accumulate", test_accumulate);
    g_test_add_func("/graph/plan/inner-tensors", test_inner_tensors);
    g_test_add_func("/graph/plan/swish", test_swish);
    g_test_add_func("/graph/plan/quantized", test_quantized);
    g_test_add_func("/graph/plan/hard-swish", test_hard_swish);
    g_test_add_func("/graph/plan/if", test_if);
    g_test_add_func("/graph/plan/views", test_views);
    g_test_add_func("/graph/plan/many-inputs", test_many_inputs);
    g_test_add_func("/graph/plan/errors", test_errors);
    g_test_add_func("/graph/plan/unconnected", test_unconnected);
    g_test_add_func("/graph/plan/cancel", test_cancel);
    return g_test_run();
}
