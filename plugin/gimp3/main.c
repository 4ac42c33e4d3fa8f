/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The plug-in for GIMP 3: what is registered, and how a call runs. */
#include <glib/gi18n.h>
#include <libgimp/gimp.h>

#include "plugin/dialog/dialog.h"
#include "plugin/dialog/manager.h"
#include "plugin/gimp/ask.h"
#include "plugin/gimp3/answer.h"
#include "plugin/gimp3/arguments.h"

#define LOCALE_FOLDER "locale" /* beside the program */
#define RUN_MODE      "run-mode"

G_DECLARE_FINAL_TYPE(HeHumanEye, he_human_eye, HE, HUMAN_EYE, GimpPlugIn)

struct _HeHumanEye {
    GimpPlugIn parent;
};

G_DEFINE_TYPE(HeHumanEye, he_human_eye, GIMP_TYPE_PLUG_IN)

GIMP_MAIN(he_human_eye_get_type())

/* ---- one call ---------------------------------------------------------------------------------------- */

static gboolean take_drawable(GimpDrawable **drawables, GimpDrawable **out,
                              GError **error)
{
    const gsize n = gimp_core_object_array_get_length((GObject **)drawables);

    if (n == 1) {
        *out = drawables[0];
        return TRUE;
    }
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                _("One layer is explained at a time, and %d are selected. Select one."),
                (int)n);
    return FALSE;
}

static GimpValueArray *answer_layer(GimpProcedure *procedure, const HeGimpCall *call,
                                    HeRequest *request, GimpProcedureConfig *config,
                                    GError **error)
{
    g_autoptr(HeOutcome) outcome = NULL;
    HeGimpLayer layer = he_gimp_call_explain(call, request, &outcome, error);

    if (layer == HE_GIMP_NONE)
        return NULL;
    if (call->mode == GIMP_RUN_INTERACTIVE)
        he_arguments_keep(call->procedure, request, config);
    return he_answer_layer(procedure, layer, &outcome->results[0]);
}

static GimpValueArray *answer_classes(GimpProcedure *procedure, const HeGimpCall *call,
                                      HeRequest *request, GError **error)
{
    HeGimpClasses classes = {0};

    if (!he_gimp_call_classify(call, request, &classes, error))
        return NULL;
    return he_answer_take_classes(procedure, &classes);
}

static GimpValueArray *run(GimpProcedure *procedure, GimpRunMode mode, GimpImage *image,
                           GimpDrawable **drawables, GimpProcedureConfig *config,
                           gpointer data G_GNUC_UNUSED)
{
    HeGimpCall call = {
        .procedure = he_gimp_procedure_find(gimp_procedure_get_name(procedure)),
        .mode = mode,
        .image = image,
        .dialog = he_dialog_run,
    };
    g_autoptr(HeRequest) request = NULL;
    GimpValueArray *values = NULL;
    GError *error = NULL;

    he_gimp_start();
    if (take_drawable(drawables, &call.drawable, &error))
        request = he_arguments_parse(call.procedure, config, &error);
    if (request && call.procedure->answer == HE_GIMP_ANSWER_CLASSES)
        values = answer_classes(procedure, &call, request, &error);
    else if (request)
        values = answer_layer(procedure, &call, request, config, &error);
    return values ? values : he_answer_error(procedure, error);
}

static GimpValueArray *run_models(GimpProcedure *procedure, GimpProcedureConfig *config,
                                  gpointer data G_GNUC_UNUSED)
{
    HeGimpCall call = {
        .procedure = he_gimp_procedure_find(gimp_procedure_get_name(procedure)),
        .manager = he_manager_run,
    };
    char *texts[HE_GIMP_MAX_PARAMS] = {NULL};
    g_auto(HeManaged) managed = {0};
    GError *error = NULL;
    gboolean is_good;

    g_object_get(config, RUN_MODE, &call.mode, NULL);
    he_arguments_texts(call.procedure, config, texts);
    is_good = he_gimp_call_manage(&call, texts, &managed, &error);
    he_gimp_texts_clear(texts);
    return is_good ? he_answer_take_models(procedure, &managed)
                   : he_answer_error(procedure, error);
}

