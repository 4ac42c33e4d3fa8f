/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Shapes, strides and types. A tensor of rank 0 is a scalar with one element; a dim of 0 is legal. */
#include "core/tensor.h"

#include "core/alloc.h"
#include "core/limits.h"

typedef struct {
    size_t size;
    gboolean is_float;
    const char *name; /* as ONNX's TensorProto.DataType, in small letters */
} TypeInfo;

static const TypeInfo types[] = {
    [HE_TYPE_NONE] = {0, FALSE, "none"}, [HE_F32] = {4, TRUE, "float"},
    [HE_F64] = {8, TRUE, "double"},      [HE_F16] = {2, TRUE, "float16"},
    [HE_BF16] = {2, TRUE, "bfloat16"},   [HE_I8] = {1, FALSE, "int8"},
    [HE_U8] = {1, FALSE, "uint8"},       [HE_I16] = {2, FALSE, "int16"},
    [HE_U16] = {2, FALSE, "uint16"},     [HE_I32] = {4, FALSE, "int32"},
    [HE_U32] = {4, FALSE, "uint32"},     [HE_I64] = {8, FALSE, "int64"},
    [HE_U64] = {8, FALSE, "uint64"},     [HE_BOOL] = {1, FALSE, "bool"},
};

static const TypeInfo *type_info(HeType type)
{
    guint i = (guint)type;
    return &types[i < G_N_ELEMENTS(types) ? i : HE_TYPE_NONE];
}

size_t he_type_size(HeType type)
{
    return type_info(type)->size;
}

const char *he_type_name(HeType type)
{
    return type_info(type)->name;
}

gboolean he_type_is_float(HeType type)
{
    return type_info(type)->is_float;
}

void he_tensor_init(HeTensor *tensor, HeType type, int rank, const gint64 *dim)
{
    g_assert(rank >= 0 && rank <= HE_MAX_RANK);
    *tensor = (HeTensor){.type = type, .rank = rank};
    for (int i = 0; i < rank; i++)
        tensor->dim[i] = dim[i];
    he_tensor_set_contiguous(tensor);
}

/* Of hostile shapes too, before he_tensor_check_size refuses them: hence the wrapping product. */
void he_tensor_set_contiguous(HeTensor *tensor)
{
    guint64 step = 1;
    for (int i = tensor->rank - 1; i >= 0; i--) {
        tensor->stride[i] = (gint64)step;
        step *= (guint64)MAX(tensor->dim[i], 1);
    }
}

gboolean he_tensor_is_contiguous(const HeTensor *tensor)
{
    gint64 step = 1;
    for (int i = tensor->rank - 1; i >= 0; i--) {
        if (tensor->dim[i] == 0)
            return TRUE;
        if (tensor->dim[i] != 1 && tensor->stride[i] != step)
            return FALSE;
        step *= tensor->dim[i];
    }
    return TRUE;
}

gboolean he_tensor_same_shape(const HeTensor *a, const HeTensor *b)
{
    if (a->rank != b->rank)
        return FALSE;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return FALSE;
    return TRUE;
}

gboolean he_tensor_check_size(const HeTensor *tensor, size_t *n_elements)
{
    /* The product without its zeros: [0, 2^62, 2^62] has no element, but strides that overflow. */
    size_t product = 1;
    gboolean is_empty = FALSE;
    if (tensor->rank < 0 || tensor->rank > HE_MAX_RANK)
        return FALSE;
    for (int i = 0; i < tensor->rank; i++) {
        if (tensor->dim[i] < 0)
            return FALSE;
        is_empty = is_empty || tensor->dim[i] == 0;
        if (!he_size_mul(product, (size_t)MAX(tensor->dim[i], 1), &product) ||
            product > HE_MAX_ELEMENTS)
            return FALSE;
    }
    *n_elements = is_empty ? 0 : product;
    return TRUE;
}

size_t he_tensor_n(const HeTensor *tensor)
{
    size_t n = 1;
    for (int i = 0; i < tensor->rank; i++)
        n *= (size_t)tensor->dim[i];
    return n;
}

size_t he_tensor_bytes(const HeTensor *tensor)
{
    return he_tensor_n(tensor) * he_type_size(tensor->type);
}

char *he_tensor_shape_text(const HeTensor *tensor)
{
    GString *text = g_string_new("[");
    for (int i = 0; i < tensor->rank; i++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "",
                               tensor->dim[i]);
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}
