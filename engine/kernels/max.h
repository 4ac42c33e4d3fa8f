/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of max pooling, for a piece of one row of the result: first down the columns of the window's rows, then
 * along each window, so that a column that several windows share is looked through once.
 *
 *   best[k] = max over y, j < taps of x[(y - first) * row + (from + k * stride + j * step)],  y = first .. past - 1
 *   tap[k]  = y * taps + j of the first such number in that order; NaN wins
 *
 * Columns outside 0 .. width - 1 do not count; where none counts, best is -infinity and tap 0. */
#ifndef HE_KERNELS_MAX_H
#define HE_KERNELS_MAX_H

#include <glib.h>

#include "kernels/kernels.h"

#define HE_MAX_OUT     256  /* numbers of the result at most, */
#define HE_MAX_COLUMNS 2048 /* and columns that their windows span (he_max_columns) */
#define HE_MAX_LANES   16   /* as many numbers more may be written to best and tap */

typedef struct {
    const float *x; /* row FIRST of the window; NULL when none is inside */
    size_t row;     /* from one row of the window to the next */
    gint32 first, past;
    gssize from; /* column of the first window */
    size_t width, n, stride, step, taps;
    float *best;
    gint32 *tap; /* NULL: nobody asks */
} HeMax;

/* Columns that are looked at: those of whole vectors of the result. */
static inline size_t he_max_columns(size_t n, size_t stride, size_t taps, size_t step)
{
    size_t whole = (n + HE_MAX_LANES - 1) / HE_MAX_LANES * HE_MAX_LANES;
    return (whole - 1) * stride + (taps - 1) * step + 1;
}

typedef void (*HeMaxFunc)(const HeMax *s);
/* The best of SET. */
HeMaxFunc he_max_find(HeKernelSet set);

void he_max_c(const HeMax *s);
void he_max_avx2(const HeMax *s); /* x86-64 only, as the next */
void he_max_avx512(const HeMax *s);

#endif
