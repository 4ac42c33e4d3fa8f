/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Class words -> targets: digits, names, top, topN, not A, A versus B, lists; a layer's channel. */
#include "plugin/core/what.h"

#include <math.h>
#include <string.h>

#include "plugin/core/params.h"
#include "plugin/core/runner.h"

/* A class and the weight of its score in F_Y. */
typedef struct {
    int class_index;
    double weight;
} Row;

void he_what_free(HeWhat *what)
{
    if (!what)
        return;
    for (int i = 0; what->labels && i < what->target.n_terms; i++)
        g_free(what->labels[i]);
    g_free(what->labels);
    he_target_clear(&what->target);
    g_free(what->words);
    g_free(what->short_words);
    g_free(what);
}

char **he_names_split(char *const *items, HeIsName is_name, gpointer user_data)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (; *items; items++) {
        if (!strchr(*items, ',') || is_name(*items, user_data)) {
            g_strv_builder_add(names, *items);
            continue;
        }
        g_auto(GStrv) parts = he_list_split(*items);
        g_strv_builder_addv(names, (const char **)parts);
    }
    return g_strv_builder_end(names);
}

/* ---- rows of classes -> what ---------------------------------------------------------------- */

static double row_probability(const HeScores *scores, Row row)
{
    double p = scores->probability[row.class_index];
    return row.weight > 0 ? p : 1 - p;
}

/* The words, class and probability of N rows; the target's terms are there already. */
static void describe(HeWhat *what, const HeAsked *asked, const Row *rows, int n)
{
    g_autofree double *weights = g_new(double, n);
    for (int i = 0; i < n; i++)
        weights[i] = rows[i].weight;
    what->words = he_name_labels(what->labels, weights, n, FALSE);
    what->short_words = he_name_labels(what->labels, weights, n, TRUE);
    what->class_index = rows[0].class_index;
    what->probability = n == 1 ? row_probability(asked->scores, rows[0]) : NAN;
}

static HeWhat *what_from_rows(const HeAsked *asked, const Row *rows, int n,
                              GError **error)
{
    const HeModel *model = he_session_get_model(asked->session);
    g_autoptr(HeWhat) what = g_new0(HeWhat, 1);
    what->labels = g_new0(char *, n);
    for (int i = 0; i < n; i++) {
        if (!he_target_class(model, rows[i].class_index, rows[i].weight, &what->target,
                             error))
            return NULL;
        what->labels[i] = g_strdup(he_model_get_label(model, rows[i].class_index));
    }
    describe(what, asked, rows, n);
    return g_steal_pointer(&what);
}

/* ---- class words -> rows -------------------------------------------------------------------- */

/* The other way round: the other answer of a one-output network, else the score's negative. */
static Row row_negate(const HeModel *model, int class_index)
{
    gboolean has_other = he_model_get_descriptor(model)->negative != NULL &&
                         he_model_get_n_classes(model) == 2;
    return has_other ? (Row){1 - class_index, 1} : (Row){class_index, -1};
}

/* One class: top, an index, a name, or `not` before one of these. */
static gboolean parse_row(const HeAsked *asked, const char *text, Row *out,
                          GError **error)
{
    const HeModel *model = he_session_get_model(asked->session);
    int n_top;
    if (he_top_parse(text, &n_top) && n_top == 1) {
        *out = (Row){asked->scores->order[0], 1};
        return TRUE;
    }
    int class_index = he_model_find_class(model, text, NULL);
    if (class_index < 0 && g_str_has_prefix(text, "not ")) {
        if (!parse_row(asked, text + strspn(text + 3, " ") + 3, out, error))
            return FALSE;
        if (out->weight < 0) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "class: “%s” says `not` twice", text);
            return FALSE;
        }
        *out = row_negate(model, out->class_index);
        return TRUE;
    }
    if (class_index < 0)
        class_index = he_model_find_class(model, text, error);
    *out = (Row){class_index, 1};
    return class_index >= 0;
}

