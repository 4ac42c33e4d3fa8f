/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The classic comparison, from the catalogue to the pictures: guided backpropagation on AlexNet, VGG, ResNet and
 * DenseNet, positive, negative and absolute, each network got from a server. The networks are the oracle's:
 * real graphs, small, random weights. */
#include <string.h>

#include "cli/picture.h"
#include "support/command.h"
#include "support/http_server.h"

static const char *const nets[] = {"alexnet", "vgg", "resnet", "densenet"};
static const char *const gradients[] = {"positive", "negative", "absolute"};

static void get_all(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        g_autofree char *file = g_strconcat(nets[i], ".onnx", NULL);
        g_autofree char *path =
            g_build_filename(g_getenv("HE_TOP"), "tests/oracle/nets", file, NULL);
        g_autofree char *bytes = NULL;
        gsize n;
        g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
        g_autofree char *sum =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, n);
        HttpServer *server = http_server_new(bytes, n);
        g_autofree char *catalogue = g_strdup_printf(
            "[Catalogue]\nFormat=1\nMirrors=http://127.0.0.1:%d/good/{file}\n"
            "[%s]\nFile=%s\nBytes=%" G_GSIZE_FORMAT "\nModel.SHA256=%s\n",
            http_server_get_port(server), nets[i], file, n, sum);
        g_autofree char *get =
            g_strdup_printf("models get %s --catalogue cat.ini", nets[i]);
        put("cat.ini", catalogue);
        succeeds(get);
        g_assert_cmpint(http_server_get_count(server), ==, 1);
        http_server_free(server);
    }
    drop("cat.ini");
}

static char *picture_name(const char *net, const char *gradient)
{
    return g_strdup_printf("%s.%s.png", net, gradient);
}

/* The map alone, as samples; *N of them. */
static float *read_samples(const char *name, size_t *n)
{
    g_autofree char *path = at(name);
    g_autoptr(GError) error = NULL;
    g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    HeSource *source = &picture->source;
    *n = (size_t)source->width * (size_t)source->height *
         (size_t)(source->channels + source->has_alpha);
    float *samples = g_new(float, *n);
    source->read_rows(source, HE_ENCODING_RAW, 0, source->height, samples, &error);
    g_assert_no_error(error);
    return samples;
}

static void assert_differ(const char *net, const char *a, const char *b)
{
    g_autofree char *name_a = picture_name(net, a), *name_b = picture_name(net, b);
    size_t n_a, n_b;
    g_autofree float *of_a = read_samples(name_a, &n_a),
                     *of_b = read_samples(name_b, &n_b);
    g_assert_cmpuint(n_a, ==, n_b);
    if (memcmp(of_a, of_b, n_a * sizeof(float)) == 0)
        g_test_fail_printf("%s: %s and %s are the same picture", net, a, b);
}

static void test_classic(void)
{
    get_all();
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(gradients); k++) {
            g_autofree char *out = picture_name(nets[i], gradients[k]);
            g_auto(Answer) answer =
                run("explain a.png -o %s --as layer --model %s --class 3 "
                    "--method guided-backprop --gradient %s",
                    out, nets[i], gradients[k]);
            if (answer.status != 0)
                g_test_fail_printf("%s, %s: %s", nets[i], gradients[k], answer.err);
        }
        assert_differ(nets[i], "positive", "negative");
        assert_differ(nets[i], "positive", "absolute");
        assert_differ(nets[i], "negative", "absolute");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("no_proxy", "*", TRUE);
    command_start();
    g_autofree char *home = at("home");
    g_setenv("XDG_DATA_HOME", home, TRUE);
    g_setenv("XDG_CONFIG_HOME", home, TRUE);
    g_test_add_func("/cli/classic", test_classic);
    int status = g_test_run();
    run_shell("rm -rf home");
    command_end();
    return status;
}
