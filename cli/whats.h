/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What `evaluate` and `bench` can ask of a network, by name. */
#ifndef HE_CLI_WHATS_H
#define HE_CLI_WHATS_H

#include "human-eye.h"

typedef enum {
    CLI_WHAT_VALUE,          /* he_forward: of the layer, or the logits */
    CLI_WHAT_LAYER_GRADIENT, /* he_backward to the layer */
    CLI_WHAT_MAP             /* he_explain, and a type of gradient or none */
} CliWhatKind;

enum {
    CLI_NEEDS_TARGET = 1 << 0,
    CLI_NEEDS_LAYER = 1 << 1,
    CLI_NEEDS_CHANNEL = 1 << 2 /* of the layer; it is the target */
};

typedef struct {
    const char *name;
    CliWhatKind kind;
    guint needs;
    const char *method; /* CLI_WHAT_MAP */
    int gradient;       /* HeGradient; -1: the map as the method gives it */
} CliWhat;

/* An error names those there are, or says that it is not built yet. */
const CliWhat *cli_what_find(const char *name, GError **error);

typedef struct {
    int target;           /* class; -1: not given */
    const char *layer;    /* or NULL */
    gint64 channel, y, x; /* channel -1: not given; y, x as he_target_channel */
    guint64 seed;
} CliQuestion;

/* Whether QUESTION has what WHAT needs; the error names the option. */
gboolean cli_what_check(const CliWhat *what, const CliQuestion *question, GError **error);
/* The answer for one sample: float32 [1, ...], data freed with he_free. */
gboolean cli_what_ask(const CliWhat *what, const CliQuestion *question,
                      HeSession *session, const HeInput *input, const HeTask *task,
                      HeTensor *out, GError **error);

#endif
