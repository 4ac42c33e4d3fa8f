/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Attributes, errors, shapes: what every operator's infer needs. */
#include "ops/support.h"

#include <string.h>

#include "core/limits.h"

/* ---- errors ---------------------------------------------------------------------------------------- */

gboolean he_node_error(const HeNode *node, HeErrorCode code, GError **error,
                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    const HeNodeDef *def = node->def;
    const char *name = def ? he_node_def_get_label(def) : "";
    const char *type = node->op ? node->op->name : def ? def->op_type : "?";
    g_set_error(error, HE_ERROR, (gint)code, "%s node '%s': %s", type, name, text);
    return FALSE;
}

/* ---- attributes ------------------------------------------------------------------------------------- */

static gboolean attr_find(const HeNode *node, const char *name, HeAttrKind kind,
                          const HeAttr **out, GError **error)
{
    static const char *const kinds[] = {"nothing",  "a float",  "an int",
                                        "a string", "a tensor", "a graph",
                                        "floats",   "ints",     "strings"};
    *out = node->def ? he_node_def_attr(node->def, name) : NULL;
    if (!*out || (*out)->kind == kind)
        return TRUE;
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "attribute '%s' has another type than expected (%s)", name,
                         kinds[kind]);
}

gboolean he_attr_int(const HeNode *node, const char *name, gint64 fallback, gint64 *out,
                     GError **error)
{
    const HeAttr *attr;
    if (!attr_find(node, name, HE_ATTR_INT, &attr, error))
        return FALSE;
    *out = attr ? attr->i : fallback;
    return TRUE;
}

gboolean he_attr_float(const HeNode *node, const char *name, double fallback, double *out,
                       GError **error)
{
    const HeAttr *attr;
    if (!attr_find(node, name, HE_ATTR_FLOAT, &attr, error))
        return FALSE;
    *out = attr ? attr->f : fallback;
    return TRUE;
}

gboolean he_attr_ints(const HeNode *node, const char *name, const gint64 **out, size_t *n,
                      GError **error)
{
    const HeAttr *attr;
    if (!attr_find(node, name, HE_ATTR_INTS, &attr, error))
        return FALSE;
    *out = attr ? attr->ints : NULL;
    *n = attr ? attr->n : 0;
    return TRUE;
}

gboolean he_attr_string(const HeNode *node, const char *name, const char *fallback,
                        const char **out, GError **error)
{
    const HeAttr *attr;
    if (!attr_find(node, name, HE_ATTR_STRING, &attr, error))
        return FALSE;
    *out = attr ? attr->s : fallback;
    return TRUE;
}

/* ---- inputs ----------------------------------------------------------------------------------------- */

gboolean he_node_has_in(const HeNode *node, int i)
{
    return i < node->n_in && node->in[i];
}

gboolean he_node_is_const(const HeNode *node, int i)
{
    return he_node_has_in(node, i) && node->in[i]->data;
}

gboolean he_node_need_float(const HeNode *node, int i, GError **error)
{
    if (he_node_has_in(node, i) && he_type_is_float(node->in[i]->type))
        return TRUE;
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "input %d is of type %s, expected real numbers", i,
                         he_node_has_in(node, i) ? he_type_name(node->in[i]->type)
                                                 : "none");
}

gboolean he_node_need_whole(const HeNode *node, int i, GError **error)
{
    HeType type = node->in[i]->type;
    if (type != HE_TYPE_NONE && type != HE_U64 && !he_type_is_float(type))
        return TRUE;
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "input %d is of type %s, expected integers", i,
                         he_type_name(type));
}

gboolean he_node_need_type(const HeNode *node, int i, HeType type, GError **error)
{
    if (node->in[i]->type == type)
        return TRUE;
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "input %d is of type %s, expected %s", i,
                         he_type_name(node->in[i]->type), he_type_name(type));
}

gboolean he_node_need_same_type(const HeNode *node, int i, int j, GError **error)
{
    if (node->in[i]->type == node->in[j]->type)
        return TRUE;
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "inputs %d and %d are of types %s and %s, expected the same", i,
                         j, he_type_name(node->in[i]->type),
                         he_type_name(node->in[j]->type));
}

gboolean he_node_need_rank(const HeNode *node, int i, int min, int max, GError **error)
{
    const HeTensor *t = node->in[i];
    if (t->rank >= min && t->rank <= max)
        return TRUE;
    g_autofree char *shape = he_tensor_shape_text(t);
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "input %d has shape %s, expected %d to %d axes", i, shape, min,
                         max);
}

