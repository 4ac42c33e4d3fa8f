/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A pointwise convolution inside the depthwise one that reads it: the bytes of plans that may not
 * do so, since somebody reads what is between; who may, and what is said of numbers that are not finite.
 *
 *   x -> Conv a -> Conv e (1x1) -> Clip f -> Conv d (depthwise) -> Clip g -> Conv y (1x1) */
#include <string.h>

#include "core/error.h"
#include "graph/plan.h"
#include "support/plans.h"

enum { FROM = 3, H = 15, W = 22, OUT = 7 };

typedef struct {
    gint64 narrow, wide, side, stride;
} Net;

static const Net nets[] = {
    {24, 60, 3, 1}, {8, 48, 5, 1}, {40, 33, 3, 2}, {300, 20, 5, 2}, {16, 96, 7, 1}};

static HePool *pool;
static const char *const want_x[] = {"x", NULL}, *const want_y[] = {"y", NULL},
                         *const want_f[] = {"f", "y", NULL},
                         *const want_g[] = {"g", "x", NULL};

static void conv(OnnxGraph *g, const char *in, gint64 from, gint64 to, gint64 group,
                 gint64 side, gint64 stride, float size, const char *name)
{
    size_t n = (size_t)(to * (from / group) * side * side);
    g_autofree float *w = g_new(float, n), *bias = g_new(float, (size_t)to);
    g_autofree char *names = g_strdup_printf("%s,%s.w,%s.b", in, name, name);
    g_auto(GStrv) part = g_strsplit(names, ",", -1);
    plans_fill(w, n, (guint32)g_str_hash(name));
    plans_fill(bias, (size_t)to, 9);
    for (size_t i = 0; i < n; i++)
        w[i] *= size;
    onnx_init_f32(g, part[1], 4, (gint64[]){to, from / group, side, side}, w);
    onnx_init_f32(g, part[2], 1, &to, bias);
    OnnxNode *node = onnx_node(g, "Conv", names, name);
    gint64 pad = side / 2;
    onnx_attr_ints(node, "pads", 4, (gint64[]){pad, pad, pad, pad});
    onnx_attr_ints(node, "strides", 2, (gint64[]){stride, stride});
    onnx_attr_int(node, "group", group);
}

/* SIZE: of the numbers of e, in usual ones. */
static HeOnnx *make(const Net *net, float size)
{
    const float low = -0.1f, high = 0.2f;
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, FROM, H, W});
    onnx_init_f32(g, "low", 0, NULL, &low);
    onnx_init_f32(g, "high", 0, NULL, &high);
    conv(g, "x", FROM, net->narrow, 1, 3, 1, 1, "a");
    conv(g, "a", net->narrow, net->wide, 1, 1, 1, size, "e");
    onnx_node(g, "Clip", size > 1 ? "e" : "e,low,high", "f");
    conv(g, "f", net->wide, net->wide, net->wide, net->side, net->stride, size, "d");
    onnx_node(g, "Clip", size > 1 ? "d" : "d,low,high", "g");
    conv(g, "g", net->wide, OUT, 1, 1, 1, 1, "y");
    onnx_output(g, "y", HE_F32, -1, NULL);
    return plans_open(g);
}

static HePlan *plan_of(const HeOnnx *onnx, HeKernelSet set, HePrecision precision,
                       const HeWanted *wanted)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, FROM, H, W});
    return plans_new(onnx, pool, set, precision, &shape, wanted);
}

static int count_inside(const HePlan *plan, gboolean is_backward)
{
    int n = 0;
    for (int i = 0; i < he_plan_get_n_nodes(plan); i++)
        n += he_plan_step(plan, i)->inside[is_backward] != NULL;
    return n;
}

static void forward(HePlan *plan, const float *x)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, FROM, H, W});
    plans_forward(plan, &shape, x);
}

static void assert_same(const HeTensor *got, const HeTensor *expected)
{
    g_assert_cmpmem(got->data, he_tensor_bytes(got), expected->data,
                    he_tensor_bytes(expected));
}

