/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Two steps, turn by turn: see relay.h. */
#include "core/relay.h"

#include <stdatomic.h>

/* The mutex is held to change the atomic ones; they are atomic because the thread sanitizer does not see
 * GLib's mutexes. */
typedef struct {
    const HeRelay *relay;
    GMutex mutex;
    GCond changed;
    atomic_int n_done[2]; /* turns of fill, of empty */
    atomic_bool is_stopped;
    GError *error; /* of the step that stopped it */
} Run;

typedef enum { FILL, EMPTY } Step;

/* Filling is ahead of emptying by as many turns as there are rooms. */
static gboolean may_begin(Run *run, Step step, int turn)
{
    if (step == FILL)
        return turn < run->n_done[EMPTY] + HE_RELAY_ROOMS;
    return turn < run->n_done[FILL];
}

static gboolean wait_for(Run *run, Step step, int turn)
{
    gboolean is_stopped;
    g_mutex_lock(&run->mutex);
    while (!run->is_stopped && !may_begin(run, step, turn))
        g_cond_wait(&run->changed, &run->mutex);
    is_stopped = run->is_stopped;
    g_mutex_unlock(&run->mutex);
    return !is_stopped;
}

static void end_turn(Run *run, Step step, GError *error)
{
    g_mutex_lock(&run->mutex);
    run->n_done[step]++;
    if (error && !run->is_stopped) {
        run->is_stopped = TRUE;
        run->error = g_steal_pointer(&error);
    }
    g_cond_signal(&run->changed);
    g_mutex_unlock(&run->mutex);
    g_clear_error(&error);
}

static void run_step(Run *run, Step step)
{
    const HeRelay *relay = run->relay;
    HeRelayStep func = step == FILL ? relay->fill : relay->empty;
    for (int turn = 0; turn < relay->n_turns && wait_for(run, step, turn); turn++) {
        GError *error = NULL;
        func(relay->data, turn, turn % HE_RELAY_ROOMS, &error);
        end_turn(run, step, error);
    }
}

static gpointer run_fill(gpointer run)
{
    run_step(run, FILL);
    return NULL;
}

static gpointer run_empty(gpointer run)
{
    run_step(run, EMPTY);
    return NULL;
}

static gboolean run_in_turn(const HeRelay *relay, GError **error)
{
    for (int turn = 0; turn < relay->n_turns; turn++)
        if (!relay->fill(relay->data, turn, 0, error) ||
            !relay->empty(relay->data, turn, 0, error))
            return FALSE;
    return TRUE;
}

gboolean he_relay_run(const HeRelay *relay, GError **error)
{
    Run run = {.relay = relay};
    const gboolean is_fill = relay->beside == HE_RELAY_FILL;
    GThread *thread = NULL;
    g_mutex_init(&run.mutex);
    g_cond_init(&run.changed);
    if (relay->beside != HE_RELAY_NONE && relay->n_turns > 1)
        thread = g_thread_try_new("relay", is_fill ? run_fill : run_empty, &run, NULL);
    if (thread) {
        run_step(&run, is_fill ? EMPTY : FILL);
        g_thread_join(thread);
    } else {
        run_in_turn(relay, &run.error);
    }
    g_cond_clear(&run.changed);
    g_mutex_clear(&run.mutex);
    if (!run.error)
        return TRUE;
    g_propagate_error(error, run.error);
    return FALSE;
}
