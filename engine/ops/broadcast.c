/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Shapes that stretch to each other: NumPy's rule, and what it was before opset 7. */
#include "ops/support.h"

gboolean he_broadcast(const HeTensor *a, const HeTensor *b, int *rank, gint64 *dim)
{
    *rank = MAX(a->rank, b->rank);
    for (int i = 0; i < *rank; i++) {
        int ka = i - (*rank - a->rank), kb = i - (*rank - b->rank);
        gint64 da = ka < 0 ? 1 : a->dim[ka], db = kb < 0 ? 1 : b->dim[kb];
        if (da != db && da != 1 && db != 1)
            return FALSE;
        dim[i] = da == 1 ? db : da;
    }
    return TRUE;
}

gboolean he_node_broadcast_all(const HeNode *node, HeTensor *shape, GError **error)
{
    *shape = *node->in[0];
    for (int i = 1; i < node->n_in; i++) {
        HeTensor so_far = *shape;
        if (!node->in[i])
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "input %d is left out", i);
        if (!he_node_need_same_type(node, 0, i, error))
            return FALSE;
        if (!he_broadcast(&so_far, node->in[i], &shape->rank, shape->dim)) {
            g_autofree char *sa = he_tensor_shape_text(&so_far);
            g_autofree char *sb = he_tensor_shape_text(node->in[i]);
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "shapes %s and %s, expected shapes that broadcast", sa,
                                 sb);
        }
    }
    return TRUE;
}

HeTensor he_tensor_append_axes(const HeTensor *t, int n)
{
    HeTensor out = *t;
    for (int i = 0; i < n; i++) {
        out.dim[out.rank] = 1;
        out.stride[out.rank++] = 1;
    }
    return out;
}

gboolean he_node_old_broadcast(const HeNode *node, int *n_append, GError **error)
{
    const HeTensor *a = node->in[0], *b = node->in[1];
    gint64 broadcast, axis;
    *n_append = 0;
    if (node->opset >= 7)
        return TRUE;
    if (!he_attr_int(node, "broadcast", 0, &broadcast, error) ||
        !he_attr_int(node, "axis", a->rank - b->rank, &axis, error))
        return FALSE;
    gboolean is_good = broadcast ? b->rank <= a->rank : he_tensor_same_shape(a, b);
    if (axis < 0)
        axis += a->rank;
    if (broadcast && is_good)
        is_good = axis >= 0 && axis <= a->rank - b->rank;
    if (!is_good) {
        g_autofree char *sa = he_tensor_shape_text(a);
        g_autofree char *sb = he_tensor_shape_text(b);
        return he_node_error(
            node, HE_ERROR_CORRUPT_MODEL, error,
            "shapes %s and %s with broadcast=%d and axis=%" G_GINT64_FORMAT
            "; expected the same shapes, or the second inside the first",
            sa, sb, broadcast != 0, axis);
    }
    *n_append = broadcast ? (int)(a->rank - b->rank - axis) : 0;
    return TRUE;
}
