/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One axis of Resize: how it is sampled, and the table of that. */
#ifndef HE_OPS_RESIZE_H
#define HE_OPS_RESIZE_H

#include "ops/op.h"

typedef enum { HE_RESIZE_NEAREST, HE_RESIZE_LINEAR, HE_RESIZE_CUBIC } HeResizeMode;
typedef enum {
    HE_RESIZE_HALF_PIXEL,
    HE_RESIZE_HALF_PIXEL_SYMMETRIC,
    HE_RESIZE_PYTORCH_HALF_PIXEL,
    HE_RESIZE_ALIGN_CORNERS,
    HE_RESIZE_ASYMMETRIC,
    HE_RESIZE_TF_HALF_PIXEL,
    HE_RESIZE_CROP
} HeResizeCoordinates;
typedef enum {
    HE_RESIZE_PREFER_FLOOR,
    HE_RESIZE_PREFER_CEIL,
    HE_RESIZE_FLOOR,
    HE_RESIZE_CEIL
} HeResizeRounding;

typedef struct {
    HeResizeMode mode;
    HeResizeCoordinates coordinates;
    HeResizeRounding rounding; /* of nearest */
    gboolean excludes_outside; /* weights of taps outside the input go to those inside */
    gboolean is_antialiased;   /* when it shrinks */
    double cubic;              /* the kernel's a */
    int n_taps;                /* of an output */
    gint64 in, out;
    double scale;
    double start, end; /* of a crop, as parts of the axis */
} HeResize;

typedef struct {
    gint64 at;
    double weight;
} HeTap;

/* What all axes have in common, from the node's attributes. */
gboolean HE_REAL(he_resize_read)(const HeNode *node, HeResize *like, GError **error);
/* Sets n_taps for the axis' scale; FALSE: too many. out * n_taps is at most 4 in + 4 out. */
gboolean HE_REAL(he_resize_count_taps)(HeResize *axis);
/* Writes out * n_taps taps. */
void HE_REAL(he_resize_fill)(const HeResize *axis, HeTap *taps);
/* Output O shows a place outside the input (crops alone). */
gboolean HE_REAL(he_resize_is_outside)(const HeResize *axis, gint64 o);
/* The axis stays as it is. */
gboolean HE_REAL(he_resize_is_whole)(const HeResize *axis);
#define he_resize_read       HE_REAL(he_resize_read)
#define he_resize_count_taps HE_REAL(he_resize_count_taps)
#define he_resize_fill       HE_REAL(he_resize_fill)
#define he_resize_is_outside HE_REAL(he_resize_is_outside)
#define he_resize_is_whole   HE_REAL(he_resize_is_whole)

#endif
