/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Sessions on the reference networks: heads and default layers found, layers by name, stage and number,
 * targets, refusals with their reasons, one forward for many questions, equal bytes for any threads. */
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "methods/session.h"
#include "support/pace.h"

typedef struct {
    const char *name, *features, *layer; /* features NULL: CAM does not fit */
} Expected;

/* The input of the global pooling, and the last tensor with positions before the head. */
static const Expected nets[] = {
    {"alexnet", "/12/MaxPool_output_0", "/11/Relu_output_0"},
    {"densenet", "/Relu_output_0", "/Relu_output_0"},
    {"efficientnet_silu_se", "/head/head.2/Mul_output_0", "/head/head.2/Mul_output_0"},
    {"gap_mlp", "/f/f.6/Relu_output_0", "/f/f.6/Relu_output_0"},
    {"inception", "/c/Concat_output_0", "/c/Concat_output_0"},
    {"mobilenet_relu6", "/head/head.2/Clip_output_0", "/head/head.2/Clip_output_0"},
    {"nin", "/f/f.17/Conv_output_0", "/f/f.17/Conv_output_0"},
    {"resnet", "/layer4/layer4.0/relu_1/Relu_output_0",
     "/layer4/layer4.0/relu_1/Relu_output_0"},
    {"vgg", NULL, "/features/features.15/MaxPool_output_0"},
};

static HeModel *open_net(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path =
        g_strdup_printf("%s/tests/oracle/nets/%s.onnx", g_getenv("HE_TOP"), name);
    HeModel *model = he_model_load(path, &error);
    g_assert_no_error(error);
    return model;
}

static HeSession *open_session(const char *name, int n_threads, const char *kernels)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeModel) model = open_net(name);
    HeSessionOptions options = {.n_threads = n_threads, .kernels = kernels};
    HeSession *session = he_session_new(model, &options, &error);
    g_assert_no_error(error);
    return session;
}

/* A fixed picture of waves at the network's own size. */
static HeInput *make_input(HeSession *session)
{
    g_autoptr(GError) error = NULL;
    const HeValueDef *def = &he_session_get_model(session)->onnx->graph.inputs[0];
    HeTensor x;
    he_tensor_init(&x, HE_F32, def->rank, def->dim);
    size_t n = he_tensor_n(&x);
    g_autofree float *values = g_new(float, n);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)sin(0.37 * (double)i);
    x.data = values;
    HeInput *input = he_input_new_raw(he_session_get_model(session), &x, &error);
    g_assert_no_error(error);
    return input;
}

static void test_heads(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(nets); i++) {
        g_autoptr(HeSession) session = open_session(nets[i].name, 1, NULL);
        g_autofree char *refusal = he_method_refusal(session, "cam");
        g_test_message("%s", nets[i].name);
        g_assert_cmpstr(session->logits, ==, "logits");
        g_assert_cmpint(session->n_logits, ==, 10);
        g_assert_cmpstr(session->cam_features, ==, nets[i].features);
        g_assert_cmpstr(session->default_layer, ==, nets[i].layer);
        if (nets[i].features)
            g_assert_null(refusal);
        else
            g_assert_nonnull(strstr(refusal, "MaxPool"));
        g_assert_null(he_method_refusal(session, "grad-cam"));
    }
}

