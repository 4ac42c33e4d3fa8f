/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Made anyhow, taken in order: see order.h. A tile of the pool is a thread's whole work, which claims turns from
 * a counter, in their order: so the turn that is waited for is always being made by a thread that waits for
 * nobody, whatever order the pool has for its tiles. */
#include "core/order.h"

#include <stdatomic.h>

/* The mutex is held to change the atomic ones; they are atomic because the thread sanitizer does not see
 * GLib's mutexes. */
typedef struct {
    const HeOrder *order;
    GMutex mutex;
    GCond changed;
    atomic_int n_claimed, next; /* turns; the turn to be taken */
    atomic_bool is_stopped;
    GError *error; /* of the turn that stopped it */
} Run;

static void take(Run *run, int turn, int worker, GError *error)
{
    const HeOrder *order = run->order;
    g_mutex_lock(&run->mutex);
    while (!run->is_stopped && run->next != turn)
        g_cond_wait(&run->changed, &run->mutex);
    if (!run->is_stopped && !error)
        order->take(order->data, turn, worker, &error);
    if (!run->is_stopped && error) {
        run->is_stopped = TRUE;
        run->error = g_steal_pointer(&error);
    }
    run->next++;
    g_cond_broadcast(&run->changed);
    g_mutex_unlock(&run->mutex);
    g_clear_error(&error);
}

static void run_turns(void *data, size_t tile, int worker)
{
    Run *run = data;
    const HeOrder *order = run->order;
    (void)tile;
    while (!run->is_stopped) {
        GError *error = NULL;
        int turn = atomic_fetch_add(&run->n_claimed, 1);
        if (turn >= order->n_turns)
            return;
        order->make(order->data, turn, worker, &error);
        take(run, turn, worker, error);
    }
}

gboolean he_order_run(const HeOrder *order, HePool *pool, GError **error)
{
    Run run = {.order = order};
    g_mutex_init(&run.mutex);
    g_cond_init(&run.changed);
    he_pool_run(pool, (size_t)he_pool_get_n_threads(pool), run_turns, &run);
    g_cond_clear(&run.changed);
    g_mutex_clear(&run.mutex);
    if (!run.error)
        return TRUE;
    g_propagate_error(error, run.error);
    return FALSE;
}
