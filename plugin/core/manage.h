/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The verbs of `human-eye models` for the plug-in: its dialog, and scripts. */
#ifndef HE_CORE_MANAGE_H
#define HE_CORE_MANAGE_H

#include "human-eye.h"

typedef struct {
    char *program_folder;
    gboolean is_forced; /* add, get: replaces a model of that name */
    char **from;        /* get: mirrors instead of the catalogue's; or NULL */
    char *name,
        *labels; /* add: instead of the file's name, and of the labels beside it; or NULL */
    char **rows; /* add: what is stated of it, "Group.Key=value"; or NULL */
} HeManage;

/* SETTINGS: "force=true from=URL name=NAME labels=FILE Group.Key=value ..." as in a shell. MANAGE is the
 * caller's to clear, also after an error. */
gboolean he_manage_init(HeManage *manage, const char *program_folder,
                        const char *settings, GError **error);
void he_manage_clear(HeManage *manage);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HeManage, he_manage_clear)

/* The path of what was got, or added. g_free. */
char *he_manage_get(const HeManage *manage, const char *name, const HeTask *task,
                    GError **error);
char *he_manage_add(const HeManage *manage, const char *file, const HeTask *task,
                    GError **error);

typedef struct {
    char **
        names; /* list: of the models that are installed; else of the one that it was about */
    char *report; /* JSON, as the command prints it */
} HeManaged;
void he_managed_clear(HeManaged *managed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HeManaged, he_managed_clear)

/* ACTION: list, get, add, remove, check. NAME: a model's; for add a file, for check either. */
gboolean he_manage_run(const HeManage *manage, const char *action, const char *name,
                       const HeTask *task, HeManaged *out, GError **error);

#endif
