/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog: window, buttons, status. Its parts are in dialog_*.c. */
#include "plugin/dialog/dialog.h"

#include <glib/gi18n.h>

#include "plugin/dialog/dialog_parts.h"

#define ROLE           "human-eye"
#define RESPONSE_RESET 1

#define PROGRESS_HEIGHT 8 /* pixels */

/* ---- status ---------------------------------------------------------------------------------------------- */

void he_dialog_say(HeDialog *dialog, const char *text)
{
    gtk_label_set_text(GTK_LABEL(dialog->status), text ? text : "");
}

/* What the answer itself has to say: how sure it is, and its messages. */
static void say_outcome(HeDialog *dialog)
{
    const HeResult *result = &dialog->outcome->results[0];
    const double probability = result->recipe->result.probability;
    GString *text = g_string_new(result->name);

    if (probability < HE_DIALOG_NOT_SURE) {
        const gboolean is_best = result->class_index == dialog->scores.order[0];

        g_string_append_c(text, '\n');
        g_string_append(
            text, is_best
                      ? _("The network is not sure. Where it looked may say more about "
                          "the network than about the picture.")
                      : _("The network does not believe in this. The map shows what "
                          "speaks for it all the same."));
    }
    if (dialog->job->source->base.channels == 1)
        g_string_append_printf(text, "\n%s", _(HE_DIALOG_GREY));
    for (char **message = dialog->outcome->messages; message && *message; message++)
        g_string_append_printf(text, "\n%s", *message);
    he_dialog_say(dialog, text->str);
    g_string_free(text, TRUE);
}

void he_dialog_update(HeDialog *dialog)
{
    const gboolean is_ready = dialog->outcome && !he_dialog_is_busy(dialog);

    gtk_dialog_set_response_sensitive(GTK_DIALOG(dialog->window), GTK_RESPONSE_OK,
                                      is_ready);
    if (is_ready)
        say_outcome(dialog);
    he_dialog_preview_draw(dialog);
}

/* ---- window ---------------------------------------------------------------------------------------------- */

static void help_clicked(const gchar *help_id G_GNUC_UNUSED, gpointer data)
{
    HeDialog *dialog = g_object_get_data(G_OBJECT(data), ROLE);

    he_help_show(GTK_WINDOW(dialog->window), _(dialog->procedure->title),
                 _(dialog->procedure->help));
}

static GtkWidget *window_new(HeDialog *dialog)
{
    GtkWidget *window = gimp_dialog_new(
        _(dialog->procedure->title), ROLE, NULL, 0, help_clicked, dialog->procedure->name,
        _("_Reset"), RESPONSE_RESET, _("_Cancel"), GTK_RESPONSE_CANCEL, _("_OK"),
        GTK_RESPONSE_OK, NULL);

    g_object_set_data(G_OBJECT(window), ROLE, dialog);
    gtk_dialog_set_alternative_button_order(GTK_DIALOG(window), GTK_RESPONSE_OK,
                                            RESPONSE_RESET, GTK_RESPONSE_CANCEL, -1);
    gtk_dialog_set_default_response(GTK_DIALOG(window), GTK_RESPONSE_OK);
    gimp_window_set_transient(GTK_WINDOW(window));
    return window;
}

static GtkWidget *left_side(HeDialog *dialog)
{
    GtkWidget *box = he_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *slot = he_box_new(GTK_ORIENTATION_HORIZONTAL, 0);

    dialog->status = he_wrapped_label_new(HE_DIALOG_PREVIEW_SIDE);
    dialog->progress = he_progress_new(PROGRESS_HEIGHT);
    /* The bar comes and goes; its place stays. */
    gtk_widget_set_size_request(slot, -1, PROGRESS_HEIGHT);
    gtk_box_pack_start(GTK_BOX(slot), dialog->progress, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), he_dialog_preview_new(dialog), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), slot, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), dialog->status, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(box), he_dialog_host_new(dialog), FALSE, FALSE, 0);
    return box;
}

static GtkWidget *right_side(HeDialog *dialog)
{
    GtkWidget *box = he_box_new(GTK_ORIENTATION_VERTICAL, 12);

    gtk_box_pack_start(GTK_BOX(box), he_dialog_models_new(dialog), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), he_dialog_classes_new(dialog), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), he_dialog_options_new(dialog), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), he_dialog_settings_new(dialog), FALSE, FALSE, 0);
    return box;
}

