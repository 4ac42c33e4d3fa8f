/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog of the models: window, buttons, status. Its parts are in manager_*.c. */
#include "plugin/dialog/manager.h"

#include <glib/gi18n.h>

#include "plugin/core/install.h"
#include "plugin/core/network.h"
#include "plugin/dialog/manager_parts.h"
#include "plugin/gimp/job.h"

#define ROLE "human-eye-models"

#define PROGRESS_HEIGHT 20 /* pixels */

/* ---- status ---------------------------------------------------------------------------------------------- */

void he_manager_say(HeManager *manager, const char *text)
{
    gtk_label_set_text(GTK_LABEL(manager->status), text ? text : "");
}

void he_manager_update(HeManager *manager)
{
    const HeShelfItem *item = he_manager_list_get(manager);
    const gboolean is_idle = manager->work == NULL;

    gtk_widget_set_sensitive(manager->add, is_idle);
    gtk_widget_set_sensitive(manager->get, is_idle && item && !item->path);
    gtk_widget_set_sensitive(manager->check, is_idle && item && item->path);
    gtk_widget_set_sensitive(manager->remove, is_idle && item && item->is_own);
    gtk_widget_set_sensitive(manager->stop, !is_idle);
    gtk_widget_set_sensitive(manager->list, is_idle);
    gtk_widget_set_visible(manager->progress, !is_idle);
    gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(manager->progress), 0);
}

static void say_format(HeManager *manager, const char *format, const char *name)
{
    g_autofree char *text = g_strdup_printf(format, name);

    he_manager_say(manager, text);
}

static void say_done(HeManager *manager, HeManagerAction action, const char *name,
                     const HeCheck *check)
{
    if (check == NULL)
        he_manager_say(manager, action == HE_MANAGER_GET
                                    ? _("Stopped. What came is kept: Download goes on "
                                        "from there.")
                                    : _("Stopped."));
    else if (check->is_bad)
        say_format(manager, _("%s does not work here; below is why."), name);
    else if (action == HE_MANAGER_CHECK)
        say_format(manager, _("%s works."), name);
    else
        say_format(manager, _("%s is installed, and works."), name);
}

void he_manager_done(HeManager *manager, HeManagerAction action, const char *path,
                     const HeCheck *check, const GError *error)
{
    g_autofree char *name = path ? he_install_name(path) : NULL;

    he_manager_list_fill(manager, name);
    if (check)
        he_manager_report_check(manager, check);
    he_manager_update(manager);
    if (error)
        he_manager_say(manager, error->message);
    else
        say_done(manager, action, name, check);
    gtk_widget_grab_focus(manager->list);
}

/* ---- buttons --------------------------------------------------------------------------------------------- */

/* Whether the user wants what YES, a verb with its mnemonic, says. */
static gboolean ask(HeManager *manager, const char *question, const char *yes)
{
    GtkWidget *box = gtk_message_dialog_new(
        GTK_WINDOW(manager->window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
        GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", question);
    gboolean is_wanted;

    gtk_window_set_title(GTK_WINDOW(box), _(manager->procedure->title));
    gtk_dialog_add_buttons(GTK_DIALOG(box), _("_Cancel"), GTK_RESPONSE_CANCEL, yes,
                           GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(box), GTK_RESPONSE_CANCEL);
    is_wanted = gtk_dialog_run(GTK_DIALOG(box)) == GTK_RESPONSE_OK;
    gtk_widget_destroy(box);
    return is_wanted;
}

static char *choose_file(HeManager *manager)
{
    GtkWidget *chooser = gtk_file_chooser_dialog_new(
        _("Add a Model"), GTK_WINDOW(manager->window), GTK_FILE_CHOOSER_ACTION_OPEN,
        _("_Cancel"), GTK_RESPONSE_CANCEL, _("_Add"), GTK_RESPONSE_OK, NULL);
    GtkFileFilter *filter = gtk_file_filter_new();
    char *path = NULL;

    gtk_file_filter_set_name(filter, _("ONNX models (*.onnx)"));
    gtk_file_filter_add_pattern(filter, "*.onnx");
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), filter);
    gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(chooser), g_get_home_dir());
    gtk_dialog_set_default_response(GTK_DIALOG(chooser), GTK_RESPONSE_OK);
    if (gtk_dialog_run(GTK_DIALOG(chooser)) == GTK_RESPONSE_OK)
        path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser));
    gtk_widget_destroy(chooser);
    return path;
}

static void add_clicked(GtkButton *button G_GNUC_UNUSED, HeManager *manager)
{
    g_autofree char *path = choose_file(manager);
    g_autofree char *name = path ? he_install_name(path) : NULL;
    g_autoptr(GError) error = NULL;
    gboolean is_there;

    if (path == NULL)
        return;
    is_there =
        !he_install_check(name, FALSE, &error) && he_install_check(name, TRUE, NULL);
    if (is_there) {
        g_autofree char *question =
            g_strdup_printf(_("There is a model %s already. Replace it?"), name);
        if (!ask(manager, question, _("_Replace")))
            return;
    } else if (error) {
        he_manager_say(manager, error->message);
        return;
    }
    say_format(manager, _("Adding %s..."), name);
    he_manager_start(manager, HE_MANAGER_ADD, path, is_there);
}

