/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the two halves of guessing a descriptor share. */
#ifndef HE_MODEL_DESCRIPTOR_GUESS_H
#define HE_MODEL_DESCRIPTOR_GUESS_H

#include "model/model.h"

typedef struct {
    HeDescriptor *d;
    GHashTable *seen; /* as he_descriptor_read fills it */
    const HeGraphDef *graph;
    const HeValueDef *input; /* the picture's */
    GPtrArray *guessed;      /* "Group.Key=value" */
} HeGuess;

gboolean he_guess_is_stated(const HeGuess *g, const char *key);
void he_guess_note(HeGuess *g, const char *key, const char *value);
/* Sets ERROR and returns FALSE. */
gboolean he_guess_fail(HeErrorCode code, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* "a, b": the first ten names. Free with g_free. */
char *he_guess_list_names(const HeValueDef *values, int n);

/* [Output]: the tensor, and what makes probabilities of it. */
gboolean he_guess_output(HeGuess *g, GError **error);

#endif
