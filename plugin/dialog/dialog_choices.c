/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Combos of the parameters that have choices, made from the rows of their table. A combo shows what holds: the
 * request's choice, or the method's own, or the row's; only what the user changes goes into the request. */
#include <glib/gi18n.h>

#include "plugin/dialog/dialog_parts.h"

#define PARAM "human-eye-param"

static const HeParam *param_of(GtkWidget *combo)
{
    return g_object_get_data(G_OBJECT(combo), PARAM);
}

/* ---- what holds ---------------------------------------------------------------------------------------- */

static int own_value(const HeParam *param, const HeDisplay *display)
{
    if (param->choices == he_gradients)
        return (int)display->gradient;
    if (param->choices == he_colormaps)
        return (int)display->colormap;
    if (param->choices == he_blends)
        return (int)display->blend;
    return param->choices[0].value;
}

void he_dialog_choices_show(HeDialog *dialog)
{
    const HeDisplay display = he_dialog_options_display(dialog);

    for (int i = 0; i < dialog->n_choices; i++) {
        const HeParam *param = param_of(dialog->choices[i]);
        const int own = own_value(param, &display);

        gimp_int_combo_box_set_active(
            GIMP_INT_COMBO_BOX(dialog->choices[i]),
            he_request_get_choice(dialog->request, param->name, own));
    }
}

GtkWidget *he_dialog_choices_get(HeDialog *dialog, const char *name)
{
    for (int i = 0; i < dialog->n_choices; i++)
        if (g_str_equal(param_of(dialog->choices[i])->name, name))
            return dialog->choices[i];
    return NULL;
}

/* ---- changes ------------------------------------------------------------------------------------------- */

/* Colours and blend mode are only how the answer is shown. */
static gboolean is_look(const HeParam *param)
{
    return param->choices == he_colormaps || param->choices == he_blends;
}

/* Another picture may not be there to be had: then the choice goes back. */
static void take_other(HeDialog *dialog, const HeParam *param, const char *nick)
{
    HeRequest *request = he_request_copy(dialog->request);

    he_gimp_request_replace(request, param->name, nick, NULL);
    he_dialog_take(dialog, request);
}

static void changed(GtkWidget *combo, HeDialog *dialog)
{
    const HeParam *param = param_of(combo);
    const char *nick;
    gint value;

    if (dialog->is_filling ||
        !gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(combo), &value))
        return;
    nick = he_choice_get(param->choices, value)->nick;
    if (param->groups & HE_PARAM_HOST) {
        take_other(dialog, param, nick);
        return;
    }
    he_gimp_request_replace(dialog->request, param->name, nick, NULL);
    if (is_look(param)) {
        he_dialog_options_apply(dialog);
        he_dialog_update(dialog);
    } else {
        he_dialog_options_show(dialog);
        he_dialog_ask(dialog);
    }
}

/* ---- widgets ------------------------------------------------------------------------------------------- */

GtkWidget *he_dialog_attach(HeDialog *dialog, GtkWidget *rows, int *row, const char *name,
                            GtkWidget *widget)
{
    g_autofree char *text = g_strconcat(_(he_gimp_param_nick(name)), ":", NULL);
    GtkWidget *label = he_rows_attach(rows, (*row)++, text, widget);

    gtk_widget_set_tooltip_text(widget, _(he_gimp_param_blurb(name)));
    gtk_size_group_add_widget(dialog->labels, label);
    return label;
}

void he_dialog_choices_add(HeDialog *dialog, GtkWidget *rows, int *row,
                           const HeParam *param)
{
    GtkWidget *combo = gimp_int_combo_box_new(NULL, 0, NULL);

    g_return_if_fail(dialog->n_choices < HE_DIALOG_MAX_CHOICES);
    for (const HeChoice *choice = param->choices; choice->nick; choice++)
        gimp_int_combo_box_append(GIMP_INT_COMBO_BOX(combo), GIMP_INT_STORE_VALUE,
                                  choice->value, GIMP_INT_STORE_LABEL, _(choice->label),
                                  -1);
    g_object_set_data(G_OBJECT(combo), PARAM, (gpointer)param);
    g_signal_connect(combo, "changed", G_CALLBACK(changed), dialog);
    dialog->choices[dialog->n_choices++] = combo;
    he_dialog_attach(dialog, rows, row, param->name, combo);
}

GtkWidget *he_dialog_host_new(HeDialog *dialog)
{
    GtkWidget *rows = he_rows_new();
    int row = 0, n;
    const HeParam *params = he_params_list(&n);

    for (int i = n; i-- > 0;) /* source, selection, result */
        if (params[i].groups & HE_PARAM_HOST && params[i].choices)
            he_dialog_choices_add(dialog, rows, &row, &params[i]);
    gtk_widget_set_sensitive(he_dialog_choices_get(dialog, "selection"),
                             !gimp_selection_is_empty(dialog->job->image));
    return rows;
}
