/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Names of the files in a folder of results: NAME.METHOD.CLASS.png. */
#ifndef HE_CLI_NAMES_H
#define HE_CLI_NAMES_H

#include "plugin/core/run.h"

/* A picture's name without folder and suffix; "picture" for standard input. Free with g_free. */
char *cli_picture_stem(const char *path);
/* The name without suffix of OUTCOME's result I, unlike all in TAKEN, which it joins. SESSION names the
 * stages of layers. Free with g_free. */
char *cli_result_stem(const char *picture_stem, HeSession *session,
                      const HeOutcome *outcome, int i, GHashTable *taken);

/* What OUTCOME's result I is, in short: "grad-cam of stage1, negative: espresso". g_free. */
char *cli_result_caption(HeSession *session, const HeOutcome *outcome, int i);

#endif