static void check(const Net *net, HeKernelSet set, gboolean is_backward)
{
    const char *const *gradients = is_backward ? want_x : NULL, *const *targets =
                                                                    is_backward ? want_y
                                                                                : NULL;
    HeWanted one = {want_y, gradients, targets},
             both = {want_f, is_backward ? want_g : NULL, targets};
    g_autoptr(HeOnnx) onnx = make(net, 1);
    g_autoptr(HePlan) paired = plan_of(onnx, set, HE_PRECISION_SINGLE, &one);
    g_autoptr(HePlan) apart = plan_of(onnx, set, HE_PRECISION_SINGLE, &both);
    g_autoptr(HePlan) plain = plan_of(onnx, set, HE_PRECISION_DOUBLE, &one);
    float x[FROM * H * W];
    plans_fill(x, G_N_ELEMENTS(x), 77);
    for (int back = 0; back < 2; back++) {
        gboolean is_asked = back ? is_backward : TRUE;
        g_assert_cmpint(count_inside(paired, back), ==, is_asked && set >= HE_SET_AVX2);
    }
    g_assert_cmpint(count_inside(apart, FALSE) + count_inside(apart, TRUE), ==, 0);
    forward(plain, x);
    for (int k = 0; k < 3; k++) { /* from the second run on weights are packed */
        forward(paired, x);
        forward(apart, x);
        assert_same(he_plan_get_value(paired, "y"), he_plan_get_value(apart, "y"));
        plans_assert_near(he_plan_get_value(paired, "y"), he_plan_get_value(plain, "y"));
        for (gint64 index = 0; is_backward && index < 3; index++) {
            plans_backward(paired, "y", index * 40);
            plans_backward(apart, "y", index * 40);
            plans_backward(plain, "y", index * 40);
            assert_same(he_plan_get_gradient(paired, "x"),
                        he_plan_get_gradient(apart, "x"));
            plans_assert_near(he_plan_get_gradient(paired, "x"),
                              he_plan_get_gradient(plain, "x"));
        }
    }
}

static void test_same(gconstpointer set)
{
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++)
        for (int k = 0; k < 2; k++)
            check(&nets[i], (HeKernelSet)GPOINTER_TO_INT(set), k == 1);
}

/* What lies between takes no memory. */
static void test_memory(gconstpointer set)
{
    HeWanted one = {want_y, NULL, NULL}, both = {want_f, NULL, NULL};
    g_autoptr(HeOnnx) onnx = make(&nets[0], 1);
    HeKernelSet kernels = (HeKernelSet)GPOINTER_TO_INT(set);
    g_autoptr(HePlan) paired = plan_of(onnx, kernels, HE_PRECISION_SINGLE, &one);
    g_autoptr(HePlan) apart = plan_of(onnx, kernels, HE_PRECISION_SINGLE, &both);
    if (kernels < HE_SET_AVX2) {
        g_test_skip("there are no kernels for blocks in this set");
        return;
    }
    g_assert_cmpuint(he_plan_get_arena_bytes(paired) + sizeof(float) * 64 * H * W, <=,
                     he_plan_get_arena_bytes(apart));
}

/* The node is named that first made a number that is not finite, though nobody sees what is between. */
static void check_not_finite(HeKernelSet set, float size, float input, const char *node)
{
    HeWanted one = {want_y, NULL, NULL};
    g_autoptr(HeOnnx) onnx = make(&nets[0], size);
    g_autoptr(HePlan) plan = plan_of(onnx, set, HE_PRECISION_SINGLE, &one);
    g_autoptr(GError) error = NULL;
    float numbers[FROM * H * W];
    HeTensor x;
    he_tensor_init(&x, HE_F32, 4, (gint64[]){1, FROM, H, W});
    x.data = numbers;
    plans_fill(numbers, G_N_ELEMENTS(numbers), 77);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        numbers[i] *= input;
    g_assert_false(he_plan_forward(plan, &x, NULL, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_NUMERIC);
    g_assert_nonnull(strstr(error->message, node));
}

static void test_not_finite(gconstpointer set)
{
    check_not_finite((HeKernelSet)GPOINTER_TO_INT(set), 1e20f, 1, "'d'");
    check_not_finite((HeKernelSet)GPOINTER_TO_INT(set), 1e38f, 1e4f, "'e'");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pool = he_pool_new(2);
    plans_add_test("/graph/pair/same", test_same);
    plans_add_test("/graph/pair/memory", test_memory);
    plans_add_test("/graph/pair/not-finite", test_not_finite);
    int status = g_test_run();
    he_pool_free(pool);
    return status;
}
