/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The way back through gates and sums that convolutions take over (fuse_back.c), against double, which copies and gates
 * each by itself: by every rule, from several targets of one plan.
 *
 *   x -> Conv a -> Relu r; Conv b(r), Add(b, r) = s -> Clip z; Conv c(z), of stride 2, -> Relu p -> MaxPool y;
 *   depthwise Conv d(z) -> Relu q; MaxPool m(q), Add(m, q) = e
 *
 * b lets r's gradient through, with the Add's, m that of q, y that of p; the way back of y alone reaches z by c, that of e
 * by d. */
#include "graph/plan.h"
#include "support/plans.h"

enum { C = 32, SIDE = 15, N = C * SIDE * SIDE };

static HeOnnx *onnx;
static HePool *pool;
static float x[N];

static void conv(OnnxGraph *g, const char *in, gint64 group, gint64 stride,
                 const char *name)
{
    OnnxNode *node = plans_conv(g, in, C, C, group, name);
    onnx_attr_ints(node, "strides", 2, (gint64[]){stride, stride});
}

static void max_pool(OnnxGraph *g, const char *in, const char *name)
{
    OnnxNode *node = onnx_node(g, "MaxPool", in, name);
    onnx_attr_ints(node, "kernel_shape", 2, (gint64[]){3, 3});
    onnx_attr_ints(node, "pads", 4, (gint64[]){1, 1, 1, 1});
}

static void make(void)
{
    const float low = 0, high = 1.5f;
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    onnx_init_f32(g, "low", 0, NULL, &low);
    onnx_init_f32(g, "high", 0, NULL, &high);
    conv(g, "x", 1, 1, "a");
    onnx_node(g, "Relu", "a", "r");
    conv(g, "r", 1, 1, "b");
    onnx_node(g, "Add", "b,r", "s");
    onnx_node(g, "Clip", "s,low,high", "z");
    conv(g, "z", 1, 2, "c");
    conv(g, "z", C, 1, "d");
    onnx_node(g, "Relu", "c", "p");
    max_pool(g, "p", "y");
    onnx_node(g, "Relu", "d", "q");
    max_pool(g, "q", "m");
    onnx_node(g, "Add", "m,q", "e");
    onnx_output(g, "y", HE_F32, 4, (gint64[]){1, C, (SIDE + 1) / 2, (SIDE + 1) / 2});
    onnx_output(g, "e", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    onnx = plans_open(g);
}

/* Tensors that a question starts from; b is not in every plan: it ends what could be passed on. */
typedef struct {
    const char *tensor[3];
} Question;

static const Question questions[] = {{{"y"}}, {{"e"}}, {{"y", "e"}}, {{"b"}}};

static const HeTensor *gradient(HePlan *plan, const Question *question, HeRule rule)
{
    HeTerm terms[2];
    HeTarget target = {.terms = terms};
    for (; question->tensor[target.n_terms]; target.n_terms++)
        terms[target.n_terms] =
            (HeTerm){(char *)(guintptr)question->tensor[target.n_terms],
                     C / 2 * 64 + 231 + target.n_terms, 1 - 3 * target.n_terms};
    HeCoverage coverage;
    g_assert_true(he_plan_backward(plan, &target, rule, &coverage, NULL, NULL));
    g_assert_cmpint(coverage.seen, ==, 4);
    g_assert_cmpint(coverage.ruled, ==, rule == HE_RULE_PLAIN ? 0 : 4);
    return he_plan_get_gradient(plan, "x");
}

static int count_gates(const HePlan *plan)
{
    int n = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        n += he_plan_step(plan, (int)i)->back_gate >= 0;
    return n;
}

static void test_set(gconstpointer data)
{
    static const char *const want_x[] = {"x", NULL},
                             *const targets[] = {"y", "e", "b", NULL},
                             *const outputs[] = {"y", "e", NULL};
    HeKernelSet set = (HeKernelSet)GPOINTER_TO_INT(data);
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    for (int with_b = 0; with_b < 2; with_b++) {
        const HeWanted wanted = {NULL, want_x, with_b ? targets : outputs};
        g_autoptr(HePlan) plan =
            plans_new(onnx, pool, set, HE_PRECISION_SINGLE, &shape, &wanted);
        g_autoptr(HePlan) plain =
            plans_new(onnx, pool, set, HE_PRECISION_DOUBLE, &shape, &wanted);
        g_assert_cmpint(count_gates(plain), ==, 0);
        g_assert_cmpint(count_gates(plan), ==, set >= HE_SET_AVX2 ? 4 : 0);
        plans_forward(plan, &shape, x);
        plans_forward(plain, &shape, x);
        for (size_t i = 0; i < G_N_ELEMENTS(questions) - !with_b; i++)
            for (HeRule rule = HE_RULE_PLAIN; rule <= HE_RULE_DECONV; rule++)
                plans_assert_near(gradient(plan, &questions[i], rule),
                                  gradient(plain, &questions[i], rule));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make();
    plans_fill(x, N, 99);
    pool = he_pool_new(3);
    plans_add_test("/back", test_set);
    int status = g_test_run();
    he_pool_free(pool);
    he_onnx_free(onnx);
    return status;
}