static void get_clicked(GtkButton *button G_GNUC_UNUSED, HeManager *manager)
{
    const HeShelfItem *item = he_manager_list_get(manager);

    say_format(manager, _("Downloading %s..."), item->name);
    he_manager_start(manager, HE_MANAGER_GET, item->name, FALSE);
}

static void check_clicked(GtkButton *button G_GNUC_UNUSED, HeManager *manager)
{
    const HeShelfItem *item = he_manager_list_get(manager);

    say_format(manager, _("Checking %s..."), item->name);
    he_manager_start(manager, HE_MANAGER_CHECK, item->name, FALSE);
}

static void remove_clicked(GtkButton *button G_GNUC_UNUSED, HeManager *manager)
{
    g_autofree char *name = g_strdup(he_manager_list_get(manager)->name);
    g_autofree char *question = g_strdup_printf(_("Remove %s from your models?"), name);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) gone = NULL;

    if (!ask(manager, question, _("_Remove")))
        return;
    gone = he_install_remove(name, manager->folder, &error);
    he_manager_list_fill(manager, NULL);
    he_manager_report_item(manager, he_manager_list_get(manager));
    he_manager_update(manager);
    if (gone)
        say_format(manager, _("%s is removed."), name);
    else
        he_manager_say(manager, error->message);
    gtk_widget_grab_focus(manager->list);
}

static void stop_clicked(GtkButton *button G_GNUC_UNUSED, HeManager *manager)
{
    he_manager_stop(manager);
}

/* ---- window ---------------------------------------------------------------------------------------------- */

static GtkWidget *add_button(GtkWidget *box, const char *label, const char *tooltip,
                             GCallback clicked, HeManager *manager)
{
    GtkWidget *button = gtk_button_new_with_mnemonic(label);

    gtk_widget_set_tooltip_text(button, tooltip);
    g_signal_connect(button, "clicked", clicked, manager);
    gtk_box_pack_start(GTK_BOX(box), button, FALSE, FALSE, 0);
    return button;
}

static GtkWidget *buttons_new(HeManager *manager)
{
    GtkWidget *box = he_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

    manager->add = add_button(box, _("_Add..."), _("Takes in an ONNX file of yours"),
                              G_CALLBACK(add_clicked), manager);
    manager->get = add_button(box, _("_Download"), _("Downloads the marked model"),
                              G_CALLBACK(get_clicked), manager);
    manager->check = add_button(box, _("Chec_k"),
                                _("Whether the marked model works here, and what of it"),
                                G_CALLBACK(check_clicked), manager);
    manager->remove = add_button(box, _("_Remove"), _("Takes the marked model away"),
                                 G_CALLBACK(remove_clicked), manager);
    manager->stop = add_button(box, _("_Stop"), _("Stops what is at work"),
                               G_CALLBACK(stop_clicked), manager);
    return box;
}

static void help_clicked(const gchar *help_id G_GNUC_UNUSED, gpointer data)
{
    HeManager *manager = g_object_get_data(G_OBJECT(data), ROLE);

    he_help_show(GTK_WINDOW(manager->window), _(manager->procedure->title),
                 _(manager->procedure->help));
}

static void build(HeManager *manager)
{
    GtkWidget *rows = he_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *below = he_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

    manager->window =
        gimp_dialog_new(_(manager->procedure->title), ROLE, NULL, 0, help_clicked,
                        manager->procedure->name, _("_Close"), GTK_RESPONSE_CLOSE, NULL);
    g_object_set_data(G_OBJECT(manager->window), ROLE, manager);
    gimp_window_set_transient(GTK_WINDOW(manager->window));
    manager->status = he_wrapped_label_new(-1);
    manager->progress = he_progress_new(PROGRESS_HEIGHT);
    /* The bar comes and goes; its place stays. */
    gtk_widget_set_size_request(below, -1, PROGRESS_HEIGHT);
    gtk_container_set_border_width(GTK_CONTAINER(rows), 12);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(manager->window))),
                       rows, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(rows), he_manager_list_new(manager), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(rows), buttons_new(manager), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(below), manager->status, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(below), manager->progress, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(rows), below, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(rows), he_manager_report_new(manager), TRUE, TRUE, 0);
    gtk_widget_show_all(manager->window);
}

void he_manager_run(const HeGimpProcedure *procedure)
{
    HeManager manager = {.procedure = procedure, .folder = he_gimp_program_folder()};

    he_ui_init(ROLE);
    build(&manager);
    he_manager_list_fill(&manager, NULL);
    he_manager_report_item(&manager, he_manager_list_get(&manager));
    he_manager_update(&manager);
    he_manager_say(&manager, manager.no_catalogue);
    gtk_widget_grab_focus(manager.list);
    gimp_dialog_run(GIMP_DIALOG(manager.window));
    he_manager_end(&manager);
    gtk_widget_destroy(manager.window);
    he_shelf_free(manager.shelf);
    g_free(manager.no_catalogue);
    g_free(manager.folder);
}
