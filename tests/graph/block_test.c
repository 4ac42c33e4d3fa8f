/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What follows a convolution in blocks of channels, whatever its attributes, against double, which has no blocks: the
 * answer, its gradient by each rule, and the tensor between, asked for or not. Channels are whole blocks or not.
 *
 *   x -> Conv a -> the case's nodes, from a and, for some, b = Conv(x) -> z -> Conv = y */
#include <math.h>
#include <string.h>

#include "graph/plan.h"
#include "support/plans.h"

enum { H = 17, W = 10, FROM = 3 };

typedef struct {
    const char *nodes; /* "OPERATOR inputs output attribute=numbers ...; ..." */
    gint64 times;      /* channels of z in those of a */
} Case;

static const Case cases[] = {
    {"MaxPool a z kernel_shape=2,2 strides=2,2", 1},
    {"MaxPool a m kernel_shape=3,3 pads=1,1,1,1; Add a,m z", 1},
    {"MaxPool a z kernel_shape=3,3 strides=2,2 pads=1,1,1,1", 1},
    {"MaxPool a z kernel_shape=3,2 strides=1,3 pads=1,0,0,1 ceil_mode=1", 1},
    {"MaxPool a z kernel_shape=2,3 dilations=2,3 pads=1,2,1,2", 1},
    {"Relu a r; MaxPool r z kernel_shape=3,3 strides=2,2 pads=1,1,1,1", 1},
    {"Relu a r; MaxPool r m kernel_shape=3,3 pads=1,1,1,1; Add m,r z", 1},
    {"Clip a,low,high r; MaxPool r z kernel_shape=2,1 strides=4,3 pads=1,0,0,0", 1},
    {"AveragePool a z kernel_shape=3,3 strides=2,2 pads=1,1,1,1", 1},
    {"AveragePool a z kernel_shape=3,3 pads=1,1,1,1 count_include_pad=1", 1},
    {"AveragePool a z kernel_shape=2,4 strides=3,3 pads=0,1,1,2 ceil_mode=1", 1},
    {"AveragePool a z kernel_shape=2,2 strides=2,2 ceil_mode=1 count_include_pad=1", 1},
    {"GlobalAveragePool a z", 1},
    {"BatchNormalization a,scale,shift,mean,variance z", 1},
    {"BatchNormalization a,scale,shift,mean,variance n epsilon=0.1; Relu n z", 1},
    {"Relu a z", 1},
    {"Clip a,low,high z", 1},
    {"Clip a,,high z", 1},
    {"LeakyRelu a z alpha=0.2", 1},
    {"Sigmoid a s; Mul a,s z", 1},
    {"Tanh a z", 1},
    {"HardSigmoid a s; Mul s,a z", 1},
    {"Elu a z", 1},
    {"Add a,b z", 1},
    {"Add a,b s; Relu s z", 1},
    {"Sub a,b s; Add s,high z", 1},
    {"Sub high,a z", 1},
    {"Sum a,b,a z", 1},
    {"Relu a r; Add r,a s; Clip s,low,high z", 1},
    {"GlobalAveragePool a g; Sigmoid g s; Mul a,s z", 1},
    {"GlobalAveragePool a g; Sigmoid g s; Mul s,a z", 1},
    {"Mul a,channel z", 1},
    {"Add a,row z", 1},
    {"Concat a,b z axis=1", 2},
    {"Concat a,b,a z axis=-3", 3},
    {"Relu a r; Concat r,b s axis=1; MaxPool s z kernel_shape=2,2", 2},
    {"Identity a i; Relu i z", 1},
    {"Softmax a s axis=1; Add s,b z", 1},
    {"Transpose a t perm=0,1,3,2; Transpose t z perm=0,1,3,2", 1},
};

static const gint64 channels[] = {16, 5, 33};
static HePool *pool;
static const char *const want_x[] = {"x", NULL}, *const want_y[] = {"y", NULL},
                         *const want_z[] = {"z", "y", NULL};

/* ---- the network ------------------------------------------------------------------------------------- */

static void conv(OnnxGraph *g, const char *in, gint64 from, gint64 to, const char *name)
{
    size_t n = (size_t)(from * to * 9);
    g_autofree float *w = g_new(float, n);
    g_autofree char *weights = g_strconcat("w_", name, NULL);
    g_autofree char *ins = g_strdup_printf("%s,%s", in, weights);
    plans_fill(w, n, (guint32)g_str_hash(name));
    onnx_init_f32(g, weights, 4, (gint64[]){to, from, 3, 3}, w);
    onnx_attr_ints(onnx_node(g, "Conv", ins, name), "pads", 4, (gint64[]){1, 1, 1, 1});
}

static void attribute(OnnxNode *node, const char *word)
{
    g_auto(GStrv) parts = g_strsplit(word, "=", 2);
    g_auto(GStrv) numbers = g_strsplit(parts[1], ",", -1);
    static const char *const lists[] = {"dilations", "kernel_shape", "pads",
                                        "perm",      "strides",      NULL};
    gint64 list[8];
    if (strchr(parts[1], '.')) {
        onnx_attr_float(node, parts[0], (float)g_ascii_strtod(parts[1], NULL));
        return;
    }
    for (guint i = 0; numbers[i]; i++)
        list[i] = g_ascii_strtoll(numbers[i], NULL, 10);
    if (g_strv_contains(lists, parts[0]))
        onnx_attr_ints(node, parts[0], (int)g_strv_length(numbers), list);
    else
        onnx_attr_int(node, parts[0], list[0]);
}

