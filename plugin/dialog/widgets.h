/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The few widgets that GTK 2 with GIMP 2.10 and GTK 3 with GIMP 3 make differently. */
#ifndef HE_DIALOG_WIDGETS_H
#define HE_DIALOG_WIDGETS_H

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

void he_ui_init(const char *role);

GtkWidget *he_box_new(GtkOrientation orientation, int spacing);
/* Left-aligned, wrapped at WIDTH pixels; -1: at the width there is. */
GtkWidget *he_wrapped_label_new(int width);

/* Rows of a label, with its mnemonic, and a widget. */
GtkWidget *he_rows_new(void);
/* Returns the label. */
GtkWidget *he_rows_attach(GtkWidget *rows, int row, const char *label, GtkWidget *widget);
/* A slider beside an ENTRY for whole numbers. */
GtkWidget *he_scale_new(double min, double max, GtkWidget **entry);

/* In a row HEIGHT pixels high. */
GtkWidget *he_progress_new(int height);

/* A text to read, over PARENT, until it is closed. */
void he_help_show(GtkWindow *parent, const char *title, const char *text);

#endif
