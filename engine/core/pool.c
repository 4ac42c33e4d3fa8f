/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The thread pool. One job at a time: tiles are claimed one by one from an atomic counter by the caller
 * and by every worker that wakes in time; a worker that wakes late finds the job closed and sleeps again.
 *
 *   run:    open job, wake workers -> claim tiles -> close job, wait until no worker is inside
 *   worker: wait for a newer job (short spin, then sleep) -> enter if still open -> claim tiles -> leave
 *
 * A network is some hundred short jobs, so both waits spin a little before they sleep: waking a sleeping
 * thread costs as much as a small layer. */
#include "core/pool.h"

#include <stdatomic.h>

#include "core/limits.h"
#include "core/os.h"

#define SPINS 4000 /* some tens of microseconds */

typedef struct {
    HePool *pool;
    int index;
} Worker;

struct HePool {
    int n_threads;
    gboolean is_started;
    int n_started;
    GThread *thread[HE_MAX_THREADS];
    Worker worker[HE_MAX_THREADS];

    /* The mutex is held to change these. They are atomic because spinning reads without it, and because
     * the thread sanitizer cannot see GLib's locks. */
    GMutex mutex;
    GCond wake, left;
    atomic_int n_asleep;
    atomic_bool is_open; /* workers may enter the job */
    atomic_uint job;     /* number of the newest job */
    atomic_int n_inside; /* workers in the job */
    atomic_bool is_ending;

    HeTileFunc func;
    void *data;
    size_t n_tiles;
    char apart
        [64]; /* every claim takes the cache line of `next`; the fields above are only read */
    atomic_size_t next; /* the next unclaimed tile */
};

/* Which pool's tile this thread is running, so that a run from inside a tile is done on the spot. */
static _Thread_local const HePool *running_pool;
static _Thread_local int running_worker;

static inline void spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void claim_tiles(HePool *pool, int worker)
{
    const HePool *outer_pool = running_pool;
    int outer_worker = running_worker;
    running_pool = pool;
    running_worker = worker;
    for (;;) {
        size_t tile = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (tile >= pool->n_tiles)
            break;
        pool->func(pool->data, tile, worker);
    }
    running_pool = outer_pool;
    running_worker = outer_worker;
}

/* Waits for a job newer than SEEN, or the end; returns with the mutex locked. */
static void wait_for_job(HePool *pool, guint seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&pool->job, memory_order_relaxed) != seen ||
            atomic_load_explicit(&pool->is_ending, memory_order_relaxed))
            break;
        spin_pause();
    }
    g_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->n_asleep, 1);
    while (atomic_load(&pool->job) == seen && !atomic_load(&pool->is_ending))
        g_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->n_asleep, 1);
}

static gpointer worker_main(gpointer data)
{
    const Worker *worker = data;
    HePool *pool = worker->pool;
    guint seen = 0;
    he_os_fpu_flush_denormals();
    for (;;) {
        wait_for_job(pool, seen);
        seen = atomic_load(&pool->job);
        gboolean is_ending = atomic_load(&pool->is_ending);
        gboolean is_open = atomic_load(&pool->is_open);
        if (is_open)
            atomic_fetch_add(&pool->n_inside, 1);
        g_mutex_unlock(&pool->mutex);
        if (is_ending)
            return NULL;
        if (!is_open)
            continue;
        claim_tiles(pool, worker->index);
        g_mutex_lock(&pool->mutex);
        if (atomic_fetch_sub(&pool->n_inside, 1) == 1)
            g_cond_signal(&pool->left);
        g_mutex_unlock(&pool->mutex);
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

static void open_job(HePool *pool, size_t n_tiles, HeTileFunc func, void *data)
{
    g_mutex_lock(&pool->mutex);
    pool->func = func;
    pool->data = data;
    pool->n_tiles = n_tiles;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store(&pool->is_open, TRUE);
    atomic_fetch_add(&pool->job, 1);
    size_t n_wanted = MIN(n_tiles - 1, (size_t)atomic_load(&pool->n_asleep));
    for (size_t i = 0; i < n_wanted; i++)
        g_cond_signal(&pool->wake);
    g_mutex_unlock(&pool->mutex);
}

static void close_job(HePool *pool)
{
    for (int i = 0; i < SPINS && atomic_load(&pool->n_inside) > 0; i++)
        spin_pause();
    g_mutex_lock(&pool->mutex);
    atomic_store(&pool->is_open, FALSE);
    while (atomic_load(&pool->n_inside) > 0)
        g_cond_wait(&pool->left, &pool->mutex);
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

void he_pool_run(HePool *pool, size_t n_tiles, HeTileFunc func, void *data)
{
    guint state = he_os_fpu_flush_denormals();
    if (pool != NULL && running_pool == pool) {
        run_here(n_tiles, func, data, running_worker);
    } else if (pool == NULL || pool->n_threads == 1 || n_tiles <= 1) {
        run_here(n_tiles, func, data, 0);
    } else {
        start_threads(pool);
        open_job(pool, n_tiles, func, data);
        claim_tiles(pool, 0);
        close_job(pool);
    }
    he_os_fpu_restore(state);
}