static void build(HeDialog *dialog)
{
    GtkWidget *columns = he_box_new(GTK_ORIENTATION_HORIZONTAL, 12);

    dialog->window = window_new(dialog);
    dialog->labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    gtk_container_set_border_width(GTK_CONTAINER(columns), 12);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(dialog->window))),
                       columns, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(columns), left_side(dialog), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(columns), right_side(dialog), TRUE, TRUE, 0);
    he_dialog_options_show(dialog);
    gtk_widget_show_all(dialog->window);
    gtk_widget_grab_focus(dialog->search);
}

/* ---- the dialog's life ------------------------------------------------------------------------------------- */

/* FALSE: there is no picture as REQUEST asks for it, and all is as it was. */
static gboolean take_picture(HeDialog *dialog, const HeRequest *request, GError **error)
{
    if (he_gimp_job_is_of(dialog->job, request))
        return TRUE;
    he_dialog_stop(dialog);
    if (!he_gimp_job_take(dialog->job, request, error))
        return FALSE;
    g_clear_pointer(&dialog->outcome, he_outcome_free);
    dialog->has_scores = FALSE;
    he_dialog_preview_fit(dialog);
    return TRUE;
}

void he_dialog_take(HeDialog *dialog, HeRequest *request)
{
    const gboolean was_busy = he_dialog_is_busy(dialog);
    g_autoptr(GError) error = NULL;

    if (take_picture(dialog, request, &error)) {
        he_gimp_job_adapt(dialog->job, request);
        he_request_free(dialog->request);
        dialog->request = request;
        gtk_entry_set_text(GTK_ENTRY(dialog->search), "");
        he_dialog_classes_show(dialog);
    } else {
        he_request_free(request);
    }
    he_dialog_options_show(dialog);
    if (!error || was_busy)
        he_dialog_ask(dialog);
    if (error)
        he_dialog_say(dialog, error->message);
}

static HeRequest *initial_request(const HeGimpProcedure *procedure, const HeGimpJob *job)
{
    HeRequest *request = he_request_new();

    if (procedure->method)
        he_request_set(request, "method", procedure->method, NULL);
    he_gimp_job_adapt(job, request);
    return request;
}

static void clear(HeDialog *dialog)
{
    he_dialog_stop(dialog);
    gtk_widget_destroy(dialog->window);
    g_object_unref(dialog->labels);
    g_clear_object(&dialog->class_filter);
    g_clear_object(&dialog->class_store);
    he_gimp_thumbnail_clear(&dialog->thumbnail);
    he_scores_clear(&dialog->scores);
    he_dialog_offer_clear(&dialog->offer);
    g_clear_pointer(&dialog->model, he_model_unref);
    g_free(dialog->scored_model);
    g_clear_pointer(&dialog->outcome, he_outcome_free);
    he_request_free(dialog->initial);
    he_request_free(dialog->request);
}

/* The asked request, key by key: the caller keeps its own object. */
static void hand_back(const HeDialog *dialog, HeRequest *request)
{
    int n;
    const HeParam *params = he_params_list(&n);

    for (int i = 0; i < n; i++) {
        const char *text = g_hash_table_lookup(dialog->request->values, params[i].name);

        he_gimp_request_replace(request, params[i].name, text ? text : "", NULL);
    }
}

HeOutcome *he_dialog_run(const HeGimpProcedure *procedure, HeGimpJob *job,
                         HeRequest *request)
{
    HeDialog dialog = {.procedure = procedure, .job = job};
    HeOutcome *outcome = NULL;
    gint response;

    he_ui_init(ROLE);
    dialog.request = he_request_copy(request);
    dialog.initial = initial_request(procedure, job);
    build(&dialog);
    he_dialog_ask(&dialog);
    while ((response = gimp_dialog_run(GIMP_DIALOG(dialog.window))) == RESPONSE_RESET)
        he_dialog_take(&dialog, he_request_copy(dialog.initial));
    gtk_widget_hide(dialog.window);
    gdk_display_sync(
        gdk_display_get_default()); /* it is gone at once, even while the thread still comes to its end */
    if (response == GTK_RESPONSE_OK && dialog.outcome) {
        hand_back(&dialog, request);
        outcome = g_steal_pointer(&dialog.outcome);
    }
    clear(&dialog);
    return outcome;
}
