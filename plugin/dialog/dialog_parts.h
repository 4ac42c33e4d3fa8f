/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog's parts and what they share. Everything here runs in the main thread but the body of
 * dialog_work.c, which sees only what it was given.
 *
 *   widgets -> request -> he_dialog_ask -> thread: classify, explain -> outcome -> preview, OK */
#ifndef HE_DIALOG_PARTS_H
#define HE_DIALOG_PARTS_H

#include <glib/gi18n.h>
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "plugin/dialog/widgets.h"
#include "plugin/gimp/job.h"
#include "plugin/gimp/procedures.h"
#include "plugin/gimp/thumbnail.h"

#define HE_DIALOG_PREVIEW_SIDE 360
#define HE_DIALOG_N_BEST       10 /* classes listed while nothing is searched */
#define HE_DIALOG_MAX_CHOICES  12
#define HE_DIALOG_GREY         N_("The image is grey, so every color map is shown as grey.")
#define HE_DIALOG_NOT_SURE     0.3 /* below it the network is not sure */

typedef struct HeDialogWork HeDialogWork;

typedef struct {
    char **refusals; /* why each method of he_methods_list does not fit, or "" */
    int n_refusals;
    char **stages; /* names of layers that can be looked at; NULL-terminated */
} HeDialogOffer;

typedef struct {
    const HeGimpProcedure *procedure;
    HeGimpJob *job;
    HeRequest *request;  /* what the widgets say */
    HeRequest *initial;  /* what Reset brings back */
    gboolean is_filling; /* widgets are being set by the program */

    HeDialogWork *work;     /* a question is being answered; NULL: none is */
    gboolean is_stale;      /* ... and it is no longer the one asked */
    guint reading, ticking; /* sources of the main loop; 0: none */
    HeModel *model;     /* the one that `scores` is of; NULL before the first answer */
    char *scored_model; /* ... as the request named it */
    HeScores scores;
    gboolean has_scores; /* they are of this picture */
    HeOutcome *outcome;  /* the last answer: to `request` unless the dialog is busy */
    HeGimpThumbnail thumbnail;
    gboolean has_picture; /* the thread has read it and left it */

    GtkWidget *window, *status, *progress;
    GtkWidget *preview;
    GtkWidget *models, *knows;
    GtkWidget *search, *classes;
    GtkListStore *class_store;
    GtkTreeModel *class_filter;
    int chosen; /* the class asked for; -1: the network's answer */
    int n_best; /* classes listed while nothing is searched, beside the chosen one */
    GtkSizeGroup *labels; /* of all rows: what they name begins at one place */
    GtkWidget *choices[HE_DIALOG_MAX_CHOICES];
    int n_choices;
    /* NULL: the procedure lacks it. */
    GtkWidget *method, *layer;
    GtkAdjustment *opacity;
    GtkWidget *load_settings;
    HeDialogOffer offer; /* what the model can be asked */
} HeDialog;

/* dialog.c */
void he_dialog_say(HeDialog *dialog, const char *text); /* NULL: nothing */
void he_dialog_update(HeDialog *dialog); /* OK, status and preview after any change */

/* Takes REQUEST: shows and asks it. The one before stays where there is no such picture; the status says so. */
void he_dialog_take(HeDialog *dialog, HeRequest *request);

/* dialog_offer.c: what a session can be asked. Calls neither libgimp nor GTK. */
void he_dialog_offer_init(HeDialogOffer *offer, HeSession *session);
void he_dialog_offer_clear(HeDialogOffer *offer);

/* dialog_work.c: asks what the request says; a running question is dropped. */
void he_dialog_ask(HeDialog *dialog);
void he_dialog_stop(HeDialog *dialog); /* ends the thread and waits for it */
gboolean he_dialog_is_busy(const HeDialog *dialog);

/* dialog_classes.c */
GtkWidget *he_dialog_classes_new(HeDialog *dialog);
void he_dialog_classes_fill(HeDialog *dialog); /* from `scores` */
void he_dialog_classes_show(HeDialog *dialog); /* from `request` */

/* dialog_bar.c: PERCENTS and TEXTS are columns of the rows. */
GtkTreeViewColumn *he_dialog_bars_new(const char *title, int percents, int texts);

/* dialog_models.c */
GtkWidget *he_dialog_models_new(HeDialog *dialog);
void he_dialog_models_show(HeDialog *dialog);

/* dialog_choices.c: combos made from rows of the table of parameters. */
/* A row with the label and blurb of the parameter NAME; returns the label. */
GtkWidget *he_dialog_attach(HeDialog *dialog, GtkWidget *rows, int *row, const char *name,
                            GtkWidget *widget);
void he_dialog_choices_add(HeDialog *dialog, GtkWidget *rows, int *row,
                           const HeParam *param);
GtkWidget *he_dialog_choices_get(HeDialog *dialog, const char *name); /* NULL: none */
void he_dialog_choices_show(HeDialog *dialog);
/* All of the host's group: which picture is explained, what becomes of earlier results. */
GtkWidget *he_dialog_host_new(HeDialog *dialog);

/* dialog_options.c */
GtkWidget *he_dialog_options_new(HeDialog *dialog);
/* What holds: the request's choices, else the method's own. */
HeDisplay he_dialog_options_display(HeDialog *dialog);
/* The list of layers, from `offer`. */
void he_dialog_options_fill(HeDialog *dialog);
/* Every widget, from `request` and the method's defaults. */
void he_dialog_options_show(HeDialog *dialog);
/* Gives the outcome the colours, opacity and blend mode of the request: no new computation. */
void he_dialog_options_apply(HeDialog *dialog);

/* dialog_settings.c */
GtkWidget *he_dialog_settings_new(HeDialog *dialog);

/* dialog_preview.c */
GtkWidget *he_dialog_preview_new(HeDialog *dialog);
void he_dialog_preview_fit(HeDialog *dialog); /* the job has another picture */
void he_dialog_preview_draw(HeDialog *dialog);

#endif
