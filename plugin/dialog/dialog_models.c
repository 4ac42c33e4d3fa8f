/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which network answers, and what it knows. */
#include <glib/gi18n.h>

#include "plugin/core/shelf.h"
#include "plugin/dialog/dialog_parts.h"

static void add_models(GtkListStore *store)
{
    g_autofree char *folder = he_gimp_program_folder();
    g_autoptr(HeShelf) shelf = he_shelf_new(NULL, folder);

    for (int i = 0; i < shelf->n_items; i++) {
        const HeShelfItem *item = &shelf->items[i];
        const char *title = item->title ? item->title : item->name;

        gtk_list_store_insert_with_values(store, NULL, -1, 0, title, 1, item->name, -1);
    }
}

static void changed(GtkComboBox *combo, HeDialog *dialog)
{
    GtkTreeIter iter;
    g_autofree char *name = NULL;

    if (dialog->is_filling || !gtk_combo_box_get_active_iter(combo, &iter))
        return;
    gtk_tree_model_get(gtk_combo_box_get_model(combo), &iter, 1, &name, -1);
    he_gimp_request_replace(dialog->request, "model", name, NULL);
    he_request_set(dialog->request, "class", "", NULL);
    he_request_set(dialog->request, "layer", "", NULL);
    he_dialog_ask(dialog);
}

static void select_model(HeDialog *dialog, const char *wanted)
{
    GtkTreeModel *store = gtk_combo_box_get_model(GTK_COMBO_BOX(dialog->models));
    GtkTreeIter iter;
    gboolean has_row = gtk_tree_model_get_iter_first(store, &iter);

    dialog->is_filling = TRUE;
    for (; has_row; has_row = gtk_tree_model_iter_next(store, &iter)) {
        g_autofree char *name = NULL;

        gtk_tree_model_get(store, &iter, 1, &name, -1);
        if (g_strcmp0(name, wanted) == 0)
            gtk_combo_box_set_active_iter(GTK_COMBO_BOX(dialog->models), &iter);
    }
    dialog->is_filling = FALSE;
}

void he_dialog_models_show(HeDialog *dialog)
{
    HeModel *model = dialog->model;
    g_autofree char *knows = NULL;

    if (model == NULL)
        return;
    select_model(dialog, he_model_get_name(model));
    if (he_model_get_descriptor(model)->knows)
        knows = g_strdup_printf(_("It knows %s."), he_model_get_descriptor(model)->knows);
    else
        knows = g_strdup_printf(g_dngettext(NULL, "It knows %d class.",
                                            "It knows %d classes.",
                                            (gulong)he_model_get_n_classes(model)),
                                he_model_get_n_classes(model));
    gtk_label_set_text(GTK_LABEL(dialog->knows), knows);
}

GtkWidget *he_dialog_models_new(HeDialog *dialog)
{
    GtkWidget *box = he_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *rows = he_rows_new();
    GtkListStore *store = gtk_list_store_new(2, G_TYPE_STRING, G_TYPE_STRING);
    GtkCellRenderer *text = gtk_cell_renderer_text_new();
    int row = 0;

    add_models(store);
    dialog->models = gtk_combo_box_new_with_model(GTK_TREE_MODEL(store));
    g_object_unref(store);
    g_object_set(text, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
    gtk_cell_layout_pack_start(GTK_CELL_LAYOUT(dialog->models), text, TRUE);
    gtk_cell_layout_set_attributes(GTK_CELL_LAYOUT(dialog->models), text, "text", 0,
                                   NULL);
    g_signal_connect(dialog->models, "changed", G_CALLBACK(changed), dialog);

    dialog->knows = he_wrapped_label_new(-1);
    gimp_label_set_attributes(GTK_LABEL(dialog->knows), PANGO_ATTR_STYLE,
                              PANGO_STYLE_ITALIC, -1);

    he_dialog_attach(dialog, rows, &row, "model", dialog->models);
    gtk_box_pack_start(GTK_BOX(box), rows, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), dialog->knows, FALSE, FALSE, 0);
    return box;
}
