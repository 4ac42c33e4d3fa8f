/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the network sees: one list, the most probable first. It shows the best few and the class that is explained;
 * while something is typed into the search, every class whose name holds it. */
#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>
#include <string.h>

#include "plugin/dialog/dialog_parts.h"

enum {
    COLUMN_INDEX,
    COLUMN_RANK,
    COLUMN_NAME,
    COLUMN_FOLDED,
    COLUMN_PERCENT,
    COLUMN_TEXT
};

#define LIST_WIDTH  330
#define LIST_HEIGHT 190
#define N_SEEN      6 /* rows that are seen in it at once */

/* ---- which rows are shown ---------------------------------------------------------------------------- */

static char *folded_search(HeDialog *dialog)
{
    return g_utf8_casefold(gtk_entry_get_text(GTK_ENTRY(dialog->search)), -1);
}

/* So many that a class from further down, which comes after them, is seen beside the best. */
static int count_best(const HeDialog *dialog)
{
    const int n = MIN(N_SEEN, dialog->scores.n);

    if (dialog->chosen < 0)
        return HE_DIALOG_N_BEST;
    for (int rank = 0; rank < n; rank++)
        if (dialog->scores.order[rank] == dialog->chosen)
            return HE_DIALOG_N_BEST;
    return N_SEEN - 1;
}

static gboolean is_shown(GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
    HeDialog *dialog = data;
    g_autofree char *wanted = folded_search(dialog);
    g_autofree char *name = NULL;
    int rank, index;

    gtk_tree_model_get(model, iter, COLUMN_INDEX, &index, COLUMN_RANK, &rank,
                       COLUMN_FOLDED, &name, -1);
    if (wanted[0] == '\0')
        return rank < dialog->n_best || index == dialog->chosen;
    return name && strstr(name, wanted) != NULL;
}

static void scroll_to(HeDialog *dialog, GtkTreeIter *iter)
{
    GtkTreePath *path = gtk_tree_model_get_path(dialog->class_filter, iter);

    gtk_tree_view_set_cursor(GTK_TREE_VIEW(dialog->classes), path, NULL, FALSE);
    gtk_tree_path_free(path);
}

/* Marks the class that is explained, when the list shows it. */
static void mark_chosen(HeDialog *dialog)
{
    const int wanted = dialog->chosen >= 0    ? dialog->chosen
                       : dialog->scores.n > 0 ? dialog->scores.order[0]
                                              : -1;
    GtkTreeSelection *selection =
        gtk_tree_view_get_selection(GTK_TREE_VIEW(dialog->classes));
    GtkTreeIter iter;
    gboolean has_row = gtk_tree_model_get_iter_first(dialog->class_filter, &iter);

    dialog->is_filling = TRUE;
    gtk_tree_selection_unselect_all(selection);
    for (; has_row; has_row = gtk_tree_model_iter_next(dialog->class_filter, &iter)) {
        int index;

        gtk_tree_model_get(dialog->class_filter, &iter, COLUMN_INDEX, &index, -1);
        if (index == wanted) {
            scroll_to(dialog, &iter);
            break;
        }
    }
    dialog->is_filling = FALSE;
}

/* A list keeps its scroll when rows come and go above: it is to begin with the best. */
static void scroll_to_top(HeDialog *dialog)
{
    GtkTreePath *first = gtk_tree_path_new_first();

    gtk_tree_view_scroll_to_cell(GTK_TREE_VIEW(dialog->classes), first, NULL, TRUE, 0, 0);
    gtk_tree_path_free(first);
}

static void refilter(HeDialog *dialog)
{
    dialog->is_filling = TRUE;
    dialog->n_best = count_best(dialog);
    gtk_tree_model_filter_refilter(GTK_TREE_MODEL_FILTER(dialog->class_filter));
    dialog->is_filling = FALSE;
    mark_chosen(dialog);
    scroll_to_top(dialog);
}

