/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Sliding windows; see window.h. All numbers come from a file: each is bounded before it is used. */
#include "ops/window.h"

#include <string.h>

#include "ops/support.h"

/* Above any real network, and small enough that products of two fit in 64 bits. */
#define LIMIT ((gint64)1 << 30)

static gboolean read_list(const HeNode *node, const char *name, int n, gint64 fallback,
                          gint64 low, gint64 *out, GError **error)
{
    const gint64 *list;
    size_t count;
    if (!he_attr_ints(node, name, &list, &count, error))
        return FALSE;
    if (list && count != (size_t)n)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "attribute '%s' has %d numbers, expected %d", name,
                             (int)count, n);
    for (int k = 0; k < n; k++) {
        out[k] = list ? list[k] : fallback;
        if (out[k] < low || out[k] > LIMIT)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "attribute '%s' holds %" G_GINT64_FORMAT
                                 ", expected at least %" G_GINT64_FORMAT,
                                 name, out[k], low);
    }
    return TRUE;
}

static gboolean read_kernel(const HeNode *node, const gint64 *kernel, HeWindow *w,
                            GError **error)
{
    const gint64 *list;
    size_t n;
    if (!he_attr_ints(node, "kernel_shape", &list, &n, error))
        return FALSE;
    if (!list && !kernel)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "has no kernel_shape");
    if (!read_list(node, "kernel_shape", w->n_axes, 1, 1, w->kernel, error))
        return FALSE;
    for (int k = 0; kernel && k < w->n_axes; k++) {
        if (list && kernel[k] != w->kernel[k])
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "kernel_shape says %" G_GINT64_FORMAT
                                 " on axis %d, the weights %" G_GINT64_FORMAT,
                                 w->kernel[k], k, kernel[k]);
        w->kernel[k] = kernel[k];
        if (kernel[k] < 1 || kernel[k] > LIMIT)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "has a kernel of %" G_GINT64_FORMAT " on axis %d",
                                 kernel[k], k);
    }
    return TRUE;
}

typedef enum { PAD_GIVEN, PAD_SAME_UPPER, PAD_SAME_LOWER, PAD_VALID } AutoPad;

static gboolean read_auto_pad(const HeNode *node, AutoPad *out, GError **error)
{
    static const char *const names[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};
    const char *text;
    if (!he_attr_string(node, "auto_pad", "NOTSET", &text, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (AutoPad)i;
            return TRUE;
        }
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "auto_pad is '%s', expected NOTSET, SAME_UPPER, SAME_LOWER or "
                         "VALID",
                         *text ? text : "empty");
}

/* SAME: as many outputs as strides fit, the padding shared, the odd one at the end (upper) or the start. */
static void pad_same(HeWindow *w, int k, AutoPad mode)
{
    gint64 extent = (w->kernel[k] - 1) * w->dilation[k] + 1;
    gint64 out = (w->in[k] + w->stride[k] - 1) / w->stride[k];
    gint64 total = MAX((out - 1) * w->stride[k] + extent - w->in[k], 0);
    w->pad[k] = (total + (mode == PAD_SAME_LOWER)) / 2;
    w->pad_end[k] = total - w->pad[k];
}

/* With ceil_mode the last window may pass the padded end, but must begin before it. */
static gboolean size_axis(const HeNode *node, HeWindow *w, int k, gboolean is_ceil,
                          GError **error)
{
    gint64 extent = (w->kernel[k] - 1) * w->dilation[k] + 1;
    gint64 room = w->in[k] + w->pad[k] + w->pad_end[k] - extent;
    if (room < 0 || w->in[k] < 1)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "axis %d of %" G_GINT64_FORMAT " with pads %" G_GINT64_FORMAT
                             " and %" G_GINT64_FORMAT
                             " is smaller than its window of %" G_GINT64_FORMAT,
                             k + 2, w->in[k], w->pad[k], w->pad_end[k], extent);
    w->out[k] = (room + (is_ceil ? w->stride[k] - 1 : 0)) / w->stride[k] + 1;
    if (is_ceil && (w->out[k] - 1) * w->stride[k] >= w->in[k] + w->pad[k])
        w->out[k]--;
    return TRUE;
}

gboolean he_window_infer_over(const HeNode *node, int n_axes, const gint64 *in,
                              const gint64 *kernel, HeWindow *window, GError **error)
{
    HeWindow w = {.n_axes = n_axes};
    gint64 pads[2 * HE_WINDOW_AXES], is_ceil;
    AutoPad mode = PAD_GIVEN;
    if (!read_kernel(node, kernel, &w, error) ||
        !read_list(node, "strides", w.n_axes, 1, 1, w.stride, error) ||
        !read_list(node, "dilations", w.n_axes, 1, 1, w.dilation, error) ||
        !read_list(node, "pads", 2 * w.n_axes, 0, 0, pads, error) ||
        !read_auto_pad(node, &mode, error) ||
        !he_attr_int(node, "ceil_mode", 0, &is_ceil, error))
        return FALSE;
    for (int k = 0; k < w.n_axes; k++) {
        w.in[k] = in[k];
        if (w.in[k] > LIMIT)
            return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                 "axis %d is longer than %" G_GINT64_FORMAT, k + 2,
                                 LIMIT);
        w.pad[k] = mode == PAD_GIVEN ? pads[k] : 0;
        w.pad_end[k] = mode == PAD_GIVEN ? pads[k + w.n_axes] : 0;
        if (mode == PAD_SAME_UPPER || mode == PAD_SAME_LOWER)
            pad_same(&w, k, mode);
        if (!size_axis(node, &w, k, is_ceil != 0, error))
            return FALSE;
    }
    *window = w;
    return TRUE;
}

