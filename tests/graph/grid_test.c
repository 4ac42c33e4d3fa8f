/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where the numbers of a tensor stand in the picture: NHWC inputs, tokens beside a class token, windows of
 * attention and the sum around them, what is cut away. Each grid is checked number by number: the network
 * gives every place of its first convolution an own value, which must be found again by the grid. */
#include "graph/grid.h"

#include "support/plans.h"

#define H 2
#define W 4
#define C 2

static const gint64 picture[] = {1, C, H, W};

/* A network whose "a" [1, C, H, W] has value 100 c + 10 y + x at each place. */
static OnnxGraph *graph_new(void)
{
    static const float eye[] = {1, 0, 0, 1};
    static const gint64 kernel[] = {C, C, 1, 1};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4, picture);
    onnx_init_f32(g, "eye", 4, kernel, eye);
    onnx_node(g, "Conv", "x,eye", "a");
    return g;
}

static void ints(OnnxGraph *g, const char *name, gint64 n, const gint64 *values)
{
    onnx_init_i64(g, name, 1, &n, values);
}
#define INTS(g, name, ...)                                                               \
    ints(g, name, G_N_ELEMENTS(((gint64[]){__VA_ARGS__})), (gint64[]){__VA_ARGS__})

typedef struct {
    HeOnnx *onnx;
    HePlan *plan;
} Net;

