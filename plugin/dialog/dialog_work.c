/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Answering questions while the dialog stays alive. The picture is first copied out of libgimp's reach,
 * in bands between the main loop's events; then one thread at a time works on the job's runner. It calls
 * no libgimp and no GTK; what it found comes back through the main loop. */
#include <glib/gi18n.h>

#include "plugin/dialog/dialog_parts.h"

#define TICK_MS 80

struct HeDialogWork {
    HeDialog *dialog;
    HeRequest *request; /* as asked */
    gboolean wants_picture, wants_scores;
    GCancellable *cancellable;
    GThread *thread;
    gint permille; /* atomic */
    /* filled by the thread */
    HeModel *model;
    HeScores scores;
    HeDialogOffer offer;
    HeOutcome *outcome;
    GError *error;
};

static void scores_free(HeScores *scores)
{
    he_scores_clear(scores);
    *scores = (HeScores){0};
}

static void work_free(HeDialogWork *work)
{
    he_request_free(work->request);
    g_object_unref(work->cancellable);
    scores_free(&work->scores);
    g_clear_pointer(&work->model, he_model_unref);
    he_dialog_offer_clear(&work->offer);
    g_clear_pointer(&work->outcome, he_outcome_free);
    g_clear_error(&work->error);
    g_free(work);
}

gboolean he_dialog_is_busy(const HeDialog *dialog)
{
    return dialog->work != NULL || dialog->reading != 0;
}

/* ---- in the thread ----------------------------------------------------------------------------------- */

static void note_progress(double fraction, void *user_data)
{
    HeDialogWork *work = user_data;

    g_atomic_int_set(&work->permille, (gint)(fraction * 1000));
}

static gboolean answer(HeDialogWork *work, const HeTask *task)
{
    HeDialog *dialog = work->dialog;
    HeRunner *runner = dialog->job->runner;

    if (work->wants_picture &&
        !he_gimp_thumbnail_read(&dialog->thumbnail, dialog->job->source,
                                &dialog->job->place, &work->error))
        return FALSE;
    if (work->wants_scores) {
        if (!he_runner_classify(runner, work->request, task, &work->scores, &work->error))
            return FALSE;
        work->model = he_model_ref(he_session_get_model(he_runner_get_session(runner)));
        he_dialog_offer_init(&work->offer, he_runner_get_session(runner));
    }
    work->outcome = he_runner_explain(runner, work->request, task, &work->error);
    return work->outcome != NULL;
}

static gboolean finish(gpointer data);

static gpointer run_thread(gpointer data)
{
    HeDialogWork *work = data;
    const HeTask task = {note_progress, work, work->cancellable};

    answer(work, &task);
    g_idle_add(finish, work);
    return NULL;
}

/* ---- in the main loop ---------------------------------------------------------------------------------- */

static gboolean tick(gpointer data)
{
    HeDialog *dialog = data;

    if (dialog->work)
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(dialog->progress),
                                      g_atomic_int_get(&dialog->work->permille) / 1000.0);
    return G_SOURCE_CONTINUE;
}

static void stop_ticking(HeDialog *dialog)
{
    if (dialog->ticking)
        g_source_remove(dialog->ticking);
    dialog->ticking = 0;
    gtk_widget_hide(dialog->progress);
}

static void take_scores(HeDialog *dialog, HeDialogWork *work)
{
    scores_free(&dialog->scores);
    dialog->scores = work->scores;
    work->scores = (HeScores){0};
    he_dialog_offer_clear(&dialog->offer);
    dialog->offer = work->offer;
    work->offer = (HeDialogOffer){0};
    g_clear_pointer(&dialog->model, he_model_unref);
    dialog->model = g_steal_pointer(&work->model);
    dialog->has_scores = TRUE;
    g_free(dialog->scored_model);
    dialog->scored_model = g_strdup(he_request_get(work->request, "model"));
    he_dialog_models_show(dialog);
    he_dialog_classes_fill(dialog);
    he_dialog_options_fill(dialog);
}

static gboolean finish(gpointer data)
{
    HeDialogWork *work = data;
    HeDialog *dialog = work->dialog;

    g_thread_join(work->thread);
    dialog->work = NULL;
    stop_ticking(dialog);
    dialog->has_picture = dialog->thumbnail.picture != NULL;
    if (work->model)
        take_scores(dialog, work);
    if (!dialog->is_stale) {
        g_clear_pointer(&dialog->outcome, he_outcome_free);
        dialog->outcome = g_steal_pointer(&work->outcome);
        he_dialog_say(dialog, work->error ? work->error->message : NULL);
        he_dialog_options_show(dialog);
        he_dialog_options_apply(dialog);
    }
    work_free(work);
    if (dialog->is_stale)
        he_dialog_ask(dialog);
    else
        he_dialog_update(dialog);
    return G_SOURCE_REMOVE;
}

static void start(HeDialog *dialog)
{
    HeDialogWork *work = g_new0(HeDialogWork, 1);

    work->dialog = dialog;
    work->request = he_request_copy(dialog->request);
    work->cancellable = g_cancellable_new();
    work->wants_picture = !dialog->has_picture;
    work->wants_scores =
        !dialog->has_scores ||
        g_strcmp0(dialog->scored_model, he_request_get(dialog->request, "model")) != 0;
    dialog->work = work;
    dialog->is_stale = FALSE;
    dialog->ticking = g_timeout_add(TICK_MS, tick, dialog);
    gtk_widget_show(dialog->progress);
    work->thread = g_thread_new("human-eye", run_thread, work);
}

static gboolean read_more(gpointer data)
{
    HeDialog *dialog = data;
    HeGimpSource *source = dialog->job->source;

    if (he_gimp_source_detach(source)) {
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(dialog->progress),
                                      (double)source->n_copied / source->base.height);
        return G_SOURCE_CONTINUE;
    }
    dialog->reading = 0;
    start(dialog);
    return G_SOURCE_REMOVE;
}

void he_dialog_ask(HeDialog *dialog)
{
    if (dialog->work) {
        dialog->is_stale = TRUE;
        g_cancellable_cancel(dialog->work->cancellable);
    } else if (dialog->reading == 0) {
        he_dialog_say(dialog, _("Looking at the picture..."));
        dialog->reading = g_idle_add(read_more, dialog);
    }
    he_dialog_update(dialog);
}

void he_dialog_stop(HeDialog *dialog)
{
    if (dialog->reading)
        g_source_remove(dialog->reading);
    dialog->reading = 0;
    if (dialog->work == NULL)
        return;
    g_cancellable_cancel(dialog->work->cancellable);
    g_thread_join(dialog->work->thread);
    g_idle_remove_by_data(dialog->work);
    stop_ticking(dialog);
    g_clear_pointer(&dialog->work, work_free);
}
