/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A column of bars with their numbers beside them, in colours of its own: a theme's progress bar is the same
 * grey, filled and not, in GIMP 2.10's dark theme. */
#include "plugin/dialog/dialog_parts.h"

#define BAR_WIDTH  70
#define BAR_HEIGHT 12
#define TEXT_WIDTH 6 /* characters */

/* Seen on light and dark, and on the colour of a chosen row. */
#define EMPTY 0x80808050u
#define FULL  0xe0902fffu

static GdkPixbuf *bar_new(int percent)
{
    GdkPixbuf *bar = gdk_pixbuf_new(GDK_COLORSPACE_RGB, TRUE, 8, BAR_WIDTH, BAR_HEIGHT);
    const int width = (percent * BAR_WIDTH + 50) / 100;

    gdk_pixbuf_fill(bar, EMPTY);
    if (width > 0) {
        GdkPixbuf *filled = gdk_pixbuf_new_subpixbuf(bar, 0, 0, width, BAR_HEIGHT);

        gdk_pixbuf_fill(filled, FULL);
        g_object_unref(filled);
    }
    return bar;
}

static void show_bar(GtkTreeViewColumn *column G_GNUC_UNUSED, GtkCellRenderer *cell,
                     GtkTreeModel *rows, GtkTreeIter *iter, gpointer percents)
{
    GdkPixbuf *bar;
    int percent;

    gtk_tree_model_get(rows, iter, GPOINTER_TO_INT(percents), &percent, -1);
    bar = bar_new(CLAMP(percent, 0, 100));
    g_object_set(cell, "pixbuf", bar, NULL);
    g_object_unref(bar);
}

GtkTreeViewColumn *he_dialog_bars_new(const char *title, int percents, int texts)
{
    GtkTreeViewColumn *column = gtk_tree_view_column_new();
    GtkCellRenderer *bar = gtk_cell_renderer_pixbuf_new();
    GtkCellRenderer *text = gtk_cell_renderer_text_new();

    gtk_tree_view_column_set_title(column, title);
    g_object_set(text, "xalign", 1.0, "width-chars", TEXT_WIDTH, NULL);
    gtk_tree_view_column_pack_start(column, bar, FALSE);
    gtk_tree_view_column_pack_start(column, text, FALSE);
    gtk_tree_view_column_set_cell_data_func(column, bar, show_bar,
                                            GINT_TO_POINTER(percents), NULL);
    gtk_tree_view_column_add_attribute(column, text, "text", texts);
    return column;
}
