/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How the command is used: help, and what it refuses, with which words and exit status, leaving nothing
 * behind. */
#include <string.h>

#include "support/command.h"

static void test_help(void)
{
    static const char *const commands[] = {"bench",  "classify", "evaluate", "explain",
                                           "layers", "methods",  "models",   "verify"};
    g_auto(Answer) all = run("--help");
    g_assert_cmpint(all.status, ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_auto(Answer) one = run("%s --help", commands[i]);
        g_autofree char *line = g_strdup_printf("  human-eye %s", commands[i]);
        g_assert_nonnull(strstr(all.out, commands[i]));
        g_assert_cmpint(one.status, ==, 0);
        g_assert_cmpstr(one.err, ==, "");
        g_assert_nonnull(strstr(one.out, "Examples:"));
        g_assert_nonnull(strstr(one.out, line));
        g_auto(GStrv) lines = g_strsplit(one.out, "\n", -1);
        for (char **text = lines; *text; text++)
            g_assert_cmpint(g_utf8_strlen(*text, -1), <=, 90);
    }
    g_auto(Answer) explain = run("explain --help");
    static const char *const options[] = {
        "--model=",    "--class=",      "--versus=",     "--layer=",     "--channel=",
        "--at=",       "--fit=",        "--method=",     "--blend=",     "--scale=",
        "--gradient=", "--opacity=",    "--alpha=",      "--colormap=",  "--background=",
        "--threads=",  "--kernels=",    "--seed=",       "--precision=", "--as=",
        "--raw=",      "--raw-native=", "--save-input=", "--recipe=",    "--json",
        "--force",     "--quiet"};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        g_assert_nonnull(strstr(explain.out, options[i]));
    g_assert_null(strstr(explain.out, "--selection")); /* the plug-in's own */
    g_auto(Answer) version = run("--version");
    g_assert_cmpstr(version.out, ==, "human-eye " HE_VERSION "\n");
}

static void test_usage(void)
{
    refuses(2, "no command given", "");
    refuses(2, "paint: there is no such command", "paint");
    refuses(2, "PICTURE", "explain");
    refuses(2, "where to?", "explain a.png --model ./net.onnx");
    refuses(2, "--gradient: ", "explain a.png -o o.png --gradient sideways");
    refuses(2, "positive, negative, absolute, signed",
            "explain a.png -o o.png --gradient sideways");
    refuses(2, "--opacity: ", "explain a.png -o o.png --opacity 200");
    refuses(2, "--threads: ", "explain a.png -o o.png --threads some");
    refuses(2, "--as: ", "explain a.png -o o.png --as sculpture");
    refuses(2, "--gloss", "explain a.png -o o.png --gloss");
    refuses(2, "-o", "explain a.png -o");
    refuses(2, "standard output", "explain a.png -o - --raw -");
    refuses(2, "standard output", "explain a.png -o - --json");
    refuses(2, "standard input", "explain - - -o o");
    refuses(2, "--selection", "explain a.png -o o.png --selection look");
    refuses(2, "--image", "verify a.png");
    refuses(2, "--what: must be given", "evaluate net.onnx x.npy o.npy");
    refuses(2, "--target: is needed", "evaluate net.onnx x.npy o.npy --what cam");
    refuses(2, "--layer: is needed", "evaluate net.onnx x.npy o.npy --what activation");
    refuses(2, "--channel: is needed",
            "evaluate net.onnx x.npy o.npy --what neuron-gradient --layer r");
    refuses(2, "none of activation, cam", "evaluate net.onnx x.npy o.npy --what magic");
    refuses(2, "--repeat", "bench net.onnx --repeat 0");
    refuses(2, "--classes", "bench net.onnx --classes 0");
    refuses(2, "--layers", "bench net.onnx --layers --what grad-cam");
}