/* ---- registration -------------------------------------------------------------------------------- */

static GList *query_procedures(GimpPlugIn *plug_in G_GNUC_UNUSED)
{
    GList *names = NULL;

    for (const HeGimpProcedure *row = he_gimp_procedures; row->name; row++)
        names = g_list_append(names, g_strdup(row->name));
    return names;
}

static void set_icon(GimpProcedure *procedure, const HeGimpProcedure *row)
{
    g_autofree char *folder = he_gimp_program_folder();
    g_autofree char *name = g_strconcat(row->icon, ".svg", NULL);
    g_autofree char *path = g_build_filename(folder, "icons", name, NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);

    if (g_file_query_exists(file, NULL))
        gimp_procedure_set_icon_file(procedure, file);
    else
        gimp_procedure_set_icon_name(procedure, HE_GIMP_ICON);
}

static GimpProcedure *explaining_new(GimpPlugIn *plug_in, const gchar *name)
{
    GimpProcedure *procedure = gimp_image_procedure_new(
        plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

    gimp_procedure_set_image_types(procedure, HE_GIMP_IMAGE_TYPES);
    gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE);
    return procedure;
}

static GimpProcedure *managing_new(GimpPlugIn *plug_in, const gchar *name)
{
    GimpProcedure *procedure = gimp_procedure_new(
        plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run_models, NULL, NULL);

    gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
    gimp_procedure_add_enum_argument(procedure, RUN_MODE, _("Run mode"),
                                     _("The run mode"), GIMP_TYPE_RUN_MODE,
                                     GIMP_RUN_NONINTERACTIVE, G_PARAM_READWRITE);
    return procedure;
}

/* GIMP 3 sorts the entries of a menu by path and label, then drops slashes that are too many: the first procedure's
 * entry comes first. */
static const char *menu_of(const HeGimpProcedure *row)
{
    return row == he_gimp_procedures ? HE_GIMP_MENU "/" : HE_GIMP_MENU;
}

static GimpProcedure *create_procedure(GimpPlugIn *plug_in, const gchar *name)
{
    const HeGimpProcedure *row = he_gimp_procedure_find(name);
    GimpProcedure *procedure;

    g_return_val_if_fail(row != NULL, NULL); /* GIMP asks for what was listed */
    procedure = row->answer == HE_GIMP_ANSWER_MODELS ? managing_new(plug_in, name)
                                                     : explaining_new(plug_in, name);
    gimp_procedure_set_documentation(procedure, _(row->blurb), _(row->help), name);
    gimp_procedure_set_attribution(procedure, HE_GIMP_AUTHORS, HE_GIMP_COPYRIGHT,
                                   HE_GIMP_DATE);
    if (row->menu_label) {
        gimp_procedure_set_menu_label(procedure, _(row->menu_label));
        gimp_procedure_add_menu_path(procedure, menu_of(row));
        set_icon(procedure, row);
    }
    he_arguments_add(procedure, row);
    he_answer_declare(procedure, row->answer);
    return procedure;
}

/* GIMP complains of a folder of translations that is not there. */
static gboolean set_i18n(GimpPlugIn *plug_in G_GNUC_UNUSED,
                         const gchar *name G_GNUC_UNUSED, gchar **domain, gchar **folder)
{
    g_autofree char *beside = he_gimp_program_folder();
    g_autofree char *path = g_build_filename(beside, LOCALE_FOLDER, NULL);

    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        return FALSE;
    *domain = g_strdup(HE_GIMP_DOMAIN);
    *folder = g_strdup(LOCALE_FOLDER);
    return TRUE;
}

static void he_human_eye_class_init(HeHumanEyeClass *klass)
{
    GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS(klass);

    plug_in->query_procedures = query_procedures;
    plug_in->create_procedure = create_procedure;
    plug_in->set_i18n = set_i18n;
}

static void he_human_eye_init(HeHumanEye *self G_GNUC_UNUSED)
{
}
