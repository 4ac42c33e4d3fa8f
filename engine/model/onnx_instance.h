/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Copies of a function's nodes for one call: names made the graph's, attributes made the call's. */
#ifndef HE_MODEL_ONNX_INSTANCE_H
#define HE_MODEL_ONNX_INSTANCE_H

#include "model/onnx_read.h"

typedef struct {
    const HeFunctionDef *function;
    const HeNodeDef *call;
    GHashTable *names; /* of the function -> of the graph; both owned */
    GHashTable *taken; /* all names of the graph, owned */
    guint64 *serial;   /* of names that were taken */
    size_t *n_bytes;   /* copied so far */
} HeInstance;

/* What NAME is called in the graph; a new name, of the call's, when it is met first. Borrowed. */
const char *he_instance_name(HeInstance *instance, const char *name);
/* Fills a zeroed node; on failure too it may be cleared. */
gboolean he_instance_copy_node(HeInstance *instance, const HeNodeDef *from, HeNodeDef *to,
                               GError **error);

#endif
