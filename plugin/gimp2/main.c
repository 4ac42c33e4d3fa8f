/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The plug-in for GIMP 2.10: what is registered, and how a call runs. */
#include <glib/gi18n.h>
#include <libgimp/gimp.h>
#include <locale.h>

#include "plugin/gimp/job.h"
#include "plugin/gimp2/answer.h"
#include "plugin/gimp2/arguments.h"
#include "plugin/gimp2/dialog.h"

#define DOMAIN    "human-eye"
#define AUTHORS   "The human-eye authors"
#define COPYRIGHT "LGPL-3.0-or-later"
#define DATE      "2026"

#define DEFAULT_TOP 5

static void query(void);
static void quit(void);
static void run(const gchar *name, gint n_arguments, const GimpParam *arguments,
                gint *n_values, GimpParam **values);

const GimpPlugInInfo PLUG_IN_INFO = {NULL, quit, query, run};

/* GIMP reads the values after run() has returned. */
static HeAnswer answer;

MAIN()

/* ---- registration -------------------------------------------------------------------------------- */

static char *locale_folder(void)
{
    g_autofree char *folder = he_gimp_program_folder();

    return g_build_filename(folder, "locale", NULL);
}

static void register_icon(const HeGimpProcedure *procedure)
{
    g_autofree char *folder = he_gimp_program_folder();
    g_autofree char *file = g_strconcat(procedure->icon, ".svg", NULL);
    g_autofree char *path = g_build_filename(folder, "icons", file, NULL);

    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        gimp_plugin_icon_register(procedure->name, GIMP_ICON_TYPE_IMAGE_FILE,
                                  (const guint8 *)path);
    else
        gimp_plugin_icon_register(procedure->name, GIMP_ICON_TYPE_ICON_NAME,
                                  (const guint8 *)"gimp-visible");
}

static void register_procedure(const HeGimpProcedure *procedure)
{
    int n_arguments, n_values;
    g_autofree GimpParamDef *arguments = he_arguments_describe(procedure, &n_arguments);
    g_autofree GimpParamDef *values = he_answer_describe(procedure->answer, &n_values);

    gimp_install_procedure(procedure->name, procedure->blurb, procedure->help, AUTHORS,
                           COPYRIGHT, DATE, procedure->menu_label, HE_GIMP_IMAGE_TYPES,
                           GIMP_PLUGIN, n_arguments, n_values, arguments, values);
    if (procedure->menu_label == NULL)
        return;
    gimp_plugin_menu_register(procedure->name, HE_GIMP_MENU);
    register_icon(procedure);
}

static void query(void)
{
    g_autofree char *folder = locale_folder();

    gimp_plugin_domain_register(DOMAIN, folder);
    for (const HeGimpProcedure *p = he_gimp_procedures; p->name; p++)
        register_procedure(p);
}

static void quit(void)
{
    he_answer_clear(&answer);
}

static void use_translations(void)
{
    g_autofree char *folder = locale_folder();

    setlocale(LC_ALL, "");
    bindtextdomain(DOMAIN, folder);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
}

/* ---- one call ---------------------------------------------------------------------------------------- */

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

static HeOutcome *explain(const HeGimpProcedure *procedure, HeGimpJob *job,
                          GimpRunMode mode, HeRequest *request, GError **error)
{
    HeOutcome *outcome;

    he_gimp_job_adapt(job, request);
    if (mode == GIMP_RUN_INTERACTIVE) {
        outcome = he_dialog_run(procedure, job, request);
        if (outcome == NULL)
            g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled"));
        return outcome;
    }
    gimp_progress_init(_(procedure->title));
    outcome = he_runner_explain(job->runner, request, &task, error);
    gimp_progress_end();
    return outcome;
}

static gboolean answer_layer(const HeGimpProcedure *procedure, HeGimpJob *job,
                             GimpRunMode mode, HeRequest *request, GError **error)
{
    g_autoptr(HeOutcome) outcome = explain(procedure, job, mode, request, error);
    HeGimpLayer layer;

    if (outcome == NULL)
        return FALSE;
    layer = he_gimp_job_insert(job, request, outcome, error);
    if (layer == HE_GIMP_NONE)
        return FALSE;
    if (mode == GIMP_RUN_INTERACTIVE)
        he_last_values_set(procedure, request);
    else if (mode == GIMP_RUN_WITH_LAST_VALS)
        say_aloud(outcome);
    if (mode != GIMP_RUN_NONINTERACTIVE)
        gimp_displays_flush();
    he_answer_layer(&answer, layer, &outcome->results[0]);
    return TRUE;
}

static gboolean answer_classes(HeGimpJob *job, HeRequest *request, GError **error)
{
    HeScores scores = {0};
    HeModel *model;
    int n;

    gimp_progress_init(_("Classifying"));
    if (!he_runner_classify(job->runner, request, &task, &scores, error))
        return FALSE;
    gimp_progress_end();
    model = he_session_get_model(he_runner_get_session(job->runner));
    n = MIN(scores.n, (int)he_request_get_number(request, "top", DEFAULT_TOP));
    he_answer_classes(&answer, model, &scores, n);
    he_scores_clear(&scores);
    return TRUE;
}

static gboolean call(const HeGimpProcedure *procedure, gint n_arguments,
                     const GimpParam *arguments, GError **error)
{
    const GimpRunMode mode = (GimpRunMode)arguments[0].data.d_int32;
    g_autoptr(HeRequest) request = NULL;
    g_autoptr(HeGimpJob) job = NULL;

    if (mode == GIMP_RUN_NONINTERACTIVE || procedure->answer == HE_GIMP_ANSWER_CLASSES)
        request = he_arguments_parse(procedure, n_arguments, arguments, error);
    else
        request = he_last_values_get(procedure);
    if (request == NULL)
        return FALSE;
    job = he_gimp_job_new(arguments[1].data.d_image, arguments[2].data.d_drawable,
                          request, error);
    if (job == NULL)
        return FALSE;
    if (procedure->answer == HE_GIMP_ANSWER_CLASSES)
        return answer_classes(job, request, error);
    return answer_layer(procedure, job, mode, request, error);
}

static void run(const gchar *name, gint n_arguments, const GimpParam *arguments,
                gint *n_values, GimpParam **values)
{
    const HeGimpProcedure *procedure = he_gimp_procedure_find(name);
    g_autoptr(GError) error = NULL;

    use_translations();
    gegl_init(NULL, NULL);
    he_answer_init(&answer);
    g_return_if_fail(procedure != NULL); /* GIMP calls what was registered */
    if (!call(procedure, n_arguments, arguments, &error))
        he_answer_error(&answer, procedure->answer, error);
    *n_values = (gint)answer.values->len;
    *values = (GimpParam *)(void *)answer.values->data;
}
