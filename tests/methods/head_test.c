/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Heads as exporters and frameworks write them. Where a head is linear after its pooling, CAM's map has the
 * logit (without the last bias) as its mean, and Grad-CAM's is the same map divided by the number of places: both are
 * asked of every spelling, against the network's own logit. */
#include <math.h>
#include <string.h>

#include "methods/session.h"
#include "support/onnx_write.h"
#include "support/scratch.h"

#define H 3
#define W 4
#define C 2 /* channels of the picture and of the features */
#define K 3 /* classes */

static const float last_bias[K] = {0.5f, -1, 2};

typedef struct {
    Scratch *scratch;
    char *path;
    HeSession *session;
    HeInput *input;
} Net;

static void net_fill(Net *net, OnnxGraph *g, int opset, const char *ini)
{
    g_autoptr(GError) error = NULL;
    float x[C * H * W];
    HeTensor t;
    net->path = g_strdup(scratch_path(net->scratch, "net.onnx"));
    onnx_write(g, opset, net->path);
    if (ini)
        scratch_write(net->scratch, "net.ini", ini, -1);
    g_autoptr(HeModel) model = he_model_load(net->path, &error);
    g_assert_no_error(error);
    HeSessionOptions options = {.n_threads = 1, .precision = HE_PRECISION_DOUBLE};
    net->session = he_session_new(model, &options, &error);
    g_assert_no_error(error);
    for (int i = 0; i < C * H * W; i++)
        x[i] = (float)sin(1.7 * i) + 0.2f;
    gboolean is_nhwc = he_model_get_descriptor(model)->layout == HE_LAYOUT_NHWC;
    he_tensor_init(&t, HE_F32, 4,
                   is_nhwc ? (gint64[]){1, H, W, C} : (gint64[]){1, C, H, W});
    t.data = x;
    net->input = he_input_new_raw(model, &t, &error);
    g_assert_no_error(error);
}

static void net_open(Net *net, OnnxGraph *g, int opset, const char *ini)
{
    net->scratch = scratch_new();
    net_fill(net, g, opset, ini);
}

static void net_close(Net *net)
{
    he_input_free(net->input);
    he_session_free(net->session);
    g_free(net->path);
    scratch_free(net->scratch);
}

static HeMap *explain(Net *net, const char *method, int class_index, GError **error)
{
    HeOptions options = {.method = method};
    HeTarget target = {0};
    he_target_class(he_session_get_model(net->session), class_index, 1, &target, NULL);
    HeMap *map = he_explain(net->session, net->input, &target, &options, NULL, error);
    he_target_clear(&target);
    return map;
}

/* The map of the last class has H x W places, the logit as its mean, and Grad-CAM says the same. */
static void check_linear(OnnxGraph *g, int opset, const char *ini, double bias)
{
    g_autoptr(GError) error = NULL;
    Net net;
    net_open(&net, g, opset, ini);
    g_autoptr(HeMap) cam = explain(&net, "cam", K - 1, &error);
    g_assert_no_error(error);
    g_autoptr(HeMap) grad = explain(&net, "grad-cam", K - 1, &error);
    g_assert_no_error(error);
    double mean = 0, part = 0;
    g_assert_cmpint(cam->height, ==, H);
    g_assert_cmpint(cam->width, ==, W);
    g_assert_cmpint(grad->height, ==, H);
    for (int i = 0; i < H * W; i++) {
        mean += (double)cam->values[i] / (H * W);
        part += fabs((double)cam->values[i]);
    }
    g_assert_cmpfloat(part, >, 1);
    g_assert_cmpfloat(fabs(mean + bias - cam->score), <, 1e-6);
    for (int i = 1; i < H * W;
         i++) /* a shift before the last layer is the same everywhere */
        g_assert_cmpfloat(
            fabs((double)cam->values[i] - (double)cam->values[0] -
                 H * W * ((double)grad->values[i] - (double)grad->values[0])),
            <, 1e-5);
    net_close(&net);
}

static const char nhwc[] = "[Model]\nFormat=1\n[Input]\nLayout=NHWC\nChannels=a;b\n";
static const char nchw[] = "[Model]\nFormat=1\n[Input]\nLayout=NCHW\nChannels=a;b\n";

static void ints(OnnxGraph *g, const char *name, gint64 n, const gint64 *values)
{
    onnx_init_i64(g, name, 1, &n, values);
}
#define INTS(g, name, ...)                                                               \
    ints(g, name, G_N_ELEMENTS(((gint64[]){__VA_ARGS__})), (gint64[]){__VA_ARGS__})

