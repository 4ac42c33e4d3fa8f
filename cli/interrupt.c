/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A handler may do next to nothing: it wakes a thread that waits for it, and that cancels. */
#include <semaphore.h>
#include <signal.h>

#include "cli/interrupt.h"

static GCancellable *cancellable;
static sem_t arrived;
static volatile sig_atomic_t came; /* the first signal */

static void die(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static void on_signal(int number)
{
    if (came)
        die(number);
    came = number;
    sem_post(&arrived);
}

static gpointer wait_for_signal(gpointer unused)
{
    (void)unused;
    while (sem_wait(&arrived) != 0) {
    }
    g_cancellable_cancel(cancellable);
    return NULL;
}

/* What the program was started to ignore (nohup) stays ignored. */
static void watch(int number)
{
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction before;
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

GCancellable *cli_interrupt_watch(void)
{
    if (cancellable)
        return cancellable;
    cancellable = g_cancellable_new();
    sem_init(&arrived, 0, 0);
    g_thread_unref(g_thread_new("signals", wait_for_signal, NULL));
    watch(SIGHUP);
    watch(SIGINT);
    watch(SIGTERM);
    return cancellable;
}

void cli_interrupt_end(void)
{
    if (came)
        die(came);
}
