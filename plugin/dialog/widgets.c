/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* GTK 2 and GTK 3: see widgets.h. */
#include "plugin/dialog/widgets.h"

#define SPACING     6
#define SCALE_WIDTH 120

#if GTK_CHECK_VERSION(3, 0, 0)

#define WRAPPED_CHARS 20 /* asked for at least; the label takes what there is */

void he_ui_init(const char *role)
{
    gimp_ui_init(role);
}

GtkWidget *he_box_new(GtkOrientation orientation, int spacing)
{
    return gtk_box_new(orientation, spacing);
}

/* A label of GTK 3 asks for the width of its longest line unless it is told not to. */
GtkWidget *he_wrapped_label_new(int width)
{
    GtkWidget *label = gtk_label_new(NULL);

    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_yalign(GTK_LABEL(label), 0);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_width_chars(GTK_LABEL(label), WRAPPED_CHARS);
    gtk_label_set_max_width_chars(GTK_LABEL(label), WRAPPED_CHARS);
    gtk_widget_set_size_request(label, width, -1);
    return label;
}

GtkWidget *he_rows_new(void)
{
    GtkWidget *rows = gtk_grid_new();

    gtk_grid_set_column_spacing(GTK_GRID(rows), SPACING);
    gtk_grid_set_row_spacing(GTK_GRID(rows), SPACING);
    return rows;
}

GtkWidget *he_rows_attach(GtkWidget *rows, int row, const char *label, GtkWidget *widget)
{
    gtk_widget_set_hexpand(widget, TRUE);
    return gimp_grid_attach_aligned(GTK_GRID(rows), 0, row, label, 0, 0.5f, widget, 2);
}

/* A theme's bar is thin, and lies at the bottom unless it is told not to. */
GtkWidget *he_progress_new(int height G_GNUC_UNUSED)
{
    GtkWidget *bar = gtk_progress_bar_new();

    gtk_widget_set_valign(bar, GTK_ALIGN_CENTER);
    return bar;
}

static GtkWidget *scale_new(GtkAdjustment *value)
{
    return gtk_scale_new(GTK_ORIENTATION_HORIZONTAL, value);
}

#else

void he_ui_init(const char *role)
{
    gimp_ui_init(role, TRUE);
}

GtkWidget *he_box_new(GtkOrientation orientation, int spacing)
{
    return orientation == GTK_ORIENTATION_VERTICAL ? gtk_vbox_new(FALSE, spacing)
                                                   : gtk_hbox_new(FALSE, spacing);
}

GtkWidget *he_wrapped_label_new(int width)
{
    GtkWidget *label = gtk_label_new(NULL);

    gtk_misc_set_alignment(GTK_MISC(label), 0, 0);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_widget_set_size_request(label, width, -1);
    return label;
}

GtkWidget *he_rows_new(void)
{
    GtkWidget *rows = gtk_table_new(1, 3, FALSE);

    gtk_table_set_col_spacings(GTK_TABLE(rows), SPACING);
    gtk_table_set_row_spacings(GTK_TABLE(rows), SPACING);
    return rows;
}

GtkWidget *he_rows_attach(GtkWidget *rows, int row, const char *label, GtkWidget *widget)
{
    return gimp_table_attach_aligned(GTK_TABLE(rows), 0, row, label, 0, 0.5f, widget, 2,
                                     FALSE);
}

GtkWidget *he_progress_new(int height)
{
    GtkWidget *bar = gtk_progress_bar_new();

    gtk_widget_set_size_request(bar, -1, height);
    return bar;
}

static GtkWidget *scale_new(GtkAdjustment *value)
{
    return gtk_hscale_new(value);
}

#endif

GtkWidget *he_scale_new(double min, double max, GtkWidget **entry)
{
    GtkAdjustment *value = GTK_ADJUSTMENT(gtk_adjustment_new(max, min, max, 1, 10, 0));
    GtkWidget *box = he_box_new(GTK_ORIENTATION_HORIZONTAL, SPACING);
    GtkWidget *scale = scale_new(value);

    *entry = gtk_spin_button_new(value, 1, 0);
    gtk_scale_set_draw_value(GTK_SCALE(scale), FALSE);
    gtk_widget_set_size_request(scale, SCALE_WIDTH, -1);
    gtk_box_pack_start(GTK_BOX(box), scale, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), *entry, FALSE, FALSE, 0);
    return box;
}

void he_help_show(GtkWindow *parent, const char *title, const char *text)
{
    GtkWidget *box =
        gtk_message_dialog_new(parent, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                               GTK_MESSAGE_INFO, GTK_BUTTONS_CLOSE, "%s", title);

    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(box), "%s", text);
    gtk_dialog_run(GTK_DIALOG(box));
    gtk_widget_destroy(box);
}
