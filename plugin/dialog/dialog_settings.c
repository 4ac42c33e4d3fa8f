/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Saved settings: one set for each procedure, as the text of a request, in a file of GIMP's profile. GIMP 3
 * offers the same pair of buttons in its own dialogs; these are for both GIMPs. */
#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "plugin/dialog/dialog_parts.h"

#define FOLDER "human-eye"

static char *folder_name(void)
{
    return g_build_filename(gimp_directory(), FOLDER, NULL);
}

static char *file_name(const HeDialog *dialog)
{
    g_autofree char *folder = folder_name();
    g_autofree char *base = g_strconcat(dialog->procedure->name, ".settings", NULL);

    return g_build_filename(folder, base, NULL);
}

static void show(HeDialog *dialog)
{
    g_autofree char *file = file_name(dialog);

    gtk_widget_set_sensitive(dialog->load_settings,
                             g_file_test(file, G_FILE_TEST_IS_REGULAR));
}

static gboolean save(const HeDialog *dialog, GError **error)
{
    g_autofree char *text = he_request_to_text(dialog->request);
    g_autofree char *folder = folder_name();
    g_autofree char *file = file_name(dialog);

    if (g_mkdir_with_parents(folder, 0700) != 0) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s",
                    folder, g_strerror(errno));
        return FALSE;
    }
    return g_file_set_contents(file, text, -1, error);
}

static HeRequest *load(const HeDialog *dialog, GError **error)
{
    g_autoptr(HeRequest) request = he_request_new();
    g_autofree char *file = file_name(dialog);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(file, &text, NULL, error) ||
        !he_request_parse(request, text, error))
        return NULL;
    return g_steal_pointer(&request);
}

static void save_clicked(GtkButton *button G_GNUC_UNUSED, HeDialog *dialog)
{
    g_autoptr(GError) error = NULL;

    he_dialog_say(dialog, save(dialog, &error) ? _("Settings saved") : error->message);
    show(dialog);
}

static void load_clicked(GtkButton *button G_GNUC_UNUSED, HeDialog *dialog)
{
    g_autoptr(GError) error = NULL;
    HeRequest *request = load(dialog, &error);

    if (request)
        he_dialog_take(dialog, request);
    else
        he_dialog_say(dialog, error->message);
}

static GtkWidget *button_new(HeDialog *dialog, const char *label, const char *tooltip,
                             GCallback clicked)
{
    GtkWidget *button = gtk_button_new_with_mnemonic(label);

    gtk_widget_set_tooltip_text(button, tooltip);
    g_signal_connect(button, "clicked", clicked, dialog);
    return button;
}

GtkWidget *he_dialog_settings_new(HeDialog *dialog)
{
    GtkWidget *box = he_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *saving =
        button_new(dialog, _("_Save Settings"),
                   _("Keeps what the dialog says, for later"), G_CALLBACK(save_clicked));

    dialog->load_settings =
        button_new(dialog, _("Loa_d Saved Settings"),
                   _("Brings back what was saved last"), G_CALLBACK(load_clicked));
    gtk_box_pack_end(GTK_BOX(box), saving, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(box), dialog->load_settings, FALSE, FALSE, 0);
    show(dialog);
    return box;
}
