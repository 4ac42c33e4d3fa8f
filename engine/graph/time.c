/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The time of each step of a plan, by the moments at which a run tells its progress. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/error.h"
#include "graph/plan.h"

typedef struct {
    const HeTask *task; /* the caller's, or NULL */
    gint64 *begin;      /* of each step; one more for the end */
    int n;
    double done, share; /* of all runs: before this one, this one's */
} Clock;

static void on_progress(double fraction, gpointer data)
{
    Clock *clock = data;
    clock->begin[clock->n++] = g_get_monotonic_time();
    if (clock->task && clock->task->progress)
        clock->task->progress(clock->done + fraction * clock->share,
                              clock->task->user_data);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static gboolean run_once(HePlan *plan, const HeTensor *x, Clock *clock, GError **error)
{
    HeTask task = {.progress = on_progress, .user_data = clock};
    task.cancellable = clock->task ? clock->task->cancellable : NULL;
    clock->n = 0;
    if (!he_plan_forward(plan, x, &task, error))
        return FALSE;
    clock->begin[clock->n] = g_get_monotonic_time();
    return TRUE;
}

/* TIMES: [node][run]. */
static gboolean run_all(HePlan *plan, const HeTensor *x, int repeat, Clock *clock,
                        double *times, GError **error)
{
    for (int r = -1; r < repeat; r++) {
        clock->done = (r + 1) * clock->share;
        if (!run_once(plan, x, clock, error))
            return FALSE;
        for (int i = 0; i < clock->n && r >= 0; i++)
            times[(size_t)i * (size_t)repeat + (size_t)r] =
                (double)(clock->begin[i + 1] - clock->begin[i]) / 1000;
    }
    return TRUE;
}

gboolean he_plan_time(HePlan *plan, const HeTensor *x, int repeat, double *ms,
                      const HeTask *task, GError **error)
{
    size_t n = plan->steps->len, each = (size_t)repeat, room;
    if (!he_size_mul(MAX(n, 1), each, &room))
        return he_fail(error, HE_ERROR_INVALID_ARGUMENT, "%d runs are too many", repeat);
    g_autofree gint64 *begin = g_new(gint64, n + 1);
    double *times = he_alloc(room, sizeof(double), "times", error);
    Clock clock = {.task = task, .begin = begin, .share = 1.0 / (repeat + 1)};
    gboolean good = times && run_all(plan, x, repeat, &clock, times, error);
    for (size_t i = 0; good && i < n; i++) {
        qsort(times + i * each, each, sizeof *times, by_value);
        ms[i] = times[i * each + each / 2];
    }
    he_free(times);
    return good;
}

gboolean he_plan_is_fused(const HePlan *plan, int node)
{
    return he_plan_step(plan, node)->is_fused;
}
