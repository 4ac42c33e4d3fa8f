/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Streaming separable resampling of interleaved rows: rows go in from top to bottom, finished rows come
 * out from top to bottom. Memory: the rows of the result that are open at once. */
#ifndef HE_IMAGE_RESAMPLE_H
#define HE_IMAGE_RESAMPLE_H

#include "human-eye.h"

typedef struct {
    int channels;
    int in_w, in_h;    /* pixels that may be read; weights stop at their border */
    double x, y, w, h; /* the box of them that is resampled, in pixels, Pillow's `box` */
    int out_w, out_h;
    HeFilter filter;
    gboolean antialias; /* when shrinking, widen the filter by the scale */
} HeResampleSpec;

/* Row Y of the result: [out_w, channels], borrowed for the call. */
typedef void (*HeResampleDone)(void *data, int y, const double *row);

typedef struct HeResample HeResample;
HeResample *he_resample_new(const HeResampleSpec *spec, HeResampleDone done, void *data,
                            GError **error);
void he_resample_free(HeResample *resample);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeResample, he_resample_free)

/* The input rows that it needs: first .. first + n - 1. */
void he_resample_get_rows(const HeResample *resample, int *first, int *n);
/* The next of them: [in_w, channels]. */
void he_resample_push(HeResample *resample, const float *row);

#endif