/* The rows of one item: topN gives several. */
static gboolean parse_item(const HeAsked *asked, const char *text, GArray *rows,
                           GError **error)
{
    Row row;
    int n_top = 1;
    gboolean is_top = he_top_parse(text, &n_top);
    for (int i = 0; is_top && i < MIN(n_top, asked->scores->n); i++) {
        if (i > HE_MAX_RESULTS)
            break;
        row = (Row){asked->scores->order[i], 1};
        g_array_append_val(rows, row);
    }
    if (is_top)
        return TRUE;
    if (!parse_row(asked, text, &row, error))
        return FALSE;
    g_array_append_val(rows, row);
    return TRUE;
}

static gboolean is_class(const char *text, gpointer user_data)
{
    const HeAsked *asked = user_data;
    Row row;
    return parse_row(asked, text, &row, NULL);
}

static GArray *parse_classes(const HeAsked *asked, const HeRequest *request,
                             GError **error)
{
    static const char *const top[] = {"top", NULL};
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_auto(GStrv) items = he_request_get_list(request, "class");
    g_auto(GStrv) names =
        he_names_split(items[0] ? items : (char **)top, is_class, (gpointer)asked);
    for (char **name = names; *name; name++)
        if (!parse_item(asked, *name, rows, error))
            return NULL;
    return g_steal_pointer(&rows);
}

static gboolean parse_versus(const HeAsked *asked, const char *text, const Row *against,
                             Row *out, GError **error)
{
    if (!parse_row(asked, text, out, error)) {
        g_prefix_error(error, "versus: ");
        return FALSE;
    }
    const char *wrong = NULL;
    if (out->weight < 0 || against->weight < 0)
        wrong = "leave out `not`: A versus B already speaks against B";
    else if (out->class_index == against->class_index)
        wrong = "it is the class itself";
    if (wrong)
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "versus “%s”: %s", text,
                    wrong);
    out->weight = -1;
    return !wrong;
}

static GPtrArray *whats_of_classes(const HeAsked *asked, const HeRequest *request,
                                   GError **error)
{
    const char *versus = he_request_get(request, "versus");
    g_autoptr(GArray) rows = parse_classes(asked, request, error);
    if (!rows)
        return NULL;
    g_autoptr(GPtrArray) whats =
        g_ptr_array_new_with_free_func((GDestroyNotify)he_what_free);
    for (guint i = 0; i < rows->len; i++) {
        Row pair[2] = {g_array_index(rows, Row, i)};
        if (versus && !parse_versus(asked, versus, &pair[0], &pair[1], error))
            return NULL;
        HeWhat *what = what_from_rows(asked, pair, versus ? 2 : 1, error);
        if (!what)
            return NULL;
        g_ptr_array_add(whats, what);
    }
    return g_steal_pointer(&whats);
}

/* ---- channels ------------------------------------------------------------------------------- */

static char *channel_words(gint64 channel, const char *layer, const char *at)
{
    g_autofree char *words =
        g_strdup_printf("channel %" G_GINT64_FORMAT " of %s", channel, layer);
    if (!at)
        return g_steal_pointer(&words);
    return g_str_equal(at, "max") ? g_strconcat(words, " at its largest", NULL)
                                  : g_strconcat(words, " at ", at, NULL);
}

static HeWhat *what_from_channel(const HeAsked *asked, const HeRequest *request,
                                 const char *layer, GError **error)
{
    g_autoptr(HeWhat) what = g_new0(HeWhat, 1);
    const char *at = he_request_get(request, "at");
    gint64 channel = (gint64)he_request_get_number(request, "channel", 0), y = -1, x = -1;
    if (at && !he_position_parse(at, &y, &x, error))
        return NULL;
    if (!he_target_channel(asked->session, asked->input, layer, channel, y, x,
                           &what->target, error))
        return NULL;
    what->words = channel_words(channel, layer, at);
    what->short_words = g_strdup(what->words);
    what->labels = g_new0(char *, what->target.n_terms);
    what->labels[0] = g_strdup(what->words);
    what->class_index = -1;
    what->probability = NAN;
    return g_steal_pointer(&what);
}

