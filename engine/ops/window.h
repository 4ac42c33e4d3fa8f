/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Windows that slide over 1 to 3 axes: kernel, stride, pads, dilation, auto_pad, ceil_mode, checked.
 * Output o looks at positions o * stride - pad + k * dilation, k = 0 .. kernel - 1. */
#ifndef HE_OPS_WINDOW_H
#define HE_OPS_WINDOW_H

#include "ops/op.h"

#define HE_WINDOW_AXES 3

typedef struct {
    int n_axes;
    gint64 in[HE_WINDOW_AXES], out[HE_WINDOW_AXES];
    gint64 kernel[HE_WINDOW_AXES], stride[HE_WINDOW_AXES], dilation[HE_WINDOW_AXES];
    gint64 pad[HE_WINDOW_AXES], pad_end[HE_WINDOW_AXES];
} HeWindow;

/* Reads the attributes for input 0 [N, C, spatial axes...]. KERNEL: what the weights say ([n_axes]), or
 * NULL: `kernel_shape` must stand there. */
gboolean HE_REAL(he_window_infer)(const HeNode *node, const gint64 *kernel,
                                  HeWindow *window, GError **error);
#define he_window_infer HE_REAL(he_window_infer)
/* The same for N_AXES axes of these lengths. */
gboolean HE_REAL(he_window_infer_over)(const HeNode *node, int n_axes, const gint64 *in,
                                       const gint64 *kernel, HeWindow *window,
                                       GError **error);
#define he_window_infer_over HE_REAL(he_window_infer_over)

/* The window over 3 axes, the last ones it had; the others have 1 of everything. */
void HE_REAL(he_window_widen)(HeWindow *window);
#define he_window_widen HE_REAL(he_window_widen)

/* The taps of output O on an axis that fall inside the input: *from .. *to - 1 (none: from >= to). */
static inline void he_window_taps(const HeWindow *w, int axis, gint64 o, gint64 *from,
                                  gint64 *to)
{
    gint64 start = o * w->stride[axis] - w->pad[axis], dilation = w->dilation[axis];
    gint64 left = w->in[axis] - start; /* positions up to the input's end */
    *from = start < 0 ? (-start + dilation - 1) / dilation : 0;
    *to = left <= 0 ? 0 : MIN(w->kernel[axis], (left - 1) / dilation + 1);
}

/* ---- pooling: planes of 3 axes, output rows in chunks ------------------------------------------------- */

#define HE_WINDOW_CHUNK 256

/* Outputs x0 .. x0 + n - 1 (n <= HE_WINDOW_CHUNK) of row Y of slice Z of PLANE. */
typedef struct {
    size_t plane;
    gint64 z, y, x0, n;
} HeWindowRow;
/* Where the first of them stands in the output plane. */
static inline size_t he_window_row_start(const HeWindow *w, const HeWindowRow *row)
{
    return (size_t)((row->z * w->out[1] + row->y) * w->out[2] + row->x0);
}
typedef void (*HeWindowRowFunc)(void *data, const HeWindow *w, const HeWindowRow *row);
/* One tap of a row: outputs x0 + k, k = from .. to - 1, look at element at + (k - from) * stride of the
 * input plane. TAP is its number in the kernel. */
typedef void (*HeWindowTapFunc)(void *data, const HeWindow *w, guint32 tap, size_t at,
                                size_t from, size_t to);

/* All rows of all planes, in tiles; whole planes when outputs of a plane write to common inputs. */
void HE_REAL(he_window_rows)(HePool *pool, const HeWindow *w, size_t n_planes,
                             gboolean whole_planes, HeWindowRowFunc func, void *data);
/* All taps of a row, in the order of the kernel. */
void HE_REAL(he_window_row_taps)(const HeWindow *w, const HeWindowRow *row,
                                 HeWindowTapFunc func, void *data);
#define he_window_rows     HE_REAL(he_window_rows)
#define he_window_row_taps HE_REAL(he_window_row_taps)

#endif
