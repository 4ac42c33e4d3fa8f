/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The list of models: the installed ones first, then what can be had. */
#include "plugin/core/network.h"
#include "plugin/core/run.h"
#include "plugin/dialog/manager_parts.h"

enum { COLUMN_INDEX, COLUMN_TITLE, COLUMN_SIZE, COLUMN_LICENCE, COLUMN_STATE, N_COLUMNS };

#define LIST_WIDTH  640
#define LIST_HEIGHT 220

static const char *state_of(const HeShelfItem *item)
{
    if (item->path == NULL)
        return _("Can be downloaded");
    if (he_models_is_embedded(item->name))
        return _("Comes with Human Eye");
    return item->is_own ? _("Installed") : _("Installed elsewhere");
}

static void add_item(HeManager *manager, int i)
{
    const HeShelfItem *item = &manager->shelf->items[i];
    g_autofree char *size = he_size_text((double)item->bytes);

    gtk_list_store_insert_with_values(
        manager->store, NULL, -1, COLUMN_INDEX, i, COLUMN_TITLE,
        item->title ? item->title : item->name, COLUMN_SIZE, size, COLUMN_LICENCE,
        item->licence ? item->licence : _("not stated"), COLUMN_STATE, state_of(item),
        -1);
}

static void read_shelf(HeManager *manager)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HeCatalogue) catalogue = he_catalogue_open(NULL, manager->folder, &failure);

    g_free(manager->no_catalogue);
    manager->no_catalogue = g_strdup(failure ? failure->message : NULL);
    g_clear_pointer(&manager->shelf, he_shelf_free);
    manager->shelf = he_shelf_new(catalogue, manager->folder);
}

static void mark(HeManager *manager, const char *wanted)
{
    int at = 0;
    GtkTreePath *path;

    for (int i = 0; i < manager->shelf->n_items; i++)
        if (g_strcmp0(manager->shelf->items[i].name, wanted) == 0)
            at = i;
    path = gtk_tree_path_new_from_indices(at, -1);
    gtk_tree_view_set_cursor(GTK_TREE_VIEW(manager->list), path, NULL, FALSE);
    gtk_tree_path_free(path);
}

void he_manager_list_fill(HeManager *manager, const char *wanted)
{
    const HeShelfItem *marked = he_manager_list_get(manager);
    g_autofree char *name = g_strdup(wanted ? wanted : marked ? marked->name : NULL);

    manager->is_filling = TRUE;
    gtk_list_store_clear(manager->store);
    read_shelf(manager);
    for (int i = 0; i < manager->shelf->n_items; i++)
        add_item(manager, i);
    mark(manager, name);
    manager->is_filling = FALSE;
}

const HeShelfItem *he_manager_list_get(const HeManager *manager)
{
    GtkTreeSelection *selection =
        gtk_tree_view_get_selection(GTK_TREE_VIEW(manager->list));
    GtkTreeModel *model;
    GtkTreeIter iter;
    int i;

    if (manager->shelf == NULL ||
        !gtk_tree_selection_get_selected(selection, &model, &iter))
        return NULL;
    gtk_tree_model_get(model, &iter, COLUMN_INDEX, &i, -1);
    return &manager->shelf->items[i];
}

/* ---- widgets ------------------------------------------------------------------------------------------- */

static void selected(GtkTreeSelection *selection G_GNUC_UNUSED, HeManager *manager)
{
    if (manager->is_filling)
        return;
    he_manager_report_item(manager, he_manager_list_get(manager));
    he_manager_update(manager);
}

/* Enter, or a double click: what the item is there for. */
static void activated(GtkTreeView *list G_GNUC_UNUSED, GtkTreePath *path G_GNUC_UNUSED,
                      GtkTreeViewColumn *column G_GNUC_UNUSED, HeManager *manager)
{
    const HeShelfItem *item = he_manager_list_get(manager);

    if (item)
        gtk_widget_activate(item->path ? manager->check : manager->get);
}

static void add_column(HeManager *manager, const char *title, int column,
                       gboolean is_wide)
{
    GtkCellRenderer *text = gtk_cell_renderer_text_new();
    GtkTreeViewColumn *view =
        gtk_tree_view_column_new_with_attributes(title, text, "text", column, NULL);

    gtk_tree_view_column_set_expand(view, is_wide);
    if (is_wide)
        g_object_set(text, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
    if (column == COLUMN_SIZE)
        g_object_set(text, "xalign", 1.0, NULL);
    gtk_tree_view_append_column(GTK_TREE_VIEW(manager->list), view);
}

GtkWidget *he_manager_list_new(HeManager *manager)
{
    GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
    GtkTreeSelection *selection;

    manager->store = gtk_list_store_new(N_COLUMNS, G_TYPE_INT, G_TYPE_STRING,
                                        G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    manager->list = gtk_tree_view_new_with_model(GTK_TREE_MODEL(manager->store));
    g_object_unref(manager->store);
    gtk_tree_view_set_search_column(GTK_TREE_VIEW(manager->list), COLUMN_TITLE);
    add_column(manager, _("Model"), COLUMN_TITLE, TRUE);
    add_column(manager, _("Size"), COLUMN_SIZE, FALSE);
    add_column(manager, _("Licence"), COLUMN_LICENCE, FALSE);
    add_column(manager, _("State"), COLUMN_STATE, FALSE);
    selection = gtk_tree_view_get_selection(GTK_TREE_VIEW(manager->list));
    g_signal_connect(selection, "changed", G_CALLBACK(selected), manager);
    g_signal_connect(manager->list, "row-activated", G_CALLBACK(activated), manager);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
    gtk_widget_set_size_request(scrolled, LIST_WIDTH, LIST_HEIGHT);
    gtk_container_add(GTK_CONTAINER(scrolled), manager->list);
    return scrolled;
}
