/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A module that GTK loads into the plug-in (GTK_MODULES) when dialogs are tested: writes into the folder
 * HE_WIDGETS, for each window that is shown, a file of its title with a line for each widget that has a
 * mnemonic, for each label, list and the preview: its key, x and y of its middle on the screen, its text. A list
 * has a second line of the rows that are seen, a combo one of the row that it shows. In GIMP itself: a file "menu" of what stands in our menu. */
#include <gdk/gdkkeysyms.h>
#include <gmodule.h>
#include <gtk/gtk.h>

#define PERIOD_MS 200
#define PROGRAM   "human-eye" /* as its name begins */
#define GIMP      "gimp"      /* likewise */
#define MENU      "Human Eye"

G_MODULE_EXPORT void gtk_module_init(gint *argc, gchar ***argv);

static void note(GtkWidget *widget, guint key, const char *text, GString *lines)
{
    GtkWidget *window = gtk_widget_get_toplevel(widget);
    GtkAllocation size;
    gint x, y, left, top;

    if (!gtk_widget_get_mapped(widget) ||
        !gtk_widget_translate_coordinates(widget, window, 0, 0, &x, &y))
        return;
    gdk_window_get_origin(gtk_widget_get_window(window), &left, &top);
    gtk_widget_get_allocation(widget, &size);
    g_string_append_printf(lines, "%c %d %d %s%s\n", (int)gdk_keyval_to_unicode(key),
                           left + x + size.width / 2, top + y + size.height / 2, text,
                           gtk_widget_is_sensitive(widget) ? "" : " (insensitive)");
}

/* "rows 0 to 5, 3 chosen": counted from 0; -1: none. */
static void note_rows(GtkTreeView *view, GString *lines)
{
    GtkTreePath *paths[3] = {NULL};
    int rows[3];
    g_autofree char *text = NULL;

    gtk_tree_view_get_visible_range(view, &paths[0], &paths[1]);
    gtk_tree_view_get_cursor(view, &paths[2], NULL);
    for (int i = 0; i < 3; i++) {
        rows[i] = paths[i] ? gtk_tree_path_get_indices(paths[i])[0] : -1;
        gtk_tree_path_free(paths[i]);
    }
    text = g_strdup_printf("rows %d to %d, %d chosen", rows[0], rows[1], rows[2]);
    note(GTK_WIDGET(view), '-', text, lines);
}

static void note_label(GtkLabel *label, GString *lines)
{
    const guint key = gtk_label_get_mnemonic_keyval(label);
    GtkWidget *target = gtk_label_get_mnemonic_widget(label);
    GtkWidget *at = key != GDK_KEY_VoidSymbol && target ? target : GTK_WIDGET(label);
    g_autofree char *text = g_strdelimit(g_strdup(gtk_label_get_text(label)), "\n", ' ');

    note(at, key == GDK_KEY_VoidSymbol ? '-' : key, text, lines);
    if (GTK_IS_COMBO_BOX(at)) {
        const int active = gtk_combo_box_get_active(GTK_COMBO_BOX(at));
        g_autofree char *row = g_strdup_printf("%s row %d", text, active);

        note(at, '-', row, lines);
    }
}

static void look_at(GtkWidget *widget, gpointer data)
{
    if (GTK_IS_LABEL(widget)) {
        note_label(GTK_LABEL(widget), data);
    } else if (GTK_IS_TREE_VIEW(widget)) {
        note(widget, '-', "list", data);
        note_rows(GTK_TREE_VIEW(widget), data);
    } else if (g_str_equal(G_OBJECT_TYPE_NAME(widget), "GimpPreviewArea")) {
        GtkAllocation size;
        g_autofree char *text = NULL;

        gtk_widget_get_allocation(widget, &size);
        text = g_strdup_printf("preview %dx%d", size.width, size.height);
        note(widget, '-', text, data);
    }
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), look_at, data);
}

static gboolean look(gpointer folder)
{
    GList *windows = gtk_window_list_toplevels();

    for (GList *at = windows; at; at = at->next) {
        const char *title = gtk_window_get_title(at->data);
        GString *lines = g_string_new(NULL);
        g_autofree char *file = g_build_filename(folder, title ? title : "-", NULL);

        if (gtk_widget_get_visible(at->data) && title)
            look_at(at->data, lines);
        if (lines->len > 0)
            g_file_set_contents(file, lines->str, (gssize)lines->len, NULL);
        g_string_free(lines, TRUE);
    }
    g_list_free(windows);
    return G_SOURCE_CONTINUE;
}

/* ---- our menu in GIMP ---------------------------------------------------------------------------------- */

static void find_label(GtkWidget *widget, gpointer label)
{
    if (GTK_IS_LABEL(widget) && *gtk_label_get_text(GTK_LABEL(widget)))
        *(GtkLabel **)label = GTK_LABEL(widget);
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), find_label, label);
}

static void note_item(GtkWidget *item, gpointer lines)
{
    GtkLabel *label = NULL;

    if (gtk_widget_get_visible(item))
        find_label(item, &label);
    if (label)
        g_string_append_printf(
            lines, "%c 0 0 %s\n",
            (int)gdk_keyval_to_unicode(gtk_label_get_mnemonic_keyval(label)),
            gtk_label_get_text(label));
}

static void look_for_menu(GtkWidget *widget, gpointer lines)
{
    GtkWidget *menu = GTK_IS_MENU_ITEM(widget)
                          ? gtk_menu_item_get_submenu(GTK_MENU_ITEM(widget))
                          : NULL;
    GtkLabel *label = NULL;

    if (menu)
        find_label(widget, &label);
    if (label && g_str_equal(gtk_label_get_text(label), MENU))
        gtk_container_foreach(GTK_CONTAINER(menu), note_item, lines);
    else if (menu)
        look_for_menu(menu, lines);
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), look_for_menu, lines);
}

static gboolean look_at_menu(gpointer folder)
{
    GList *windows = gtk_window_list_toplevels();
    GString *lines = g_string_new(NULL);
    g_autofree char *file = g_build_filename(folder, "menu", NULL);

    for (GList *at = windows; at && lines->len == 0; at = at->next)
        look_for_menu(at->data, lines);
    g_list_free(windows);
    if (lines->len == 0) {
        g_string_free(lines, TRUE);
        return G_SOURCE_CONTINUE;
    }
    g_file_set_contents(file, lines->str, (gssize)lines->len, NULL);
    g_string_free(lines, TRUE);
    return G_SOURCE_REMOVE;
}

void gtk_module_init(gint *argc G_GNUC_UNUSED, gchar ***argv G_GNUC_UNUSED)
{
    const char *name = g_get_prgname(), *folder = g_getenv("HE_WIDGETS");

    if (name == NULL || folder == NULL)
        return;
    if (g_str_has_prefix(name, PROGRAM))
        g_timeout_add(PERIOD_MS, look, (gpointer)folder);
    else if (g_str_has_prefix(name, GIMP))
        g_timeout_add(PERIOD_MS, look_at_menu, (gpointer)folder);
}
