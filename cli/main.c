/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command `human-eye`: one subcommand a row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

typedef struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} Command;

static const Command commands[] = {
    {"bench", "measures how long a model's answers take", cli_bench},
    {"classify", "what a network believes is in a picture", cli_classify},
    {"evaluate", "raw tensors in and out, for checking", cli_evaluate},
    {"explain", "shows what a network looked at in a picture", cli_explain},
    {"layers", "the layers of a model that can be looked at", cli_layers},
    {"methods", "the methods of explaining, with their papers", cli_methods},
    {"models", "the models there are, and what is known of them", cli_models},
    {"verify", "makes a result again and compares", cli_verify},
};

static const char before[] =
    "Usage: human-eye COMMAND [OPTION...] ...\n"
    "\n"
    "Shows what a convolutional network looked at in a picture.\n"
    "\n"
    "Commands (human-eye COMMAND --help teaches each):\n";
static const char after[] =
    "\n"
    "  human-eye classify cat.png\n"
    "  human-eye explain cat.png -o why.png\n"
    "  human-eye explain cat.png -o why.png --class \"Egyptian cat\" --method saliency\n"
    "  human-eye explain cat.png -o folder --class top3 --method cam,guided-backprop\n"
    "\n"
    "Exit status: 0 good, 1 the work failed (nothing is written then), 2 bad usage.\n";

static int show_help(void)
{
    fputs(before, stdout);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs(after, stdout);
    return CLI_GOOD;
}

static int show_version(void)
{
    puts("human-eye " HE_VERSION);
    return CLI_GOOD;
}

static gboolean is_any(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        cli_tell("no command given: human-eye --help lists them");
        return CLI_USAGE;
    }
    if (is_any(argv[1], "--help", "-h") || strcmp(argv[1], "help") == 0)
        return show_help();
    if (is_any(argv[1], "--version", "-V"))
        return show_version();
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    cli_tell("%s: there is no such command; human-eye --help lists them", argv[1]);
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cli_tell("standard output: %s", g_strerror(errno));
    return CLI_FAILED;
}
