/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* HeModel inside the library, and the two small files that may stand beside an ONNX file. */
#ifndef HE_MODEL_MODEL_H
#define HE_MODEL_MODEL_H

#include "model/onnx.h"

struct HeModel {
    gint ref_count;
    char *path, *name;
    HeOnnx *onnx;
    HeDescriptor descriptor;
    char **labels; /* NULL-terminated, or NULL */
    int n_labels;
    int n_classes; /* as the public getter says */
    int n_outputs; /* numbers that the output tensor has: 1 for a one-output network */
    GThread *sha256_thread; /* NULL until asked or started */
    GMutex lock;
    char *sha256;
};

/* NAME.ini. Fills only what the file states; KEYS_SEEN gets "Group.Key" of each. Unknown groups and keys
 * are errors that name them and the line's key. */
gboolean he_descriptor_read(const char *path, HeDescriptor *out, GHashTable *keys_seen,
                            char **labels, GError **error);
/* Fills what was not stated from the graph (input shape, channel count) and common practice, and lists
 * each guess in `guessed`. */
gboolean he_descriptor_guess(HeDescriptor *descriptor, GHashTable *keys_seen,
                             const HeOnnx *onnx, GError **error);
void he_descriptor_clear(HeDescriptor *descriptor);

/* One label a line, UTF-8; a leading WordNet id ("n01440764 ") is dropped. */
char **he_labels_read(const char *path, int *n, GError **error);
/* Exact, then unique regardless of case, spaces and underscores, over comma-separated synonyms. */
int he_labels_find(char *const *labels, int n, const char *text, GError **error);

#endif
