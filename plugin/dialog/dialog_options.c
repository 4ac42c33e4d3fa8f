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

static HeDisplay current_display(HeDialog *dialog)
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
    const HeDisplay display = current_display(dialog);

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
    const HeDisplay display = current_display(dialog);
    int n;

    dialog->is_filling = TRUE;
    set_combo(dialog->method, (int)(method - he_methods_list(&n)));
    show_layer(dialog, method);
    set_combo(dialog->gradient, (int)display.gradient);
    set_combo(dialog->colormap, (int)display.colormap);
    set_combo(dialog->blend, (int)display.blend);
    gtk_adjustment_set_value(dialog->opacity, display.opacity);
    if (dialog->method) /* what fits may have changed with the model */
        gtk_widget_queue_draw(dialog->method);
    dialog->is_filling = FALSE;
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static const HeChoice *choices_of(const char *name)
{
    const HeParam *param = he_param_find(name);

    return param ? param->choices : NULL;
}

/* TRUE: the user changed the combo, and the request says so now. */
static gboolean take_choice(HeDialog *dialog, GtkWidget *combo, const char *name)
{
    const HeChoice *choice;
    gint value;

    if (dialog->is_filling ||
        !gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(combo), &value))
        return FALSE;
    choice = he_choice_get(choices_of(name), value);
    return choice && he_gimp_request_replace(dialog->request, name, choice->nick, NULL);
}

static void look_changed(HeDialog *dialog)
{
    he_dialog_options_apply(dialog);
    he_dialog_update(dialog);
}

static void colormap_changed(GtkWidget *combo, HeDialog *dialog)
{
    if (take_choice(dialog, combo, "colormap"))
        look_changed(dialog);
}

static void blend_changed(GtkWidget *combo, HeDialog *dialog)
{
    if (take_choice(dialog, combo, "blend"))
        look_changed(dialog);
}

static void opacity_changed(GtkAdjustment *adjustment, HeDialog *dialog)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (dialog->is_filling)
        return;
    g_ascii_formatd(text, sizeof text, "%.1f", gtk_adjustment_get_value(adjustment));
    he_request_set(dialog->request, "opacity", text, NULL);
    look_changed(dialog);
}

static void gradient_changed(GtkWidget *combo, HeDialog *dialog)
{
    if (!take_choice(dialog, combo, "gradient"))
        return;
    he_dialog_options_show(dialog);
    he_dialog_ask(dialog);
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

static gboolean has_param(const HeDialog *dialog, const char *name)
{
    return g_strv_contains(dialog->procedure->params, name);
}

static void add_row(GtkWidget *rows, int *row, const char *label, GtkWidget *widget,
                    const char *name)
{
    he_rows_attach(rows, (*row)++, label, widget);
    gtk_widget_set_tooltip_text(widget, _(he_gimp_param_blurb(name)));
}

static GtkWidget *add_choices(HeDialog *dialog, GtkWidget *rows, int *row,
                              const char *label, const char *name, GCallback changed)
{
    const HeChoice *choices = choices_of(name);
    GtkWidget *combo;

    if (!has_param(dialog, name) || choices == NULL)
        return NULL;
    combo = gimp_int_combo_box_new(NULL, 0, NULL);
    for (; choices->nick; choices++)
        append(combo, choices->value, _(choices->label));
    g_signal_connect(combo, "changed", changed, dialog);
    add_row(rows, row, label, combo, name);
    return combo;
}

static GtkWidget *add_methods(HeDialog *dialog, GtkWidget *rows, int *row)
{
    GtkWidget *combo;
    const HeMethodInfo *methods;
    int n;

    if (!has_param(dialog, "method"))
        return NULL;
    combo = gimp_int_combo_box_new(NULL, 0, NULL);
    methods = he_methods_list(&n);
    for (int i = 0; i < n; i++)
        append(combo, i, _(methods[i].title));
    gimp_int_combo_box_set_sensitivity(GIMP_INT_COMBO_BOX(combo), is_fitting, dialog,
                                       NULL);
    g_signal_connect(combo, "changed", G_CALLBACK(method_changed), dialog);
    add_row(rows, row, _("Me_thod:"), combo, "method");
    return combo;
}

static GtkWidget *add_layers(HeDialog *dialog, GtkWidget *rows, int *row)
{
    GtkWidget *combo;

    if (!has_param(dialog, "layer"))
        return NULL;
    combo = gimp_int_combo_box_new(NULL, 0, NULL);
    append(combo, 0, _("Default"));
    g_signal_connect(combo, "changed", G_CALLBACK(layer_changed), dialog);
    add_row(rows, row, _("_Layer:"), combo, "layer");
    return combo;
}

GtkWidget *he_dialog_options_new(HeDialog *dialog)
{
    GtkWidget *rows = he_rows_new();
    int row = 0;

    dialog->method = add_methods(dialog, rows, &row);
    dialog->layer = add_layers(dialog, rows, &row);
    dialog->gradient = add_choices(dialog, rows, &row, _("Type of _gradient:"),
                                   "gradient", G_CALLBACK(gradient_changed));
    dialog->colormap = add_choices(dialog, rows, &row, _("Color ma_p:"), "colormap",
                                   G_CALLBACK(colormap_changed));
    if (dialog->colormap && dialog->job->source->base.channels == 1) {
        gtk_widget_set_sensitive(dialog->colormap, FALSE);
        gtk_widget_set_tooltip_text(dialog->colormap, _(HE_DIALOG_GREY));
    }
    dialog->opacity = he_rows_attach_scale(rows, row++, _("Opac_ity:"), 0, 100,
                                           _(he_gimp_param_blurb("opacity")));
    g_signal_connect(dialog->opacity, "value-changed", G_CALLBACK(opacity_changed),
                     dialog);
    dialog->blend = add_choices(dialog, rows, &row, _("_Blend mode:"), "blend",
                                G_CALLBACK(blend_changed));
    return rows;
}
