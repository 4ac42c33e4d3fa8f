/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Memory whose size comes from input: checked sizes, 64-byte aligned (a cache line, an AVX-512 vector).
 * A request beyond the machine's memory is refused here, since Linux would grant it and kill us later. */
#include "core/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/os.h"

#define ALIGNMENT 64
#define LARGE     ((size_t)4 << 20) /* a few of the pages that are larger */

/* The only mutable state of the engine: a switch for tests, untouched otherwise. */
static atomic_ullong n_calls, failing_call;

void he_alloc_fail_at(guint64 call)
{
    atomic_store(&n_calls, 0);
    atomic_store(&failing_call, call);
}

static gboolean is_made_to_fail(void)
{
    unsigned long long failing =
        atomic_load_explicit(&failing_call, memory_order_relaxed);
    return failing != 0 && atomic_fetch_add(&n_calls, 1) + 1 == failing;
}

static size_t largest_block(void)
{
    return (size_t)MIN(he_os_memory_bytes(), (guint64)G_MAXSSIZE);
}

gboolean he_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

gboolean he_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

void *he_alloc(size_t n, size_t size, const char *what, GError **error)
{
    size_t bytes;
    void *memory = NULL;
    if (he_size_mul(n, size, &bytes) && bytes <= largest_block() && !is_made_to_fail() &&
        posix_memalign(&memory, ALIGNMENT, MAX(bytes, 1)) == 0) {
        if (bytes >= LARGE)
            he_os_prefer_large_pages(memory, bytes);
        return memory;
    }
    g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                "%s: no memory for %" G_GSIZE_FORMAT " elements of %" G_GSIZE_FORMAT
                " bytes",
                what, n, size);
    return NULL;
}

void *he_alloc0(size_t n, size_t size, const char *what, GError **error)
{
    void *memory = he_alloc(n, size, what, error);
    if (memory != NULL)
        memset(memory, 0, n * size);
    return memory;
}

void he_free(void *memory)
{
    free(memory);
}
