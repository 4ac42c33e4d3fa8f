/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside plugin/core: the runner, and a request on its way through it. */
#ifndef HE_CORE_RUNNER_H
#define HE_CORE_RUNNER_H

#include "plugin/core/digest.h"
#include "plugin/core/run.h"
#include "plugin/core/what.h"

struct HeRunner {
    char *folder; /* of the program; or NULL */

    HeSource *source; /* borrowed */
    double look[4];   /* w = 0: all */
    char *name;
    HeDigest *digest;
    const char *sha256; /* of the picture; NULL until asked */

    HeModel *model;
    HeSession *session;
    char *session_key; /* what the session was made for */
    HeInput *input;
    char *input_key;
};

/* A request with its recipe read. */
typedef struct {
    const HeRequest *request;
    HeRecipe *recipe; /* NULL: none was given back */
} HeAsk;
gboolean he_ask_init(HeAsk *ask, const HeRequest *request, GError **error);
void he_ask_clear(HeAsk *ask);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HeAsk, he_ask_clear)

gboolean he_runner_open(HeRunner *runner, const HeAsk *ask, GError **error);
/* The look that the request, or the recipe, asks for; BACKGROUND keeps its text (g_free). */
gboolean he_runner_look(const HeRunner *runner, const HeAsk *ask, HeLook *look,
                        char **background, GError **error);
/* IS_SUMMED: the picture's digest will be asked for and is made on the way. */
gboolean he_runner_read(HeRunner *runner, const HeAsk *ask, gboolean is_summed,
                        const HeTask *task, GError **error);
const char *he_runner_sha256(HeRunner *runner, GError **error);

/* "A", "not A", "A versus B", "A, B versus C": N labels by the sign of their weights; IS_SHORT: the first
 * synonym of each. g_free. */
char *he_name_labels(char *const *labels, const double *weights, int n,
                     gboolean is_short);
/* "CAM - espresso (90 %)"; "Grad-CAM of stage3 - espresso (12 %, not sure)"; "Saliency, negative - espresso
 * (90 %)". LAYER: unless it is the default one; GRADIENT: unless it is the method's own. g_free. */
char *he_name_result(const HeMethodInfo *method, const char *layer, const char *gradient,
                     const HeWhat *what);
/* "CAM - top3", "CAM, Saliency - espresso". METHODS: N of them; WORDS: what all results share, or the
 * request's words. g_free. */
char *he_name_group(const HeMethodInfo *const *methods, int n_methods, const char *words);

#endif