static void test_layers(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeSession) session = open_session("resnet", 1, NULL);
    int n, n_default = 0, n_stages = 0;
    gint64 last_area = G_MAXINT64;
    HeLayer *layers = he_session_list_layers(session, &n, &error);
    g_assert_cmpint(n, >, 20);
    for (int i = 0; i < n; i++) {
        n_default += layers[i].is_default;
        if (!layers[i].stage)
            continue;
        g_autofree char *name = g_strdup_printf("stage%d", ++n_stages);
        g_assert_cmpstr(layers[i].stage, ==, name);
        g_assert_cmpint(layers[i].dim[2] * layers[i].dim[3], <, last_area);
        last_area = layers[i].dim[2] * layers[i].dim[3];
    }
    g_assert_cmpint(n_default, ==, 1);
    g_assert_cmpint(n_stages, >=, 4);
    he_layers_free(layers, n);

    const char *same[] = {"-1", "layer4.0.relu_1", "layer4",
                          "/layer4/layer4.0/relu_1/Relu_output_0", ""};
    for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autofree char *layer = he_session_find_layer(session, same[i], &error);
        g_assert_no_error(error);
        g_assert_cmpstr(layer, ==, session->default_layer);
    }
    g_assert_null(he_session_find_layer(session, "stage99", &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
}

/* Ten questions about one picture cost one forward: the plan answers for the input it has seen. */
static void test_one_forward(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeSession) session = open_session("resnet", 1, NULL);
    g_autoptr(HeInput) input = make_input(session);
    HeOptions options = {.method = "saliency"};
    HeScores scores;
    g_assert_true(he_session_expect(session, &options, &error));
    g_assert_true(he_classify(session, input, NULL, &scores, &error));
    he_scores_clear(&scores);
    for (int y = 0; y < 10; y++) {
        HeTarget target = {0};
        g_assert_true(
            he_target_class(he_session_get_model(session), y, 1, &target, &error));
        g_autoptr(HeMap) map =
            he_explain(session, input, &target, &options, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpint(map->coverage.seen, >, 0);
        g_assert_cmpint(map->coverage.ruled, ==, 0);
        he_target_clear(&target);
    }
    g_assert_cmpint(session->plans->len, ==, 1);
}

/* Waves that are another picture for each PHASE. */
static HeInput *make_large_input(HeSession *session, double phase)
{
    g_autoptr(GError) error = NULL;
    HeTensor x;
    he_tensor_init(&x, HE_F32, 4, (gint64[]){1, 3, 224, 224});
    size_t n = he_tensor_n(&x);
    g_autofree float *values = g_new(float, n);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)sin(phase + 0.37 * (double)i);
    x.data = values;
    HeInput *input = he_input_new_raw(he_session_get_model(session), &x, &error);
    g_assert_no_error(error);
    return input;
}

/* Methods in turn, each often enough that its weights are packed: all plans together hold at most three times
 * the weights and 16 MiB, and plans that gave their values up answer as before. Once each has packed, none packs again. */
static void test_room(void)
{
    static const char *const methods[] = {"cam", "grad-cam", "saliency"};
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf(
        "%s/models/efficientnet-lite0/efficientnet-lite0.onnx", g_getenv("HE_TOP"));
    g_autoptr(HeModel) model = he_model_load(path, &error);
    if (!model || pace(FALSE, TRUE, FALSE)) {
        g_test_skip(model ? "by an emulator it takes minutes"
                          : "the embedded model's weights are not here");
        return;
    }
    g_autoptr(HeSession) session = he_session_new(model, &(HeSessionOptions){0}, &error);
    g_assert_no_error(error);
    float first[G_N_ELEMENTS(methods)];
    gsize packed = 0;
    for (int i = 0; i < 12; i++) {
        int m = i / 2 % (int)G_N_ELEMENTS(methods);
        HeOptions options = {.method = methods[m]};
        HeTarget target = {0};
        he_target_add(&target, NULL, 3, 1);
        g_autoptr(HeInput) input = make_large_input(session, i % 2);
        g_autoptr(HeMap) map =
            he_explain(session, input, &target, &options, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(he_session_get_memory(session), >, 0);
        g_assert_cmpuint(he_session_get_memory(session), <=,
                         3 * he_plan_get_weight_bytes(session->survey) +
                             ((gsize)17 << 20));
        if (i >= 6)
            g_assert_cmpuint(he_packed_store_get_bytes(session->packed), ==, packed);
        packed = he_packed_store_get_bytes(session->packed);
        if (i % 2 == 0 && i >= 6)
            g_assert_cmpfloat(map->values[9], ==, first[m]);
        else if (i % 2 == 0)
            first[m] = map->values[9];
        he_target_clear(&target);
    }
}

static GChecksum *digest_of(const char *net, int n_threads, const char *kernels)
{
    const char *methods[] = {"cam", "grad-cam", "guided-backprop", "saliency"};
    g_autoptr(GError) error = NULL;
    g_autoptr(HeSession) session = open_session(net, n_threads, kernels);
    g_autoptr(HeInput) input = make_input(session);
    GChecksum *digest = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint m = 0; m < G_N_ELEMENTS(methods); m++) {
        HeTarget target = {0};
        HeOptions options = {.method = methods[m]};
        he_target_add(&target, NULL, 3, 1);
        g_autoptr(HeMap) map =
            he_explain(session, input, &target, &options, NULL, &error);
        g_assert_no_error(error);
        g_checksum_update(digest, (const guchar *)map->values,
                          (gssize)sizeof(float) * map->channels * map->height *
                              map->width);
        he_target_clear(&target);
    }
    return digest;
}

