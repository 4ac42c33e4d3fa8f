/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A convolution that finishes its numbers (batch norm, a tensor added, a clamp) gives the very bytes that the steps
 * give one by one, forward and back; and it does so only where nobody reads what is between. */
#include <string.h>

#include "core/pool.h"
#include "graph/plan.h"
#include "support/onnx_write.h"
#include "support/scratch.h"

#define CHANNELS 6
static const gint64 dim[] = {2, CHANNELS, 9, 7};
#define COUNT (2 * CHANNELS * 9 * 7)

static void init_random(OnnxGraph *graph, const char *name, int rank, const gint64 *shape,
                        double low, GRand *rand)
{
    gint64 n = 1;
    for (int i = 0; i < rank; i++)
        n *= shape[i];
    g_autofree float *values = g_new(float, (size_t)n);
    for (gint64 i = 0; i < n; i++)
        values[i] = (float)g_rand_double_range(rand, low, 1);
    onnx_init_f32(graph, name, rank, shape, values);
}

static void batch_norm(OnnxGraph *graph, const char *in, const char *out, GRand *rand)
{
    const gint64 channels = CHANNELS;
    g_autofree char *names =
        g_strdup_printf("%s,%s.s,%s.b,%s.m,%s.v", in, out, out, out, out);
    g_auto(GStrv) name = g_strsplit(names, ",", -1);
    for (int i = 1; i < 5; i++)
        init_random(graph, name[i], 1, &channels, i == 4 ? 0.1 : -1, rand);
    onnx_node(graph, "BatchNormalization", names, out);
}

static void conv(OnnxGraph *graph, const char *in, const char *out, int side, GRand *rand)
{
    const gint64 w[] = {CHANNELS, CHANNELS, side, side}, channels = CHANNELS;
    const gint64 pads[] = {side / 2, side / 2, side / 2, side / 2};
    g_autofree char *names = g_strdup_printf("%s,%s.w,%s.c", in, out, out);
    g_auto(GStrv) name = g_strsplit(names, ",", -1);
    init_random(graph, name[1], 4, w, -1, rand);
    init_random(graph, name[2], 1, &channels, -1, rand);
    onnx_attr_ints(onnx_node(graph, "Conv", names, out), "pads", 4, pads);
}

/* x -> Conv a -> BN b -> Relu c -> Conv d -> BN e -> e + c = f (RESIDUAL: Add or Sum) -> Clip y */
static HeOnnx *open_block(const char *residual)
{
    static const float zero = 0, six = 0.75f;
    g_autoptr(Scratch) scratch = scratch_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    g_autoptr(GError) error = NULL;
    OnnxGraph *graph = onnx_graph_new("block");
    onnx_input(graph, "x", HE_F32, 4, dim);
    onnx_output(graph, "y", HE_F32, 4, dim);
    onnx_init_f32(graph, "low", 0, NULL, &zero);
    onnx_init_f32(graph, "high", 0, NULL, &six);
    conv(graph, "x", "a", 3, rand);
    batch_norm(graph, "a", "b", rand);
    onnx_node(graph, "Relu", "b", "c");
    conv(graph, "c", "d", 1, rand);
    batch_norm(graph, "d", "e", rand);
    onnx_node(graph, residual, "e,c", "f");
    onnx_node(graph, "Clip", "f,low,high", "y");
    g_autoptr(GByteArray) bytes = onnx_bytes(graph, 13);
    HeOnnx *onnx = he_onnx_open(
        scratch_write(scratch, "net.onnx", bytes->data, (gssize)bytes->len), &error);
    g_assert_no_error(error);
    return onnx;
}

