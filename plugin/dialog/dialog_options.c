/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How it is shown: method, type of gradient, colours, opacity, blend mode. A widget shows what holds: the
 * request's choice, or the method's own; only what the user changes goes into the request. */
#include <glib/gi18n.h>

#include "plugin/dialog/dialog_parts.h"

/* ---- what holds ---------------------------------------------------------------------------------------- */

static const HeMethodInfo *current_method(HeDialog *dialog)
{
    const char *id = he_request_get(dialog->request, "method");
    int n;

    if (id == NULL && dialog->outcome)
        id = dialog->outcome->results[0].recipe->method.id;
    return id ? he_method_find(id, NULL) : &he_methods_list(&n)[0];
}

HeDisplay he_dialog_options_display(HeDialog *dialog)
{
    const HeRequest *request = dialog->request;
    HeDisplay display = he_display_defaults(
        current_method(dialog), he_request_get_choice(request, "gradient", -1));

    display.colormap =
        (HeColormap)he_request_get_choice(request, "colormap", (int)display.colormap);
    display.opacity = he_request_get_number(request, "opacity", display.opacity);
    display.blend = (HeBlend)he_request_get_choice(request, "blend", (int)display.blend);
    return display;
}

void he_dialog_options_apply(HeDialog *dialog)
{
    const HeDisplay display = he_dialog_options_display(dialog);

    for (int i = 0; dialog->outcome && i < dialog->outcome->n_results; i++) {
        HeDisplay *shown = &dialog->outcome->results[i].recipe->display;

        shown->colormap = display.colormap;
        shown->opacity = display.opacity;
        shown->blend = display.blend;
    }
}

static void append(GtkWidget *combo, int value, const char *label)
{
    gimp_int_combo_box_append(GIMP_INT_COMBO_BOX(combo), GIMP_INT_STORE_VALUE, value,
                              GIMP_INT_STORE_LABEL, label, -1);
}

static void set_combo(GtkWidget *combo, int value)
{
    if (combo)
        gimp_int_combo_box_set_active(GIMP_INT_COMBO_BOX(combo), value);
}

static int row_of(const HeMethodInfo *method)
{
    int n;
    const HeMethodInfo *methods = he_methods_list(&n);

    for (int i = 0; i < n; i++)
        if (g_str_equal(methods[i].id, method->id))
            return i;
    return -1;
}

/* Row 0 is the network's own default, row i + 1 a stage. A method of the pixels looks at no layer. */
static void show_layer(HeDialog *dialog, const HeMethodInfo *method)
{
    const char *layer = he_request_get(dialog->request, "layer");
    int row = 0;

    if (dialog->layer == NULL)
        return;
    for (int i = 0; layer && dialog->offer.stages && dialog->offer.stages[i]; i++)
        if (g_str_equal(dialog->offer.stages[i], layer))
            row = i + 1;
    set_combo(dialog->layer, row);
    gtk_widget_set_sensitive(dialog->layer, method->takes_layer && dialog->offer.stages &&
                                                dialog->offer.stages[0]);
}

void he_dialog_options_fill(HeDialog *dialog)
{
    GtkTreeModel *rows;

    if (dialog->layer) {
        dialog->is_filling = TRUE;
        rows = gtk_combo_box_get_model(GTK_COMBO_BOX(dialog->layer));
        gtk_list_store_clear(GTK_LIST_STORE(rows));
        append(dialog->layer, 0, _("Default"));
        for (int i = 0; dialog->offer.stages[i]; i++)
            append(dialog->layer, i + 1, dialog->offer.stages[i]);
        dialog->is_filling = FALSE;
    }
    he_dialog_options_show(dialog);
}

void he_dialog_options_show(HeDialog *dialog)
{
    const HeMethodInfo *method = current_method(dialog);
    const HeDisplay display = he_dialog_options_display(dialog);

    dialog->is_filling = TRUE;
    set_combo(dialog->method, row_of(method));
    show_layer(dialog, method);
    he_dialog_choices_show(dialog);
    gtk_adjustment_set_value(dialog->opacity, display.opacity);
    if (dialog->method) /* what fits may have changed with the model */
        gtk_widget_queue_draw(dialog->method);
    dialog->is_filling = FALSE;
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static void opacity_changed(GtkAdjustment *adjustment, HeDialog *dialog)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (dialog->is_filling)
        return;
    g_ascii_formatd(text, sizeof text, "%.1f", gtk_adjustment_get_value(adjustment));
    he_request_set(dialog->request, "opacity", text, NULL);
    he_dialog_options_apply(dialog);
    he_dialog_update(dialog);
}

