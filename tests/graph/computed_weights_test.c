/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Weights that the network computes from its input: a plan that has run on one input answers for another one as a
 * plan that sees it first.
 *
 *   x -> Conv a; GlobalAveragePool(x) -> m; Mul(w, m) -> v; Conv(a, v) = y */
#include <string.h>

#include "graph/plan.h"
#include "support/plans.h"

enum { C = 16, SIDE = 24, N = C * SIDE * SIDE, WEIGHTS = C * C * 9 };

static HeOnnx *onnx;
static HePool *pool;
static float inputs[2][N];

static void make(void)
{
    const gint64 dim[] = {1, C, SIDE, SIDE};
    float w[WEIGHTS];
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, dim);
    plans_fill(w, WEIGHTS, 1);
    onnx_init_f32(g, "w", 4, (gint64[]){C, C, 3, 3}, w);
    onnx_attr_ints(onnx_node(g, "Conv", "x,w", "a"), "pads", 4, (gint64[]){1, 1, 1, 1});
    onnx_node(g, "GlobalAveragePool", "x", "m");
    onnx_node(g, "Mul", "w,m", "v");
    onnx_attr_ints(onnx_node(g, "Conv", "a,v", "y"), "pads", 4, (gint64[]){1, 1, 1, 1});
    onnx_output(g, "y", HE_F32, 4, dim);
    onnx = plans_open(g);
}

static HeTensor shape_of_x(void)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, C, SIDE, SIDE});
    return shape;
}

static HePlan *plan_new(HeKernelSet set)
{
    static const char *const want[] = {"y", NULL};
    HeTensor shape = shape_of_x();
    return plans_new(onnx, pool, set, HE_PRECISION_SINGLE, &shape,
                     &(HeWanted){want, NULL, NULL});
}

static const float *run(HePlan *plan, const float *x)
{
    HeTensor shape = shape_of_x();
    plans_forward(plan, &shape, x);
    return he_plan_get_value(plan, "y")->data;
}

static void test_set(gconstpointer data)
{
    HeKernelSet set = (HeKernelSet)GPOINTER_TO_INT(data);
    g_autoptr(HePlan) used = plan_new(set);
    g_autoptr(HePlan) fresh = plan_new(set);
    for (int i = 0; i < 3; i++)
        run(used, inputs[0]);
    g_assert_cmpmem(run(used, inputs[1]), N * sizeof(float), run(fresh, inputs[1]),
                    N * sizeof(float));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make();
    plans_fill(inputs[0], N, 2);
    plans_fill(inputs[1], N, 3);
    pool = he_pool_new(2);
    plans_add_test("/computed-weights", test_set);
    int status = g_test_run();
    he_pool_free(pool);
    he_onnx_free(onnx);
    return status;
}
