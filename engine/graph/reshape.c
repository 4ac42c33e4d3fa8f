/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Axes through a Reshape: both shapes fall into groups of axes with equal products; inside a group, axes are
 * merged into one or one is parted. */
#include <string.h>

#include "graph/axes.h"

/* Axes FROM .. TO - 1 that are not 1. */
static int collect(const HeTensor *t, int from, int to, int *list)
{
    int n = 0;
    for (int k = from; k < to; k++)
        if (t->dim[k] != 1)
            list[n++] = k;
    return n;
}

/* The axis is whole grids, and nothing else. */
static gboolean is_all_places(const HeAxes *axes, gint64 n)
{
    return axes->first == 0 && n == axes->runs * axes->height * axes->width;
}

/* N axes of IN are rows and columns, or tokens, behind axes of others: runs of tokens. */
static gboolean merge_places(const HeTensor *in, const HeAxes *from, const int *a, int n,
                             HeAxes *to)
{
    gint64 runs = 1;
    int k = 0;
    for (; k < n && from->role[a[k]] == OTHER; k++)
        runs *= in->dim[a[k]];
    if (n - k == 2 && from->role[a[k]] == ROW && from->role[a[k + 1]] == COLUMN) {
        to->height = in->dim[a[k]];
        to->width = in->dim[a[k + 1]];
        to->first = 0;
        to->runs = runs;
        return TRUE;
    }
    if (n - k != 1 || from->role[a[k]] != TOKEN || !is_all_places(from, in->dim[a[k]]))
        return FALSE;
    to->runs = runs * from->runs;
    return TRUE;
}

/* What N axes of IN are as one. Channels take parts of rows and columns in, as where 2 x 2 places become one with
 * four times the channels. */
static Role merged(const HeTensor *in, const HeAxes *from, const int *a, int n,
                   HeAxes *to)
{
    int n_channels = 0, n_others = 0;
    if (merge_places(in, from, a, n, to))
        return TOKEN;
    for (int k = 0; k < n; k++) {
        n_channels += from->role[a[k]] == CHANNEL;
        n_others += from->role[a[k]] == OTHER;
    }
    return n_channels == 1 && n_others == n - 1 ? CHANNEL
           : n_others == n                      ? OTHER
                                                : UNKNOWN;
}

/* Tokens parted into N: runs, then rows, then columns, each in one or more; rows (or columns) in more are fewer, with
 * some inside. The last may be what is left of all. */
static void part_tokens(const HeAxes *from, const HeTensor *out, HeAxes *to, const int *b,
                        int n)
{
    const gint64 whole[] = {0, from->height, from->width};
    static const Role roles[] = {OTHER, ROW, COLUMN};
    gint64 left[] = {from->runs, from->height, from->width};
    int at = 0;
    for (int k = 0; k < n; k++) {
        gint64 d = out->dim[b[k]];
        while (at < 2 && left[at] == 1)
            at++;
        gboolean has_grid = left[1] == from->height && left[2] == from->width;
        if (k == n - 1 && has_grid && d == left[0] * left[1] * left[2]) {
            to->role[b[k]] = TOKEN;
            to->runs = left[0];
            return;
        }
        if (d < 1 || left[at] % d != 0)
            return;
        to->role[b[k]] = (guint8)(left[at] == whole[at] ? roles[at] : OTHER);
        left[at] /= d;
    }
}

/* Axis A of IN parted into N. */
static void part(const HeTensor *in, const HeAxes *from, int a, const HeTensor *out,
                 HeAxes *to, const int *b, int n)
{
    Role role = from->role[a];
    if (role == TOKEN && is_all_places(from, in->dim[a]))
        part_tokens(from, out, to, b, n);
    if (role != ROW && role != COLUMN)
        return;
    to->role[b[0]] = (guint8)role;
    for (int k = 1; k < n; k++)
        to->role[b[k]] = OTHER;
}

/* The axes I0 .. I1 - 1 of IN hold the same numbers as O0 .. O1 - 1 of OUT. */
static void reshape_group(const HeTensor *in, const HeAxes *from, int i0, int i1,
                          const HeTensor *out, HeAxes *to, int o0, int o1)
{
    int a[HE_MAX_RANK] = {0}, b[HE_MAX_RANK] = {0};
    int n_a = collect(in, i0, i1, a), n_b = collect(out, o0, o1, b);
    if (n_a == 1 && n_b == 1)
        to->role[b[0]] = from->role[a[0]];
    else if (n_b == 1)
        to->role[b[0]] = (guint8)merged(in, from, a, n_a, to);
    else if (n_a == 1)
        part(in, from, a[0], out, to, b, n_b);
}

/* Both shapes in groups of axes with equal products. */
HeAxes he_axes_reshape(const HeTensor *in, const HeAxes *from, const HeTensor *out)
{
    HeAxes axes = *from;
    memset(axes.role, UNKNOWN, sizeof axes.role);
    int i = 0, o = 0;
    while (i < in->rank && o < out->rank) {
        int i0 = i, o0 = o;
        gint64 a = in->dim[i++], b = out->dim[o++];
        while (a != b && a > 0 && b > 0) {
            if (a < b && i < in->rank)
                a *= in->dim[i++];
            else if (b < a && o < out->rank)
                b *= out->dim[o++];
            else
                return (HeAxes){0};
        }
        if (a != b)
            return (HeAxes){0};
        reshape_group(in, from, i0, i, out, &axes, o0, o);
    }
    return axes;
}
