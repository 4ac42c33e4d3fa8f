/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A folder beside the place where a model will stand, under a name that no model has, until all of its files
 * are there. */
#ifndef HE_CORE_STAGE_H
#define HE_CORE_STAGE_H

#include "human-eye.h"

typedef struct HeStage HeStage;

/* For the model NAME in the user's folder, which is made if need be. */
HeStage *he_stage_new(const char *name, GError **error);
/* Removes what programs that were killed have left of such folders for NAME. FALSE: there was nothing. */
gboolean he_stage_sweep(const char *name);
/* Removes what was not committed. */
void he_stage_free(HeStage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeStage, he_stage_free)
/* The file NAME + SUFFIX in it. g_free. */
char *he_stage_path(const HeStage *stage, const char *suffix);
/* One more file, PATH below the folder (without '..'); its own folder is made. g_free. */
char *he_stage_add(HeStage *stage, const char *path, GError **error);
/* NAME.onnx where it will stand. Borrowed. */
const char *he_stage_get_target(const HeStage *stage);
/* Puts all files in place. A model of that name is replaced, but other files beside it stay. */
gboolean he_stage_commit(HeStage *stage, GError **error);

#endif