/* x -> Conv 1x1 -> "a" [1, C, H, W] */
static OnnxGraph *graph_new(gboolean is_nhwc)
{
    static const float mix[] = {1, -0.5f, 0.75f, 2};
    OnnxGraph *g = onnx_graph_new("net");
    onnx_input(g, "x", HE_F32, 4,
               is_nhwc ? (gint64[]){1, H, W, C} : (gint64[]){1, C, H, W});
    onnx_init_f32(g, "mix", 4, (gint64[]){C, C, 1, 1}, mix);
    if (is_nhwc)
        onnx_attr_ints(onnx_node(g, "Transpose", "x", "xt"), "perm", 4,
                       (gint64[]){0, 3, 1, 2});
    onnx_node(g, "Conv", is_nhwc ? "xt,mix" : "x,mix", "a");
    return g;
}

/* IN [1, C] -> "y" [1, K] */
static OnnxGraph *classify(OnnxGraph *g, const char *in)
{
    static const float weights[] = {1, 2, -1, 0.5f, 3, -2};
    g_autofree char *names = g_strdup_printf("%s,w,b", in);
    onnx_init_f32(g, "w", 2, (gint64[]){K, C}, weights);
    onnx_init_f32(g, "b", 1, (gint64[]){K}, last_bias);
    onnx_attr_int(onnx_node(g, "Gemm", names, "y"), "transB", 1);
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, K});
    return g;
}

static void add_norm(OnnxGraph *g, const char *in, const char *out)
{
    static const float numbers[] = {1.5f, 0.5f, 0.25f, -2, 0.1f, 0.2f, 4, 0.5f};
    static const char *const names[] = {"scale", "shift", "mean", "var"};
    g_autofree char *all = g_strdup_printf("%s,scale,shift,mean,var", in);
    for (int i = 0; i < 4; i++)
        onnx_init_f32(g, names[i], 1, (gint64[]){C}, numbers + C * i);
    onnx_node(g, "BatchNormalization", all, out);
}

static void test_poolings(void)
{
    OnnxGraph *g = graph_new(FALSE);
    onnx_node(g, "GlobalAveragePool", "a", "p");
    onnx_node(g, "Flatten", "p", "f");
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);

    g = graph_new(FALSE);
    OnnxNode *mean = onnx_node(g, "ReduceMean", "a", "f");
    onnx_attr_ints(mean, "axes", 2, (gint64[]){-1, 2});
    onnx_attr_int(mean, "keepdims", 0);
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);

    g = graph_new(FALSE); /* axes by input, since opset 18; then Squeeze */
    INTS(g, "axes", 2, 3);
    onnx_node(g, "ReduceMean", "a,axes", "p");
    onnx_node(g, "Squeeze", "p,axes", "f");
    check_linear(classify(g, "f"), 18, nchw, last_bias[K - 1]);

    g = graph_new(FALSE); /* places flattened first */
    INTS(g, "flat", 1, C, -1);
    onnx_node(g, "Reshape", "a,flat", "r");
    mean = onnx_node(g, "ReduceMean", "r", "f");
    onnx_attr_ints(mean, "axes", 1, (gint64[]){-1});
    onnx_attr_int(mean, "keepdims", 0);
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);

    g = graph_new(FALSE);
    onnx_attr_ints(onnx_node(g, "AveragePool", "a", "p"), "kernel_shape", 2,
                   (gint64[]){H, W});
    INTS(g, "row", 1, C);
    onnx_node(g, "Reshape", "p,row", "f");
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);
}

/* A network of TensorFlow: the picture comes as NHWC, features are averaged as NHWC. */
static void test_nhwc(void)
{
    OnnxGraph *g = graph_new(TRUE);
    onnx_attr_ints(onnx_node(g, "Transpose", "a", "n"), "perm", 4,
                   (gint64[]){0, 2, 3, 1});
    OnnxNode *mean = onnx_node(g, "ReduceMean", "n", "f");
    onnx_attr_ints(mean, "axes", 2, (gint64[]){1, 2});
    onnx_attr_int(mean, "keepdims", 0);
    check_linear(classify(g, "f"), 13, nhwc, last_bias[K - 1]);
    g = graph_new(TRUE);
    onnx_node(g, "GlobalAveragePool", "a", "p");
    onnx_attr_ints(onnx_node(g, "Transpose", "p", "n"), "perm", 4,
                   (gint64[]){0, 2, 3, 1});
    INTS(g, "row", 1, C);
    onnx_node(g, "Reshape", "n,row", "f");
    check_linear(classify(g, "f"), 13, nhwc, last_bias[K - 1]);
}

