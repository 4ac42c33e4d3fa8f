/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Places in one piece of memory for things that live for some time each. */
#ifndef HE_GRAPH_ARENA_H
#define HE_GRAPH_ARENA_H

#include <glib.h>

#define HE_ARENA_ALIGN 64

/* Lives from FIRST to LAST, both included; OFFSET is set when it gets its place. */
typedef struct {
    int first, last;
    size_t bytes;
    size_t *offset;
} HeArenaItem;

static inline size_t he_arena_align(size_t bytes)
{
    return (bytes + HE_ARENA_ALIGN - 1) / HE_ARENA_ALIGN * HE_ARENA_ALIGN;
}

/* Adds to ITEMS, of HeArenaItem, unless BYTES is 0. TOTAL is the sum over all: far more than will be needed, it only
 * guards the arithmetic. */
gboolean he_arena_add(GArray *items, size_t *total, int first, int last, size_t bytes,
                      size_t *offset, GError **error);
/* Sorts ITEMS and gives each its place; returns the bytes of all. */
size_t he_arena_place(GArray *items);

#endif