static void layer_changed(GtkWidget *combo, HeDialog *dialog)
{
    gint row;

    if (dialog->is_filling ||
        !gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(combo), &row))
        return;
    he_gimp_request_replace(dialog->request, "layer",
                            row > 0 ? dialog->offer.stages[row - 1] : "", NULL);
    he_dialog_ask(dialog);
}

static void method_changed(GtkWidget *combo, HeDialog *dialog)
{
    gint value;
    int n;

    if (dialog->is_filling ||
        !gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(combo), &value))
        return;
    he_gimp_request_replace(dialog->request, "method", he_methods_list(&n)[value].id,
                            NULL);
    he_dialog_options_show(dialog);
    he_dialog_ask(dialog);
}

/* ---- widgets ------------------------------------------------------------------------------------------- */

static gboolean is_fitting(gint value, gpointer data)
{
    const HeDialog *dialog = data;

    return value >= dialog->offer.n_refusals || dialog->offer.refusals[value][0] == '\0';
}

static void add_methods(HeDialog *dialog, GtkWidget *rows, int *row)
{
    GtkWidget *combo = gimp_int_combo_box_new(NULL, 0, NULL);
    int n;
    const HeMethodInfo *methods = he_methods_list(&n);

    for (int i = 0; i < n; i++)
        append(combo, i, _(methods[i].title));
    gimp_int_combo_box_set_sensitivity(GIMP_INT_COMBO_BOX(combo), is_fitting, dialog,
                                       NULL);
    g_signal_connect(combo, "changed", G_CALLBACK(method_changed), dialog);
    he_dialog_attach(dialog, rows, row, "method", combo);
    dialog->method = combo;
}

static void add_layers(HeDialog *dialog, GtkWidget *rows, int *row)
{
    GtkWidget *combo = gimp_int_combo_box_new(NULL, 0, NULL);

    append(combo, 0, _("Default"));
    g_signal_connect(combo, "changed", G_CALLBACK(layer_changed), dialog);
    he_dialog_attach(dialog, rows, row, "layer", combo);
    dialog->layer = combo;
}

static void add_opacity(HeDialog *dialog, GtkWidget *rows, int *row)
{
    GtkWidget *entry;
    GtkWidget *box = he_scale_new(0, 100, &entry);
    GtkWidget *label = he_dialog_attach(dialog, rows, row, "opacity", box);

    gtk_label_set_mnemonic_widget(GTK_LABEL(label), entry);
    dialog->opacity = gtk_spin_button_get_adjustment(GTK_SPIN_BUTTON(entry));
    g_signal_connect(dialog->opacity, "value-changed", G_CALLBACK(opacity_changed),
                     dialog);
}

static void add_param(HeDialog *dialog, GtkWidget *rows, int *row, const char *name)
{
    const HeParam *param = he_param_find(name);

    if (g_str_equal(name, "method"))
        add_methods(dialog, rows, row);
    else if (g_str_equal(name, "layer"))
        add_layers(dialog, rows, row);
    else if (g_str_equal(name, "opacity"))
        add_opacity(dialog, rows, row);
    else if (param && param->choices)
        he_dialog_choices_add(dialog, rows, row, param);
}

GtkWidget *he_dialog_options_new(HeDialog *dialog)
{
    GtkWidget *rows = he_rows_new();
    GtkWidget *colormap;
    int row = 0;

    for (const char *const *name = dialog->procedure->params; *name; name++)
        add_param(dialog, rows, &row, *name);
    colormap = he_dialog_choices_get(dialog, "colormap");
    if (colormap && dialog->job->source->base.channels == 1) {
        gtk_widget_set_sensitive(colormap, FALSE);
        gtk_widget_set_tooltip_text(colormap, _(HE_DIALOG_GREY));
    }
    return rows;
}
