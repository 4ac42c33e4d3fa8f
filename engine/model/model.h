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
    HeTensorDef *held; /* values of [Input NAME], as the descriptor names them */
    int n_held;
    char *labels_path; /* or NULL */
    char **labels;     /* NULL-terminated, or NULL */
    int n_labels;
    int n_classes;    /* as the public getter says */
    int n_outputs;    /* numbers that the output tensor has: 1 for a one-output network */
    gint is_stopping; /* tells the SHA-256 thread to give up */
    GMutex lock;      /* of what follows */
    GThread *sha256_thread; /* NULL until asked or started */
    char *sha256;
    GHashTable *numbered; /* index -> "class 7", made when asked for */
};

/* NAME.ini at PATH (NULL: there is none), and ROWS over it ("Group.Key=value"; may be NULL). Fills only what
 * these state; KEYS_SEEN gets "Group.Key" of each with the number of its values (of Mean, Std; else 1) as a
 * pointer. Unknown groups and keys are errors that name file, group and key. LABELS gets the path that
 * Labels names, or NULL. On failure OUT may be cleared. */
gboolean he_descriptor_read(const char *path, const char *const *rows, HeDescriptor *out,
                            GHashTable *keys_seen, char **labels, GError **error);
/* Sets each of ROWS in FILE; what is no row at all is an error. */
gboolean he_descriptor_set_rows(GKeyFile *file, const char *const *rows, GError **error);
/* Fills what was not stated from the graph (input, shape, channels, last activation) and common practice,
 * lists each guess in `guessed`, and checks what was stated against the graph. */
gboolean he_descriptor_guess(HeDescriptor *descriptor, GHashTable *keys_seen,
                             const HeOnnx *onnx, GError **error);
void he_descriptor_clear(HeDescriptor *descriptor);

/* Numbers in one sample of the output VALUE; 0: the file does not say. */
gint64 he_value_def_sample_size(const HeValueDef *value);
/* The graph's output of that name, or NULL. */
const HeValueDef *he_graph_def_output(const HeGraphDef *graph, const char *name);

/* One label a line, UTF-8; a leading WordNet id ("n01440764 ") is dropped. Free with g_strfreev. */
char **he_labels_read(const char *path, int *n, GError **error);
/* The one class called TEXT: exactly, else exactly one of its comma-separated synonyms, else regardless of
 * case, spaces and underscores. -1: none (the nearest are named) or several (all are named). */
int he_labels_find(char *const *labels, int n, const char *text, GError **error);

/* Waits for what he_model_start_sha256 began and frees its result. */
void he_model_clear_sha256(HeModel *model);

#endif
