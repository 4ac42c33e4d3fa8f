/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Walking strided tensors of one broadcast shape in C order, by runs as long as the strides allow, in
 * tiles of the thread pool. Compiled once: knows sizes of elements, nothing of their values. */
#ifndef HE_OPS_WALK_H
#define HE_OPS_WALK_H

#include "ops/op.h"

#define HE_WALK_TENSORS 5
/* Elements of one tile where an element costs about a nanosecond; a multiple of 8, so that packed gate
 * bits of two tiles never share a byte. */
#define HE_WALK_BLOCK   ((size_t)32768)

/* Some axes of a shape, neighbours merged where all tensors allow it. */
typedef struct {
    int n_tensors, rank; /* rank >= 1 */
    size_t n;            /* elements */
    size_t dim[HE_MAX_RANK + 1];
    ptrdiff_t step[HE_WALK_TENSORS][HE_MAX_RANK + 1]; /* in elements; 0 where broadcast */
    ptrdiff_t size[HE_WALK_TENSORS];                  /* bytes of an element */
    char *base[HE_WALK_TENSORS];
} HeWalk;

/* A run of N elements, the first being number I of the walk: tensor t's are p[t] + k * step[t] elements. */
typedef void (*HeRunFunc)(void *data, size_t i, size_t n, char *const p[],
                          const ptrdiff_t step[]);
/* Line I of a walk over lines; p[t] is where it starts in tensor t. */
typedef void (*HeLineFunc)(void *data, size_t i, const HeWalk *line, char *const p[]);

/* The axes in the mask; tensors have SHAPE or broadcast to it. */
void he_walk_init(HeWalk *walk, const HeTensor *shape, guint axes, int n_tensors,
                  const HeTensor *const tensors[]);
/* Elements begin .. end - 1, from BASE. */
void he_walk_range(const HeWalk *walk, char *const base[], size_t begin, size_t end,
                   HeRunFunc func, void *data);
/* All elements of SHAPE in tiles of BLOCK (a multiple of 8). Steps of runs longer than 1 are 0 or 1. */
void he_walk_tiles(HePool *pool, const HeTensor *shape, int n_tensors,
                   const HeTensor *const tensors[], size_t block, HeRunFunc func,
                   void *data);
/* Each line along the axes in LINES, for all indices of the others. */
void he_walk_lines(HePool *pool, const HeTensor *shape, guint lines, int n_tensors,
                   const HeTensor *const tensors[], HeLineFunc func, void *data);

/* dst = src, of one shape and element size, any strides. */
void he_tensor_copy(HePool *pool, HeTensor *dst, const HeTensor *src);
/* dst = src, of as many elements in another shape. */
void he_tensor_reshape(HePool *pool, HeTensor *dst, const HeTensor *src);
/* All bytes 0, any strides. */
void he_tensor_clear(HePool *pool, HeTensor *dst);
/* Every element the bytes at VALUE. */
void he_tensor_fill(HePool *pool, HeTensor *dst, const void *value);

#endif