/* Batch norm, or what exporters leave of it, after the pooling is one more linear layer. */
static void test_batch_norm(void)
{
    static const float scale[] = {2, -1}, shift[] = {0.5f, 3};
    OnnxGraph *g = graph_new(FALSE);
    onnx_node(g, "GlobalAveragePool", "a", "p");
    add_norm(g, "p", "q");
    onnx_node(g, "Flatten", "q", "f");
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);
    g = graph_new(FALSE);
    onnx_node(g, "GlobalAveragePool", "a", "p");
    onnx_node(g, "Flatten", "p", "q");
    add_norm(g, "q", "f");
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);
    g = graph_new(FALSE);
    onnx_init_f32(g, "s", 1, (gint64[]){C}, scale);
    onnx_init_f32(g, "t", 1, (gint64[]){C}, shift);
    onnx_node(g, "GlobalAveragePool", "a", "p");
    onnx_node(g, "Flatten", "p", "q");
    onnx_node(g, "Mul", "s,q", "m");
    onnx_node(g, "Sub", "t,m", "f");
    check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);
}

/* 1 x 1 convolution as the last layer, Softmax inside a Flatten, the output one of two. */
static void test_outputs(void)
{
    static const float weights[] = {1, 2, -1, 0.5f, 3, -2};
    g_autofree char *ini = g_strconcat(nchw, "[Output]\nTensor=probabilities\n", NULL);
    OnnxGraph *g = graph_new(FALSE);
    onnx_output(g, "a", HE_F32, -1, NULL);
    onnx_init_f32(g, "w", 4, (gint64[]){K, C, 1, 1}, weights);
    onnx_init_f32(g, "b", 1, (gint64[]){K}, last_bias);
    onnx_node(g, "GlobalAveragePool", "a", "p");
    onnx_node(g, "Conv", "p,w,b", "z");
    onnx_attr_int(onnx_node(g, "Softmax", "z", "s"), "axis", 1);
    onnx_node(g, "Flatten", "s", "probabilities");
    onnx_output(g, "probabilities", HE_F32, 2, (gint64[]){1, K});
    check_linear(g, 13, ini, last_bias[K - 1]);
}

/* One sigmoid output, and the name of its other answer: scores and maps with the sign changed. */
static void test_two_answers(void)
{
    static const float weights[] = {1, 2};
    g_autoptr(GError) error = NULL;
    g_autofree char *ini = g_strconcat(nchw, "[Output]\nNegative=sound\n", NULL);
    for (int states_shape = 0; states_shape < 2; states_shape++) {
        OnnxGraph *g = graph_new(FALSE);
        Net net;
        HeScores scores;
        onnx_init_f32(g, "w", 2, (gint64[]){C, 1}, weights);
        onnx_node(g, "GlobalAveragePool", "a", "p");
        onnx_node(g, "Flatten", "p", "f");
        onnx_node(g, "MatMul", "f,w", "z");
        onnx_node(g, "Sigmoid", "z", "y");
        onnx_output(g, "y", HE_F32, states_shape ? 2 : -1, (gint64[]){1, 1});
        net_open(&net, g, 13, ini);
        g_assert_true(he_classify(net.session, net.input, NULL, &scores, &error));
        g_assert_cmpint(scores.n, ==, 2);
        g_assert_cmpfloat(scores.score[0], ==, -scores.score[1]);
        g_assert_cmpfloat(fabs(scores.probability[0] + scores.probability[1] - 1), <,
                          1e-12);
        g_autoptr(HeMap) yes = explain(&net, "cam", 0, &error);
        g_assert_no_error(error);
        g_autoptr(HeMap) no = explain(&net, "cam", 1, &error);
        g_assert_no_error(error);
        for (int i = 0; i < H * W; i++)
            g_assert_cmpfloat(yes->values[i], ==, -no->values[i]);
        he_scores_clear(&scores);
        net_close(&net);
    }
}

/* A vision transformer of one attention without parameters: class token, LayerNormalization, attention, the
 * sum around it, the class token's numbers classified (or the places' mean, after another norm). */
