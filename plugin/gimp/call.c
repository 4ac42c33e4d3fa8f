/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One call: see call.h. */
#include "plugin/gimp/call.h"

#include <glib/gi18n.h>

#include "plugin/core/laps.h"

#define DEFAULT_TOP 5

static void show_progress(double fraction, void *user_data G_GNUC_UNUSED)
{
    gimp_progress_update(fraction);
}

static const HeTask task = {.progress = show_progress};

/* Where no dialog has said it: all but what holds for every result of the method. */
static void say_aloud(const HeOutcome *outcome)
{
    const char *id = outcome->results[0].recipe->method.id;
    const HeMethodInfo *method = he_method_find(id, NULL);

    for (char **message = outcome->messages; message && *message; message++)
        if (method == NULL || g_strcmp0(*message, method->caveat) != 0)
            gimp_message(*message);
}

static HeOutcome *ask(const HeGimpCall *call, HeGimpJob *job, HeRequest *request,
                      GError **error)
{
    HeOutcome *outcome;

    if (call->mode == GIMP_RUN_INTERACTIVE) {
        outcome = call->dialog(call->procedure, job, request);
        if (outcome == NULL)
            g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled"));
        return outcome;
    }
    he_gimp_job_pass(job);
    gimp_progress_init(_(call->procedure->title));
    outcome = he_runner_explain(job->runner, request, &task, error);
    gimp_progress_end();
    return outcome;
}

/* What the user wants of pictures in colour outlives a grey one: REQUEST may become the last values. */
static HeOutcome *explain(const HeGimpCall *call, HeGimpJob *job, HeRequest *request,
                          GError **error)
{
    g_autofree char *colormap = g_strdup(he_request_get(request, "colormap"));
    const gboolean is_adapted = he_gimp_job_adapt(job, request);
    HeOutcome *outcome = ask(call, job, request, error);

    if (is_adapted)
        he_gimp_request_replace(request, "colormap", colormap ? colormap : "", NULL);
    return outcome;
}

HeGimpLayer he_gimp_call_explain(const HeGimpCall *call, HeRequest *request,
                                 HeOutcome **outcome, GError **error)
{
    he_lap("layer");
    g_autoptr(HeGimpJob) job =
        he_gimp_job_new(call->image, call->drawable, request, error);
    g_autoptr(HeOutcome) made = job ? explain(call, job, request, error) : NULL;
    HeGimpLayer layer;

    if (made == NULL)
        return HE_GIMP_NONE;
    layer = he_gimp_job_insert(job, request, made, error);
    if (layer == HE_GIMP_NONE)
        return HE_GIMP_NONE;
    he_laps_tell();
    if (call->mode == GIMP_RUN_WITH_LAST_VALS)
        say_aloud(made);
    if (call->mode != GIMP_RUN_NONINTERACTIVE)
        gimp_displays_flush();
    *outcome = g_steal_pointer(&made);
    return layer;
}

static void take_best(HeGimpClasses *out, const HeModel *model, const HeScores *scores,
                      int n)
{
    *out = (HeGimpClasses){
        .n = n,
        .indices = g_new(gint32, (gsize)n),
        .names = g_new0(char *, (gsize)n + 1),
        .probabilities = g_new(double, (gsize)n),
        .scores = g_new(double, (gsize)n),
    };
    for (int i = 0; i < n; i++) {
        out->indices[i] = scores->order[i];
        out->names[i] = g_strdup(he_model_get_label(model, scores->order[i]));
        out->probabilities[i] = scores->probability[scores->order[i]];
        out->scores[i] = scores->score[scores->order[i]];
    }
}

gboolean he_gimp_call_classify(const HeGimpCall *call, const HeRequest *request,
                               HeGimpClasses *out, GError **error)
{
    g_autoptr(HeGimpJob) job =
        he_gimp_job_new(call->image, call->drawable, request, error);
    HeScores scores = {0};
    gboolean is_good;

    if (job == NULL)
        return FALSE;
    gimp_progress_init(_("Classifying"));
    is_good = he_runner_classify(job->runner, request, &task, &scores, error);
    gimp_progress_end();
    if (!is_good)
        return FALSE;
    take_best(out, he_session_get_model(he_runner_get_session(job->runner)), &scores,
              MIN(scores.n, (int)he_request_get_number(request, "top", DEFAULT_TOP)));
    he_scores_clear(&scores);
    return TRUE;
}

void he_gimp_classes_clear(HeGimpClasses *classes)
{
    g_free(classes->indices);
    g_strfreev(classes->names);
    g_free(classes->probabilities);
    g_free(classes->scores);
    *classes = (HeGimpClasses){0};
}

gboolean he_gimp_call_manage(const HeGimpCall *call, char *const *texts, HeManaged *out,
                             GError **error)
{
    g_autofree char *folder = he_gimp_program_folder();
    g_auto(HeManage) manage = {0};
    gboolean is_good;

    if (call->mode != GIMP_RUN_NONINTERACTIVE) {
        call->manager(call->procedure);
        return he_manage_init(&manage, folder, NULL, error) &&
               he_manage_run(&manage, "list", "", NULL, out, error);
    }
    if (!he_manage_init(&manage, folder, texts[2], error))
        return FALSE;
    gimp_progress_init(_(call->procedure->title));
    is_good = he_manage_run(&manage, texts[0] ? texts[0] : "", texts[1] ? texts[1] : "",
                            &task, out, error);
    gimp_progress_end();
    return is_good;
}

GimpPDBStatusType he_gimp_status_of(const GError *error)
{
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return GIMP_PDB_CANCEL;
    if (g_error_matches(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT))
        return GIMP_PDB_CALLING_ERROR;
    return GIMP_PDB_EXECUTION_ERROR;
}
