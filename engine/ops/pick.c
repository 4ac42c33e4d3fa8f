/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Masks from numbers: OneHot, EyeLike, NonZero. No gradients. */
#include <string.h>

#include "model/onnx_read.h"
#include "ops/support.h"
#include "ops/walk.h"

static char *element(const HeTensor *t, gint64 offset)
{
    return (char *)t->data + offset * (gint64)he_type_size(t->type);
}

/* ---- OneHot: `values` is off and on; an index outside -depth .. depth - 1 is on nowhere ------------------- */

typedef struct {
    int axis;
} OneHot;

static gboolean one_hot_infer(HeNode *node, GError **error)
{
    const HeTensor *index = node->in[0], *depth = node->in[1];
    gint64 axis, dim[HE_MAX_RANK + 1];
    OneHot params;
    if (!he_attr_int(node, "axis", -1, &axis, error) ||
        !he_node_axis(node, axis, index->rank + 1, &params.axis, error))
        return FALSE;
    if (!he_node_is_const(node, 1) || he_tensor_n(depth) != 1 ||
        he_tensor_n(node->in[2]) != 2)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "its depth is not one constant, or its values are not two");
    double n = he_tensor_get_double(depth, 0);
    for (int k = 0; k < index->rank; k++)
        dim[k < params.axis ? k : k + 1] = index->dim[k];
    dim[params.axis] = n >= 0 && n <= G_MAXINT32 ? (gint64)n : -1;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, node->in[2]->type, index->rank + 1, dim, error);
}

static gboolean one_hot_forward(const HeRun *run, GError **error)
{
    const HeTensor *index = run->in[0], *values = run->in[2];
    int axis = ((const OneHot *)run->node->params)->axis;
    HeTensor *y = run->out[0], lines = *y;
    gint64 depth = y->dim[axis];
    (void)error;
    he_tensor_fill(run->pool, y, values->data);
    lines.rank = index->rank;
    for (int k = 0; k < index->rank; k++) {
        lines.dim[k] = index->dim[k];
        lines.stride[k] = y->stride[k < axis ? k : k + 1];
    }
    for (size_t i = 0, n = he_tensor_n(index); i < n; i++) {
        double v = he_tensor_get_double(index, i);
        if (!(v >= -(double)depth && v < (double)depth))
            continue;
        gint64 at = (gint64)v < 0 ? (gint64)v + depth : (gint64)v;
        memcpy(element(y, he_tensor_offset(&lines, lines.rank, i) + at * y->stride[axis]),
               element(values, values->stride[0]), he_type_size(y->type));
    }
    return TRUE;
}

const HeOp HE_REAL(he_op_one_hot) = {
    .name = "OneHot",
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .infer = one_hot_infer,
    .forward = one_hot_forward,
};

/* ---- EyeLike: ones on diagonal k ------------------------------------------------------------------------ */

static gboolean eye_infer(HeNode *node, GError **error)
{
    gint64 dtype, k;
    if (!he_node_need_rank(node, 0, 2, 2, error) ||
        !he_attr_int(node, "dtype", 0, &dtype, error) ||
        !he_attr_int(node, "k", 0, &k, error))
        return FALSE;
    HeType type = dtype ? he_onnx_type(dtype) : node->in[0]->type;
    if (type == HE_TYPE_NONE)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "dtype is %" G_GINT64_FORMAT, dtype);
    node->params = g_memdup2(&k, sizeof k);
    return he_node_set_out(node, 0, he_type_is_float(type) ? HE_REAL_TYPE : type, 2,
                           node->in[0]->dim, error);
}

static gboolean eye_forward(const HeRun *run, GError **error)
{
    HeTensor *y = run->out[0];
    gint64 k = *(const gint64 *)run->node->params;
    gboolean is_real = he_type_is_float(y->type);
    (void)error;
    he_tensor_clear(run->pool, y);
    if (k <= -y->dim[0] || k >= y->dim[1])
        return TRUE;
    for (gint64 row = MAX(0, -k); row < y->dim[0] && row + k < y->dim[1]; row++) {
        char *p = element(y, row * y->stride[0] + (row + k) * y->stride[1]);
        if (is_real)
            *(real *)p = 1;
        else
            he_whole_set(y->type, p, 1);
    }
    return TRUE;
}

const HeOp HE_REAL(he_op_eye_like) = {
    .name = "EyeLike",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = eye_infer,
    .forward = eye_forward,
};

/* ---- NonZero of a constant: where its numbers are not 0, [rank, how many] ---------------------------------- */

static gboolean is_zero(const HeTensor *x, size_t i)
{
    double v = he_tensor_get_double(x, i);
    return v >= 0 && v <= 0;
}

static gboolean non_zero_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 dim[] = {x->rank, 0};
    if (!he_node_is_const(node, 0))
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "input 0 must be a constant for this input size");
    for (size_t i = 0, n = he_tensor_n(x); i < n; i++)
        dim[1] += !is_zero(x, i);
    return he_node_set_out(node, 0, HE_I64, 2, dim, error);
}

static gboolean non_zero_forward(const HeRun *run, GError **error)
{
    const HeTensor *x = run->in[0], *y = run->out[0];
    gint64 *out = y->data, column = 0;
    (void)error;
    for (size_t i = 0, n = he_tensor_n(x); i < n; i++) {
        size_t rest = i;
        if (is_zero(x, i))
            continue;
        for (int k = x->rank - 1; k >= 0; k--) {
            out[k * y->stride[0] + column] = (gint64)(rest % (size_t)x->dim[k]);
            rest /= (size_t)x->dim[k];
        }
        column++;
    }
    return TRUE;
}

const HeOp HE_REAL(he_op_non_zero) = {
    .name = "NonZero",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = non_zero_infer,
    .forward = non_zero_forward,
};
