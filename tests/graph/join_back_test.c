/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Gradients of a concatenation's parts that stand in its own (join_back.c), against double where each is asked for, so that
 * it stands by itself: by every rule, from several targets.
 *
 * gates: x -> Conv a -> Relu p, Conv b -> Relu q; Concat(p, q) = s; Conv c(s or MaxPool(s)) = y, Conv d(s) = e
 * dense: x -> Conv a, Conv b; Concat(a, b) = s; Conv e(b); Relu, Conv c(s); Concat(a, b, c) = t; Relu, Conv d(t);
 *        Concat(a, b, c, d) = u; Relu, Conv y(u); Conv f(t); Concat(y, y, e, f) = z;
 *        Conv o(z) */
#include "graph/plan.h"
#include "support/plans.h"

enum { C = 16, SIDE = 13, N = C * SIDE * SIDE };

static HeOnnx *gates, *pooled, *dense;
static HePool *pool;
static float x[N];

/* C channels from FROM. */
static void conv(OnnxGraph *g, const char *in, gint64 from, const char *name)
{
    plans_conv(g, in, from, C, 1, name);
}

static void concat(OnnxGraph *g, const char *parts, const char *name)
{
    onnx_attr_int(onnx_node(g, "Concat", parts, name), "axis", 1);
}

static OnnxGraph *begin(void)
{
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    conv(g, "x", C, "a");
    conv(g, "x", C, "b");
    return g;
}

static void max_pool(OnnxGraph *g, const char *in, const char *name)
{
    OnnxNode *node = onnx_node(g, "MaxPool", in, name);
    onnx_attr_ints(node, "kernel_shape", 2, (gint64[]){3, 3});
    onnx_attr_ints(node, "pads", 4, (gint64[]){1, 1, 1, 1});
}

