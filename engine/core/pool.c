/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The thread pool. One job at a time. Each thread has a range of the tiles, whose first it claims, one by one; one that
 * is done claims the last of another's range. So a thread meets the same part of a picture layer after layer, in its
 * own cache, and a thread that wakes late, or never, leaves its tiles to the others. When no tile is left, it claims
 * parts of those that are under way: threads are seldom equally fast, and all wait for the last tile.
 *
 *   run:    open job, wake sleepers -> claim tiles -> close job, claim parts until no worker is inside
 *   worker: wait for a newer job (spin, then sleep) -> inside; if the job is open: claim tiles, then parts while others
 *           have tiles -> leave
 *   share:  open parts -> claim parts -> wait until no helper is left
 *
 * A network is some hundred short jobs, so both waits spin before they sleep, and nobody who spins takes a lock: waking
 * a sleeping thread costs as much as a small layer. Whoever writes one of a pair of flags and then reads the other
 * (is_open and n_inside, job and n_asleep, is_waiting and n_inside) does so in one order that all threads see
 * (seq_cst), so that at least one of two sees what the other wrote. It is written by an exchange or an addition: QEMU
 * lets a load overtake a store before it, which AArch64 does not. */
#include "core/pool.h"

#include <stdatomic.h>

#include "core/limits.h"
#include "core/os.h"

#define SPINS      4000        /* some tens of microseconds */
#define MOST_TILES G_MAXUINT32 /* of one job */
#define APART      128 /* bytes: a cache line, and the one that is fetched with it */

typedef struct {
    HePool *pool;
    int index;
} Worker;

/* Tiles first .. past - 1, the first in the upper half. */
typedef struct {
    _Atomic guint64 tiles;
    char apart[APART - sizeof(_Atomic guint64)];
} Range;

/* Parts of the tile that a thread is running. */
typedef struct {
    Range range;
    HeTileFunc func; /* these are read by who has claimed a part */
    void *data;
    atomic_int n_helpers; /* who may have claimed one */
    char apart[APART];
} Parts;

struct HePool {
    int n_threads;
    gboolean is_started;
    int n_started;
    GThread *thread[HE_MAX_THREADS];
    Worker worker[HE_MAX_THREADS];

    HeTileFunc func; /* these are written while no worker is inside, or may come */
    void *data;
    size_t base; /* the job's first tile */

    GMutex mutex; /* for those who sleep, and those who wake them */
    GCond wake, left;
    atomic_int n_asleep;    /* workers */
    atomic_bool is_waiting; /* the caller sleeps until n_inside is 0 */
    atomic_bool is_ending;
    char apart[APART];
    atomic_bool is_open; /* workers may take tiles */
    atomic_uint job;     /* number of the newest job */
    char further[APART];
    atomic_int n_inside;
    char furthest[APART];
    atomic_int n_at_work; /* threads that have tiles */
    char last[APART];
    Range range[HE_MAX_THREADS];
    Parts parts[HE_MAX_THREADS];
};

/* Which pool's tile this thread is running, so that a run from inside a tile is done on the spot, and parts of a part
 * too. */
static _Thread_local const HePool *running_pool;
static _Thread_local int running_worker;
static _Thread_local gboolean is_in_part;

static inline void spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- tiles ------------------------------------------------------------------------------------------- */

static guint64 range_of(guint64 first, guint64 past)
{
    return first << 32 | past;
}

/* One tile of RANGE, its first or its last; FALSE: there is none. */
static gboolean claim(Range *range, gboolean is_last, size_t *tile)
{
    guint64 tiles = atomic_load_explicit(&range->tiles, memory_order_acquire);
    for (;;) {
        guint64 first = tiles >> 32, past = tiles & G_MAXUINT32;
        if (first >= past)
            return FALSE;
        *tile = (size_t)(is_last ? past - 1 : first);
        guint64 rest = is_last ? range_of(first, past - 1) : range_of(first + 1, past);
        if (atomic_compare_exchange_weak_explicit(
                &range->tiles, &tiles, rest, memory_order_acq_rel, memory_order_acquire))
            return TRUE;
    }
}

static gboolean is_empty(const Range *range)
{
    guint64 tiles = atomic_load_explicit(&range->tiles, memory_order_relaxed);
    return tiles >> 32 >= (tiles & G_MAXUINT32);
}

