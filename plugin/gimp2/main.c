/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The plug-in for GIMP 2.10: what is registered, and how a call runs. */
#include <glib/gi18n.h>
#include <libgimp/gimp.h>
#include <locale.h>

#include "plugin/dialog/dialog.h"
#include "plugin/dialog/manager.h"
#include "plugin/gimp/ask.h"
#include "plugin/gimp2/answer.h"
#include "plugin/gimp2/arguments.h"

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
                                  (const guint8 *)HE_GIMP_ICON);
}

/* GIMP 2.10 sorts a menu's entries by their labels, but above them and a separator it keeps a place, "Menus", for
 * submenus, and takes entries there too: the first procedure's. The path must name such a place of every menu on
 * its way, and sorts behind the others', which have made the menu by then. */
#define FIRST_MENU "<Image>/Filters/Menus/Human Eye/Menus"

static const char *menu_of(const HeGimpProcedure *procedure)
{
    return procedure == he_gimp_procedures ? FIRST_MENU : HE_GIMP_MENU;
}

static void register_procedure(const HeGimpProcedure *procedure)
{
    int n_arguments, n_values;
    g_autofree GimpParamDef *arguments = he_arguments_describe(procedure, &n_arguments);
    g_autofree GimpParamDef *values = he_answer_describe(procedure->answer, &n_values);

    gimp_install_procedure(
        procedure->name, procedure->blurb, procedure->help, HE_GIMP_AUTHORS,
        HE_GIMP_COPYRIGHT, HE_GIMP_DATE, procedure->menu_label,
        procedure->answer == HE_GIMP_ANSWER_MODELS ? NULL : HE_GIMP_IMAGE_TYPES,
        GIMP_PLUGIN, n_arguments, n_values, arguments, values);
    if (procedure->menu_label == NULL)
        return;
    gimp_plugin_menu_register(procedure->name, menu_of(procedure));
    register_icon(procedure);
}

static void query(void)
{
    g_autofree char *folder = locale_folder();

    gimp_plugin_domain_register(HE_GIMP_DOMAIN, folder);
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
    bindtextdomain(HE_GIMP_DOMAIN, folder);
    bind_textdomain_codeset(HE_GIMP_DOMAIN, "UTF-8");
    textdomain(HE_GIMP_DOMAIN);
}

/* ---- one call ---------------------------------------------------------------------------------------- */

static gboolean answer_layer(const HeGimpCall *call, HeRequest *request, GError **error)
{
    g_autoptr(HeOutcome) outcome = NULL;
    HeGimpLayer layer = he_gimp_call_explain(call, request, &outcome, error);

    if (layer == HE_GIMP_NONE)
        return FALSE;
    if (call->mode == GIMP_RUN_INTERACTIVE)
        he_last_values_set(call->procedure, request);
    he_answer_layer(&answer, layer, &outcome->results[0]);
    return TRUE;
}

static gboolean answer_classes(const HeGimpCall *call, HeRequest *request, GError **error)
{
    HeGimpClasses classes = {0};

    if (!he_gimp_call_classify(call, request, &classes, error))
        return FALSE;
    he_answer_take_classes(&answer, &classes);
    return TRUE;
}

static gboolean answer_models(const HeGimpProcedure *procedure, gint n_arguments,
                              const GimpParam *arguments, GError **error)
{
    const HeGimpCall call = {.procedure = procedure,
                             .mode = (GimpRunMode)arguments[0].data.d_int32,
                             .manager = he_manager_run};
    char *texts[HE_GIMP_MAX_PARAMS] = {NULL};
    g_auto(HeManaged) managed = {0};
    const gboolean is_good =
        (call.mode != GIMP_RUN_NONINTERACTIVE ||
         he_arguments_texts(procedure, n_arguments, arguments, texts, error)) &&
        he_gimp_call_manage(&call, texts, &managed, error);

    he_gimp_texts_clear(texts);
    if (is_good)
        he_answer_take_models(&answer, &managed);
    return is_good;
}

static gboolean call_procedure(const HeGimpProcedure *procedure, gint n_arguments,
                               const GimpParam *arguments, GError **error)
{
    const HeGimpCall call = {
        .procedure = procedure,
        .mode = (GimpRunMode)arguments[0].data.d_int32,
        .image = arguments[1].data.d_image,
        .drawable = arguments[2].data.d_drawable,
        .dialog = he_dialog_run,
    };
    g_autoptr(HeRequest) request = NULL;

    if (call.mode == GIMP_RUN_NONINTERACTIVE ||
        procedure->answer == HE_GIMP_ANSWER_CLASSES)
        request = he_arguments_parse(procedure, n_arguments, arguments, error);
    else
        request = he_last_values_get(procedure);
    if (request == NULL)
        return FALSE;
    return procedure->answer == HE_GIMP_ANSWER_CLASSES
               ? answer_classes(&call, request, error)
               : answer_layer(&call, request, error);
}

static void run(const gchar *name, gint n_arguments, const GimpParam *arguments,
                gint *n_values, GimpParam **values)
{
    const HeGimpProcedure *procedure = he_gimp_procedure_find(name);
    g_autoptr(GError) error = NULL;

    use_translations();
    he_gimp_start();
    he_answer_init(&answer);
    g_return_if_fail(procedure != NULL); /* GIMP calls what was registered */
    if (procedure->answer == HE_GIMP_ANSWER_MODELS
            ? !answer_models(procedure, n_arguments, arguments, &error)
            : !call_procedure(procedure, n_arguments, arguments, &error))
        he_answer_error(&answer, procedure->answer, error);
    *n_values = (gint)answer.values->len;
    *values = (GimpParam *)(void *)answer.values->data;
}
