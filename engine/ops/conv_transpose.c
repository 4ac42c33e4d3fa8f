/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ConvTranspose over 1 to 3 axes: the transpose of the Conv that leads from the output [N, M, out...] to the input
 * [N, C, in...] with weights [C, M / group, kernel...], plus a bias; its way back is that Conv.
 *
 *   out = stride (in - 1) + output_padding + (kernel - 1) dilation + 1 - pads
 *
 * `output_shape` and auto_pad give `out` instead, and the pads follow. */
#include <string.h>

#include "ops/conv_direct.h"
#include "ops/support.h"

#define LIMIT ((gint64)1 << 30)

typedef struct {
    HeConvDirect s;
} Params;

static gboolean read_list(const HeNode *node, const char *name, int n, gint64 fallback,
                          gint64 *out, GError **error)
{
    const gint64 *list;
    size_t count;
    if (!he_attr_ints(node, name, &list, &count, error))
        return FALSE;
    for (int k = 0; k < n; k++) {
        out[k] = list && count == (size_t)n ? list[k] : fallback;
        if ((list && count != (size_t)n) || out[k] < 0 || out[k] > LIMIT)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "attribute '%s' has %d numbers, expected %d from 0 on",
                                 name, (int)count, n);
    }
    return TRUE;
}

/* TOTAL pads of an axis in two: the odd one at the end, or with SAME_LOWER at the start. */
static void share_pads(HeWindow *w, int k, gint64 total, const char *mode)
{
    gint64 small = MAX(total, 0) / 2;
    gboolean is_lower = strcmp(mode, "SAME_LOWER") == 0;
    w->pad[k] = is_lower ? MAX(total, 0) - small : small;
    w->pad_end[k] = MAX(total, 0) - w->pad[k];
}

static gboolean size_axes(const HeNode *node, HeWindow *w, GError **error)
{
    gint64 more[HE_WINDOW_AXES], wanted[HE_WINDOW_AXES], pads[2 * HE_WINDOW_AXES];
    const char *mode;
    int n = w->n_axes;
    gboolean has_shape = he_node_def_attr(node->def, "output_shape") != NULL;
    if (!read_list(node, "output_padding", n, 0, more, error) ||
        !read_list(node, "output_shape", n, 0, wanted, error) ||
        !read_list(node, "pads", 2 * n, 0, pads, error) ||
        !he_attr_string(node, "auto_pad", "NOTSET", &mode, error))
        return FALSE;
    gboolean is_same = strncmp(mode, "SAME_", 5) == 0;
    for (int k = 0; k < n; k++) {
        gint64 full = w->stride[k] * (w->out[k] - 1) + more[k] +
                      (w->kernel[k] - 1) * w->dilation[k] + 1;
        w->pad[k] = strcmp(mode, "NOTSET") == 0 ? pads[k] : 0;
        w->pad_end[k] = strcmp(mode, "NOTSET") == 0 ? pads[k + n] : 0;
        if (has_shape || is_same)
            share_pads(w, k, full - (has_shape ? wanted[k] : w->out[k] * w->stride[k]),
                       mode);
        w->in[k] = has_shape ? wanted[k] : full - w->pad[k] - w->pad_end[k];
        if (w->in[k] < 1)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "axis %d would have %" G_GINT64_FORMAT " outputs", k + 2,
                                 w->in[k]);
    }
    return TRUE;
}

