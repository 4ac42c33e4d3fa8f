/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside plugin/core: what is explained. Words of a request (or rows of a recipe) -> targets. */
#ifndef HE_CORE_WHAT_H
#define HE_CORE_WHAT_H

#include "plugin/core/recipe.h"
#include "plugin/core/request.h"

#define HE_MAX_RESULTS 100 /* of one run */

typedef struct {
    HeTarget target;
    char **labels;      /* one for each term, NULL: none; owned */
    char *words;        /* "espresso versus cup" */
    char *short_words;  /* the same with the first synonym of each label */
    int class_index;    /* -1: not a class */
    double probability; /* of one class; NaN: none */
} HeWhat;

void he_what_free(HeWhat *what);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeWhat, he_what_free)

typedef struct {
    HeSession *session;
    const HeInput *input;
    const HeScores *scores;
} HeAsked;

/* The items of a list of names as typed: an item that IS_NAME knows stays whole, else it is split at its
 * commas. g_strfreev. */
typedef gboolean (*HeIsName)(const char *text, gpointer user_data);
char **he_names_split(char *const *items, HeIsName is_name, gpointer user_data);

/* One HeWhat for each class, or for each of LAYERS when the request states a channel. Free with
 * g_ptr_array_unref. */
GPtrArray *he_whats_new(const HeAsked *asked, const HeRequest *request,
                        char *const *layers, GError **error);
HeWhat *he_what_from_recipe(const HeAsked *asked, const HeRecipe *recipe, GError **error);

#endif
