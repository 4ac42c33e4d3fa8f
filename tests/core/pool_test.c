/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The pool: every tile and part once, worker numbers that never meet, runs inside runs, help, many short runs, threads
 * made late, denormals flushed inside and the caller's state given back. */
#include <stdatomic.h>
#include <string.h>

#include "core/limits.h"
#include "core/os.h"
#include "core/pool.h"

static const int thread_counts[] = {1, 2, 3, 8};

typedef struct {
    HePool *pool;
    int n_workers;
    atomic_int *seen;                /* of each tile */
    atomic_int busy[HE_MAX_THREADS]; /* of each worker */
    atomic_int n_wrong;
} Count;

static void count_tile(void *data, size_t tile, int worker)
{
    Count *c = data;
    if (worker < 0 || worker >= c->n_workers ||
        atomic_fetch_add(&c->busy[worker], 1) != 0)
        atomic_fetch_add(&c->n_wrong, 1);
    atomic_fetch_add(&c->seen[tile], 1);
    if (tile % 7 == 0)
        g_thread_yield();
    atomic_fetch_sub(&c->busy[worker], 1);
}

static void check_counts(HePool *pool, size_t n_tiles)
{
    Count *c = g_new0(Count, 1);
    c->n_workers = he_pool_get_n_threads(pool);
    c->seen = g_new0(atomic_int, n_tiles + 1);
    he_pool_run(pool, n_tiles, count_tile, c);
    for (size_t i = 0; i < n_tiles; i++)
        g_assert_cmpint(atomic_load(&c->seen[i]), ==, 1);
    g_assert_cmpint(atomic_load(&c->seen[n_tiles]), ==, 0);
    g_assert_cmpint(atomic_load(&c->n_wrong), ==, 0);
    g_free(c->seen);
    g_free(c);
}

static void test_every_tile_once(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(thread_counts); i++) {
        HePool *pool = he_pool_new(thread_counts[i]);
        g_assert_cmpint(he_pool_get_n_threads(pool), ==, thread_counts[i]);
        for (size_t n = 0; n < 40; n++)
            check_counts(pool, n);
        check_counts(pool, 10000);
        he_pool_free(pool);
    }
    check_counts(NULL, 10);
}

/* Short jobs back to back: workers that wake late must not meet the next job's tiles with the old data. */
static void test_many_runs(void)
{
    HePool *pool = he_pool_new(4);
    for (int i = 0; i < 5000; i++)
        check_counts(pool, (size_t)(i % 6));
    he_pool_free(pool);
}

static void test_sleepers_wake(void)
{
    HePool *pool = he_pool_new(3);
    for (int i = 0; i < 5; i++) {
        check_counts(pool, 20);
        g_usleep(3000); /* longer than any spinning */
    }
    he_pool_free(pool);
}

static void test_free(void)
{
    he_pool_free(NULL);
    he_pool_free(he_pool_new(8)); /* never started */
    HePool *one = he_pool_new(0);
    g_assert_cmpint(he_pool_get_n_threads(one), ==, he_os_n_cpus());
    he_pool_free(one);
    HePool *many = he_pool_new(1 << 20);
    g_assert_cmpint(he_pool_get_n_threads(many), ==, HE_MAX_THREADS);
    he_pool_free(many);
    g_assert_cmpint(he_pool_get_n_threads(NULL), ==, 1);
}

#ifdef __linux__
static int n_tasks(void)
{
    g_autofree char *status = NULL;
    g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    return atoi(strstr(status, "Threads:") + strlen("Threads:"));
}

static void ignore_tile(void *data, size_t tile, int worker)
{
    (void)data;
    (void)tile;
    (void)worker;
}

/* A thread that has been joined may be seen for a moment. */
static void assert_tasks(int expected)
{
    for (int i = 0; i < 1000 && n_tasks() != expected; i++)
        g_usleep(1000);
    g_assert_cmpint(n_tasks(), ==, expected);
}

static void test_lazy(void)
{
    int before = n_tasks();
    HePool *pool = he_pool_new(4);
    he_pool_run(pool, 1, ignore_tile, NULL);
    g_assert_cmpint(n_tasks(), ==, before);
    he_pool_run(pool, 2, ignore_tile, NULL);
    g_assert_cmpint(n_tasks(), ==, before + 3);
    he_pool_free(pool);
    assert_tasks(before);
}
#endif

/* ---- runs inside runs ---------------------------------------------------------------------------------- */

typedef struct {
    HePool *pool;
    int worker;
    atomic_int n_wrong, n_tiles;
} Inner;

static void inner_tile(void *data, size_t tile, int worker)
{
    Inner *inner = data;
    (void)tile;
    if (worker != inner->worker)
        atomic_fetch_add(&inner->n_wrong, 1);
    atomic_fetch_add(&inner->n_tiles, 1);
}

static void outer_tile(void *data, size_t tile, int worker)
{
    Inner *outer = data;
    Inner inner = {.pool = outer->pool, .worker = worker};
    (void)tile;
    he_pool_run(outer->pool, 5, inner_tile, &inner);
    atomic_fetch_add(&outer->n_wrong, atomic_load(&inner.n_wrong));
    atomic_fetch_add(&outer->n_tiles, atomic_load(&inner.n_tiles));
}

static void test_nested(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(thread_counts); i++) {
        Inner outer = {.pool = he_pool_new(thread_counts[i])};
        he_pool_run(outer.pool, 50, outer_tile, &outer);
        g_assert_cmpint(atomic_load(&outer.n_tiles), ==, 250);
        g_assert_cmpint(atomic_load(&outer.n_wrong), ==, 0);
        check_counts(outer.pool, 30); /* and is whole afterwards */
        he_pool_free(outer.pool);
    }
}