/* What DESIGN.md names and a later version brings is refused by name. */
static void test_later(void)
{
    static const char *const methods[] = {"grad-cam++", "layer-cam", "occlusion", "lime",
                                          "integrated-gradients"};
    static const char *const options[] = {"steps", "window", "stride", "baseline",
                                          "rule"};
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *line =
            g_strdup_printf("explain a.png -o o.png --method %s", methods[i]);
        refuses(2, "not built yet", line);
        refuses(2, methods[i], line);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autofree char *line = g_strdup_printf(
            "evaluate net.onnx x.npy o.npy --what cam --%s 3", options[i]);
        g_autofree char *words = g_strdup_printf("--%s: is not built yet", options[i]);
        refuses(2, words, line);
    }
    refuses(2, "occlusion", "evaluate net.onnx x.npy o.npy --what occlusion --target 1");
    refuses(2, "--window: is not built yet", "explain a.png -o o.png --window 3");
}

static void test_bad_input(void)
{
    refuses(1, "none.png: ", "explain none.png -o o.png --model ./net.onnx");
    refuses(1, "a JPEG; open it in GIMP or convert it",
            "explain photo.jpg -o o.png --model ./net.onnx");
    refuses(1, "a JPEG", "classify photo.jpg --model ./net.onnx");
    refuses(1, "none.onnx", "explain a.png -o o.png --model ./none.onnx");
    refuses(1, "broken.onnx", "explain a.png -o o.png --model ./broken.onnx");
    refuses(1, "empty.onnx", "explain a.png -o o.png --model ./empty.onnx");
    refuses(1, "cut.onnx", "explain a.png -o o.png --model ./cut.onnx");
    refuses(1, "cut.onnx", "layers ./cut.onnx");
    refuses(1, "nosuchmodel", "explain a.png -o o.png --model nosuchmodel");
    refuses(1, "Egyptian cat",
            "explain a.png -o o.png --model ./net.onnx --class 'Egytian cat'");
    refuses(1, "7", "explain a.png -o o.png --model ./net.onnx --class 7");
    refuses(1, "",
            "explain a.png -o o.png --model ./net.onnx --layer nowhere "
            "--method grad-cam");
    refuses(1, "none/o.png: ", "explain a.png -o none/o.png --model ./net.onnx");
    refuses(1, "bands.npy: ", "explain bands.npy -o o.png --model ./net.onnx");
    refuses(1, "none.npy", "evaluate ./net.onnx none.npy o.npy --what logits");
    refuses(1, "", "evaluate ./net.onnx bands.npy o.npy --what logits");
    refuses(1, "", "evaluate ./net.onnx x.npy o.npy --what cam --target 99");
    refuses(1, "no recipe", "verify a.png --image a.png");
    refuses(1, "not a recipe", "explain a.png -o o.png --recipe photo.jpg");
    refuses(1, "several", "explain a.png -o - --model ./net.onnx --class top3 -q");
}

/* Nothing of a failed run is left, even when the first of several pictures was good. */
static void test_nothing_written(void)
{
    refuses(1, "none.png",
            "explain a.png none.png -o made --model ./net.onnx "
            "--raw maps --save-input inputs -q");
}

static void test_existing(void)
{
    put("kept.png", "precious");
    refuses(1, "kept.png: exists already; --force",
            "explain a.png -o kept.png --model ./net.onnx");
    refuses(1, "kept.png: exists already",
            "explain a.png -o new.png --raw kept.png --model ./net.onnx");
    refuses(1, "kept.png", "evaluate ./net.onnx x.npy kept.png --what logits");
    gsize n = 0;
    g_autofree char *kept = load("kept.png", &n);
    g_assert_cmpstr(kept, ==, "precious");
    succeeds("explain a.png -o kept.png --model ./net.onnx --force");
    g_autofree char *replaced = load("kept.png", &n);
    g_assert_cmpmem(replaced, 4, "\x89PNG", 4);
    drop("kept.png");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    command_start();
    g_test_add_func("/usage/help", test_help);
    g_test_add_func("/usage/usage", test_usage);
    g_test_add_func("/usage/later", test_later);
    g_test_add_func("/usage/bad-input", test_bad_input);
    g_test_add_func("/usage/nothing-written", test_nothing_written);
    g_test_add_func("/usage/existing", test_existing);
    int status = g_test_run();
    command_end();
    return status;
}
