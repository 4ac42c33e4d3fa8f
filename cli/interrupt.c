/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Signals are blocked in all threads but one, which waits for them: no handler runs in the middle of
 * anything. */
#include <signal.h>

#include "cli/interrupt.h"

static GCancellable *cancellable;
static sigset_t watched;
static gint came; /* the first signal */

static void die(int number)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
}

static gpointer wait_for_signals(gpointer unused)
{
    int number;
    (void)unused;
    while (sigwait(&watched, &number) == 0) {
        if (!g_atomic_int_compare_and_exchange(&came, 0, number))
            die(number);
        g_cancellable_cancel(cancellable);
    }
    return NULL;
}

/* What the program was started to ignore (nohup) stays ignored. */
static void watch(int number)
{
    struct sigaction before;
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaddset(&watched, number);
}

GCancellable *cli_interrupt_watch(void)
{
    if (cancellable)
        return cancellable;
    cancellable = g_cancellable_new();
    sigemptyset(&watched);
    watch(SIGHUP);
    watch(SIGINT);
    watch(SIGTERM);
    pthread_sigmask(SIG_BLOCK, &watched, NULL);
    g_thread_unref(g_thread_new("signals", wait_for_signals, NULL));
    return cancellable;
}

void cli_interrupt_end(void)
{
    int number = g_atomic_int_get(&came);
    if (number)
        die(number);
}
