/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support/plans.h"

#include <glib/gstdio.h>
#include <math.h>

HeOnnx *plans_open(OnnxGraph *graph)
{
    g_autofree char *folder = g_dir_make_tmp("he-plan-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "net.onnx", NULL);
    g_autoptr(GError) error = NULL;
    onnx_write(graph, 13, path);
    HeOnnx *onnx = he_onnx_open(path, &error);
    g_assert_no_error(error);
    g_remove(path);
    g_rmdir(folder);
    return onnx;
}

HePlan *plans_new(const HeOnnx *onnx, HePool *pool, HeKernelSet set,
                  HePrecision precision, const HeTensor *shape, const HeWanted *wanted)
{
    return plans_new_in(NULL, onnx, pool, set, precision, shape, wanted);
}

HePlan *plans_new_in(HePackedStore *store, const HeOnnx *onnx, HePool *pool,
                     HeKernelSet set, HePrecision precision, const HeTensor *shape,
                     const HeWanted *wanted)
{
    HePlanContext context = {.onnx = onnx,
                             .input = "x",
                             .shape = shape,
                             .precision = precision,
                             .kernels = set,
                             .pool = pool,
                             .store = store};
    g_autoptr(GError) error = NULL;
    HePlan *plan = he_plan_new(&context, wanted, NULL, &error);
    g_assert_no_error(error);
    return plan;
}

void plans_forward(HePlan *plan, const HeTensor *shape, const float *x)
{
    g_autoptr(GError) error = NULL;
    HeTensor in = *shape;
    in.data = (void *)(guintptr)x;
    he_plan_forward(plan, &in, NULL, &error);
    g_assert_no_error(error);
}

void plans_backward(HePlan *plan, const char *tensor, gint64 index)
{
    g_autoptr(GError) error = NULL;
    HeTerm term = {(char *)(guintptr)tensor, index, 1};
    HeTarget target = {&term, 1};
    he_plan_backward(plan, &target, HE_RULE_PLAIN, NULL, NULL, &error);
    g_assert_no_error(error);
}

void plans_fill(float *v, size_t n, guint32 seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    for (size_t i = 0; i < n; i++)
        v[i] = (float)g_rand_double_range(rand, -0.3, 0.3);
}

void plans_assert_near(const HeTensor *got, const HeTensor *expected)
{
    double largest = 0;
    size_t n = he_tensor_n(expected);
    g_assert_cmpuint(he_tensor_n(got), ==, n);
    for (size_t i = 0; i < n; i++)
        largest = MAX(largest, fabs(he_tensor_get_double(expected, i)));
    g_assert_cmpfloat(largest, >, 0);
    for (size_t i = 0; i < n; i++)
        g_assert_cmpfloat(
            fabs(he_tensor_get_double(got, i) - he_tensor_get_double(expected, i)), <=,
            1e-5 * largest);
}

OnnxNode *plans_conv(OnnxGraph *graph, const char *in, gint64 in_channels, gint64 out,
                     gint64 group, const char *name)
{
    static guint32 seed = 1;
    gint64 each = in_channels / group;
    size_t n = (size_t)(out * each * 9);
    g_autofree float *w = g_new(float, n);
    g_autofree char *weights = g_strconcat("w_", name, NULL);
    g_autofree char *ins = g_strdup_printf("%s,%s", in, weights);
    plans_fill(w, n, seed++);
    onnx_init_f32(graph, weights, 4, (gint64[]){out, each, 3, 3}, w);
    OnnxNode *node = onnx_node(graph, "Conv", ins, name);
    onnx_attr_ints(node, "pads", 4, (gint64[]){1, 1, 1, 1});
    onnx_attr_int(node, "group", group);
    return node;
}

void plans_add_test(const char *path, GTestDataFunc test)
{
    for (HeKernelSet set = HE_SET_PLAIN; set <= he_kernels_best(); set++) {
        g_autofree char *name = g_strdup_printf("%s/%s", path, he_kernels_set_name(set));
        if (he_kernels_has(set))
            g_test_add_data_func(name, GINT_TO_POINTER(set), test);
    }
}
