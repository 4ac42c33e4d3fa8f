/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a method is: one file, one row in methods.def. A method says what it wants of the graph (a plan)
 * and turns values and gradients into a signed map. It never sees pixels or colours. */
#ifndef HE_METHODS_METHOD_H
#define HE_METHODS_METHOD_H

#include "methods/session.h"

typedef struct {
    HeSession *session;
    const HeInput *input;
    const HeTarget *target;
    const HeOptions *options;
    const char *layer; /* takes_layer: resolved to an ONNX tensor */
    const HeTask *task;
} HeQuestion;

typedef struct {
    HeMethodInfo info;
    /* NULL: it fits; else why not (g_free). NULL function: it fits every network. */
    char *(*refuse)(HeSession *session);
    /* Fills channels, height, width, values, native, score, coverage of OUT. */
    gboolean (*explain)(const HeQuestion *question, HeMap *out, GError **error);
} HeMethod;

const HeMethod *he_method_get(int i); /* NULL past the end */

#endif