static gboolean claim_any(HePool *pool, int worker, size_t *tile)
{
    int n = pool->n_started + 1;
    if (claim(&pool->range[worker], FALSE, tile))
        return TRUE;
    for (int i = 1; i < n; i++)
        if (claim(&pool->range[(worker + i) % n], TRUE, tile))
            return TRUE;
    return FALSE;
}

static void claim_tiles(HePool *pool, int worker)
{
    size_t tile;
    atomic_fetch_add(&pool->n_at_work, 1);
    while (claim_any(pool, worker, &tile))
        pool->func(pool->data, pool->base + tile, worker);
    atomic_fetch_sub(&pool->n_at_work, 1);
}

/* ---- parts ------------------------------------------------------------------------------------------- */

/* Who helps says so before it claims: whoever finds that no part is left, and then no helper, has seen the last one. */
static gboolean help(Parts *parts, int worker)
{
    gboolean has_helped = FALSE;
    size_t part;
    if (is_empty(&parts->range))
        return FALSE;
    atomic_fetch_add(&parts->n_helpers, 1);
    for (; claim(&parts->range, TRUE, &part); has_helped = TRUE)
        parts->func(parts->data, part, worker);
    atomic_fetch_sub(&parts->n_helpers, 1);
    return has_helped;
}

static gboolean help_any(HePool *pool, int worker)
{
    int n = pool->n_started + 1;
    gboolean has_helped = FALSE;
    is_in_part = TRUE;
    for (int i = 1; i < n; i++)
        has_helped |= help(&pool->parts[(worker + i) % n], worker);
    is_in_part = FALSE;
    return has_helped;
}

/* While COUNT is not 0, and not for long without finding a part. */
static void help_while(HePool *pool, int worker, const atomic_int *count)
{
    for (int i = 0; i < SPINS && atomic_load(count) > 0; i++)
        if (help_any(pool, worker))
            i = 0;
        else
            spin_pause();
}

static void run_parts(HePool *pool, int worker, size_t n_parts, HeTileFunc func,
                      void *data)
{
    Parts *parts = &pool->parts[worker];
    size_t part;
    parts->func = func;
    parts->data = data;
    atomic_store_explicit(&parts->range.tiles, range_of(0, n_parts),
                          memory_order_release);
    is_in_part = TRUE;
    while (claim(&parts->range, FALSE, &part))
        func(data, part, worker);
    is_in_part = FALSE;
    for (int i = 0; atomic_load(&parts->n_helpers) > 0; i++)
        if (i < SPINS)
            spin_pause();
        else
            g_thread_yield();
}

/* ---- workers ----------------------------------------------------------------------------------------- */

/* Waits for a job newer than SEEN, or the end; returns the newest. */
static guint wait_for_job(HePool *pool, guint seen)
{
    for (int i = 0; i < SPINS; i++) {
        guint job = atomic_load(&pool->job);
        if (job != seen || atomic_load_explicit(&pool->is_ending, memory_order_relaxed))
            return job;
        spin_pause();
    }
    g_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->n_asleep, 1);
    while (atomic_load(&pool->job) == seen && !atomic_load(&pool->is_ending))
        g_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->n_asleep, 1);
    g_mutex_unlock(&pool->mutex);
    return atomic_load(&pool->job);
}

static void leave(HePool *pool)
{
    if (atomic_fetch_sub(&pool->n_inside, 1) > 1 || !atomic_load(&pool->is_waiting))
        return;
    g_mutex_lock(&pool->mutex);
    g_cond_signal(&pool->left);
    g_mutex_unlock(&pool->mutex);
}

static gpointer worker_main(gpointer data)
{
    const Worker *worker = data;
    HePool *pool = worker->pool;
    guint seen = 0;
    running_pool = pool;
    running_worker = worker->index;
    he_os_fpu_flush_denormals();
    for (;;) {
        seen = wait_for_job(pool, seen);
        if (atomic_load(&pool->is_ending))
            return NULL;
        atomic_fetch_add(&pool->n_inside, 1);
        if (atomic_load(&pool->is_open)) {
            seen = atomic_load(&pool->job); /* may be newer still */
            claim_tiles(pool, worker->index);
            help_while(pool, worker->index, &pool->n_at_work);
        }
        leave(pool);
    }
}

/* A system that refuses a thread leaves a smaller pool, which gives the same results. */
static void start_threads(HePool *pool)
{
    if (pool->is_started)
        return;
    pool->is_started = TRUE;
    while (pool->n_started < pool->n_threads - 1) {
        Worker *worker = &pool->worker[pool->n_started];
        *worker = (Worker){.pool = pool, .index = pool->n_started + 1};
        GThread *thread = g_thread_try_new("human-eye", worker_main, worker, NULL);
        if (thread == NULL)
            return;
        pool->thread[pool->n_started++] = thread;
    }
}

