/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plans with one store: what one has packed the other uses from its first run on, whichever is freed first, and both
 * answer as plans of their own do, byte for byte. One store is no larger for the second plan.
 *
 *   x -> Conv a -> Relu r -> Conv b = y, and Conv c of r by the weights of b, with other taps: b's packing is not its
 */
#include "graph/plan.h"
#include "support/plans.h"

enum { C = 20, SIDE = 18, N = C * SIDE * SIDE };

static HeOnnx *onnx;
static HePool *pool;
static float x[N];
static const char *const want_x[] = {"x", NULL}, *const want_both[] = {"y", "c", NULL},
                         *const want_y[] = {"y", NULL}, *const none[] = {NULL};

static void make(void)
{
    const gint64 dim[] = {1, C, SIDE, SIDE};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, dim);
    plans_conv(g, "x", C, C, 1, "a");
    onnx_node(g, "Relu", "a", "r");
    plans_conv(g, "r", C, C, 1, "y");
    OnnxNode *c = onnx_node(g, "Conv", "r,w_y", "c");
    onnx_attr_ints(c, "pads", 4, (gint64[]){2, 2, 2, 2});
    onnx_attr_ints(c, "dilations", 2, (gint64[]){2, 2});
    onnx_output(g, "y", HE_F32, 4, dim);
    onnx_output(g, "c", HE_F32, 4, dim);
    onnx = plans_open(g);
}

static HePlan *plan_of(HeKernelSet set, const HeWanted *wanted, HePackedStore *store)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    return plans_new_in(store, onnx, pool, set, HE_PRECISION_SINGLE, &shape, wanted);
}

static void assert_same(const HeTensor *a, const HeTensor *b)
{
    g_assert_cmpmem(a->data, N * sizeof(float), b->data, N * sizeof(float));
}

/* One run of PLAN, and of ALONE. */
static void run(HePlan *plan, HePlan *alone)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    plans_forward(plan, &shape, x);
    plans_forward(alone, &shape, x);
    assert_same(he_plan_get_value(plan, "y"), he_plan_get_value(alone, "y"));
    if (!he_plan_get_value(plan, "c"))
        return;
    assert_same(he_plan_get_value(plan, "c"), he_plan_get_value(alone, "c"));
    plans_backward(plan, "c", N / 2 + 5);
    plans_backward(alone, "c", N / 2 + 5);
    assert_same(he_plan_get_gradient(plan, "x"), he_plan_get_gradient(alone, "x"));
}

static int n_packed(const HePlan *plan)
{
    int n = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        n += he_plan_step(plan, (int)i)->packed[FALSE] != NULL;
    return n;
}

static void test_shared(gconstpointer data)
{
    const HeWanted values = {want_y, none, none},
                   gradient = {want_both, want_x, want_both};
    HeKernelSet set = GPOINTER_TO_INT(data);
    HePackedStore *store = he_packed_store_new();
    g_autoptr(HePlan) values_alone = plan_of(set, &values, NULL);
    g_autoptr(HePlan) gradient_alone = plan_of(set, &gradient, NULL);
    HePlan *first = plan_of(set, &gradient, store), *second;
    for (int i = 0; i < 3; i++)
        run(first, gradient_alone);
    gsize bytes = he_packed_store_get_bytes(store);
    if (set >= HE_SET_AVX2)
        g_assert_cmpuint(bytes, >, 0);
    second = plan_of(set, &values, store);
    run(second, values_alone);
    g_assert_cmpint(n_packed(second), ==, set >= HE_SET_AVX2 ? 2 : 0);
    for (int i = 0; i < 3; i++)
        run(second, values_alone);
    g_assert_cmpuint(he_packed_store_get_bytes(store), ==, bytes);
    he_plan_free(first); /* its own weights go: those of c, and the way back */
    g_assert_cmpuint(he_packed_store_get_bytes(store), <=, bytes / 2);
    run(second, values_alone);
    he_plan_forget_packed(second);
    g_assert_cmpuint(he_packed_store_get_bytes(store), ==, 0);
    for (int i = 0; i < 3; i++)
        run(second, values_alone);
    he_plan_free(second);
    g_assert_cmpuint(he_packed_store_get_bytes(store), ==, 0);
    he_packed_store_free(store);
}

/* A plan that gave its values back has none until it runs again. */
static void test_forgotten(void)
{
    const HeWanted wanted = {want_y, none, none};
    g_autoptr(HePlan) plan = plan_of(HE_SET_AUTO, &wanted, NULL);
    g_autoptr(HePlan) alone = plan_of(HE_SET_AUTO, &wanted, NULL);
    g_assert_cmpuint(he_plan_get_memory(plan), ==, 0);
    for (int i = 0; i < 3; i++) {
        run(plan, alone);
        g_assert_cmpuint(he_plan_get_memory(plan), >, 0);
        he_plan_forget_values(plan);
        g_assert_cmpuint(he_plan_get_memory(plan), ==, 0);
        g_assert_null(he_plan_get_value(plan, "y"));
    }
}

/* Plans in turn in one piece of memory, once the larger one has made it, answer as plans of their own. */
static void test_handed_over(gconstpointer data)
{
    const HeWanted small = {want_y, none, none}, large = {want_both, want_x, want_both};
    HeKernelSet set = GPOINTER_TO_INT(data);
    g_autoptr(HePlan) a = plan_of(set, &small, NULL), b = plan_of(set, &large, NULL);
    g_autoptr(HePlan) a_alone = plan_of(set, &small, NULL);
    g_autoptr(HePlan) b_alone = plan_of(set, &large, NULL);
    g_assert_cmpuint(he_plan_get_arena_bytes(a), <, he_plan_get_arena_bytes(b));
    run(a, a_alone);
    he_plan_hand_over(a, b); /* too small */
    g_assert_cmpuint(he_plan_get_memory(b), ==, 0);
    g_assert_cmpuint(he_plan_get_memory(a), >, 0);
    he_plan_forget_values(a);
    run(b, b_alone);
    for (int i = 0; i < 3; i++) {
        HePlan *from = i % 2 ? a : b, *to = i % 2 ? b : a;
        he_plan_hand_over(from, to);
        g_assert_cmpuint(he_plan_get_memory(from), ==, 0);
        g_assert_cmpuint(he_plan_get_memory(to), >=, he_plan_get_arena_bytes(b));
        g_assert_null(he_plan_get_value(from, "y"));
        g_assert_null(he_plan_get_value(to, "y"));
        he_plan_forget_values(from);
        run(to, i % 2 ? b_alone : a_alone);
    }
    he_plan_hand_over(b, a); /* which has its own */
    g_assert_nonnull(he_plan_get_value(a, "y"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make();
    plans_fill(x, N, 99);
    pool = he_pool_new(3);
    plans_add_test("/packed/shared", test_shared);
    g_test_add_func("/packed/forgotten", test_forgotten);
    plans_add_test("/packed/handed-over", test_handed_over);
    int status = g_test_run();
    he_pool_free(pool);
    he_onnx_free(onnx);
    return status;
}
