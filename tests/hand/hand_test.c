/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Networks so small that every answer was worked out by hand, through the public header: forward, gradient,
 * guided backpropagation, deconvnet, Grad-CAM and CAM, with every kernel set and in both precisions.
 *
 * The convolution is the one of Captum's tests (BasicModel_ConvNet_One_Conv):
 * x [1, 1, 4, 4] -> conv, 2 filters of ones, bias -50 and -75 -> relu -> rows (1 1 1 1 1 -1 -1 -1) -> relu. */
#include "human-eye.h"
#include "tests/support/onnx_write.h"

#include <glib/gstdio.h>

static const HeSessionOptions all_options[] = {
    {.kernels = "auto"},
    {.kernels = "plain"},
    {.precision = HE_PRECISION_DOUBLE},
};
static HeSessionOptions options; /* of the test that runs */

/* ---- networks ---------------------------------------------------------------------------------------- */

typedef OnnxGraph *(*BuildFunc)(void);

/* The convolution of IN: "x", or "moved", which is x + 1. */
static OnnxGraph *conv_of(const char *in)
{
    static const float ones[18] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const float bias[2] = {-50, -75}, zeros[4] = {0};
    static const float rows[32] = {1, 1, 1, 1, 1, -1, -1, -1, 1, 1, 1, 1, 1, -1, -1, -1,
                                   1, 1, 1, 1, 1, -1, -1, -1, 1, 1, 1, 1, 1, -1, -1, -1};
    g_autofree char *conv_in = g_strconcat(in, ",w,b", NULL);
    OnnxGraph *g = onnx_graph_new("conv");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 1, 4, 4});
    onnx_init_f32(g, "ones", 4, (gint64[]){1, 1, 4, 4}, ones);
    onnx_init_f32(g, "w", 4, (gint64[]){2, 1, 3, 3}, ones);
    onnx_init_f32(g, "b", 1, (gint64[]){2}, bias);
    onnx_init_f32(g, "rows", 2, (gint64[]){4, 8}, rows);
    onnx_init_f32(g, "zeros", 1, (gint64[]){4}, zeros);
    onnx_node(g, "Add", "x,ones", "moved");
    onnx_node(g, "Conv", conv_in, "conv");
    onnx_node(g, "Relu", "conv", "relu");
    onnx_node(g, "Flatten", "relu", "flat");
    onnx_attr_int(onnx_node(g, "Gemm", "flat,rows,zeros", "sum"), "transB", 1);
    onnx_node(g, "Relu", "sum", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 4});
    return g;
}

static OnnxGraph *conv_net(void)
{
    return conv_of("x");
}

static OnnxGraph *moved_conv_net(void)
{
    return conv_of("moved");
}

/* Class scores: the means of two channels, weighted. */
static OnnxGraph *cam_net(void)
{
    OnnxGraph *g = onnx_graph_new("cam");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 2, 2, 2});
    onnx_init_f32(g, "w", 2, (gint64[]){2, 2}, (float[]){1, -2, .5f, 3});
    onnx_init_f32(g, "b", 1, (gint64[]){2}, (float[]){7, -7});
    onnx_node(g, "Relu", "x", "a");
    onnx_node(g, "GlobalAveragePool", "a", "mean");
    onnx_node(g, "Flatten", "mean", "flat");
    onnx_attr_int(onnx_node(g, "Gemm", "flat,w,b", "y"), "transB", 1);
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    return g;
}

static OnnxGraph *elementwise(gint64 n)
{
    OnnxGraph *g = onnx_graph_new("elementwise");
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 1, 1, n});
    onnx_init_f32(g, "one", 0, NULL, (float[]){1});
    onnx_init_f32(g, "minus", 0, NULL, (float[]){-1});
    onnx_init_f32(g, "ten", 0, NULL, (float[]){10});
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, n});
    return g;
}

/* 1 - relu(1 - x) */
static OnnxGraph *hinge_net(void)
{
    OnnxGraph *g = elementwise(6);
    onnx_node(g, "Sub", "one,x", "left");
    onnx_node(g, "Relu", "left", "relu");
    onnx_node(g, "Sub", "one,relu", "hinge");
    onnx_node(g, "Flatten", "hinge", "y");
    return g;
}

/* -relu(x)^2 */
static OnnxGraph *square_net(void)
{
    OnnxGraph *g = elementwise(4);
    onnx_node(g, "Relu", "x", "relu");
    onnx_node(g, "Mul", "relu,relu", "square");
    onnx_node(g, "Mul", "square,minus", "negative");
    onnx_node(g, "Flatten", "negative", "y");
    return g;
}

/* 10 relu(x) */
static OnnxGraph *slope_net(void)
{
    OnnxGraph *g = elementwise(4);
    onnx_node(g, "Relu", "x", "relu");
    onnx_node(g, "Mul", "ten,relu", "tens");
    onnx_node(g, "Flatten", "tens", "y");
    return g;
}

/* ---- questions --------------------------------------------------------------------------------------- */

