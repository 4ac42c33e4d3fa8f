/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Axes through Transpose, Gather, Split and Slice. */
#include "graph/axes.h"

#include "ops/support.h"

HeAxes he_axes_transpose(const HeNode *node, const HeAxes *from)
{
    HeAxes axes = *from;
    const gint64 *perm = NULL;
    size_t n = 0;
    int rank = node->in[0]->rank;
    if (!he_attr_ints(node, "perm", &perm, &n, NULL))
        return (HeAxes){0};
    for (int k = 0; k < rank; k++) {
        gint64 at = perm ? perm[k] : rank - 1 - k;
        axes.role[k] = from->role[at < 0 ? at + rank : at];
    }
    return axes;
}

/* A list of lists of places, each beginning where the last ends (as PyTorch's Unfold is exported), by columns or by
 * rows: which of both axes of the constant indices counts the blocks, 0 or 1; -1: they are something else. */
static int axis_of_blocks(const HeNode *node, gint64 n)
{
    const HeTensor *t = node->in[1];
    if (t->rank != 2 || !he_node_is_const(node, 1) ||
        !he_node_need_whole(node, 1, NULL) || t->dim[0] < 2 || t->dim[1] < 2 ||
        he_tensor_n(t) != (size_t)n)
        return -1;
    int axis = he_tensor_get_int(t, 1) == 1 ? 0 : 1;
    gint64 step[2] = {1, 1};
    step[axis] = t->dim[1 - axis];
    for (gint64 i = 0; i < n; i++)
        if (he_tensor_get_int(t, (size_t)i) !=
            i / t->dim[1] * step[0] + i % t->dim[1] * step[1])
            return -1;
    return axis;
}

HeAxes he_axes_gather(const HeNode *node, const HeAxes *from, const HeTensor *out)
{
    HeAxes axes = *from;
    gint64 axis;
    int rank = node->in[0]->rank, added = out->rank - rank + 1;
    if (!he_attr_int(node, "axis", 0, &axis, NULL) || added < 0)
        return (HeAxes){0};
    int at = (int)(axis < 0 ? axis + rank : axis);
    for (int k = 0; k < out->rank; k++)
        axes.role[k] = k < at           ? from->role[k]
                       : k < at + added ? UNKNOWN
                                        : from->role[k - added + 1];
    Role role = from->role[at];
    int blocks =
        role == ROW || role == COLUMN ? axis_of_blocks(node, node->in[0]->dim[at]) : -1;
    if (blocks >= 0) {
        axes.role[at + blocks] = (guint8)role;
        axes.role[at + 1 - blocks] = OTHER;
    }
    return axes;
}

/* The part START .. START + N - 1 of the token axis D: known while it holds all places. */
static void cut(HeAxes *axes, int d, gint64 start, gint64 n)
{
    if (axes->role[d] != TOKEN)
        return;
    if (start > axes->first ||
        axes->first + axes->runs * axes->height * axes->width > start + n)
        axes->role[d] = UNKNOWN;
    else
        axes->first -= start;
}

HeAxes he_axes_split(const HeNode *node, const HeAxes *from, int o)
{
    HeAxes axes = *from;
    for (int d = 0; d < node->in[0]->rank; d++) {
        gint64 start = 0;
        for (int k = 0; k < o; k++)
            start += node->out[k] ? node->out[k]->dim[d] : 0;
        if (node->out[o]->dim[d] != node->in[0]->dim[d])
            cut(&axes, d, start, node->out[o]->dim[d]);
    }
    return axes;
}

/* The numbers of input I (since opset 10) or of attribute NAME; NULL with *N = 0: not given. */
static gint64 *slice_numbers(const HeNode *node, int i, const char *name, size_t *n)
{
    const gint64 *borrowed = NULL;
    gint64 *numbers = NULL;
    *n = 0;
    if (node->opset >= 10) {
        if (i < node->n_in && node->in[i] &&
            !he_node_const_ints(node, i, &numbers, n, NULL))
            *n = 0;
        return numbers;
    }
    if (!he_attr_ints(node, name, &borrowed, n, NULL))
        *n = 0;
    return *n ? g_memdup2(borrowed, *n * sizeof *borrowed) : NULL;
}

HeAxes he_axes_slice(const HeNode *node, const HeAxes *from, const HeTensor *out)
{
    HeAxes axes = *from;
    size_t n, n_axes, n_steps;
    const HeTensor *in = node->in[0];
    g_autofree gint64 *starts = slice_numbers(node, 1, "starts", &n);
    g_autofree gint64 *named = slice_numbers(node, 3, "axes", &n_axes);
    g_autofree gint64 *steps = slice_numbers(node, 4, "", &n_steps);
    for (size_t k = 0; k < n; k++) {
        gint64 d = k < n_axes ? named[k] : (gint64)k;
        d += d < 0 ? in->rank : 0;
        if (d < 0 || d >= in->rank)
            return (HeAxes){0};
        gint64 start = starts[k] < 0 ? starts[k] + in->dim[d] : starts[k];
        gboolean is_run = n_steps <= k || steps[k] == 1;
        if (!is_run && axes.role[d] == TOKEN)
            axes.role[d] = UNKNOWN;
        cut(&axes, (int)d, start, out->dim[d]);
    }
    return axes;
}
