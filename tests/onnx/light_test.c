/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The zoo's graphs without their weights, from PyPI's onnx package: they load, run, and give the outputs that
 * are stored with them, by the whole engine. The three that make hundreds of megabytes of weights are run by
 * `make test-onnx` alone (HE_LIGHT=all). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/command.h"
#include "support/interpret.h"

#define N                  (1 * 3 * 224 * 224)
#define N_CLASSES          1000
#define NPY_HEADER         128
#define RELATIVE_TOLERANCE 1e-3 /* as ONNX's own runner has them */
#define ABSOLUTE_TOLERANCE 1e-7

static const struct Net {
    const char *name, *what;
    gboolean is_large;
} nets[] = {
    {"bvlc_alexnet", "activation --layer prob_1", TRUE},
    {"densenet121", "logits", FALSE},
    {"inception_v1", "activation --layer prob_1", FALSE},
    {"inception_v2", "activation --layer prob_1", FALSE},
    {"resnet50", "activation --layer gpu_0/softmax_1", FALSE},
    {"shufflenet", "activation --layer gpu_0/softmax_1", FALSE},
    {"squeezenet", "activation --layer softmaxout_1", FALSE},
    {"vgg19", "activation --layer prob_1", TRUE},
    {"zfnet512", "activation --layer gpu_0/softmax_1", TRUE},
};

static char *file_of(const struct Net *net, const char *suffix)
{
    g_autofree char *name = g_strconcat("light_", net->name, suffix, NULL);
    return g_build_filename(g_getenv("HE_TOP"), "tests/onnx/light", name, NULL);
}

static void write_input(void)
{
    g_autofree char *path = at("in.npy");
    g_autofree float *x = g_new(float, N);
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < N; i++)
        x[i] = (float)((double)i / N);
    fprintf(file, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, NPY_HEADER - 10, 0,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }");
    g_assert_cmpuint(fwrite(x, sizeof(float), N, file), ==, N);
    fclose(file);
}

static void test_net(gconstpointer data)
{
    const struct Net *net = data;
    g_autofree char *model = file_of(net, ".onnx"),
                    *stored = file_of(net, "_output_0.pb");
    g_autoptr(GError) error = NULL;
    g_autoptr(NamedTensor) expected =
        named_tensor_load(stored, HE_PRECISION_SINGLE, &error);
    gsize n;
    if (net->is_large && !g_getenv("HE_LIGHT")) {
        g_test_skip("its weights are large; make test-onnx runs it");
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpuint(he_tensor_n(&expected->t), ==, N_CLASSES);
    g_auto(Answer) answer =
        run("evaluate '%s' in.npy out.npy --force --what %s", model, net->what);
    if (answer.status != 0) {
        g_test_fail_printf("%s: %s", net->name, answer.err);
        return;
    }
    g_autofree char *bytes = load("out.npy", &n);
    g_assert_cmpuint(n, ==, NPY_HEADER + N_CLASSES * sizeof(float));
    for (size_t i = 0; i < N_CLASSES; i++) {
        float got;
        double wanted = he_tensor_get_double(&expected->t, i);
        memcpy(&got, bytes + NPY_HEADER + i * sizeof got, sizeof got);
        if (!(fabs((double)got - wanted) <=
              ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * fabs(wanted)))
            g_test_fail_printf("%s: class %d is %.9g, expected %.9g", net->name, (int)i,
                               (double)got, wanted);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    write_input();
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        g_autofree char *path = g_strconcat("/onnx/light/", nets[i].name, NULL);
        g_test_add_data_func(path, &nets[i], test_net);
    }
    int status = g_test_run();
    command_end();
    return status;
}