typedef struct {
    HeSession *session;
    HeInput *input;
    HeTarget target;
} Question;

static Question ask(BuildFunc build, const HeTensor *x)
{
    Question q = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("human-eye-hand-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(folder, "net.onnx", NULL);
    onnx_write(build(), 13, path);
    g_autoptr(HeModel) model = he_model_load(path, &error);
    g_assert_no_error(error);
    q.session = he_session_new(model, &options, &error);
    g_assert_no_error(error);
    q.input = he_input_new_raw(model, x, &error);
    g_assert_no_error(error);
    g_remove(path);
    g_rmdir(folder);
    return q;
}

static void end(Question *q)
{
    he_target_clear(&q->target);
    he_input_free(q->input);
    he_session_free(q->session);
}

static HeTensor tensor4(gint64 c, gint64 h, gint64 w, float *values)
{
    return (HeTensor){.type = HE_F32,
                      .rank = 4,
                      .dim = {1, c, h, w},
                      .stride = {c * h * w, h * w, w, 1},
                      .data = values};
}

static Question ask_conv(BuildFunc build)
{
    float ramp[16];
    for (int i = 0; i < 16; i++)
        ramp[i] = (float)i;
    HeTensor x = tensor4(1, 4, 4, ramp);
    Question q = ask(build, &x);
    he_target_add(&q.target, NULL, 0, 1);
    return q;
}

/* The target: the sum of all outputs. */
static Question ask_row(BuildFunc build, int n, float *values)
{
    HeTensor x = tensor4(1, 1, n, values);
    Question q = ask(build, &x);
    for (int i = 0; i < n; i++)
        he_target_add(&q.target, NULL, i, 1);
    return q;
}

/* ---- answers ----------------------------------------------------------------------------------------- */

static void check(const double *got, const double *expected, gint64 n)
{
    for (gint64 i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon(got[i], expected[i], 1e-5);
}

static void check_floats(const float *got, const double *expected, int n)
{
    for (int i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon((double)got[i], expected[i], 1e-5);
}

static void check_value(Question *q, const char *tensor, gint64 n, const double *expected)
{
    g_autoptr(GError) error = NULL;
    HeTensor out = {0};
    he_forward(q->session, q->input, tensor, &out, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(out.type, ==, HE_F64);
    check(out.data, expected, n);
    g_free(out.data);
}

/* Returns how many activations the rule touched. */
static int check_gradient(Question *q, HeRule rule, const char *tensor, gint64 n,
                          const double *expected)
{
    g_autoptr(GError) error = NULL;
    HeTensor out = {0};
    HeCoverage coverage = {0};
    he_backward(q->session, q->input, &q->target, tensor, rule, &out, &coverage, NULL,
                &error);
    g_assert_no_error(error);
    check(out.data, expected, n);
    g_free(out.data);
    return coverage.ruled;
}

/* The signed map, and the one of the reference cases, on the picture or on a layer. */
static void check_map(Question *q, const char *method, const char *layer, int h, int w,
                      const double *values, const double *native)
{
    g_autoptr(GError) error = NULL;
    HeOptions how = {.method = method, .layer = layer};
    g_autoptr(HeMap) map =
        he_explain(q->session, q->input, &q->target, &how, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(map->channels, ==, 1);
    g_assert_cmpint(map->height, ==, h);
    g_assert_cmpint(map->width, ==, w);
    check_floats(map->values, values, h * w);
    check_floats(map->native, native, h * w);
}

static const double deconv_of_conv[] = {2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1};

static void test_conv_forward(void)
{
    Question q = ask_conv(conv_net);
    check_value(&q, "conv", 8, (double[]){-5, 4, 31, 40, -30, -21, 6, 15});
    check_value(&q, NULL, 4, (double[]){54, 54, 54, 54});
    end(&q);
}

static void test_conv_gradient(void)
{
    static const double g[] = {0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0};
    Question q = ask_conv(conv_net);
    g_assert_cmpint(check_gradient(&q, HE_RULE_PLAIN, NULL, 16, g), ==, 0);
    check_map(&q, "saliency", NULL, 4, 4, g, g);
    end(&q);
}

static void test_conv_guided(void)
{
    static const double g[] = {0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1};
    Question q = ask_conv(conv_net);
    g_assert_cmpint(check_gradient(&q, HE_RULE_GUIDED, NULL, 16, g), ==, 2);
    check_map(&q, "guided-backprop", NULL, 4, 4, g, g);
    end(&q);
}

static void test_conv_deconv(void)
{
    Question q = ask_conv(conv_net);
    g_assert_cmpint(check_gradient(&q, HE_RULE_DECONV, NULL, 16, deconv_of_conv), ==, 2);
    check_map(&q, "deconvnet", NULL, 4, 4, deconv_of_conv, deconv_of_conv);
    end(&q);
}

static void test_moved_conv(void)
{
    static const double cam[] = {14.5, 19, 32.5, 37};
    Question q = ask_conv(moved_conv_net);
    check_value(&q, NULL, 1, (double[]){67});
    check_gradient(&q, HE_RULE_PLAIN, NULL, 16,
                   (double[]){1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 0, 0, 0, 0});
    check_gradient(&q, HE_RULE_GUIDED, NULL, 16,
                   (double[]){1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1});
    check_gradient(&q, HE_RULE_DECONV, NULL, 16, deconv_of_conv);
    check_map(&q, "grad-cam", "conv", 2, 2, cam, cam);
    end(&q);
}

static void test_grad_cam_before_relu(void)
{
    static const double cam[] = {11.25, 13.5, 20.25, 22.5};
    Question q = ask_conv(conv_net);
    check_gradient(&q, HE_RULE_PLAIN, "conv", 8, (double[]){0, 1, 1, 1, 0, 0, -1, -1});
    check_map(&q, "grad-cam", "conv", 2, 2, cam, cam);
    end(&q);
}

static void test_grad_cam_after_relu(void)
{
    static const double cam[] = {0, 4, 28, 32.5};
    Question q = ask_conv(conv_net);
    check_gradient(&q, HE_RULE_PLAIN, "relu", 8, (double[]){1, 1, 1, 1, 1, -1, -1, -1});
    check_map(&q, "grad-cam", "relu", 2, 2, cam, cam);
    end(&q);
}

/* The picture is a layer too: 0.5625 x. A negative value stays in the map and not in its ReLU. */
static void test_grad_cam_at_input(void)
{
    float ramp[16];
    double values[16], native[16];
    for (int i = 0; i < 16; i++) {
        ramp[i] = i == 5 ? -4 : (float)i;
        values[i] = .5625 * (double)ramp[i];
        native[i] = MAX(values[i], 0);
    }
    HeTensor x = tensor4(1, 4, 4, ramp);
    Question q = ask(conv_net, &x);
    he_target_add(&q.target, NULL, 0, 1);
    check_map(&q, "grad-cam", "x", 4, 4, values, native);
    end(&q);
}

/* The bias is left out of the map: its mean is the score without it. */
static void test_cam(void)
{
    HeTensor x = tensor4(2, 2, 2, (float[]){1, 2, 3, 4, 0, 1, 0, 5});
    Question q = ask(cam_net, &x);
    check_value(&q, NULL, 2, (double[]){-.5 + 7, 5.75 - 7});
    he_target_add(&q.target, NULL, 0, 1);
    check_map(&q, "cam", NULL, 2, 2, (double[]){1, 0, 3, -6}, (double[]){1, 0, 3, -6});
    he_target_clear(&q.target);
    he_target_add(&q.target, NULL, 1, 1);
    check_map(&q, "cam", NULL, 2, 2, (double[]){.5, 4, 1.5, 17},
              (double[]){.5, 4, 1.5, 17});
    end(&q);
}

/* relu'(0) = 0 */
static void test_hinge(void)
{
    Question q = ask_row(hinge_net, 6, (float[]){1, 2, 3, 0, -1, 7});
    check_gradient(&q, HE_RULE_PLAIN, NULL, 6, (double[]){0, 0, 0, 1, 1, 0});
    end(&q);
}

static void test_square(void)
{
    Question q = ask_row(square_net, 4, (float[]){5, 0, -5, 10});
    check_gradient(&q, HE_RULE_PLAIN, NULL, 4, (double[]){-10, 0, 0, -20});
    check_gradient(&q, HE_RULE_GUIDED, NULL, 4, (double[]){0, 0, 0, 0});
    end(&q);
}

static void test_slope(void)
{
    Question q = ask_row(slope_net, 4, (float[]){5, 0, -5, 10});
    check_gradient(&q, HE_RULE_PLAIN, NULL, 4, (double[]){10, 0, 0, 10});
    check_gradient(&q, HE_RULE_DECONV, NULL, 4, (double[]){10, 10, 10, 10});
    end(&q);
}

/* ---- all of them, with every kernel set and in both precisions ----------------------------------------- */

static const struct {
    const char *path;
    void (*run)(void);
} tests[] = {
    {"/hand/conv/forward", test_conv_forward},
    {"/hand/conv/gradient", test_conv_gradient},
    {"/hand/conv/guided-backprop", test_conv_guided},
    {"/hand/conv/deconvnet", test_conv_deconv},
    {"/hand/conv/on-x-plus-one", test_moved_conv},
    {"/hand/conv/grad-cam-before-relu", test_grad_cam_before_relu},
    {"/hand/conv/grad-cam-after-relu", test_grad_cam_after_relu},
    {"/hand/conv/grad-cam-at-input", test_grad_cam_at_input},
    {"/hand/cam", test_cam},
    {"/hand/elementwise/hinge", test_hinge},
    {"/hand/elementwise/square", test_square},
    {"/hand/elementwise/slope", test_slope},
};

static void run_with_all(const void *data)
{
    void (*const *run)(void) = data;
    for (guint i = 0; i < G_N_ELEMENTS(all_options); i++) {
        options = all_options[i];
        (*run)();
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_data_func(tests[i].path, &tests[i].run, run_with_all);
    return g_test_run();
}
