/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reads "bhid,bhjd->bhij", "...ij->...ji", or, without the arrow, an output of all labels that stand once, in
 * the order of the alphabet behind those of "...". An axis of 1 stretches to the other operand's. */
#include "ops/einsum.h"

#include <string.h>

#include "ops/support.h"

#define ELLIPSIS "..."

static int letter_label(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? 26 + c - 'a' : -1;
}

/* -1: TERM has something else than letters and one "...". */
static int count_letters(const char *term, gboolean *has_ellipsis)
{
    int n = 0;
    *has_ellipsis = FALSE;
    while (*term) {
        if (letter_label(*term) >= 0) {
            n++;
            term++;
        } else if (!*has_ellipsis && g_str_has_prefix(term, ELLIPSIS)) {
            *has_ellipsis = TRUE;
            term += strlen(ELLIPSIS);
        } else {
            return -1;
        }
    }
    return n;
}

/* TERM has n_letters + N_MORE <= HE_MAX_RANK axes. */
static void set_labels(HeEinsumTerm *out, const char *term, int n_more)
{
    out->rank = 0;
    while (*term) {
        int label = letter_label(*term);
        if (label >= 0) {
            out->label[out->rank++] = (guint8)label;
            term++;
            continue;
        }
        for (int k = n_more; k > 0; k--)
            out->label[out->rank++] = (guint8)(HE_EINSUM_LABELS - k);
        term += strlen(ELLIPSIS);
    }
}

static gboolean refuse(const HeNode *node, const char *equation, const char *what,
                       GError **error)
{
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "equation '%.200s': %s",
                         equation, what);
}

/* *WIDEST: the most axes that "..." stood for. */
static gboolean read_input(const HeNode *node, int i, const char *term, HeEinsum *out,
                           int *widest, GError **error)
{
    const HeTensor *t = node->in[i];
    HeEinsumTerm *labels = &out->in[i];
    gboolean has_ellipsis;
    int n_letters = count_letters(term, &has_ellipsis);
    if (n_letters < 0 || (has_ellipsis ? n_letters > t->rank : n_letters != t->rank)) {
        g_autofree char *shape = he_tensor_shape_text(t);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "'%.200s' in its equation does not name the axes of %s",
                             term, shape);
    }
    set_labels(labels, term, t->rank - n_letters);
    *widest = MAX(*widest, t->rank - n_letters);
    for (int k = 0; k < t->rank; k++) {
        gint64 *dim = &out->dim[labels->label[k]];
        const guint8 *own = memchr(labels->label, labels->label[k], (size_t)k);
        gint64 expected = own ? t->dim[own - labels->label] : *dim;
        gboolean fits = t->dim[k] == expected ||
                        (!own && (expected < 0 || expected == 1 || t->dim[k] == 1));
        if (!fits)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "axis %d of input %d is %" G_GINT64_FORMAT
                                 " long, expected %" G_GINT64_FORMAT,
                                 k, i, t->dim[k], expected);
        if (*dim < 0 || *dim == 1)
            *dim = t->dim[k];
    }
    return TRUE;
}

/* How often each label stands in the inputs. */
static void count_labels(const HeEinsum *e, int *n)
{
    memset(n, 0, HE_EINSUM_LABELS * sizeof *n);
    for (int i = 0; i < e->n_in; i++)
        for (int k = 0; k < e->in[i].rank; k++)
            n[e->in[i].label[k]]++;
}

static gboolean imply_output(const HeNode *node, const char *equation, HeEinsum *out,
                             GError **error)
{
    int n[HE_EINSUM_LABELS];
    count_labels(out, n);
    for (int k = 0; k < HE_EINSUM_LABELS; k++) {
        int label = (k + 52) % HE_EINSUM_LABELS; /* the axes of "..." come first */
        if (n[label] == 0 || (label < 52 && n[label] > 1))
            continue;
        if (out->out.rank == HE_MAX_RANK)
            return refuse(node, equation, "its output has too many axes", error);
        out->out.label[out->out.rank++] = (guint8)label;
    }
    return TRUE;
}

static gboolean read_output(const HeNode *node, const char *equation, const char *term,
                            int widest, HeEinsum *out, GError **error)
{
    int n[HE_EINSUM_LABELS];
    gboolean has_ellipsis;
    int n_letters = count_letters(term, &has_ellipsis);
    if (n_letters < 0)
        return refuse(node, equation, "its output is not of letters", error);
    if (n_letters + (has_ellipsis ? widest : 0) > HE_MAX_RANK)
        return refuse(node, equation, "its output has too many axes", error);
    set_labels(&out->out, term, widest);
    count_labels(out, n);
    for (int k = 0; k < out->out.rank; k++) {
        int label = out->out.label[k];
        if (n[label] == 0 || memchr(out->out.label, label, (size_t)k))
            return refuse(node, equation,
                          "its output names an axis twice, or one that no input has",
                          error);
    }
    return TRUE;
}

static char *without_spaces(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    return g_strjoinv("", words);
}

gboolean he_einsum_read(const HeNode *node, HeEinsum *out, GError **error)
{
    const char *text;
    int widest = 0;
    if (!he_attr_string(node, "equation", "", &text, error))
        return FALSE;
    g_autofree char *equation = without_spaces(text);
    g_auto(GStrv) sides = g_strsplit(equation, "->", 2);
    g_auto(GStrv) terms = g_strsplit(sides[0] ? sides[0] : "", ",", -1);
    /* of "" there are no terms: a scalar */
    int n_terms = MAX((int)g_strv_length(terms), 1);
    *out = (HeEinsum){.n_in = node->n_in};
    for (int k = 0; k < HE_EINSUM_LABELS; k++)
        out->dim[k] = -1;
    if (n_terms != node->n_in)
        return refuse(node, equation, "it names another number of inputs", error);
    for (int i = 0; i < node->n_in; i++)
        if (!he_node_need_float(node, i, error) ||
            !read_input(node, i, terms[i] ? terms[i] : "", out, &widest, error))
            return FALSE;
    return sides[0] && sides[1]
               ? read_output(node, equation, sides[1], widest, out, error)
               : imply_output(node, equation, out, error);
}

void he_einsum_append(HeTensor *out, const HeEinsumView *view, const HeEinsumView *like,
                      guint64 mask)
{
    for (int k = 0; k < like->t.rank; k++) {
        if (!(mask & (guint64)1 << like->label[k]))
            continue;
        const guint8 *own = memchr(view->label, like->label[k], (size_t)view->t.rank);
        out->dim[out->rank] = own ? view->t.dim[own - view->label] : 1;
        out->stride[out->rank++] = own ? view->t.stride[own - view->label] : 1;
    }
}