/* The window of the Conv: its outputs are this node's inputs. */
static gboolean read_window(const HeNode *node, HeWindow *w, GError **error)
{
    const HeTensor *x = node->in[0], *weights = node->in[1];
    gint64 kernel[HE_WINDOW_AXES];
    *w = (HeWindow){.n_axes = x->rank - 2};
    if (!read_list(node, "strides", w->n_axes, 1, w->stride, error) ||
        !read_list(node, "dilations", w->n_axes, 1, w->dilation, error))
        return FALSE;
    for (int k = 0; k < w->n_axes; k++) {
        w->out[k] = x->dim[k + 2];
        w->kernel[k] = kernel[k] = weights->dim[k + 2];
        if (w->stride[k] < 1 || w->dilation[k] < 1 || w->kernel[k] < 1 || w->out[k] < 1 ||
            w->kernel[k] > LIMIT || w->out[k] > LIMIT)
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "has an empty or an impossible axis %d", k + 2);
    }
    if (!read_list(node, "kernel_shape", w->n_axes, 0, kernel, error))
        return FALSE;
    if (he_node_def_attr(node->def, "kernel_shape") &&
        memcmp(kernel, w->kernel, sizeof *kernel * (size_t)w->n_axes) != 0)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "kernel_shape says otherwise than the weights");
    return size_axes(node, w, error);
}

static gboolean check_weights(const HeNode *node, gint64 group, GError **error)
{
    const HeTensor *x = node->in[0], *w = node->in[1];
    if (w->rank == x->rank && group >= 1 && group <= LIMIT && x->dim[1] >= 1 &&
        w->dim[0] == x->dim[1] && x->dim[1] % group == 0 && w->dim[1] >= 1 &&
        w->dim[1] <= LIMIT &&
        (!he_node_has_in(node, 2) ||
         (node->in[2]->rank == 1 && node->in[2]->dim[0] == w->dim[1] * group &&
          he_node_need_float(node, 2, NULL))))
        return TRUE;
    g_autofree char *sx = he_tensor_shape_text(x);
    g_autofree char *sw = he_tensor_shape_text(w);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %s and weights %s do not fit with %" G_GINT64_FORMAT
                         " groups, or with the bias",
                         sx, sw, group);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0], *weights = node->in[1];
    gint64 group, dim[HE_MAX_RANK];
    HeWindow w;
    if (!he_node_need_float(node, 0, error) || !he_node_need_float(node, 1, error) ||
        !he_node_need_rank(node, 0, 3, 2 + HE_WINDOW_AXES, error) ||
        !he_attr_int(node, "group", 1, &group, error) ||
        !check_weights(node, group, error) || !read_window(node, &w, error))
        return FALSE;
    dim[0] = x->dim[0];
    dim[1] = weights->dim[1] * group;
    for (int k = 0; k < w.n_axes; k++)
        dim[k + 2] = w.in[k];
    if (!he_node_set_out(node, 0, x->type, x->rank, dim, error))
        return FALSE;
    he_window_widen(&w);
    Params params = {{.w = w,
                      .n = (size_t)dim[0],
                      .c = (size_t)dim[1],
                      .oc = (size_t)x->dim[1],
                      .group = (size_t)group}};
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* BIG: this node's output or its gradient, SMALL: its input or the gradient of that. */
static HeConvDirect shape_of(const HeRun *run, const HeTensor *big, const HeTensor *small)
{
    HeConvDirect s = ((const Params *)run->node->params)->s;
    s.x_n = (size_t)big->stride[0];
    s.y_n = (size_t)small->stride[0];
    return s;
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeConvDirect s = shape_of(run, run->out[0], run->in[0]);
    const real *bias = he_node_has_in(run->node, 2) ? run->in[2]->data : NULL;
    (void)error;
    he_conv_direct_transposed(run->pool, &s, run->in[0]->data, run->in[1]->data, bias,
                              run->out[0]->data, FALSE);
    return TRUE;
}

static void backward(const HeRun *run)
{
    if (!run->d_in[0])
        return;
    HeConvDirect s = shape_of(run, run->d_out[0], run->d_in[0]);
    he_conv_direct(run->pool, &s, run->d_out[0]->data, run->in[1]->data, NULL,
                   run->d_in[0]->data, run->accumulate[0]);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1);
}

const HeOp HE_REAL(he_op_conv_transpose) = {
    .name = "ConvTranspose",
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