static gboolean check_channel(const HeRequest *request, char *const *layers,
                              GError **error)
{
    const char *wrong = NULL;
    if (!layers[0])
        wrong = "name its layer too";
    else if (he_request_get(request, "class") || he_request_get(request, "versus"))
        wrong = "it is explained instead of a class; leave out class and versus";
    if (wrong)
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "channel: %s", wrong);
    return !wrong;
}

GPtrArray *he_whats_new(const HeAsked *asked, const HeRequest *request,
                        char *const *layers, GError **error)
{
    if (!he_request_get(request, "channel")) {
        if (!he_request_get(request, "at"))
            return whats_of_classes(asked, request, error);
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "at: a position belongs to a channel; name layer and channel too");
        return NULL;
    }
    if (!check_channel(request, layers, error))
        return NULL;
    g_autoptr(GPtrArray) whats =
        g_ptr_array_new_with_free_func((GDestroyNotify)he_what_free);
    for (; *layers; layers++) {
        HeWhat *what = what_from_channel(asked, request, *layers, error);
        if (!what)
            return NULL;
        g_ptr_array_add(whats, what);
    }
    return g_steal_pointer(&whats);
}

/* ---- recipes -------------------------------------------------------------------------------- */

/* The class behind a row of logits: the other answer of a one-output network has weight -1 there, and so
 * has `not`; the label tells which it was. */
static Row row_from_term(const HeModel *model, const HeRecipeTerm *term)
{
    const char *negative = he_model_get_descriptor(model)->negative;
    if (negative && term->weight < 0 && g_strcmp0(term->label, negative) == 0)
        return (Row){1, -term->weight};
    return (Row){(int)term->index, term->weight};
}

static gboolean describe_from_recipe(HeWhat *what, const HeAsked *asked,
                                     const HeRecipe *recipe, GError **error)
{
    const HeModel *model = he_session_get_model(asked->session);
    g_autofree Row *rows = g_new(Row, recipe->n_target);
    for (int i = 0; i < recipe->n_target; i++) {
        const HeRecipeTerm *term = &recipe->target[i];
        if (term->index >= asked->scores->n) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "recipe: target[%d].index is %" G_GINT64_FORMAT
                        ", the network has %d classes",
                        i, term->index, asked->scores->n);
            return FALSE;
        }
        rows[i] = row_from_term(model, term);
        if (!what->labels[i])
            what->labels[i] = g_strdup(he_model_get_label(model, rows[i].class_index));
    }
    describe(what, asked, rows, recipe->n_target);
    return TRUE;
}

HeWhat *he_what_from_recipe(const HeAsked *asked, const HeRecipe *recipe, GError **error)
{
    g_autoptr(HeWhat) what = g_new0(HeWhat, 1);
    gboolean is_classes = TRUE;
    what->labels = g_new0(char *, recipe->n_target);
    for (int i = 0; i < recipe->n_target; i++) {
        const HeRecipeTerm *term = &recipe->target[i];
        he_target_add(&what->target, term->tensor, term->index, term->weight);
        what->labels[i] = g_strdup(term->label);
        is_classes = is_classes && !term->tensor;
    }
    if (is_classes)
        return describe_from_recipe(what, asked, recipe, error) ? g_steal_pointer(&what)
                                                                : NULL;
    what->words =
        recipe->target[0].label
            ? g_strdup(recipe->target[0].label)
            : g_strdup_printf("%d values of %s", recipe->n_target,
                              recipe->target[0].tensor ? recipe->target[0].tensor
                                                       : "the network");
    what->short_words = g_strdup(what->words);
    what->class_index = -1;
    what->probability = NAN;
    return g_steal_pointer(&what);
}