/* ---- jobs -------------------------------------------------------------------------------------------- */

static void open_job(HePool *pool, size_t n_tiles)
{
    guint64 n = n_tiles, threads = (guint64)pool->n_started + 1;
    for (guint64 i = 0; i < threads; i++)
        atomic_store_explicit(&pool->range[i].tiles,
                              range_of(n * i / threads, n * (i + 1) / threads),
                              memory_order_relaxed);
    atomic_store(&pool->is_open, TRUE);
    atomic_fetch_add(&pool->job, 1);
    if (atomic_load(&pool->n_asleep) == 0)
        return;
    g_mutex_lock(&pool->mutex);
    size_t n_wanted = MIN(n_tiles - 1, (size_t)atomic_load(&pool->n_asleep));
    for (size_t i = 0; i < n_wanted; i++)
        g_cond_signal(&pool->wake);
    g_mutex_unlock(&pool->mutex);
}

static void close_job(HePool *pool)
{
    atomic_exchange(&pool->is_open, FALSE);
    help_while(pool, 0, &pool->n_inside);
    if (atomic_load(&pool->n_inside) == 0)
        return;
    g_mutex_lock(&pool->mutex);
    atomic_exchange(&pool->is_waiting, TRUE);
    while (atomic_load(&pool->n_inside) > 0)
        g_cond_wait(&pool->left, &pool->mutex);
    atomic_store(&pool->is_waiting, FALSE);
    g_mutex_unlock(&pool->mutex);
}

HePool *he_pool_new(int n_threads)
{
    HePool *pool = g_new0(HePool, 1);
    pool->n_threads =
        CLAMP(n_threads > 0 ? n_threads : he_os_n_cpus(), 1, HE_MAX_THREADS);
    g_mutex_init(&pool->mutex);
    g_cond_init(&pool->wake);
    g_cond_init(&pool->left);
    return pool;
}

void he_pool_free(HePool *pool)
{
    if (pool == NULL)
        return;
    g_mutex_lock(&pool->mutex);
    atomic_store(&pool->is_ending, TRUE);
    g_cond_broadcast(&pool->wake);
    g_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->n_started; i++)
        g_thread_join(pool->thread[i]);
    g_mutex_clear(&pool->mutex);
    g_cond_clear(&pool->wake);
    g_cond_clear(&pool->left);
    g_free(pool);
}

int he_pool_get_n_threads(const HePool *pool)
{
    return pool == NULL ? 1 : pool->n_threads;
}

static void run_here(size_t n_tiles, HeTileFunc func, void *data, int worker)
{
    for (size_t tile = 0; tile < n_tiles; tile++)
        func(data, tile, worker);
}

static void run_jobs(HePool *pool, size_t n_tiles, HeTileFunc func, void *data)
{
    const HePool *outer_pool = running_pool;
    int outer_worker = running_worker;
    gboolean outer_part = is_in_part;
    running_pool = pool;
    running_worker = 0;
    is_in_part = FALSE;
    pool->func = func;
    pool->data = data;
    for (pool->base = 0; pool->base < n_tiles; pool->base += MOST_TILES) {
        open_job(pool, MIN(n_tiles - pool->base, MOST_TILES));
        claim_tiles(pool, 0);
        close_job(pool);
    }
    running_pool = outer_pool;
    running_worker = outer_worker;
    is_in_part = outer_part;
}

void he_pool_run(HePool *pool, size_t n_tiles, HeTileFunc func, void *data)
{
    guint state = he_os_fpu_flush_denormals();
    if (pool != NULL && running_pool == pool) {
        run_here(n_tiles, func, data, running_worker);
    } else if (pool == NULL || pool->n_threads == 1 || n_tiles <= 1) {
        run_here(n_tiles, func, data, 0);
    } else {
        start_threads(pool);
        run_jobs(pool, n_tiles, func, data);
    }
    he_os_fpu_restore(state);
}

void he_pool_share(HePool *pool, size_t n_parts, HeTileFunc func, void *data)
{
    gboolean is_tile = pool != NULL && running_pool == pool;
    int worker = is_tile ? running_worker : 0;
    if (is_tile && !is_in_part && n_parts > 1 && n_parts < MOST_TILES)
        run_parts(pool, worker, n_parts, func, data);
    else
        run_here(n_parts, func, data, worker);
}