/* ---- choosing ------------------------------------------------------------------------------------------ */

static void choose(HeDialog *dialog, int index)
{
    g_autofree char *text = g_strdup_printf("%d", index);

    if (index == dialog->chosen ||
        (dialog->chosen < 0 && dialog->scores.n > 0 && index == dialog->scores.order[0]))
        return;
    dialog->chosen = index;
    he_gimp_request_replace(dialog->request, "class", text, NULL);
    he_dialog_ask(dialog);
}

static void selected(GtkTreeSelection *selection, HeDialog *dialog)
{
    GtkTreeModel *model;
    GtkTreeIter iter;
    int index;

    if (dialog->is_filling || !gtk_tree_selection_get_selected(selection, &model, &iter))
        return;
    gtk_tree_model_get(model, &iter, COLUMN_INDEX, &index, -1);
    choose(dialog, index);
}

static void search_changed(GtkEditable *entry G_GNUC_UNUSED, HeDialog *dialog)
{
    refilter(dialog);
}

/* Labels are synonyms separated by commas. */
static gboolean is_whole_name(const char *folded, const char *wanted)
{
    g_auto(GStrv) names = g_strsplit(folded, ", ", -1);

    return g_strv_contains((const char *const *)names, wanted);
}

/* The row that Enter means: a class of that very name, else the first. */
static gboolean find_meant(HeDialog *dialog, GtkTreeIter *iter)
{
    g_autofree char *wanted = folded_search(dialog);
    gboolean has_row = gtk_tree_model_get_iter_first(dialog->class_filter, iter);

    for (; has_row; has_row = gtk_tree_model_iter_next(dialog->class_filter, iter)) {
        g_autofree char *name = NULL;

        gtk_tree_model_get(dialog->class_filter, iter, COLUMN_FOLDED, &name, -1);
        if (is_whole_name(name, wanted))
            return TRUE;
    }
    return gtk_tree_model_get_iter_first(dialog->class_filter, iter);
}

/* Enter picks; in an empty search it is the dialog's OK. */
static void search_entered(GtkEntry *entry, HeDialog *dialog)
{
    GtkTreeIter iter;
    int index;

    if (gtk_entry_get_text(entry)[0] == '\0') {
        gtk_window_activate_default(GTK_WINDOW(dialog->window));
        return;
    }
    if (!find_meant(dialog, &iter))
        return;
    gtk_tree_model_get(dialog->class_filter, &iter, COLUMN_INDEX, &index, -1);
    choose(dialog, index);
    gtk_entry_set_text(entry, "");
}

static gboolean search_key(GtkWidget *entry G_GNUC_UNUSED, GdkEventKey *event,
                           HeDialog *dialog)
{
    if (event->keyval != GDK_KEY_Down && event->keyval != GDK_KEY_KP_Down)
        return FALSE;
    gtk_widget_grab_focus(dialog->classes);
    return TRUE;
}

static void row_entered(GtkTreeView *view G_GNUC_UNUSED, GtkTreePath *path G_GNUC_UNUSED,
                        GtkTreeViewColumn *column G_GNUC_UNUSED, HeDialog *dialog)
{
    gtk_window_activate_default(GTK_WINDOW(dialog->window));
}

/* ---- contents ------------------------------------------------------------------------------------------ */

void he_dialog_classes_fill(HeDialog *dialog)
{
    const HeScores *scores = &dialog->scores;

    dialog->is_filling = TRUE;
    gtk_list_store_clear(dialog->class_store);
    for (int rank = 0; rank < scores->n; rank++) {
        const int index = scores->order[rank];
        const double percent = scores->probability[index] * 100;
        const char *name = he_model_get_label(dialog->model, index);
        g_autofree char *folded = g_utf8_casefold(name, -1);
        g_autofree char *text =
            g_strdup_printf(percent < 1 ? _("< 1 %%") : _("%.0f %%"), percent);

        gtk_list_store_insert_with_values(
            dialog->class_store, NULL, rank, COLUMN_INDEX, index, COLUMN_RANK, rank,
            COLUMN_NAME, name, COLUMN_FOLDED, folded, COLUMN_PERCENT,
            CLAMP((int)(percent + 0.5), 0, 100), COLUMN_TEXT, text, -1);
    }
    dialog->is_filling = FALSE;
    he_dialog_classes_show(dialog);
}