static HePlan *plan_new(const HeOnnx *onnx, HePrecision precision, HePool *pool,
                        const char *const *values, const char *const *gradients)
{
    static const char *const targets[] = {"y", NULL};
    g_autoptr(GError) error = NULL;
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, dim);
    HePlanContext context = {.onnx = onnx,
                             .input = "x",
                             .shape = &shape,
                             .precision = precision,
                             .pool = pool};
    HeWanted wanted = {values, gradients, gradients ? targets : NULL};
    HePlan *plan = he_plan_new(&context, &wanted, NULL, &error);
    g_assert_no_error(error);
    return plan;
}

static void run(HePlan *plan, gboolean is_backward)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    g_autoptr(GError) error = NULL;
    float numbers[COUNT];
    HeTerm term = {(char *)(guintptr) "y", 0, 1};
    HeTarget target = {&term, 1};
    HeTensor x;
    for (size_t i = 0; i < COUNT; i++)
        numbers[i] = (float)g_rand_double_range(rand, -1, 1);
    he_tensor_init(&x, HE_F32, 4, dim);
    x.data = numbers;
    he_plan_forward(plan, &x, NULL, &error);
    g_assert_no_error(error);
    for (term.index = 0; is_backward && term.index < COUNT; term.index += 97) {
        he_plan_backward(plan, &target, HE_RULE_PLAIN, NULL, NULL, &error);
        g_assert_no_error(error);
    }
}

static int count_fused(const HePlan *plan)
{
    int n = 0;
    for (guint i = 0; i < plan->steps->len; i++)
        n += he_plan_step(plan, (int)i)->is_fused;
    return n;
}

static void assert_same(const HeTensor *a, const HeTensor *b)
{
    g_assert_cmpmem(a->data, he_tensor_bytes(a), b->data, he_tensor_bytes(b));
}

static void check(const char *residual, HePrecision precision, gboolean is_backward)
{
    static const char *const last[] = {"y", NULL}, *const input[] = {"x", NULL},
                             *const all[] = {"a", "b", "c", "d", "e", "f", "y", NULL};
    g_autoptr(HeOnnx) onnx = open_block(residual);
    HePool *pool = he_pool_new(2);
    const char *const *gradients = is_backward ? input : NULL;
    g_autoptr(HePlan) fused = plan_new(onnx, precision, pool, last, gradients);
    g_autoptr(HePlan) plain = plan_new(onnx, precision, pool, all, gradients);
    /* the way back wants the gates of Relu and Clip */
    g_assert_cmpint(count_fused(fused), ==, is_backward ? 3 : 5);
    g_assert_cmpint(count_fused(plain), ==, 0);
    for (int k = 0; k < 3; k++) { /* from the second run on weights are packed */
        run(fused, is_backward);
        run(plain, is_backward);
        assert_same(he_plan_get_value(fused, "y"), he_plan_get_value(plain, "y"));
        if (is_backward)
            assert_same(he_plan_get_gradient(fused, "x"),
                        he_plan_get_gradient(plain, "x"));
    }
    he_pool_free(pool);
}

static void test_block(gconstpointer residual)
{
    for (int k = 0; k < 4; k++)
        check(residual, k & 1 ? HE_PRECISION_DOUBLE : HE_PRECISION_SINGLE, k >= 2);
}

/* What is asked for keeps a step of its own, and the steps before it still go together. */
static void test_wanted_between(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    static const int n_fused[] = {3, 4, 5, 2, 3, 4};
    g_autoptr(HeOnnx) onnx = open_block("Add");
    HePool *pool = he_pool_new(1);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *const values[] = {names[i], "y", NULL};
        g_autoptr(HePlan) plan = plan_new(onnx, HE_PRECISION_SINGLE, pool, values, NULL);
        g_test_message("%s", names[i]);
        g_assert_cmpint(count_fused(plan), ==, n_fused[i]);
    }
    he_pool_free(pool);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/graph/fuse/add", "Add", test_block);
    g_test_add_data_func("/graph/fuse/sum", "Sum", test_block);
    g_test_add_func("/graph/fuse/wanted-between", test_wanted_between);
    return g_test_run();
}
