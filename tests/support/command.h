/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command, run as people run it, in a folder of small networks and pictures made for it.
 *
 *   net.onnx    3 channels, 3 classes: red fox; Egyptian cat, Mau; coffee cup
 *   two, one, grey, bands, raw .onnx  two classes; one output; one channel; four raw bands; raw RGB, nearest
 *   a.png, b.png, ramp.png  20 x 15: 8 bits; 16 bits with alpha; a 16-bit ramp
 *   bands.npy [17, 19, 4], x.npy [3, 3, 12, 12]: random
 *   photo.jpg, broken.onnx, empty.onnx, cut.onnx: not what they seem */
#ifndef TESTS_COMMAND_H
#define TESTS_COMMAND_H

#include "human-eye.h"

#define COMMAND_SIDE   12 /* of the networks' inputs */
#define COMMAND_WIDTH  20 /* of the pictures */
#define COMMAND_HEIGHT 15

void command_start(void);
void command_end(void);

typedef struct {
    int status;
    char *out, *err;
} Answer;
void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* The line as a shell splits it, after "human-eye", in the test's folder. */
Answer run(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* By sh, there; `human-eye` is on its path. Gives the exit status. */
int run_shell(const char *line);
void succeeds(const char *line);
/* The command must end with STATUS, say one line that holds WORDS, and leave no file behind. */
void refuses(int status, const char *words, const char *line);

/* Files of the test's folder. */
char *at(const char *name); /* g_free */
gboolean exists(const char *name);
void put(const char *name, const char *text);
char *load(const char *name, gsize *n); /* g_free */
void drop(const char *name);            /* a file, or a folder with files */
void assert_same_file(const char *a, const char *b);

#endif