gboolean he_node_const_ints(const HeNode *node, int i, gint64 **out, size_t *n,
                            GError **error)
{
    *out = NULL;
    *n = 0;
    if (!he_node_is_const(node, i))
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "input %d must be a constant for this input size", i);
    const HeTensor *t = node->in[i];
    if (!he_node_need_whole(node, i, error))
        return FALSE;
    size_t count = he_tensor_n(t);
    if (t->rank > 1 || count > HE_MAX_INTS) {
        g_autofree char *shape = he_tensor_shape_text(t);
        return he_node_error(
            node, HE_ERROR_CORRUPT_MODEL, error,
            "input %d has shape %s, expected a list of at most %d integers", i, shape,
            HE_MAX_INTS);
    }
    *out = g_new(gint64, count + 1);
    for (size_t k = 0; k < count; k++)
        (*out)[k] = he_tensor_get_int(t, k);
    *n = count;
    return TRUE;
}

gboolean he_node_ints(const HeNode *node, const char *name, int i, int from, gint64 **out,
                      size_t *n, gboolean *is_given, GError **error)
{
    *out = NULL;
    *n = 0;
    *is_given = FALSE;
    if (i >= 0 && node->opset >= from) {
        *is_given = he_node_has_in(node, i);
        return !*is_given || he_node_const_ints(node, i, out, n, error);
    }
    const gint64 *ints;
    if (!he_attr_ints(node, name, &ints, n, error))
        return FALSE;
    if (*n > HE_MAX_INTS)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "attribute '%s' has %" G_GSIZE_FORMAT
                             " integers, expected at most %d",
                             name, *n, HE_MAX_INTS);
    *is_given = he_node_def_attr(node->def, name) != NULL;
    *out = g_memdup2(ints, *n * sizeof *ints);
    return TRUE;
}

gboolean he_node_axis(const HeNode *node, gint64 axis, int rank, int *out, GError **error)
{
    if (axis < -rank || axis >= rank)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "axis %" G_GINT64_FORMAT " is outside a shape of %d axes",
                             axis, rank);
    *out = (int)(axis < 0 ? axis + rank : axis);
    return TRUE;
}

gboolean he_node_axes(const HeNode *node, int i, int from, int rank, guint *mask,
                      gboolean *is_given, GError **error)
{
    g_autofree gint64 *axes = NULL;
    size_t n;
    *mask = 0;
    if (!he_node_ints(node, "axes", i, from, &axes, &n, is_given, error))
        return FALSE;
    for (size_t k = 0; k < n; k++) {
        int axis = 0;
        if (!he_node_axis(node, axes[k], rank, &axis, error))
            return FALSE;
        if (*mask & (1u << axis))
            return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                                 "axis %d is named twice", axis);
        *mask |= 1u << axis;
    }
    return TRUE;
}

/* ---- shapes ----------------------------------------------------------------------------------------- */

gboolean he_node_set_out(HeNode *node, int o, HeType type, int rank, const gint64 *dim,
                         GError **error)
{
    if (o >= node->n_out || !node->out[o])
        return TRUE;
    if (rank < 0 || rank > HE_MAX_RANK)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "output %d would have %d axes, at most %d are possible", o,
                             rank, HE_MAX_RANK);
    HeTensor t;
    size_t n;
    he_tensor_init(&t, type, rank, dim);
    if (!he_tensor_check_size(&t, &n)) {
        g_autofree char *shape = he_tensor_shape_text(&t);
        return he_node_error(node, HE_ERROR_OUT_OF_MEMORY, error,
                             "output %d would have shape %s, which is beyond limits", o,
                             shape);
    }
    *node->out[o] = t;
    return TRUE;
}

gboolean he_node_set_out_like(HeNode *node, int o, const HeTensor *like, GError **error)
{
    return he_node_set_out(node, o, like->type, like->rank, like->dim, error);
}

size_t he_dims_product(const HeTensor *t, int from, int to)
{
    size_t n = 1;
    for (int i = from; i < to; i++)
        n *= (size_t)t->dim[i];
    return n;
}

gint64 he_tensor_offset(const HeTensor *t, int rank, size_t i)
{
    gint64 offset = 0;
    for (int k = rank - 1; k >= 0; k--) {
        size_t dim = (size_t)MAX(t->dim[k], 1);
        offset += (gint64)(i % dim) * t->stride[k];
        i /= dim;
    }
    return offset;
}
