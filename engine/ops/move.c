/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Moving elements whatever they are, and reading or setting one that is an integer. */
#include "ops/walk.h"

#include <string.h>

#include "ops/support.h"

#define COPY(type)                                                                       \
    for (size_t k = 0; k < n; k++)                                                       \
    ((type *)p[0])[(ptrdiff_t)k * step[0]] = ((const type *)p[1])[(ptrdiff_t)k * step[1]]

static void copy_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    size_t size = *(const size_t *)data;
    (void)i;
    if (step[0] == 1 && step[1] == 1)
        memcpy(p[0], p[1], n * size);
    else if (size == 1)
        COPY(guint8);
    else if (size == 2)
        COPY(guint16);
    else if (size == 4)
        COPY(guint32);
    else
        COPY(guint64);
}

typedef struct {
    HeWalk walk;
    size_t size;
} Copy;

static void copy_tile(void *data, size_t tile, int worker)
{
    Copy *c = data;
    size_t begin = tile * HE_WALK_BLOCK, end = MIN(begin + HE_WALK_BLOCK, c->walk.n);
    (void)worker;
    he_walk_range(&c->walk, c->walk.base, begin, end, copy_run, &c->size);
}

/* SRC may broadcast; runs with any steps are taken as they are. */
void he_tensor_copy(HePool *pool, HeTensor *dst, const HeTensor *src)
{
    Copy c = {.size = he_type_size(dst->type)};
    const HeTensor *tensors[] = {dst, src};
    if (dst->data == src->data && he_tensor_same_shape(dst, src))
        return; /* a part that was made in its place */
    he_walk_init(&c.walk, dst, ~0u, 2, tensors);
    he_pool_run(pool, (c.walk.n + HE_WALK_BLOCK - 1) / HE_WALK_BLOCK, copy_tile, &c);
}

static HeTensor contiguous_as(const HeTensor *t, const HeTensor *shape)
{
    HeTensor view;
    he_tensor_init(&view, t->type, shape->rank, shape->dim);
    view.data = t->data;
    return view;
}

/* A contiguous tensor has any shape; two strided ones go element by element. */
void he_tensor_reshape(HePool *pool, HeTensor *dst, const HeTensor *src)
{
    HeTensor view;
    if (he_tensor_is_contiguous(src)) {
        view = contiguous_as(src, dst);
        he_tensor_copy(pool, dst, &view);
    } else if (he_tensor_is_contiguous(dst)) {
        view = contiguous_as(dst, src);
        he_tensor_copy(pool, &view, src);
    } else {
        gint64 size = (gint64)he_type_size(dst->type);
        for (size_t i = 0, n = he_tensor_n(dst); i < n; i++)
            memcpy((char *)dst->data + he_tensor_offset(dst, dst->rank, i) * size,
                   (const char *)src->data + he_tensor_offset(src, src->rank, i) * size,
                   (size_t)size);
    }
}

void he_tensor_fill(HePool *pool, HeTensor *dst, const void *value)
{
    HeTensor one;
    he_tensor_init(&one, dst->type, 0, NULL);
    one.data = (void *)value;
    he_tensor_copy(pool, dst, &one);
}

#define CLEAR_BYTES ((size_t)1 << 18) /* at once */

static void clear_tile(void *data, size_t tile, int worker)
{
    const HeTensor *t = data;
    size_t at = tile * CLEAR_BYTES;
    (void)worker;
    memset((char *)t->data + at, 0, MIN(CLEAR_BYTES, he_tensor_bytes(t) - at));
}

void he_tensor_clear(HePool *pool, HeTensor *dst)
{
    const guint64 zero = 0;
    if (he_tensor_is_contiguous(dst))
        he_pool_run(pool, (he_tensor_bytes(dst) + CLEAR_BYTES - 1) / CLEAR_BYTES,
                    clear_tile, dst);
    else
        he_tensor_fill(pool, dst, &zero);
}

/* ---- whole numbers ---------------------------------------------------------------------------------- */

gint64 he_whole_get(HeType type, const char *p)
{
    switch (type) {
    case HE_I8:
        return *(const gint8 *)p;
    case HE_U8:
        return *(const guint8 *)p;
    case HE_BOOL:
        return *(const guint8 *)p != 0;
    case HE_I16:
        return *(const gint16 *)p;
    case HE_U16:
        return *(const guint16 *)p;
    case HE_I32:
        return *(const gint32 *)p;
    case HE_U32:
        return *(const guint32 *)p;
    default:
        return *(const gint64 *)p;
    }
}

void he_whole_set(HeType type, char *p, gint64 value)
{
    switch (type) {
    case HE_I8:
    case HE_U8:
        *(guint8 *)p = (guint8)value;
        break;
    case HE_BOOL:
        *(guint8 *)p = value != 0;
        break;
    case HE_I16:
    case HE_U16:
        *(guint16 *)p = (guint16)value;
        break;
    case HE_I32:
    case HE_U32:
        *(guint32 *)p = (guint32)value;
        break;
    default:
        *(gint64 *)p = value;
    }
}
