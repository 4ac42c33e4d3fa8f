/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What is known of the marked model, as rows of a name and a text that hangs beside it. */
#include "plugin/core/network.h"
#include "plugin/dialog/manager_parts.h"

#define HEIGHT 220
#define HANG   120 /* pixels to where the texts begin */

GtkWidget *he_manager_report_new(HeManager *manager)
{
    GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
    PangoTabArray *tabs =
        pango_tab_array_new_with_positions(1, TRUE, PANGO_TAB_LEFT, HANG);
    GtkTextView *view = GTK_TEXT_VIEW(gtk_text_view_new());

    gtk_text_view_set_editable(view, FALSE);
    gtk_text_view_set_cursor_visible(view, FALSE);
    gtk_text_view_set_accepts_tab(view, FALSE);
    gtk_text_view_set_wrap_mode(view, GTK_WRAP_WORD_CHAR);
    gtk_text_view_set_tabs(view, tabs);
    gtk_text_view_set_left_margin(view, 6);
    gtk_text_view_set_right_margin(view, 6);
    gtk_text_view_set_indent(view, -HANG);
    pango_tab_array_free(tabs);
    manager->report = GTK_WIDGET(view);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
    gtk_widget_set_size_request(scrolled, -1, HEIGHT);
    gtk_container_add(GTK_CONTAINER(scrolled), manager->report);
    return scrolled;
}

static void add_row(GString *text, const char *what, const char *found)
{
    if (found)
        g_string_append_printf(text, "%s%s\t%s", text->len ? "\n" : "", what, found);
}

static void show(HeManager *manager, GString *text)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(manager->report));
    GtkTextIter start;

    gtk_text_buffer_set_text(buffer, text->str, -1);
    gtk_text_buffer_get_start_iter(buffer, &start);
    gtk_text_buffer_place_cursor(buffer, &start);
    gtk_text_view_scroll_to_iter(GTK_TEXT_VIEW(manager->report), &start, 0, FALSE, 0, 0);
    g_string_free(text, TRUE);
}

void he_manager_report_item(HeManager *manager, const HeShelfItem *item)
{
    GString *text = g_string_new(NULL);

    if (item) {
        g_autofree char *size = he_size_text((double)item->bytes);
        add_row(text, _("Name"), item->name);
        add_row(text, _("Title"), item->title);
        add_row(text, _("Licence"), item->licence);
        add_row(text, _("Size"), size);
        add_row(text, _("File"), item->path);
    }
    show(manager, text);
}

/* The command's own words, so that they can be searched for. */
void he_manager_report_check(HeManager *manager, const HeCheck *check)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < check->rows->len; i += 2)
        add_row(text, check->rows->pdata[i], check->rows->pdata[i + 1]);
    show(manager, text);
}
