/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The header of NumPy's .npy, and its numbers' byte order. */
#ifndef HE_CORE_NPY_H
#define HE_CORE_NPY_H

#include "core/tensor.h"

#define HE_NPY_MAX_HEADER 65536
#define HE_NPY_ORDER      (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '<' : '>')

typedef struct {
    char descr[16]; /* "<f4" */
    int rank;
    gint64
        dim[HE_MAX_RANK]; /* each at most HE_MAX_ELEMENTS; their product is unchecked */
    gboolean is_fortran, has_descr, has_order, has_shape;
} HeNpyHeader;

/* TEXT is the dict literal; HEADER is zeroed. FALSE: not well formed. */
gboolean he_npy_parse(const char *text, HeNpyHeader *header);
/* HE_TYPE_NONE: numbers that are not read. */
HeType he_npy_type(const HeNpyHeader *header);
/* N numbers of SIZE bytes in the machine's order. */
void he_npy_to_own_order(const HeNpyHeader *header, void *data, size_t n, size_t size);

#endif
