/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Parts of concatenations are made in their places, and nothing else changes: against double, which computes by the
 * plain kernels, with several questions of one plan.
 *
 *   x -> Conv a, Conv b; Concat(a, b) = s; Conv(s) = c; Concat(a, b, c) = t; Concat(c, c) = u, by its axis -3; Concat(b, a) = v;
 *   Relu(a) = r; Concat(t, u, v, r) = w; Conv(w) = y */
#include <string.h>

#include "graph/plan.h"
#include "support/plans.h"

enum { C = 16, SIDE = 11, N = C * SIDE * SIDE };

static HeOnnx *onnx;
static HePool *pool;
static float x[N];

/* C channels from FROM. */
static void conv(OnnxGraph *g, const char *in, gint64 from, const char *name)
{
    plans_conv(g, in, from, C, 1, name);
}

static void concat(OnnxGraph *g, const char *parts, gint64 axis, const char *name)
{
    onnx_attr_int(onnx_node(g, "Concat", parts, name), "axis", axis);
}

static void make(void)
{
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    conv(g, "x", C, "a");
    conv(g, "x", C, "b");
    concat(g, "a,b", 1, "s");
    conv(g, "s", 2 * C, "c");
    concat(g, "a,b,c", 1, "t");
    concat(g, "c,c", -3, "u");
    concat(g, "b,a", 1, "v");
    onnx_node(g, "Relu", "a", "r");
    concat(g, "t,u,v,r", 1, "w");
    conv(g, "w", 8 * C, "y");
    onnx_output(g, "y", HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    onnx = plans_open(g);
}

static HeTensor shape_of_x(void)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    return shape;
}

static HePlan *plan_new(HeKernelSet set, HePrecision precision, const HeWanted *wanted)
{
    HeTensor shape = shape_of_x();
    return plans_new(onnx, pool, set, precision, &shape, wanted);
}

static void run(HePlan *plan, gboolean is_back)
{
    HeTensor shape = shape_of_x();
    plans_forward(plan, &shape, x);
    if (is_back)
        plans_backward(plan, "y", N / 2);
}

static const char *const want_y[] = {"y", NULL}, *const want_x[] = {"x", NULL},
                         *const parts[] = {"a", "b", "c", "s", "t", "u",
                                           "v", "r", "w", "y", NULL};

static void test_set(gconstpointer data)
{
    HeKernelSet set = (HeKernelSet)GPOINTER_TO_INT(data);
    const HeWanted wanted[] = {
        {want_y, NULL, NULL}, {parts, NULL, NULL}, {parts, want_x, want_y}};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autoptr(HePlan) plan = plan_new(set, HE_PRECISION_SINGLE, &wanted[i]);
        g_autoptr(HePlan) plain = plan_new(set, HE_PRECISION_DOUBLE, &wanted[i]);
        run(plain, wanted[i].gradients != NULL);
        for (int again = 0; again < 2; again++)
            run(plan, wanted[i].gradients != NULL);
        for (const char *const *name = wanted[i].values; *name; name++)
            plans_assert_near(he_plan_get_value(plan, *name),
                              he_plan_get_value(plain, *name));
        if (wanted[i].gradients)
            plans_assert_near(he_plan_get_gradient(plan, "x"),
                              he_plan_get_gradient(plain, "x"));
    }
}

static const char *bytes_of(const HePlan *plan, const char *name)
{
    return he_plan_value(plan, he_plan_find(plan, name))->t.data;
}

/* a, b and c stand in t, which begins with s; t stands in w. */
static void test_places(void)
{
    const size_t part = N * sizeof(float);
    g_autoptr(HePlan) plan =
        plan_new(HE_SET_PLAIN, HE_PRECISION_SINGLE, &(HeWanted){want_y, NULL, NULL});
    run(plan, FALSE);
    const char *w = bytes_of(plan, "w");
    g_assert_true(bytes_of(plan, "s") == w);
    g_assert_true(bytes_of(plan, "t") == w);
    g_assert_true(bytes_of(plan, "a") == w);
    g_assert_true(bytes_of(plan, "b") == w + part);
    g_assert_true(bytes_of(plan, "c") == w + 2 * part);
    g_assert_true(bytes_of(plan, "u") == w + 3 * part);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make();
    plans_fill(x, N, 99);
    pool = he_pool_new(2);
    plans_add_test("/concat", test_set);
    g_test_add_func("/concat/places", test_places);
    int status = g_test_run();
    he_pool_free(pool);
    he_onnx_free(onnx);
    return status;
}
