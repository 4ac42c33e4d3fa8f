/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* models remove: all that installing made goes, and nothing else does. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "support/command.h"
#include "support/onnx_write.h"

#define MODELS "home/human-eye/models"

/* All that is in the home folder, a line each, sorted. */
static char *left(void)
{
    gsize n;
    run_shell("find " MODELS " -mindepth 1 2>/dev/null | sort >left.txt");
    char *text = load("left.txt", &n);
    drop("left.txt");
    return text;
}

static void assert_left(const char *expected)
{
    g_autofree char *found = left();
    g_assert_cmpstr(found, ==, expected);
}

static void shell(const char *line)
{
    g_assert_cmpint(run_shell(line), ==, 0);
}

static void test_all_goes(void)
{
    succeeds("models add net.onnx --quiet");
    shell("printf junk >" MODELS "/net.onnx.part");
    g_auto(Answer) answer = run("models remove net");
    g_assert_cmpint(answer.status, ==, 0);
    g_assert_cmpstr(answer.err, ==, "");
    static const char *const files[] = {"/net/net.onnx\n", "/net/net.ini\n",
                                        "/net/net.labels.txt\n", "/net.onnx.part\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        g_assert_nonnull(strstr(answer.out, files[i]));
    assert_left("");
    succeeds("models add net.onnx --quiet");
    g_auto(Answer) quiet = run("models remove net --quiet");
    g_assert_cmpint(quiet.status, ==, 0);
    g_assert_cmpstr(quiet.out, ==, "");
    assert_left("");
}

/* A model that lies flat in the folder, as a person puts it there; another's name may begin alike. */
static void test_flat(void)
{
    shell("mkdir -p " MODELS " && cp net.onnx net.labels.txt two.onnx " MODELS
          " && cp two.onnx " MODELS "/net.2.onnx");
    succeeds("models remove net --quiet");
    assert_left(MODELS "/net.2.onnx\n" MODELS "/two.onnx\n");
    succeeds("models remove net.2 --quiet");
    succeeds("models remove two --quiet");
    assert_left("");
}

static void test_other_files_stay(void)
{
    succeeds("models add net.onnx --quiet");
    shell("printf mine >" MODELS "/net/mine.txt");
    succeeds("models remove net --quiet");
    assert_left(MODELS "/net\n" MODELS "/net/mine.txt\n");
    refuses(1, "there is no model “net” in", "models remove net");
    shell("rm -r " MODELS "/net");
}

/* Weights outside the file, which come along with `models add`. */
static void test_external(void)
{
    const float v[6] = {1, 0, 0, 1, 1, 1};
    OnnxGraph *g = onnx_graph_new("outside");
    GByteArray *tensor = g_byte_array_new(), *entry = g_byte_array_new();
    g_autofree char *path = at("outside.onnx"), *data = at("weights/v.bin");
    shell("mkdir weights");
    g_assert_true(g_file_set_contents(data, (const char *)v, sizeof v, NULL));
    onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 3, 4, 4});
    wire_int(tensor, 1, 3);
    wire_int(tensor, 1, 2);
    wire_int(tensor, 2, 1);
    wire_string(tensor, 8, "v");
    wire_string(entry, 1, "location");
    wire_string(entry, 2, "weights/v.bin");
    wire_message(tensor, 13, entry);
    wire_int(tensor, 14, 1);
    wire_message(onnx_graph_extra(g), 5, tensor);
    onnx_node(g, "GlobalAveragePool", "x", "p");
    onnx_node(g, "Flatten", "p", "f");
    onnx_node(g, "MatMul", "f,v", "y");
    onnx_output(g, "y", HE_F32, 2, (gint64[]){1, 2});
    onnx_write(g, 13, path);
    succeeds("models add outside.onnx --quiet");
    assert_left(MODELS "/outside\n" MODELS "/outside/outside.ini\n" MODELS
                       "/outside/outside.onnx\n" MODELS "/outside/weights\n" MODELS
                       "/outside/weights/v.bin\n");
    succeeds("classify a.png --model outside");
    succeeds("models remove outside --quiet");
    assert_left("");
    /* Where the folder of the weights leads out, they are not the model's. */
    succeeds("models add outside.onnx --quiet");
    shell("rm -r " MODELS "/outside/weights && ln -s $PWD/weights " MODELS "/outside");
    succeeds("models remove outside --quiet");
    assert_left(MODELS "/outside\n" MODELS "/outside/weights\n");
    g_assert_true(exists("weights/v.bin"));
    shell("rm -r " MODELS "/outside weights outside.onnx");
}