static void test_threads(void)
{
#ifdef __aarch64__
    const char *kernels[] = {"plain", "openblas", "neon"};
#else
    const char *kernels[] = {"plain", "openblas", "avx2", "avx512"};
#endif
    const char *names[] = {"mobilenet_relu6", "inception", "densenet"};
    for (guint k = 0; k < G_N_ELEMENTS(kernels); k++) {
        HeKernelSet set;
        g_autoptr(GError) error = NULL;
        if (!he_kernels_parse(kernels[k], &set, &error)) {
            g_test_incomplete(error->message);
            continue;
        }
        for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
            g_autoptr(GChecksum) one = digest_of(names[i], 1, kernels[k]);
            for (int n = 2; n <= 8; n += 3) {
                g_autoptr(GChecksum) many = digest_of(names[i], n, kernels[k]);
                g_test_message("%s, %s, %d threads", names[i], kernels[k], n);
                g_assert_cmpstr(g_checksum_get_string(many), ==,
                                g_checksum_get_string(one));
            }
        }
    }
}

static void test_targets(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeSession) session = open_session("gap_mlp", 1, NULL);
    g_autoptr(HeInput) input = make_input(session);
    HeModel *model = he_session_get_model(session);
    HeTarget target = {0};
    g_assert_false(he_target_class(model, 10, 1, &target, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    g_clear_error(&error);
    /* The largest value of a channel is one of its sum's terms. */
    g_assert_true(he_target_channel(session, input, "/f/f.6/Relu_output_0", 4, -2, 0,
                                    &target, &error));
    g_assert_cmpint(target.n_terms, ==, 1);
    gint64 at = target.terms[0].index;
    he_target_clear(&target);
    g_assert_true(he_target_channel(session, input, "/f/f.6/Relu_output_0", 4, -1, 0,
                                    &target, &error));
    g_assert_cmpint(at, >=, target.terms[0].index);
    g_assert_cmpint(at, <=, target.terms[target.n_terms - 1].index);
    /* CAM has no answer for it; the CAM family at a layer after it has none either. */
    HeOptions options = {.method = "cam"};
    g_assert_null(he_explain(session, input, &target, &options, NULL, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    g_clear_error(&error);
    he_target_clear(&target);
    g_assert_false(he_target_channel(session, input, "/f/f.6/Relu_output_0", 400, -1, 0,
                                     &target, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
}

static void test_refusals(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HeSession) session = open_session("vgg", 1, NULL);
    g_autoptr(HeInput) input = make_input(session);
    HeTarget target = {0};
    he_target_add(&target, NULL, 0, 1);
    const struct {
        HeOptions options;
        int code;
    } cases[] = {
        {{.method = "cam"}, HE_ERROR_UNSUPPORTED},
        {{.method = "magic"}, HE_ERROR_INVALID_ARGUMENT},
        {{.method = "grad-cam", .layer = "nowhere"}, HE_ERROR_INVALID_ARGUMENT},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_null(
            he_explain(session, input, &target, &cases[i].options, NULL, &error));
        g_assert_error(error, HE_ERROR, cases[i].code);
        g_clear_error(&error);
    }
    he_target_clear(&target);
    he_target_add(&target, NULL, 10, 1);
    HeOptions options = {.method = "saliency"};
    g_assert_null(he_explain(session, input, &target, &options, NULL, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    he_target_clear(&target);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/methods/session/heads", test_heads);
    g_test_add_func("/methods/session/layers", test_layers);
    g_test_add_func("/methods/session/one-forward", test_one_forward);
    g_test_add_func("/methods/session/room", test_room);
    g_test_add_func("/methods/session/threads", test_threads);
    g_test_add_func("/methods/session/targets", test_targets);
    g_test_add_func("/methods/session/refusals", test_refusals);
    return g_test_run();
}