void he_dialog_classes_show(HeDialog *dialog)
{
    const char *text = he_request_get(dialog->request, "class");

    dialog->chosen = -1;
    if (dialog->model && text)
        dialog->chosen = he_model_find_class(dialog->model, text, NULL);
    refilter(dialog);
}

/* ---- widgets ------------------------------------------------------------------------------------------- */

static void add_columns(GtkTreeView *view)
{
    GtkCellRenderer *text = gtk_cell_renderer_text_new();
    GtkTreeViewColumn *column;

    g_object_set(text, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
    column = gtk_tree_view_column_new_with_attributes(_("Class"), text, "text",
                                                      COLUMN_NAME, NULL);
    gtk_tree_view_column_set_expand(column, TRUE);
    gtk_tree_view_append_column(view, column);
    column = he_dialog_bars_new(_("Probability"), COLUMN_PERCENT, COLUMN_TEXT);
    gtk_tree_view_append_column(view, column);
}

static GtkWidget *list_new(HeDialog *dialog)
{
    GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);

    dialog->class_store = gtk_list_store_new(6, G_TYPE_INT, G_TYPE_INT, G_TYPE_STRING,
                                             G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING);
    dialog->class_filter =
        gtk_tree_model_filter_new(GTK_TREE_MODEL(dialog->class_store), NULL);
    gtk_tree_model_filter_set_visible_func(GTK_TREE_MODEL_FILTER(dialog->class_filter),
                                           is_shown, dialog, NULL);
    dialog->classes = gtk_tree_view_new_with_model(dialog->class_filter);
    gtk_tree_view_set_enable_search(GTK_TREE_VIEW(dialog->classes), FALSE);
    gtk_tree_view_set_rules_hint(GTK_TREE_VIEW(dialog->classes), TRUE);
    add_columns(GTK_TREE_VIEW(dialog->classes));
    g_signal_connect(gtk_tree_view_get_selection(GTK_TREE_VIEW(dialog->classes)),
                     "changed", G_CALLBACK(selected), dialog);
    g_signal_connect(dialog->classes, "row-activated", G_CALLBACK(row_entered), dialog);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroll), GTK_SHADOW_IN);
    gtk_widget_set_size_request(scroll, LIST_WIDTH, LIST_HEIGHT);
    gtk_container_add(GTK_CONTAINER(scroll), dialog->classes);
    return scroll;
}

static GtkWidget *search_new(HeDialog *dialog)
{
    GtkWidget *rows = he_rows_new();

    dialog->search = gtk_entry_new();
    gtk_widget_set_tooltip_text(dialog->search,
                                _("Search everything the network knows. Enter picks."));
    gtk_size_group_add_widget(dialog->labels,
                              he_rows_attach(rows, 0, _("_Find:"), dialog->search));
    g_signal_connect(dialog->search, "changed", G_CALLBACK(search_changed), dialog);
    g_signal_connect(dialog->search, "activate", G_CALLBACK(search_entered), dialog);
    g_signal_connect(dialog->search, "key-press-event", G_CALLBACK(search_key), dialog);
    return rows;
}

GtkWidget *he_dialog_classes_new(HeDialog *dialog)
{
    GtkWidget *box = he_box_new(GTK_ORIENTATION_VERTICAL, 6);

    dialog->chosen = -1;
    gtk_box_pack_start(GTK_BOX(box), search_new(dialog), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), list_new(dialog), TRUE, TRUE, 0);
    return box;
}
