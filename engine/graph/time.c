/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The time of each step of a plan, by the moments at which a run tells its progress. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/error.h"
#include "graph/plan.h"

#define WARM 2 /* runs that do not count */

typedef struct {
    const HeTask *task; /* the caller's, or NULL */
    gint64
        *begin; /* of each step, in the order in which they run; one more for the end */
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

/* One way. */
static gboolean run_once(HePlan *plan, const HeTensor *x, const HeTarget *target,
                         Clock *clock, GError **error)
{
    HeTask task = {.progress = on_progress, .user_data = clock};
    task.cancellable = clock->task ? clock->task->cancellable : NULL;
    clock->n = 0;
    if (target ? !he_plan_backward(plan, target, HE_RULE_PLAIN, NULL, &task, error)
               : !he_plan_forward(plan, x, &task, error))
        return FALSE;
    clock->begin[clock->n] = g_get_monotonic_time();
    return TRUE;
}

/* TIMES: [node][run]. */
typedef struct {
    double *ms;
    size_t n, repeat;
} Times;

static void take(const Clock *clock, gboolean is_backward, Times *times, int r)
{
    for (size_t i = 0; i < times->n; i++) {
        size_t node = is_backward ? times->n - 1 - i : i;
        times->ms[node * times->repeat + (size_t)r] =
            (double)(clock->begin[i + 1] - clock->begin[i]) / 1000;
    }
}

/* TIMES: forward, back; the second only with TARGET. */
static gboolean run_all(HePlan *plan, const HeTensor *x, const HeTarget *target,
                        Clock *clock, Times times[2], GError **error)
{
    for (int r = -WARM; r < (int)times->repeat; r++)
        for (int back = 0; back < (target ? 2 : 1); back++) {
            clock->done = (2 * (r + WARM) + back) * clock->share;
            if (!run_once(plan, x, back ? target : NULL, clock, error))
                return FALSE;
            if (r >= 0)
                take(clock, back, &times[back], r);
        }
    return TRUE;
}

static void medians(Times *times, double *ms)
{
    for (size_t i = 0; i < times->n; i++) {
        double *each = times->ms + i * times->repeat;
        qsort(each, times->repeat, sizeof *each, by_value);
        ms[i] = each[times->repeat / 2];
    }
}

gboolean he_plan_time(HePlan *plan, const HeTensor *x, const HeTarget *target, int repeat,
                      double *ms, double *back_ms, const HeTask *task, GError **error)
{
    size_t n = plan->steps->len, each = (size_t)repeat, room;
    if (!he_size_mul(MAX(n, 1), each, &room) || !he_size_mul(room, 2, &room))
        return he_fail(error, HE_ERROR_INVALID_ARGUMENT, "%d runs are too many", repeat);
    g_autofree gint64 *begin = g_new(gint64, n + 1);
    double *memory = he_alloc(room, sizeof(double), "times", error);
    Clock clock = {.task = task, .begin = begin, .share = 0.5 / (repeat + WARM)};
    Times times[2] = {{memory, n, each}, {memory + n * each, n, each}};
    gboolean good = memory && run_all(plan, x, target, &clock, times, error);
    if (good)
        medians(&times[0], ms);
    if (good && target)
        medians(&times[1], back_ms);
    he_free(memory);
    return good;
}

gboolean he_plan_is_fused(const HePlan *plan, int node)
{
    const HeStep *step = he_plan_step(plan, node);
    return step->is_fused || step->inside[FALSE];
}

const HeNode *he_plan_get_before(const HePlan *plan, int node)
{
    const HeStep *before = he_plan_step(plan, node)->before[FALSE];
    return before ? &before->node : NULL;
}
