/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Layout: [header, padding up to a boundary, guard][array][guard]. */
#include "tests/support/guarded.h"

#include <string.h>

#define GUARD 256
#define BYTE  0xa5

/* The address sanitizer then sees reads of guards too. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(p, n) __asan_poison_memory_region(p, n)
#define ALLOW(p, n)  __asan_unpoison_memory_region(p, n)
#else
#define FORBID(p, n)
#define ALLOW(p, n)
#endif

typedef struct {
    char *block;
    size_t before, bytes; /* guard bytes before the array, bytes of the array */
} Header;

static GHashTable *headers; /* array -> Header */

void *guarded_new(size_t n, size_t size, size_t shift)
{
    if (headers == NULL)
        headers = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    Header *header = g_new(Header, 1);
    header->bytes = n * size;
    header->block = g_malloc(header->bytes + 2 * GUARD + 64 + shift);
    char *array = header->block + GUARD;
    array += (64 - (guintptr)array % 64) % 64 + shift;
    header->before = (size_t)(array - header->block);
    memset(header->block, BYTE, header->before);
    memset(array, 0xff, header->bytes);
    memset(array + header->bytes, BYTE, GUARD);
    FORBID(header->block, header->before);
    FORBID(array + header->bytes, GUARD);
    g_hash_table_insert(headers, array, header);
    return array;
}

static gboolean is_untouched(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((guchar)bytes[i] != BYTE)
            return FALSE;
    return TRUE;
}

gboolean guarded_free(void *array)
{
    Header *header = g_hash_table_lookup(headers, array);
    ALLOW(header->block, header->before);
    ALLOW((char *)array + header->bytes, GUARD);
    gboolean is_whole = is_untouched(header->block, header->before) &&
                        is_untouched((char *)array + header->bytes, GUARD);
    g_free(header->block);
    g_hash_table_remove(headers, array);
    return is_whole;
}

void guarded_fill(float *array, size_t n, GRand *rand)
{
    for (size_t i = 0; i < n; i++)
        array[i] = (float)g_rand_double_range(rand, -1, 1);
}
