/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The parts of the models' dialog and what they share. Everything here runs in the main thread but the body of
 * manager_work.c, which sees only what it was given.
 *
 *   list -> buttons -> he_manager_start -> thread: get, add, check -> he_manager_done -> list, report */
#ifndef HE_DIALOG_MANAGER_PARTS_H
#define HE_DIALOG_MANAGER_PARTS_H

#include <glib/gi18n.h>
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "plugin/core/check.h"
#include "plugin/core/shelf.h"
#include "plugin/dialog/widgets.h"
#include "plugin/gimp/procedures.h"

typedef enum { HE_MANAGER_ADD, HE_MANAGER_CHECK, HE_MANAGER_GET } HeManagerAction;

typedef struct HeManagerWork HeManagerWork;

typedef struct {
    const HeGimpProcedure *procedure;
    char *folder; /* of the program */
    HeShelf *shelf;
    char *no_catalogue;  /* why there is none; or NULL */
    gboolean is_filling; /* the list is being set by the program */
    HeManagerWork *work; /* NULL: nothing is at work */
    guint ticking;       /* a source of the main loop; 0: none */

    GtkWidget *window, *list, *status, *progress, *report;
    GtkWidget *add, *get, *check, *remove, *stop;
    GtkListStore *store;
} HeManager;

/* manager.c */
void he_manager_say(HeManager *manager, const char *text); /* NULL: nothing */
/* Which buttons can be pressed, after any change. */
void he_manager_update(HeManager *manager);
/* The work has ended: CHECK of the model in PATH, or an ERROR; both are NULL when it was stopped. */
void he_manager_done(HeManager *manager, HeManagerAction action, const char *path,
                     const HeCheck *check, const GError *error);

/* manager_list.c */
GtkWidget *he_manager_list_new(HeManager *manager);
/* Reads what there is again, and marks the model WANTED, or the one that was marked. */
void he_manager_list_fill(HeManager *manager, const char *wanted);
/* NULL: none is marked. */
const HeShelfItem *he_manager_list_get(const HeManager *manager);

/* manager_report.c */
GtkWidget *he_manager_report_new(HeManager *manager);
void he_manager_report_item(HeManager *manager, const HeShelfItem *item);
void he_manager_report_check(HeManager *manager, const HeCheck *check);

/* manager_work.c */
/* WHAT: a model's name, for add a file. */
void he_manager_start(HeManager *manager, HeManagerAction action, const char *what,
                      gboolean is_forced);
void he_manager_stop(HeManager *manager); /* asks it to end */
void he_manager_end(HeManager *manager);  /* ... and waits for it */

#endif