static void net_run(Net *net, OnnxGraph *g, const char *tensor)
{
    g_autoptr(GError) error = NULL;
    const char *values[] = {tensor, NULL};
    double x[C * H * W];
    HeTensor shape;
    onnx_output(g, tensor, HE_F32, -1, NULL);
    net->onnx = plans_open(g);
    for (int i = 0; i < C * H * W; i++)
        x[i] = 100 * (i / (H * W)) + 10 * (i / W % H) + i % W;
    he_tensor_init(&shape, HE_F64, 4, picture);
    shape.data = x;
    HePlanContext context = {.onnx = net->onnx,
                             .input = "x",
                             .shape = &shape,
                             .precision = HE_PRECISION_DOUBLE};
    HeWanted wanted = {.values = values};
    net->plan = he_plan_new(&context, &wanted, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(he_plan_forward(net->plan, &shape, NULL, &error));
}

static void net_close(Net *net)
{
    he_plan_free(net->plan);
    he_onnx_free(net->onnx);
}

static void check(OnnxGraph *g, const char *tensor, gboolean has_others)
{
    Net net;
    HeGrid grid;
    net_run(&net, g, tensor);
    g_assert_true(he_plan_find_grid(net.plan, tensor, &grid));
    g_assert_cmpint(grid.height, ==, H);
    g_assert_cmpint(grid.width, ==, W);
    g_assert_cmpint(grid.channels, ==, C);
    g_assert_cmpint(grid.has_others, ==, has_others);
    const HeTensor *t = he_plan_get_value(net.plan, tensor);
    for (int c = 0; c < C; c++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                gint64 i = grid.offset + c * grid.channel_stride + y * grid.y_stride +
                           x * grid.x_stride;
                g_assert_cmpfloat(he_tensor_get_double(t, (size_t)i), ==,
                                  100 * c + 10 * y + x);
            }
    net_close(&net);
}

static void transpose(OnnxGraph *g, const char *in, const char *out, int n,
                      const gint64 *perm)
{
    onnx_attr_ints(onnx_node(g, "Transpose", in, out), "perm", n, perm);
}

/* "t": [1, T, C] */
static void add_tokens(OnnxGraph *g)
{
    INTS(g, "flat", 1, C, -1);
    onnx_node(g, "Reshape", "a,flat", "f");
    transpose(g, "f", "t", 3, (gint64[]){0, 2, 1});
}

/* "s": [1, 2 + T + 1, C]: two class tokens before, one behind */
static void add_class_tokens(OnnxGraph *g)
{
    static const float extra[] = {-1, -2, -3, -4};
    add_tokens(g);
    onnx_init_f32(g, "before", 3, (gint64[]){1, 2, C}, extra);
    onnx_init_f32(g, "behind", 3, (gint64[]){1, 1, C}, extra);
    onnx_attr_int(onnx_node(g, "Concat", "before,t,behind", "s"), "axis", 1);
}

static void test_layouts(void)
{
    OnnxGraph *g = graph_new();
    check(g, "a", FALSE);
    g = graph_new();
    transpose(g, "a", "y", 4, (gint64[]){0, 2, 3, 1});
    check(g, "y", FALSE);
    g = graph_new();
    add_tokens(g);
    check(g, "t", FALSE);
    g = graph_new(); /* [T, C], as matrix products have it */
    add_tokens(g);
    INTS(g, "rows", -1, C);
    onnx_node(g, "Reshape", "t,rows", "y");
    check(g, "y", FALSE);
    g = graph_new(); /* and back to [1, H, W, C] */
    add_tokens(g);
    INTS(g, "image", 1, H, W, C);
    onnx_node(g, "Reshape", "t,image", "y");
    check(g, "y", FALSE);
}

static void test_class_tokens(void)
{
    OnnxGraph *g = graph_new();
    add_class_tokens(g);
    check(g, "s", TRUE);
    g = graph_new(); /* one token cut off, four stay besides the places */
    add_class_tokens(g);
    INTS(g, "one", 1);
    INTS(g, "far", 1000);
    onnx_node(g, "Slice", "s,one,far,one", "y");
    check(g, "y", TRUE);
    g = graph_new();
    add_class_tokens(g);
    INTS(g, "sizes", 2, H * W, 1);
    onnx_attr_int(onnx_node(g, "Split", "s,sizes", "p,y,q"), "axis", 1);
    check(g, "y", FALSE);
}

/* Windows lose the places; the sum around them has them still. */
static void test_windows(void)
{
    OnnxGraph *g = graph_new();
    INTS(g, "whole", 1, H, W, C);
    transpose(g, "a", "n", 4, (gint64[]){0, 2, 3, 1});
    INTS(g, "windows", 1, H / 2, 2, 1, W, C);
    onnx_node(g, "Reshape", "n,windows", "w");
    onnx_node(g, "Sub", "w,w", "zero");
    onnx_node(g, "Reshape", "zero,whole", "r");
    onnx_node(g, "Add", "r,n", "y");
    check(g, "y", FALSE);
}

static void check_unknown(OnnxGraph *g, const char *tensor)
{
    Net net;
    HeGrid grid;
    net_run(&net, g, tensor);
    g_assert_false(he_plan_find_grid(net.plan, tensor, &grid));
    net_close(&net);
}

/* Tensor Y has a grid of half the width; its channel K at (y, x) is value C of column 2 x + ADDED. */
typedef struct {
    int channels;
    int c[2 * C], added[2 * C];
} Halved;

static void check_halved(OnnxGraph *g, const Halved *expected)
{
    Net net;
    HeGrid grid;
    net_run(&net, g, "y");
    g_assert_true(he_plan_find_grid(net.plan, "y", &grid));
    g_assert_cmpint(grid.height, ==, H);
    g_assert_cmpint(grid.width, ==, W / 2);
    g_assert_cmpint(grid.channels, ==, expected->channels);
    const HeTensor *t = he_plan_get_value(net.plan, "y");
    for (int k = 0; k < expected->channels; k++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W / 2; x++) {
                gint64 i = grid.offset + k * grid.channel_stride + y * grid.y_stride +
                           x * grid.x_stride;
                g_assert_cmpfloat(he_tensor_get_double(t, (size_t)i), ==,
                                  100 * expected->c[k] + 10 * y + 2 * x +
                                      expected->added[k]);
            }
    net_close(&net);
}

/* Two columns become one with twice the channels, as Swin merges patches: the grid is coarser. */
static void test_merged(void)
{
    static const Halved columns_outside = {2 * C, {0, 1, 0, 1}, {0, 0, 1, 1}};
    for (int has_tensor = 0; has_tensor < 2; has_tensor++) {
        OnnxGraph *g = graph_new();
        transpose(g, "a", "n", 4, (gint64[]){0, 2, 3, 1});
        INTS(g, "parted", 1, H, W / 2, 2, C);
        INTS(g, "merged", 1, H, W / 2, 2 * C);
        onnx_node(g, "Reshape", "n,parted", "p");
        onnx_node(g, "Reshape", "p,merged", has_tensor ? "y" : "z");
        if (has_tensor)
            check_halved(g, &columns_outside);
        else
            check_unknown(g, "p");
    }
}

/* Tokens in an order in which those that will be pooled stand a whole grid apart, as Hiera has them. */
static void test_runs(void)
{
    static const Halved second_of_two = {C, {0, 1}, {1, 1}};
    for (int is_pooled = 0; is_pooled < 2; is_pooled++) {
        OnnxGraph *g = graph_new();
        add_tokens(g);
        INTS(g, "parted", 1, H, W / 2, 2, C);
        INTS(g, "tokens", 1, -1, C);
        INTS(g, "runs", 1, 2, -1, C);
        onnx_node(g, "Reshape", "t,parted", "p");
        transpose(g, "p", "q", 5, (gint64[]){0, 3, 1, 2, 4});
        onnx_node(g, "Reshape", "q,tokens", "u");
        onnx_node(g, "Reshape", "u,runs", "r");
        OnnxNode *max = onnx_node(g, "ReduceMax", "r", "y");
        onnx_attr_ints(max, "axes", 1, (gint64[]){1});
        onnx_attr_int(max, "keepdims", 0);
        if (is_pooled)
            check_halved(g, &second_of_two);
        else
            check_unknown(g, "u");
    }
}

/* PyTorch's Unfold is exported as Gather; each patch is then a picture of a batch (TNT), and a token after that. */
static void test_patches(void)
{
    static const Halved columns_inside = {2 * C, {0, 0, 1, 1}, {0, 1, 0, 1}};
    static const gint64 square[] = {2, 2}, by_columns[] = {0, 2, 1, 3},
                        by_rows[] = {0, 1, 2, 3}, overlapping[] = {0, 1, 1, 2};
    static const struct {
        const gint64 *places, perm[5];
    } cases[] = {{by_columns, {0, 2, 4, 1, 3}},
                 {by_rows, {0, 2, 3, 1, 4}},
                 {overlapping, {0, 2, 3, 1, 4}}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        OnnxGraph *g = graph_new();
        onnx_init_i64(g, "places", 2, square, cases[i].places);
        INTS(g, "batch", H * W / 2, C, 1, 2);
        INTS(g, "tokens", 1, H * W / 2, 2 * C);
        onnx_attr_int(onnx_node(g, "Gather", "a,places", "u"), "axis", 3);
        transpose(g, "u", "v", 5, cases[i].perm);
        onnx_node(g, "Reshape", "v,tokens", "t");
        onnx_node(g, "Reshape", "t,batch", "patches");
        onnx_node(g, "Conv", "patches,eye", "convolved");
        onnx_node(g, "Reshape", "convolved,tokens", "y");
        if (cases[i].places == overlapping)
            check_unknown(g, "y");
        else
            check_halved(g, &columns_inside);
    }
}

/* Not all places left, tokens in another order, heads of attention: no grid rather than a wrong one. */
static void test_unknown(void)
{
    OnnxGraph *g = graph_new();
    add_class_tokens(g);
    INTS(g, "three", 3);
    INTS(g, "far", 1000);
    INTS(g, "one", 1);
    onnx_node(g, "Slice", "s,three,far,one", "y");
    check_unknown(g, "y");
    g = graph_new();
    add_tokens(g);
    INTS(g, "order", 7, 6, 5, 4, 3, 2, 1, 0);
    onnx_attr_int(onnx_node(g, "Gather", "t,order", "y"), "axis", 1);
    check_unknown(g, "y");
    g = graph_new();
    add_tokens(g);
    INTS(g, "swapped", 1, W, H, C);
    onnx_node(g, "Reshape", "t,swapped", "y");
    check_unknown(g, "y");
}

static void einsum(OnnxGraph *g, const char *equation, const char *in, const char *out)
{
    onnx_attr_string(onnx_node(g, "Einsum", in, out), "equation", equation);
}

/* Axes moved by their letters; channels mixed by weights on either side; scores of attention are no channels. */
static void test_einsum(void)
{
    static const float eye[] = {1, 0, 0, 1};
    static const gint64 square[] = {C, C};
    static const struct {
        const char *equation, *in;
    } cases[] = {{"bchw->bhwc", "a"},
                 {"bchw->whbc", "a"},
                 {"bchw,cd->bhwd", "a,w"},
                 {"dc,bchw->bdhw", "w,a"},
                 {"btc,cd->btd", "t,w"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        OnnxGraph *g = graph_new();
        onnx_init_f32(g, "w", 2, square, eye);
        add_tokens(g);
        einsum(g, cases[i].equation, cases[i].in, "y");
        check(g, "y", FALSE);
    }
    OnnxGraph *g = graph_new();
    add_tokens(g);
    einsum(g, "bqc,bkc->bqk", "t,t", "y");
    check_unknown(g, "y");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/graph/grid/layouts", test_layouts);
    g_test_add_func("/graph/grid/class-tokens", test_class_tokens);
    g_test_add_func("/graph/grid/windows", test_windows);
    g_test_add_func("/graph/grid/merged", test_merged);
    g_test_add_func("/graph/grid/runs", test_runs);
    g_test_add_func("/graph/grid/patches", test_patches);
    g_test_add_func("/graph/grid/einsum", test_einsum);
    g_test_add_func("/graph/grid/unknown", test_unknown);
    return g_test_run();
}