static void add_nodes(OnnxGraph *g, const char *text)
{
    g_auto(GStrv) nodes = g_strsplit(text, "; ", -1);
    for (guint i = 0; nodes[i]; i++) {
        g_auto(GStrv) words = g_strsplit(nodes[i], " ", -1);
        OnnxNode *node = onnx_node(g, words[0], words[1], words[2]);
        for (guint k = 3; words[k]; k++)
            attribute(node, words[k]);
    }
}

static void add_constants(OnnxGraph *g, gint64 c)
{
    const char *const names[] = {"scale", "shift", "mean", "variance"};
    float v[64], low = -0.1f, high = 0.4f, row[W];
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        plans_fill(v, (size_t)c, i + 40);
        for (gint64 k = 0; i == 3 && k < c; k++)
            v[k] = 0.5f + v[k];
        onnx_init_f32(g, names[i], 1, &c, v);
    }
    plans_fill(v, (size_t)c, 50);
    plans_fill(row, W, 51);
    onnx_init_f32(g, "channel", 4, (gint64[]){1, c, 1, 1}, v);
    onnx_init_f32(g, "row", 4, (gint64[]){1, 1, 1, W}, row);
    onnx_init_f32(g, "low", 0, NULL, &low);
    onnx_init_f32(g, "high", 0, NULL, &high);
}

static HeOnnx *make(const Case *k, gint64 c)
{
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, FROM, H, W});
    add_constants(g, c);
    conv(g, "x", FROM, c, "a");
    conv(g, "x", FROM, c, "b");
    add_nodes(g, k->nodes);
    conv(g, "z", k->times * c, 7, "y");
    onnx_output(g, "y", HE_F32, -1, NULL);
    return plans_open(g);
}

/* ---- the comparison ---------------------------------------------------------------------------------- */

static void assert_near(const HeTensor *got, const HeTensor *expected, const char *what)
{
    double largest = 0;
    size_t n = he_tensor_n(expected);
    g_assert_true(he_tensor_same_shape(got, expected));
    for (size_t i = 0; i < n; i++)
        largest = MAX(largest, fabs(he_tensor_get_double(expected, i)));
    for (size_t i = 0; i < n; i++) {
        double a = he_tensor_get_double(got, i), b = he_tensor_get_double(expected, i);
        if (!(fabs(a - b) <= 1e-5 * largest))
            g_error("%s [%zu]: %g, expected %g", what, i, a, b);
    }
}

static void check(const HeOnnx *onnx, HeKernelSet set, const HeWanted *wanted,
                  const float *x, const char *what)
{
    HeTensor shape;
    he_tensor_init(&shape, HE_F32, 4, (gint64[]){1, FROM, H, W});
    g_autoptr(HePlan) plan =
        plans_new(onnx, pool, set, HE_PRECISION_SINGLE, &shape, wanted);
    g_autoptr(HePlan) plain =
        plans_new(onnx, pool, set, HE_PRECISION_DOUBLE, &shape, wanted);
    plans_forward(plain, &shape, x);
    for (int run = 0; run < 2; run++) {
        plans_forward(plan, &shape, x);
        for (const char *const *name = wanted->values; *name; name++)
            assert_near(he_plan_get_value(plan, *name), he_plan_get_value(plain, *name),
                        what);
    }
    if (!wanted->gradients)
        return;
    for (gint64 index = 0; index < 3; index++) {
        plans_backward(plan, "y", index);
        plans_backward(plain, "y", index);
        for (const char *const *name = wanted->gradients; *name; name++)
            assert_near(he_plan_get_gradient(plan, *name),
                        he_plan_get_gradient(plain, *name), what);
    }
}

static void test_case(gconstpointer data)
{
    const Case *k = data;
    static const char *const want_x_z[] = {"x", "z", NULL};
    const HeWanted wanted[] = {{want_y, NULL, NULL},
                               {want_z, NULL, NULL},
                               {want_y, want_x, want_y},
                               {want_z, want_x_z, want_y}};
    float x[FROM * H * W];
    if (he_kernels_best() < HE_SET_AVX2) {
        g_test_skip("this processor has no kernels for blocks");
        return;
    }
    plans_fill(x, G_N_ELEMENTS(x), 77);
    for (size_t c = 0; c < G_N_ELEMENTS(channels); c++) {
        HeOnnx *onnx = make(k, channels[c]);
        for (HeKernelSet set = HE_SET_AVX2; set <= he_kernels_best(); set++)
            for (size_t w = 0; he_kernels_has(set) && w < G_N_ELEMENTS(wanted); w++) {
                g_autofree char *what =
                    g_strdup_printf("%s, %d channels, %s, question %zu", k->nodes,
                                    (int)channels[c], he_kernels_set_name(set), w);
                check(onnx, set, &wanted[w], x, what);
            }
        he_onnx_free(onnx);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pool = he_pool_new(2);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/block/%zu", i);
        g_test_add_data_func(path, &cases[i], test_case);
    }
    int status = g_test_run();
    he_pool_free(pool);
    return status;
}