static HeOnnx *make_gates(gboolean is_pooled)
{
    OnnxGraph *g = begin();
    onnx_node(g, "Relu", "a", "p");
    onnx_node(g, "Relu", "b", "q");
    concat(g, "p,q", "s");
    if (is_pooled)
        max_pool(g, "s", "m");
    conv(g, is_pooled ? "m" : "s", 2 * C, "c");
    conv(g, "s", 2 * C, "d");
    onnx_node(g, "Identity", "c", "y");
    onnx_node(g, "Identity", "d", "e");
    onnx_output(g, "y", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    onnx_output(g, "e", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    return plans_open(g);
}

/* The gated conv of a layer of a dense block. */
static void layer(OnnxGraph *g, const char *in, gint64 from, const char *name)
{
    g_autofree char *gated = g_strconcat("r_", name, NULL);
    onnx_node(g, "Relu", in, gated);
    conv(g, gated, from, name);
}

static void make_dense(void)
{
    OnnxGraph *g = begin();
    concat(g, "a,b", "s");
    conv(g, "b", C, "e");
    layer(g, "s", 2 * C, "c");
    concat(g, "a,b,c", "t");
    layer(g, "t", 3 * C, "d");
    concat(g, "a,b,c,d", "u");
    layer(g, "u", 4 * C, "y");
    conv(g, "t", 3 * C, "f");
    concat(g, "y,y,e,f", "z");
    conv(g, "z", 4 * C, "o");
    onnx_output(g, "o", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    dense = plans_open(g);
}

/* From each target alone, and from two at once, by every rule. */
static void compare(HePlan *plan, HePlan *plain, const HeWanted *wanted, int n_gates)
{
    for (size_t i = 0; wanted->targets[i]; i++)
        for (HeRule rule = HE_RULE_PLAIN; rule <= HE_RULE_DECONV; rule++) {
            HeTerm terms[2] = {
                {(char *)(guintptr)wanted->targets[i], N / 2 + (gint64)i, 1},
                {(char *)(guintptr)wanted->targets[0], N / 3, -2}};
            HeTarget target = {.terms = terms, .n_terms = i > 0 ? 2 : 1};
            HeCoverage coverage;
            g_assert_true(he_plan_backward(plan, &target, rule, &coverage, NULL, NULL));
            g_assert_cmpint(coverage.seen, ==, n_gates);
            g_assert_true(he_plan_backward(plain, &target, rule, NULL, NULL, NULL));
            for (const char *const *name = wanted->gradients; *name; name++)
                plans_assert_near(he_plan_get_gradient(plan, *name),
                                  he_plan_get_gradient(plain, *name));
        }
}

static int count_joined(const HePlan *plan)
{
    int n = 0;
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        for (int k = 0; step->joins && k < step->node.n_in; k++)
            n += step->joins[k];
    }
    return n;
}

/* ALL: what the reference is asked for. */
static HePlan *run(const HeOnnx *onnx, const char *const *all, HeKernelSet set,
                   const HeWanted *wanted, int n_gates)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    HePlan *plan = plans_new(onnx, pool, set, HE_PRECISION_SINGLE, &shape, wanted);
    HeWanted each = {NULL, all, wanted->targets};
    g_autoptr(HePlan) plain =
        plans_new(onnx, pool, set, HE_PRECISION_DOUBLE, &shape, &each);
    g_assert_cmpint(count_joined(plain), ==, 0);
    plans_forward(plain, &shape, x);
    for (int again = 0; again < 2; again++) {
        plans_forward(plan, &shape, x);
        compare(plan, plain, wanted, n_gates);
    }
    return plan;
}

static int count_gated(const HePlan *plan)
{
    int n = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        n += he_plan_step(plan, (int)i)->is_gated_before;
    return n;
}

static int count_over(const HePlan *plan)
{
    int n = 0;
    for (guint v = 0; v < plan->values->len; v++)
        n += he_plan_value(plan, (int)v)->grad_over >= 0;
    return n;
}

static const char *const want_x[] = {"x", NULL},
                         *const all_of_gates[] = {"x", "p", "q", "s", NULL},
                         *const all_of_dense[] = {"x", "a", "b", "c", "d", "e", "f",
                                                  "y", "s", "t", "u", "z", NULL};

static HePlan *run_gates(const HeOnnx *onnx, HeKernelSet set,
                         const char *const *gradients)
{
    static const char *const targets[] = {"y", "e", NULL};
    return run(onnx, all_of_gates, set, &(HeWanted){NULL, gradients, targets}, 2);
}

/* Both gates go with the last that gives to s; where q's gradient is asked for, each by itself. */
static void test_gates(gconstpointer data)
{
    static const char *const want_q[] = {"x", "q", NULL};
    HeKernelSet set = (HeKernelSet)GPOINTER_TO_INT(data);
    const HeOnnx *const nets[] = {gates, pooled};
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        g_autoptr(HePlan) plan = run_gates(nets[i], set, want_x);
        g_assert_cmpint(count_joined(plan), ==, 2);
        g_assert_cmpint(count_gated(plan), ==, set >= HE_SET_AVX2 ? 2 : 0);
        g_autoptr(HePlan) seen = run_gates(nets[i], set, want_q);
        g_assert_cmpint(count_gated(seen), ==, 0);
    }
}

static HePlan *run_dense(HeKernelSet set, const char *const *gradients,
                         const char *const *targets)
{
    return run(dense, all_of_dense, set, &(HeWanted){NULL, gradients, targets}, 3);
}

/* s is added to u's parts; t, which f reads after u has been made, stands by itself. */
static void test_dense(gconstpointer data)
{
    static const char *const targets[] = {"o", NULL}, *const with_t[] = {"o", "t", NULL},
                             *const with_b[] = {"o", "b", NULL},
                             *const want_c[] = {"x", "c", NULL};
    HeKernelSet set = (HeKernelSet)GPOINTER_TO_INT(data);
    g_autoptr(HePlan) plan = run_dense(set, want_x, targets);
    g_assert_cmpint(count_over(plan), ==, 1);
    g_assert_cmpint(count_joined(plan), ==, 4 + 2 + 3); /* of u, s and z */
    g_autoptr(HePlan) t = run_dense(set, want_x, with_t);
    g_autoptr(HePlan) b = run_dense(set, want_x, with_b);
    g_autoptr(HePlan) c = run_dense(set, want_c, targets);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gates = make_gates(FALSE);
    pooled = make_gates(TRUE);
    make_dense();
    plans_fill(x, N, 99);
    pool = he_pool_new(3);
    plans_add_test("/join/gates", test_gates);
    plans_add_test("/join/dense", test_dense);
    int status = g_test_run();
    he_pool_free(pool);
    he_onnx_free(gates);
    he_onnx_free(pooled);
    he_onnx_free(dense);
    return status;
}
