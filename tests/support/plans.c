/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support/plans.h"

#include <glib/gstdio.h>

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
    HePlanContext context = {.onnx = onnx,
                             .input = "x",
                             .shape = shape,
                             .precision = precision,
                             .kernels = set,
                             .pool = pool};
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
