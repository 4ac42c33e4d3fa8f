/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside plugin/core: the questions of one run, each a method, a layer and what is explained. */
#ifndef HE_CORE_QUESTIONS_H
#define HE_CORE_QUESTIONS_H

#include "plugin/core/runner.h"

typedef struct {
    const HeMethodInfo *method;
    char *layer;        /* of the CAM family, as it was named; NULL: the default one */
    const HeWhat *what; /* borrowed from the run's list */
    HeDisplay display;
    guint64 seed;
} HeQuestion;

typedef struct {
    GPtrArray *whats;   /* HeWhat */
    GArray *questions;  /* HeQuestion */
    GPtrArray *methods; /* const HeMethodInfo *, in their order */
} HeQuestions;

/* What can be told before the network runs: the methods. Messages are added to MESSAGES. */
GPtrArray *he_questions_methods(HeSession *session, const HeAsk *ask, GPtrArray *messages,
                                GError **error);
/* The layers that the request names, split where commas part them. g_strfreev. */
char **he_questions_layers(HeSession *session, const HeRequest *request, GError **error);
/* METHODS is taken. */
gboolean he_questions_init(HeQuestions *out, const HeAsked *asked, const HeAsk *ask,
                           GPtrArray *methods, char *const *layers, GError **error);
void he_questions_clear(HeQuestions *questions);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HeQuestions, he_questions_clear)

/* RESULT's recipe, from its map, plane, name and scale. */
gboolean he_recipe_fill(HeRunner *runner, const HeAsk *ask, const HeQuestion *question,
                        HeResult *result, GError **error);

#endif