static OnnxGraph *transformer(gboolean reads_class_token)
{
    static const float class_token[] = {0.3f, -0.4f}, ones[] = {1, 2},
                       zeros[] = {0, 0.5f};
    OnnxGraph *g = graph_new(FALSE);
    INTS(g, "flat", 1, C, -1);
    onnx_init_f32(g, "token", 3, (gint64[]){1, 1, C}, class_token);
    onnx_init_f32(g, "gain", 1, (gint64[]){C}, ones);
    onnx_init_f32(g, "offset", 1, (gint64[]){C}, zeros);
    onnx_init_i64(g, "first", 0, NULL, (gint64[]){0});
    onnx_node(g, "Reshape", "a,flat", "r");
    onnx_attr_ints(onnx_node(g, "Transpose", "r", "t"), "perm", 3, (gint64[]){0, 2, 1});
    onnx_attr_int(onnx_node(g, "Concat", "token,t", "s"), "axis", 1);
    onnx_node(g, "LayerNormalization", "s,gain,offset", "norm1");
    onnx_attr_ints(onnx_node(g, "Transpose", "norm1", "k"), "perm", 3,
                   (gint64[]){0, 2, 1});
    onnx_node(g, "MatMul", "norm1,k", "qk");
    onnx_node(g, "Softmax", "qk", "attention");
    onnx_node(g, "MatMul", "attention,norm1", "v");
    onnx_node(g, "Add", "s,v", "sum");
    onnx_node(g, "LayerNormalization", "sum,gain,offset", "norm");
    if (reads_class_token) {
        onnx_attr_int(onnx_node(g, "Gather", "sum,first", "f"), "axis", 1);
    } else {
        INTS(g, "one", 1);
        INTS(g, "far", 1000);
        onnx_node(g, "Slice", "norm,one,far,one", "places");
        OnnxNode *mean = onnx_node(g, "ReduceMean", "places,one", "f");
        onnx_attr_int(mean, "keepdims", 0);
    }
    return classify(g, "f");
}

static void test_transformer(void)
{
    g_autoptr(GError) error = NULL;
    Net net;
    check_linear(transformer(FALSE), 18, nchw, last_bias[K - 1]);
    net_open(&net, transformer(TRUE), 18, nchw);
    g_assert_cmpstr(net.session->default_layer, ==, "norm1");
    g_autofree char *refusal = he_method_refusal(net.session, "cam");
    g_assert_nonnull(strstr(refusal, "Gather"));
    g_autoptr(HeMap) map = explain(&net, "grad-cam", 0, &error);
    g_assert_no_error(error);
    g_assert_cmpint(map->height, ==, H);
    g_assert_cmpint(map->width, ==, W);
    double part = 0;
    for (int i = 0; i < H * W; i++)
        part += fabs((double)map->values[i]);
    g_assert_cmpfloat(part, >, 1e-3);
    /* Its heads' scores are no places. */
    HeOptions options = {.method = "grad-cam", .layer = "attention"};
    HeTarget target = {0};
    he_target_class(he_session_get_model(net.session), 0, 1, &target, NULL);
    g_assert_null(he_explain(net.session, net.input, &target, &options, NULL, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, "attention"));
    he_target_clear(&target);
    net_close(&net);
}

/* f = gain * pool(a) + shift * flag, where gain, shift and flag are inputs or, to compare with, constants. */
static OnnxGraph *with_inputs(gboolean are_held)
{
    static const float gain[] = {2, -3};
    static const gint64 pair[] = {1, C};
    const float shift[] = {0.25f, 0.25f};
    const gint64 flag[] = {7};
    OnnxGraph *g = graph_new(FALSE);
    if (are_held) {
        onnx_input(g, "gain.1", HE_F32, 2, pair);
        onnx_input(g, "shift", HE_F32, 2, (gint64[]){-1, C});
        onnx_input(g, "flag", HE_I64, 0, NULL);
    } else {
        onnx_init_f32(g, "gain.1", 2, pair, gain);
        onnx_init_f32(g, "shift", 2, pair, shift);
        onnx_init_i64(g, "flag", 0, NULL, flag);
    }
    onnx_attr_int(onnx_node(g, "Cast", "flag", "number"), "to", 1);
    onnx_node(g, "Mul", "shift,number", "offset");
    onnx_node(g, "GlobalAveragePool", "a", "p");
    onnx_node(g, "Flatten", "p", "q");
    onnx_node(g, "Mul", "q,gain.1", "m");
    onnx_node(g, "Add", "m,offset", "f");
    return classify(g, "f");
}

static void get_logits(Net *net, double *out)
{
    g_autoptr(GError) error = NULL;
    HeTensor logits;
    he_forward(net->session, net->input, NULL, &logits, NULL, &error);
    g_assert_no_error(error);
    for (int k = 0; k < K; k++)
        out[k] = he_tensor_get_double(&logits, (size_t)k);
    g_free(logits.data);
}

