/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Shapes, strides and types of HeTensor; no arithmetic on values. */
#ifndef HE_CORE_TENSOR_H
#define HE_CORE_TENSOR_H

#include "human-eye.h"

size_t he_type_size(HeType type);      /* bytes; 0 for none */
const char *he_type_name(HeType type); /* ONNX's words: "float", "int64" */
gboolean he_type_is_float(HeType type);

/* A contiguous shape without data. RANK at most HE_MAX_RANK. */
void he_tensor_init(HeTensor *tensor, HeType type, int rank, const gint64 *dim);
void he_tensor_set_contiguous(HeTensor *tensor); /* strides from dims */
gboolean he_tensor_is_contiguous(const HeTensor *tensor);
gboolean he_tensor_same_shape(const HeTensor *a, const HeTensor *b);
/* Number of elements; FALSE when it overflows, a dim is negative, or it is over HE_MAX_ELEMENTS. */
gboolean he_tensor_check_size(const HeTensor *tensor, size_t *n_elements);
size_t he_tensor_n(const HeTensor *tensor);     /* of a checked shape */
size_t he_tensor_bytes(const HeTensor *tensor); /* of a checked shape, contiguous */
/* "[1, 3, 224, 224]". Free with g_free. */
char *he_tensor_shape_text(const HeTensor *tensor);
/* Element I (flat, C order of the shape) of an integer or bool tensor. */
gint64 he_tensor_get_int(const HeTensor *tensor, size_t i);
/* Element I of any numeric tensor as double. */
double he_tensor_get_double(const HeTensor *tensor, size_t i);
/* Converts and copies SRC, any strides, into contiguous DST of the same shape, type DST->type. */
void he_tensor_convert(const HeTensor *src, HeTensor *dst);

#endif
