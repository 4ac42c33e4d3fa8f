/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The run: request + picture -> maps, names and recipes. The command and both GIMPs call this and only
 * bring pixels in and take rows out. A runner keeps model, session, input and forward values between
 * runs, so a dialog's second question costs a backward pass only. One thread at a time. */
#ifndef HE_CORE_RUN_H
#define HE_CORE_RUN_H

#include "plugin/core/recipe.h"
#include "plugin/core/request.h"

typedef struct HeRunner HeRunner;

/* PROGRAM_FOLDER: where the program stands; the models folder installed with it is found from there. */
HeRunner *he_runner_new(const char *program_folder);
void he_runner_free(HeRunner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeRunner, he_runner_free)

/* Shows the runner a picture: SOURCE is borrowed until the next call or free; its rows may be read again
 * by each run. LOOK: x, y, w, h of the part to show, or NULL for all. NAME: for the recipe,
 * without folders. */
void he_runner_set_picture(HeRunner *runner, HeSource *source, const double *look,
                           const char *name);

/* Loads the request's model, makes the session (kept when the request names the same). */
gboolean he_runner_prepare(HeRunner *runner, const HeRequest *request, const HeTask *task,
                           GError **error);
HeSession *he_runner_get_session(HeRunner *runner); /* borrowed; NULL before prepare */

typedef struct {
    HeMap *map;
    float *plane; /* the map after the type of gradient, [map->height, map->width] */
    double scale; /* shared inside the composite; 0: flat */
    HeRecipe *recipe;
    int class_index; /* -1: not a class */
    char *
        class_name; /* what is explained, in words: "espresso", "espresso versus cup", "channel 3 of T" */
    char *name; /* "CAM - espresso (90 %)", with "not sure" below 0.3 */
} HeResult;

typedef struct {
    HeResult *results;
    int n_results;
    char *group_name; /* for several: "CAM - top3" */
    char **
        messages; /* things to say aloud: flat maps, guesses, approximations; NULL-terminated */
} HeOutcome;

HeOutcome *he_runner_explain(HeRunner *runner, const HeRequest *request,
                             const HeTask *task, GError **error);
void he_outcome_free(HeOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeOutcome, he_outcome_free)

gboolean he_runner_classify(HeRunner *runner, const HeRequest *request,
                            const HeTask *task, HeScores *out, GError **error);
/* The input that the last explain or classify showed the network; borrowed; NULL before. */
const HeInput *he_runner_get_input(HeRunner *runner);

/* Every folder that NAME is looked for in, in order; a path wins. Free with g_free. */
char *he_models_find(const char *name, const char *program_folder, GError **error);
/* Paths of all models found, sorted by name, the first of equal names. g_strfreev. */
char **he_models_list(const char *program_folder);
/* The folders of models, absolute, in the order in which they are looked through. g_strfreev. */
char **he_models_folders(const char *program_folder);
/* Where models of the user's own are put. g_free. */
char *he_models_user_folder(void);
/* Whether a model, or its file, may be called NAME: letters, digits and . _ + -, no . or - in front. */
gboolean he_models_is_name(const char *name);
/* Whether NAME is the model that comes with Human Eye. */
gboolean he_models_is_embedded(const char *name);

#endif
