/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Tensors from a shape or bounds: ConstantOfShape, Range. Their inputs are constants for an input size. */
#include "ops/walk.h"

#include <string.h>

#include "ops/support.h"

/* ---- ConstantOfShape: `value` is a tensor of one element, 0.0 when absent ----------------------------- */

static gboolean constant_infer(HeNode *node, GError **error)
{
    g_autofree gint64 *dim = NULL;
    size_t n;
    const HeAttr *attr = he_node_def_attr(node->def, "value");
    gint64 aligned = 0;
    HeTensor from, value;
    if (!he_node_const_ints(node, 0, &dim, &n, error))
        return FALSE;
    if (n > HE_MAX_RANK)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "wants %d axes, at most %d are possible", (int)n,
                             HE_MAX_RANK);
    HeType type = attr && attr->t ? attr->t->type : HE_F32;
    size_t size = he_type_size(type);
    if (attr && (attr->kind != HE_ATTR_TENSOR || !attr->t || attr->t->raw_bytes != size ||
                 size == 0))
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "attribute 'value' is not a tensor of one element");
    if (attr)
        memcpy(&aligned, attr->t->raw, size);
    he_tensor_init(&from, type, 0, NULL);
    he_tensor_init(&value, he_type_is_float(type) ? HE_REAL_TYPE : type, 0, NULL);
    from.data = &aligned;
    value.data = node->params = g_malloc0(sizeof(gint64));
    he_tensor_convert(&from, &value);
    return he_node_set_out(node, 0, value.type, (int)n, dim, error);
}

static gboolean constant_forward(const HeRun *run, GError **error)
{
    (void)error;
    he_tensor_fill(run->pool, run->out[0], run->node->params);
    return TRUE;
}

const HeOp HE_REAL(he_op_constant_of_shape) = {
    .name = "ConstantOfShape",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = constant_infer,
    .forward = constant_forward,
};

/* ---- Range: start, start + delta, ... before limit ----------------------------------------------------- */

static gboolean range_infer(HeNode *node, GError **error)
{
    double v[3]; /* start, limit, delta: exact for shapes */
    gboolean is_real = he_type_is_float(node->in[0]->type);
    for (int i = 0; i < 3; i++) {
        if (!he_node_need_same_type(node, 0, i, error) ||
            !(is_real || he_node_need_whole(node, i, error)))
            return FALSE;
        if (!he_node_is_const(node, i) || he_tensor_n(node->in[i]) != 1)
            return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                 "input %d must be one constant number", i);
        v[i] = he_tensor_get_double(node->in[i], 0);
    }
    double count = ceil((v[1] - v[0]) / v[2]);
    if (isnan(count) || !(fabs(v[2]) > 0) || count > 0x1p40)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "goes from %g to %g by %g", v[0], v[1], v[2]);
    gint64 n = (gint64)MAX(count, 0);
    return he_node_set_out(node, 0, node->in[0]->type, 1, &n, error);
}

static gboolean range_forward(const HeRun *run, GError **error)
{
    HeTensor *y = run->out[0];
    gboolean is_real = he_type_is_float(y->type);
    (void)error;
    for (gint64 i = 0; i < y->dim[0]; i++) {
        char *p = (char *)y->data + i * y->stride[0] * (gint64)he_type_size(y->type);
        if (is_real)
            *(real *)p = (real)(he_tensor_get_double(run->in[0], 0) +
                                (double)i * he_tensor_get_double(run->in[2], 0));
        else
            he_whole_set(
                y->type, p,
                (gint64)((guint64)he_tensor_get_int(run->in[0], 0) +
                         (guint64)i * (guint64)he_tensor_get_int(run->in[2], 0)));
    }
    return TRUE;
}

const HeOp HE_REAL(he_op_range) = {
    .name = "Range",
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .infer = range_infer,
    .forward = range_forward,
};