/* Further inputs held by the descriptor: a number, a number for an integer, an array in a file. */
static void test_held_inputs(void)
{
    static const char gain_npy[] =
        "\x93NUMPY\1\0\x3a\0{'descr': '>f8', 'fortran_order': False, 'shape': (1, 2)}\n"
        "\x40\0\0\0\0\0\0\0\xc0\x08\0\0\0\0\0\0";
    static const char ini[] =
        "[Model]\nFormat=1\n[Input]\nLayout=NCHW\nChannels=a;b\n"
        "[Input gain.1]\nValue=gain.npy\n[Input shift]\nValue=0.25\n"
        "[Input flag]\nValue=7\n";
    double logits[2][K];
    for (int are_held = 0; are_held < 2; are_held++) {
        Net net;
        net.scratch = scratch_new();
        if (are_held)
            scratch_write(net.scratch, "gain.npy", gain_npy, sizeof gain_npy - 1);
        net_fill(&net, with_inputs(are_held), 13, are_held ? ini : nchw);
        get_logits(&net, logits[are_held]);
        net_close(&net);
    }
    for (int k = 0; k < K; k++)
        g_assert_cmpfloat(logits[0][k], ==, logits[1][k]);
}

static void refuse(const char *ini, const char *npy, gssize n, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Scratch) scratch = scratch_new();
    g_autofree char *text = g_strconcat(nchw, ini, NULL);
    const char *path = scratch_path(scratch, "net.onnx");
    onnx_write(with_inputs(TRUE), 13, path);
    scratch_write(scratch, "net.ini", text, -1);
    if (npy)
        scratch_write(scratch, "gain.npy", npy, n);
    g_assert_null(he_model_load(path, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
}

static void test_held_refused(void)
{
    static const char rest[] = "[Input shift]\nValue=0\n[Input flag]\nValue=0\n";
    static const char cut[] =
        "\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}\n123";
    static const char other[] =
        "\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)}\n"
        "12345678";
    g_autofree char *file = g_strconcat("[Input gain.1]\nValue=gain.npy\n", rest, NULL);
    g_autofree char *stray =
        g_strconcat("[Input gain.1]\nValue=0\n[Input mask]\nValue=0\n", rest, NULL);
    refuse(rest, NULL, 0, "[Input] Tensor=NAME");
    refuse("", NULL, 0, "4 inputs (x, gain.1, shift, flag)");
    refuse(stray, NULL, 0, "[Input mask]");
    refuse(file, NULL, 0, "gain.npy");
    refuse(file, cut, sizeof cut - 1, "cut off");
    refuse(file, other, sizeof other - 1, "shape");
    refuse(file, "no array", -1, ".npy file");
}

/* A file made for batches of 16 runs on one picture where only Reshape says 16; else it says why not. */
static void test_fixed_batch(void)
{
    static const gint64 batch[] = {16, C, H, W};
    static const float mix[] = {1, -0.5f, 0.75f, 2}, table[16 * C] = {1};
    g_autoptr(GError) error = NULL;
    for (int adds = 0; adds < 2; adds++) {
        OnnxGraph *g = onnx_graph_new("net");
        onnx_input(g, "x", HE_F32, 4, batch);
        onnx_init_f32(g, "mix", 4, (gint64[]){C, C, 1, 1}, mix);
        onnx_init_f32(g, "table", 2, (gint64[]){16, C}, table);
        onnx_node(g, "Conv", "x,mix", "a");
        onnx_node(g, "GlobalAveragePool", "a", "p");
        INTS(g, "rows", 16, -1);
        onnx_node(g, "Reshape", "p,rows", "f");
        if (!adds) {
            check_linear(classify(g, "f"), 13, nchw, last_bias[K - 1]);
            continue;
        }
        onnx_attr_int(onnx_node(g, "Concat", "f,table", "c"), "axis", 1);
        g_autoptr(Scratch) scratch = scratch_new();
        const char *path = scratch_path(scratch, "net.onnx");
        onnx_write(classify(g, "c"), 13, path);
        scratch_write(scratch, "net.ini", nchw, -1);
        g_autoptr(HeModel) model = he_model_load(path, &error);
        g_assert_no_error(error);
        HeSessionOptions options = {.n_threads = 1};
        g_assert_null(he_session_new(model, &options, &error));
        g_assert_nonnull(strstr(error->message, "batches of 16"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/methods/head/poolings", test_poolings);
    g_test_add_func("/methods/head/nhwc", test_nhwc);
    g_test_add_func("/methods/head/batch-norm", test_batch_norm);
    g_test_add_func("/methods/head/outputs", test_outputs);
    g_test_add_func("/methods/head/two-answers", test_two_answers);
    g_test_add_func("/methods/head/fixed-batch", test_fixed_batch);
    g_test_add_func("/methods/head/held-inputs", test_held_inputs);
    g_test_add_func("/methods/head/held-refused", test_held_refused);
    g_test_add_func("/methods/head/transformer", test_transformer);
    return g_test_run();
}
