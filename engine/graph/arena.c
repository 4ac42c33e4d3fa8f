/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Places are given in order of time, best fit first. */
#include "graph/arena.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/error.h"

typedef struct {
    size_t offset, bytes;
} Hole;

static int item_compare(gconstpointer a, gconstpointer b)
{
    const HeArenaItem *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->bytes > y->bytes ? -1 : x->bytes < y->bytes ? 1 : 0;
}

static void hole_give_back(GArray *holes, size_t offset, size_t bytes)
{
    guint i = 0;
    while (i < holes->len && g_array_index(holes, Hole, i).offset < offset)
        i++;
    Hole hole = {offset, bytes};
    g_array_insert_val(holes, i, hole);
    Hole *at = &g_array_index(holes, Hole, i);
    if (i + 1 < holes->len && at->offset + at->bytes == at[1].offset) {
        at->bytes += at[1].bytes;
        g_array_remove_index(holes, i + 1);
        at = &g_array_index(holes, Hole, i);
    }
    if (i > 0 && at[-1].offset + at[-1].bytes == at->offset) {
        at[-1].bytes += at->bytes;
        g_array_remove_index(holes, i);
    }
}

/* The smallest hole that is large enough, else the end of the arena. */
static size_t place(GArray *holes, size_t *end, size_t bytes)
{
    guint best = holes->len;
    for (guint i = 0; i < holes->len; i++) {
        const Hole *hole = &g_array_index(holes, Hole, i);
        if (hole->bytes >= bytes &&
            (best == holes->len || hole->bytes < g_array_index(holes, Hole, best).bytes))
            best = i;
    }
    if (best == holes->len) {
        size_t offset = *end;
        *end += bytes;
        return offset;
    }
    Hole *hole = &g_array_index(holes, Hole, best);
    size_t offset = hole->offset;
    hole->offset += bytes;
    hole->bytes -= bytes;
    if (hole->bytes == 0)
        g_array_remove_index(holes, best);
    return offset;
}

/* Ends of lives, soonest first: a heap of item indices. */
typedef struct {
    const HeArenaItem *items;
    GArray *heap;
} Ends;

static void ends_push(Ends *ends, guint item)
{
    g_array_append_val(ends->heap, item);
    guint *h = (guint *)ends->heap->data, i = ends->heap->len - 1;
    for (; i > 0 && ends->items[h[(i - 1) / 2]].last > ends->items[h[i]].last;
         i = (i - 1) / 2) {
        guint t = h[i];
        h[i] = h[(i - 1) / 2];
        h[(i - 1) / 2] = t;
    }
}

static guint ends_pop(Ends *ends)
{
    guint *h = (guint *)ends->heap->data, top = h[0], n = ends->heap->len - 1, i = 0;
    h[0] = h[n];
    g_array_set_size(ends->heap, n);
    for (;;) {
        guint c = 2 * i + 1;
        if (c >= n)
            break;
        if (c + 1 < n && ends->items[h[c + 1]].last < ends->items[h[c]].last)
            c++;
        if (ends->items[h[i]].last <= ends->items[h[c]].last)
            break;
        guint t = h[i];
        h[i] = h[c];
        h[c] = t;
        i = c;
    }
    return top;
}

size_t he_arena_place(GArray *array)
{
    HeArenaItem *items = (HeArenaItem *)(void *)array->data;
    guint n_items = array->len;
    g_autoptr(GArray) holes = g_array_new(FALSE, FALSE, sizeof(Hole));
    g_autoptr(GArray) heap = g_array_new(FALSE, FALSE, sizeof(guint));
    Ends ends = {items, heap};
    size_t end = 0;
    qsort(items, n_items, sizeof *items, item_compare);
    for (guint i = 0; i < n_items; i++) {
        while (heap->len && items[g_array_index(heap, guint, 0)].last < items[i].first) {
            guint done = ends_pop(&ends);
            hole_give_back(holes, *items[done].offset, items[done].bytes);
        }
        *items[i].offset = place(holes, &end, items[i].bytes);
        ends_push(&ends, i);
    }
    return end;
}

gboolean he_arena_add(GArray *items, size_t *total, int first, int last, size_t bytes,
                      size_t *offset, GError **error)
{
    if (bytes == 0)
        return TRUE;
    HeArenaItem item = {first, last, he_arena_align(bytes), offset};
    g_array_append_val(items, item);
    if (he_size_add(*total, item.bytes, total))
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                "the network is too large to plan");
    return FALSE;
}