gboolean he_window_infer(const HeNode *node, const gint64 *kernel, HeWindow *window,
                         GError **error)
{
    const HeTensor *x = node->in[0];
    return he_node_need_rank(node, 0, 3, 2 + HE_WINDOW_AXES, error) &&
           he_window_infer_over(node, x->rank - 2, x->dim + 2, kernel, window, error);
}

void he_window_widen(HeWindow *window)
{
    HeWindow w = {.n_axes = HE_WINDOW_AXES};
    int more = HE_WINDOW_AXES - window->n_axes;
    for (int k = 0; k < HE_WINDOW_AXES; k++) {
        int own = k - more;
        w.in[k] = own < 0 ? 1 : window->in[own];
        w.out[k] = own < 0 ? 1 : window->out[own];
        w.kernel[k] = own < 0 ? 1 : window->kernel[own];
        w.stride[k] = own < 0 ? 1 : window->stride[own];
        w.dilation[k] = own < 0 ? 1 : window->dilation[own];
        w.pad[k] = own < 0 ? 0 : window->pad[own];
        w.pad_end[k] = own < 0 ? 0 : window->pad_end[own];
    }
    *window = w;
}

/* ---- rows and taps ----------------------------------------------------------------------------------- */

typedef struct {
    const HeWindow *w;
    size_t n_rows, rows_per_tile;
    HeWindowRowFunc func;
    void *data;
} Rows;

static void rows_tile(void *data, size_t tile, int worker)
{
    const Rows *r = data;
    const HeWindow *w = r->w;
    size_t end = MIN((tile + 1) * r->rows_per_tile, r->n_rows);
    (void)worker;
    for (size_t i = tile * r->rows_per_tile; i < end; i++) {
        size_t per_plane = (size_t)(w->out[0] * w->out[1]);
        HeWindowRow row = {.plane = i / per_plane,
                           .z = (gint64)(i % per_plane) / w->out[1],
                           .y = (gint64)(i % per_plane) % w->out[1]};
        for (; row.x0 < w->out[2]; row.x0 += HE_WINDOW_CHUNK) {
            row.n = MIN(w->out[2] - row.x0, HE_WINDOW_CHUNK);
            r->func(r->data, w, &row);
        }
    }
}

void he_window_rows(HePool *pool, const HeWindow *w, size_t n_planes,
                    gboolean whole_planes, HeWindowRowFunc func, void *data)
{
    size_t unit = whole_planes ? (size_t)(w->out[0] * w->out[1]) : 1;
    double work = (double)unit * (double)w->out[2] * (double)w->kernel[0] *
                  (double)w->kernel[1] * (double)w->kernel[2];
    size_t units = (size_t)MAX(32768.0 / work, 1.0);
    Rows rows = {w, n_planes * (size_t)(w->out[0] * w->out[1]), unit * units, func, data};
    he_pool_run(pool, (rows.n_rows + rows.rows_per_tile - 1) / rows.rows_per_tile,
                rows_tile, &rows);
}

static gint64 divide_up(gint64 a, gint64 b)
{
    return a <= 0 ? 0 : (a + b - 1) / b;
}

void he_window_row_taps(const HeWindow *w, const HeWindowRow *row, HeWindowTapFunc func,
                        void *data)
{
    gint64 z0, z1, y0, y1;
    he_window_taps(w, 0, row->z, &z0, &z1);
    he_window_taps(w, 1, row->y, &y0, &y1);
    for (gint64 kz = z0; kz < z1; kz++)
        for (gint64 ky = y0; ky < y1; ky++) {
            gint64 iz = row->z * w->stride[0] - w->pad[0] + kz * w->dilation[0];
            gint64 iy = row->y * w->stride[1] - w->pad[1] + ky * w->dilation[1];
            for (gint64 kx = 0; kx < w->kernel[2]; kx++) {
                /* outputs whose tap kx is inside: 0 <= x * stride + shift < in */
                gint64 shift = kx * w->dilation[2] - w->pad[2];
                gint64 from = MAX(divide_up(-shift, w->stride[2]), row->x0);
                gint64 to =
                    MIN(divide_up(w->in[2] - shift, w->stride[2]), row->x0 + row->n);
                if (from >= to)
                    continue;
                gint64 at = (iz * w->in[1] + iy) * w->in[2] + from * w->stride[2] + shift;
                func(data, w, (guint32)((kz * w->kernel[1] + ky) * w->kernel[2] + kx),
                     (size_t)at, (size_t)(from - row->x0), (size_t)(to - row->x0));
            }
        }
}