/* ---- parts of tiles ------------------------------------------------------------------------------------ */

static void parting_tile(void *data, size_t tile, int worker)
{
    Count *counts = data;
    (void)worker;
    he_pool_share(counts[tile].pool, tile, count_tile, &counts[tile]);
}

static void check_parts(HePool *pool, size_t n_tiles)
{
    Count *counts = g_new0(Count, n_tiles);
    for (size_t i = 0; i < n_tiles; i++) {
        counts[i].pool = pool;
        counts[i].n_workers = he_pool_get_n_threads(pool);
        counts[i].seen = g_new0(atomic_int, i + 1);
    }
    he_pool_run(pool, n_tiles, parting_tile, counts);
    for (size_t i = 0; i < n_tiles; i++) {
        for (size_t part = 0; part <= i; part++)
            g_assert_cmpint(atomic_load(&counts[i].seen[part]), ==, part < i);
        g_assert_cmpint(atomic_load(&counts[i].n_wrong), ==, 0);
        g_free(counts[i].seen);
    }
    g_free(counts);
}

static void test_every_part_once(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(thread_counts); i++) {
        HePool *pool = he_pool_new(thread_counts[i]);
        for (size_t run = 0; run < 300; run++)
            check_parts(pool, run % 40);
        he_pool_free(pool);
    }
    check_parts(NULL, 10);
    HePool *idle = he_pool_new(3);
    Count outside = {.n_workers = 1, .seen = g_new0(atomic_int, 5)};
    he_pool_share(idle, 4, count_tile, &outside); /* no tile is running */
    for (size_t part = 0; part < 5; part++)
        g_assert_cmpint(atomic_load(&outside.seen[part]), ==, part < 4);
    g_assert_cmpint(atomic_load(&outside.n_wrong), ==, 0);
    g_free(outside.seen);
    he_pool_free(idle);
}

#define LONG_ENOUGH (200 * G_TIME_SPAN_MILLISECOND)
#define N_MEETINGS  50

typedef struct {
    HePool *pool;
    atomic_int n_there; /* parts that have begun */
    atomic_int n_alone; /* parts that waited in vain */
} Meeting;

/* Both parts must be under way at once. */
static void meeting_part(void *data, size_t part, int worker)
{
    Meeting *meeting = data;
    gint64 end = g_get_monotonic_time() + LONG_ENOUGH;
    (void)part;
    (void)worker;
    atomic_fetch_add(&meeting->n_there, 1);
    while (atomic_load(&meeting->n_there) < 2)
        if (g_get_monotonic_time() > end) {
            atomic_fetch_add(&meeting->n_alone, 1);
            return;
        }
}

static void meeting_tile(void *data, size_t tile, int worker)
{
    Meeting *meeting = data;
    (void)worker;
    if (tile == 0)
        he_pool_share(meeting->pool, 2, meeting_part, meeting);
}

/* Whoever has no tile left takes a part of another's. A thread that the system lets wait may miss it. */
static void test_help(void)
{
    int n_alone = 0;
    for (int run = 0; run < N_MEETINGS; run++) {
        Meeting meeting = {.pool = he_pool_new(2 + run % 3)};
        he_pool_run(meeting.pool, 2, meeting_tile, &meeting);
        n_alone += atomic_load(&meeting.n_alone) > 0;
        he_pool_free(meeting.pool);
    }
    g_assert_cmpint(n_alone, <, N_MEETINGS / 2);
}

/* ---- floating point -------------------------------------------------------------------------------------- */

static float product(void)
{
    volatile float small = 0x1p-100f;
    return small * 0x1p-40f; /* a denormal, unless flushed */
}

static void denormal_tile(void *data, size_t tile, int worker)
{
    (void)worker;
    ((float *)data)[tile] = product();
}

static void test_denormals(void)
{
    if (g_getenv("HE_VALGRIND")) {
        g_test_skip("valgrind does not flush to zero");
        return;
    }
    float result[64];
    HePool *pool = he_pool_new(3);
    g_assert_true(product() > 0);
    he_pool_run(pool, 64, denormal_tile, result);
    g_assert_true(product() > 0);
    for (int i = 0; i < 64; i++)
        g_assert_true(result[i] == 0);
    he_pool_run(NULL, 1, denormal_tile, result + 5);
    g_assert_true(product() > 0);
    g_assert_true(result[5] == 0);
    guint state = he_os_fpu_flush_denormals(); /* a caller who flushes goes on flushing */
    he_pool_run(pool, 64, denormal_tile, result);
    g_assert_true(product() == 0);
    he_os_fpu_restore(state);
    g_assert_true(product() > 0);
    he_pool_free(pool);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#ifdef __linux__
    g_test_add_func("/core/pool/lazy", test_lazy); /* before there are other threads */
#endif
    g_test_add_func("/core/pool/every-tile-once", test_every_tile_once);
    g_test_add_func("/core/pool/many-runs", test_many_runs);
    g_test_add_func("/core/pool/sleepers-wake", test_sleepers_wake);
    g_test_add_func("/core/pool/free", test_free);
    g_test_add_func("/core/pool/nested", test_nested);
    g_test_add_func("/core/pool/every-part-once", test_every_part_once);
    g_test_add_func("/core/pool/help", test_help);
#if defined(__x86_64__) || defined(__aarch64__)
    g_test_add_func("/core/pool/denormals", test_denormals);
#endif
    return g_test_run();
}
