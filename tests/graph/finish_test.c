/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Fused steps and kept weights change no byte: a plan from which every tensor is wanted, which can fuse
 * nothing, against one that wants the answer alone, run several times, with every kernel set.
 *
 *   x -> Conv a, Conv b; Add -> Relu r; Conv t; Add(r, t) -> Clip z; Conv e, Sigmoid f; Add(e, f) = y
 *
 * b takes its Add and Relu, t its Add and Clip; e cannot take an Add of what is made after it. */
#include <string.h>

#include "graph/plan.h"
#include "support/plans.h"

enum { C = 20, SIDE = 18, N = C * SIDE * SIDE };

static HeOnnx *onnx;
static HePool *pool;
static float x[N];

static void conv(OnnxGraph *g, const char *name, const char *in)
{
    plans_conv(g, in, C, C, 1, name);
}

static void make(void)
{
    const gint64 dim[] = {1, C, SIDE, SIDE};
    const float low = 0, high = 1.5f;
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, dim);
    onnx_init_f32(g, "low", 0, NULL, &low);
    onnx_init_f32(g, "high", 0, NULL, &high);
    conv(g, "a", "x");
    conv(g, "b", "x");
    onnx_node(g, "Add", "a,b", "s");
    onnx_node(g, "Relu", "s", "r");
    conv(g, "t", "r");
    onnx_node(g, "Add", "r,t", "q");
    onnx_node(g, "Clip", "q,low,high", "z");
    conv(g, "e", "z");
    onnx_node(g, "Sigmoid", "z", "f");
    onnx_node(g, "Add", "e,f", "y");
    onnx_output(g, "y", HE_F32, 4, dim);
    onnx = plans_open(g);
}

static HeTensor shape_of_x(void)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    return shape;
}

static HePlan *plan_of(HeKernelSet set, const HeWanted *wanted, int n_fused)
{
    HeTensor shape = shape_of_x();
    HePlan *plan = plans_new(onnx, pool, set, HE_PRECISION_SINGLE, &shape, wanted);
    int found = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        found += he_plan_step(plan, (int)i)->is_fused;
    g_assert_cmpint(found, ==, n_fused);
    return plan;
}

static void forward(HePlan *plan)
{
    HeTensor shape = shape_of_x();
    plans_forward(plan, &shape, x);
}

static void backward(HePlan *plan)
{
    plans_backward(plan, "y", N / 2 + 5);
}

static const char *const all[] = {"a", "b", "s", "r", "t", "q", "z", "e", "f", "y", NULL};
static const char *const want_x[] = {"x", NULL}, *const want_y[] = {"y", NULL};

static void assert_same(const HeTensor *a, const HeTensor *b)
{
    g_assert_cmpmem(a->data, N * sizeof(float), b->data, N * sizeof(float));
}

static void test_set(gconstpointer data)
{
    HeKernelSet set = GPOINTER_TO_INT(data);
    g_autoptr(HePlan) open = plan_of(set, &(HeWanted){all, want_x, want_y}, 0);
    g_autoptr(HePlan) fused = plan_of(set, &(HeWanted){want_y, NULL, NULL}, 4);
    g_autoptr(HePlan) both = plan_of(set, &(HeWanted){want_y, want_x, want_y},
                                     set >= HE_SET_AVX2 ? 4 : 2); /* with their gates */
    forward(open);
    backward(open);
    for (int run = 0; run < 3; run++) {
        forward(fused);
        forward(both);
        assert_same(he_plan_get_value(fused, "y"), he_plan_get_value(open, "y"));
        assert_same(he_plan_get_value(both, "y"), he_plan_get_value(open, "y"));
        backward(both);
        assert_same(he_plan_get_gradient(both, "x"), he_plan_get_gradient(open, "x"));
    }
    if (set >= HE_SET_AVX2)
        g_assert_cmpuint(he_packed_store_get_bytes(fused->store), >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make();
    plans_fill(x, N, 99);
    pool = he_pool_new(3);
    plans_add_test("/finish", test_set);
    int status = g_test_run();
    he_pool_free(pool);
    he_onnx_free(onnx);
    return status;
}