/* What a link leads to is somebody else's. */
static void test_links(void)
{
    shell("mkdir -p mine/net " MODELS " && cp net.onnx mine/net && ln -s $PWD/mine/net "
          "$PWD/" MODELS);
    succeeds("models remove net --quiet");
    assert_left("");
    shell("ln -s $PWD/net.onnx " MODELS);
    succeeds("models remove net --quiet");
    assert_left("");
    g_assert_true(exists("mine/net/net.onnx"));
    g_assert_true(exists("net.onnx"));
    shell("rm -r mine");
}

static void test_refused(void)
{
    shell("mkdir -p others " MODELS "/dir/dir.onnx && cp net.onnx others");
    refuses(1, "comes with Human Eye, and stays", "models remove efficientnet-lite0");
    refuses(1, "there is no model “nothing”", "models remove nothing");
    refuses(1, "there is no model “dir”", "models remove dir");
    refuses(1, "is no model's name", "models remove ./net.onnx");
    refuses(1, "is no model's name", "models remove ../models");
    refuses(1, "is no model's name", "models remove ''");
    refuses(2, "something is missing", "models remove");
    g_autofree char *others = at("others");
    const char *before = g_getenv("HUMAN_EYE_MODELS");
    g_autofree char *kept = g_strdup(before);
    g_setenv("HUMAN_EYE_MODELS", others, TRUE);
    refuses(1, "others/net.onnx: only models in your own folder", "models remove net");
    if (kept)
        g_setenv("HUMAN_EYE_MODELS", kept, TRUE);
    g_assert_true(exists("others/net.onnx"));
    shell("rm -r others " MODELS "/dir");
}

/* A program that lives keeps what it gathers; what a killed one gathered goes. */
static void test_unfinished(void)
{
    shell("mkdir -p " MODELS "/.net.abc123/held " MODELS
          "/.net.2.abc123 && printf x >" MODELS "/.net.abc123/held/x && printf x >" MODELS
          "/net.onnx.part");
    g_autofree char *part = at(MODELS "/net.onnx.part");
    int fd = g_open(part, O_RDONLY, 0);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    refuses(1, "another download is at work", "models remove net");
    g_close(fd, NULL);
    succeeds("models remove net --quiet");
    assert_left(MODELS "/.net.2.abc123\n");
    shell("mkdir " MODELS "/.net.abc123");
    succeeds("models add net.onnx --quiet");
    g_autofree char *swept = left();
    g_assert_null(strstr(swept, ".net.abc123"));
    g_autofree char *folder = at(MODELS "/.net.2.abc123");
    fd = g_open(folder, O_RDONLY, 0);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    refuses(1, "there is no model “net.2”", "models remove net.2");
    g_close(fd, NULL);
    succeeds("models remove net --quiet");
    succeeds("models remove net.2 --quiet");
    assert_left("");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    g_autofree char *home = at("home");
    g_setenv("XDG_DATA_HOME", home, TRUE);
    g_setenv("XDG_CONFIG_HOME", home, TRUE);
    g_test_add_func("/cli/models-remove/all-goes", test_all_goes);
    g_test_add_func("/cli/models-remove/flat", test_flat);
    g_test_add_func("/cli/models-remove/other-files-stay", test_other_files_stay);
    g_test_add_func("/cli/models-remove/external", test_external);
    g_test_add_func("/cli/models-remove/links", test_links);
    g_test_add_func("/cli/models-remove/refused", test_refused);
    g_test_add_func("/cli/models-remove/unfinished", test_unfinished);
    int status = g_test_run();
    run_shell("rm -rf home");
    command_end();
    return status;
}
