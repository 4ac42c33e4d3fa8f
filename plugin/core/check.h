/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Whether a network works here, and what of it: what `models check` prints and the plug-in's dialog shows. */
#ifndef HE_CORE_CHECK_H
#define HE_CORE_CHECK_H

#include "human-eye.h"
#include "plugin/core/json.h"

typedef struct {
    GPtrArray *rows;   /* char *: what, what was found, what, ...; one line each */
    JsonBuilder *json; /* the same; one object, ended by he_check_run */
    gboolean is_bad;   /* it does not work, though all is told */
} HeCheck;

HeCheck *he_check_new(void);
void he_check_free(HeCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeCheck, he_check_free)

/* One row, which JSON does not get. */
void he_check_add(HeCheck *check, const char *what, const char *found);

/* What a caller checks beside. An error is a row of its own. */
typedef gboolean (*HeCheckMore)(HeCheck *check, HeSession *session, void *data,
                                GError **error);

/* Checks the model in the file PATH. What keeps it from working is told in its place; an error: it is no model,
 * or TASK was cancelled. MORE may be NULL. */
gboolean he_check_run(HeCheck *check, const char *path, const HeSessionOptions *options,
                      HeCheckMore more, void *data, const HeTask *task, GError **error);

#endif
