/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The input's bytes in another shape: Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout (which does
 * nothing here). A plan gives them no work; they copy when run on constants or strided tensors. */
#include "ops/grad.h"
#include "ops/support.h"

/* ---- shared ------------------------------------------------------------------------------------------ */

static gboolean set_view(HeNode *node, int rank, const gint64 *dim, GError **error)
{
    return he_node_set_out(node, 0, node->in[0]->type, rank, dim, error);
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    he_tensor_reshape(run->pool, run->out[0], run->in[0]);
    return TRUE;
}

static void backward(const HeRun *run)
{
    if (run->d_in[0])
        he_grad_reshape(run->pool, run->d_in[0], run->accumulate[0], run->d_out[0]);
}

#define VIEW_OP(symbol, onnx_name, n_in_max, n_out_max, more_flags, infer_func,          \
                forward_func)                                                            \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = 1,                                                                     \
        .max_in = n_in_max,                                                              \
        .min_out = 1,                                                                    \
        .max_out = n_out_max,                                                            \
        .flags = HE_OP_VIEW | (more_flags),                                              \
        .infer = infer_func,                                                             \
        .forward = forward_func,                                                         \
        .backward = backward,                                                            \
    };

/* ---- Reshape: 0 takes the input's dim, -1 what is left ----------------------------------------------- */

/* FALSE: the dims do not have N elements. */
static gboolean resolve_free_dim(gint64 *dim, int rank, size_t n)
{
    size_t known = 1;
    int free_axis = -1;
    for (int k = 0; k < rank; k++) {
        if (dim[k] < -1 || (dim[k] == -1 && free_axis >= 0))
            return FALSE;
        if (dim[k] == -1)
            free_axis = k;
        else if (!he_size_mul(known, (size_t)dim[k], &known))
            return FALSE;
    }
    if (free_axis < 0)
        return known == n;
    if (known == 0 || n % known != 0)
        return FALSE;
    dim[free_axis] = (gint64)(n / known);
    return TRUE;
}

static gboolean reshape_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_autofree gint64 *dim = NULL;
    gint64 allow_zero;
    size_t rank;
    gboolean is_given;
    if (!he_node_ints(node, "shape", 1, 5, &dim, &rank, &is_given, error) ||
        !he_attr_int(node, "allowzero", 0, &allow_zero, error))
        return FALSE;
    if (!is_given || rank > HE_MAX_RANK)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "has a shape of %d axes, expected 0 to %d", (int)rank,
                             HE_MAX_RANK);
    for (int k = 0; k < (int)rank && !allow_zero; k++)
        if (dim[k] == 0)
            dim[k] = k < x->rank ? x->dim[k] : -2;
    if (!resolve_free_dim(dim, (int)rank, he_tensor_n(x))) {
        g_autofree char *shape = he_tensor_shape_text(x);
        g_autoptr(GString) wanted = g_string_new(NULL);
        for (size_t k = 0; k < rank; k++)
            g_string_append_printf(wanted, "%s%" G_GINT64_FORMAT, k ? ", " : "", dim[k]);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "cannot give shape %s the shape [%s]", shape, wanted->str);
    }
    return set_view(node, (int)rank, dim, error);
}
VIEW_OP(reshape, "Reshape", 2, 1, 0, reshape_infer, forward)

/* ---- Flatten ----------------------------------------------------------------------------------------- */

static gboolean flatten_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 axis;
    if (!he_attr_int(node, "axis", 1, &axis, error))
        return FALSE;
    if (axis < -x->rank || axis > x->rank)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "axis %" G_GINT64_FORMAT " is outside a shape of %d axes",
                             axis, x->rank);
    int at = (int)(axis < 0 ? axis + x->rank : axis);
    gint64 dim[2] = {(gint64)he_dims_product(x, 0, at),
                     (gint64)he_dims_product(x, at, x->rank)};
    return set_view(node, 2, dim, error);
}
VIEW_OP(flatten, "Flatten", 1, 1, 0, flatten_infer, forward)

/* ---- Squeeze, Unsqueeze ------------------------------------------------------------------------------ */

static gboolean squeeze_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    gint64 dim[HE_MAX_RANK];
    int rank = 0;
    guint axes;
    gboolean is_given;
    if (!he_node_axes(node, 1, 13, x->rank, &axes, &is_given, error))
        return FALSE;
    for (int k = 0; k < x->rank; k++) {
        gboolean is_named = (axes >> k) & 1;
        if (is_named && x->dim[k] != 1) {
            g_autofree char *shape = he_tensor_shape_text(x);
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "axis %d of shape %s is not 1", k, shape);
        }
        if (is_given ? !is_named : x->dim[k] != 1)
            dim[rank++] = x->dim[k];
    }
    return set_view(node, rank, dim, error);
}
VIEW_OP(squeeze, "Squeeze", 2, 1, 0, squeeze_infer, forward)

static gboolean unsqueeze_infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_autofree gint64 *axes = NULL;
    gint64 dim[HE_MAX_RANK];
    guint mask = 0;
    size_t n;
    gboolean is_given;
    if (!he_node_ints(node, "axes", 1, 13, &axes, &n, &is_given, error))
        return FALSE;
    if (!is_given || n > (size_t)(HE_MAX_RANK - x->rank))
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "adds %d axes to %d, expected at most %d in all", (int)n,
                             x->rank, HE_MAX_RANK);
    int rank = x->rank + (int)n;
    for (size_t k = 0; k < n; k++) {
        int axis = 0;
        if (!he_node_axis(node, axes[k], rank, &axis, error))
            return FALSE;
        if (mask & (1u << axis))
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "axis %d is named twice", axis);
        mask |= 1u << axis;
    }
    for (int k = 0, from = 0; k < rank; k++)
        dim[k] = (mask >> k) & 1 ? 1 : x->dim[from++];
    return set_view(node, rank, dim, error);
}
VIEW_OP(unsqueeze, "Unsqueeze", 2, 1, 0, unsqueeze_infer, forward)

/* ---- Identity, Dropout ------------------------------------------------------------------------------- */

static gboolean identity_infer(HeNode *node, GError **error)
{
    return set_view(node, node->in[0]->rank, node->in[0]->dim, error);
}
VIEW_OP(identity, "Identity", 1, 1, HE_OP_POINTWISE, identity_infer, forward)

/* Inference: the input itself. The mask, where a file names one, keeps everything. */
static gboolean dropout_infer(HeNode *node, GError **error)
{
    HeType mask = node->opset >= 10 ? HE_BOOL : node->in[0]->type;
    return identity_infer(node, error) &&
           he_node_set_out(node, 1, mask, node->in[0]->rank, node->in[0]->dim, error);
}

static gboolean dropout_forward(const HeRun *run, GError **error)
{
    const guint8 yes = TRUE;
    const real one = 1;
    HeTensor *mask = run->node->n_out > 1 ? run->out[1] : NULL;
    if (mask)
        he_tensor_fill(run->pool, mask,
                       mask->type == HE_BOOL ? (const void *)&yes : (const void *)&one);
    return forward(run, error);
}
VIEW_OP(dropout, "Dropout", 3, 2, HE_OP_POINTWISE, dropout_infer, dropout_forward)
