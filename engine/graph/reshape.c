/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Axes through a Reshape: both shapes fall into groups of axes with equal products; inside a group, axes are
 * merged into one or one is parted. */
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

/* What N axes of IN are as one. Rows and columns are tokens; channels take parts of rows and columns in, as where
 * 2 x 2 places become one with four times the channels. */
static Role merged(const HeTensor *in, const HeAxes *from, const int *a, int n,
                   HeAxes *to)
{
    int n_channels = 0, n_others = 0;
    if (n == 2 && from->role[a[0]] == ROW && from->role[a[1]] == COLUMN) {
        to->height = in->dim[a[0]];
        to->width = in->dim[a[1]];
        to->first = 0;
        return TOKEN;
    }
    for (int k = 0; k < n; k++) {
        n_channels += from->role[a[k]] == CHANNEL;
        n_others += from->role[a[k]] == OTHER;
    }
    return n_channels == 1 && n_others == n - 1 ? CHANNEL
           : n_others == n                      ? OTHER
                                                : UNKNOWN;
}

/* Axis A parted into N: tokens into rows and columns; rows (or columns) into fewer, each with some inside. */
static void part(const HeAxes *from, int a, const HeTensor *out, HeAxes *to, const int *b,
                 int n)
{
    Role role = from->role[a];
    if (role == TOKEN && n == 2 && from->first == 0 && out->dim[b[0]] == from->height &&
        out->dim[b[1]] == from->width) {
        to->role[b[0]] = ROW;
        to->role[b[1]] = COLUMN;
    } else if (role == ROW || role == COLUMN) {
        to->role[b[0]] = (guint8)role;
        for (int k = 1; k < n; k++)
            to->role[b[k]] = OTHER;
    }
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
        part(from, a[0], out, to, b, n_b);
}

/* Both shapes in groups of axes with equal products. */
HeAxes he_axes_reshape(const HeTensor *in, const HeAxes *from, const HeTensor *out)
{
    HeAxes axes = {.height = from->height, .width = from->width, .first = from->first};
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
