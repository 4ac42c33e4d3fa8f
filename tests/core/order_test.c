/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Every turn is made once and taken once, in order, by the worker that made it; an error ends it and is the
 * first turn's that failed. */
#include "core/order.h"

#define N            300
#define MOST_THREADS 4

typedef struct {
    int made[MOST_THREADS]; /* the turn that a worker holds */
    int n_made[N], n_taken;
    int failing_make, failing_take; /* turns, or -1 */
} Trip;

static gboolean fail_at(int failing, int turn, const char *what, GError **error)
{
    if (failing < 0 || turn < failing)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s %d", what, turn);
    return FALSE;
}

/* The even ones take longer, so that the odd ones are ready before their turn. */
static gboolean make(void *data, int turn, int worker, GError **error)
{
    Trip *trip = data;
    if (turn % 2 == 0)
        g_usleep(100);
    trip->made[worker] = turn;
    trip->n_made[turn]++;
    return fail_at(trip->failing_make, turn, "make", error);
}

static gboolean take(void *data, int turn, int worker, GError **error)
{
    Trip *trip = data;
    g_assert_cmpint(turn, ==, trip->n_taken);
    g_assert_cmpint(turn, ==, trip->made[worker]);
    if (!fail_at(trip->failing_take, turn, "take", error))
        return FALSE;
    trip->n_taken++;
    return TRUE;
}

static gboolean travel(Trip *trip, int n_turns, int n_threads, GError **error)
{
    const HeOrder order = {make, take, trip, n_turns};
    HePool *pool = he_pool_new(n_threads);
    gboolean is_good = he_order_run(&order, pool, error);
    he_pool_free(pool);
    return is_good;
}

static void test_all(void)
{
    for (int n_threads = 1; n_threads <= MOST_THREADS; n_threads++)
        for (int n = 0; n <= N; n = n * 6 + 1) {
            g_autoptr(GError) error = NULL;
            Trip trip = {.failing_make = -1, .failing_take = -1};
            g_assert_true(travel(&trip, n, n_threads, &error));
            g_assert_no_error(error);
            g_assert_cmpint(trip.n_taken, ==, n);
            for (int turn = 0; turn < N; turn++)
                g_assert_cmpint(trip.n_made[turn], ==, turn < n ? 1 : 0);
        }
}

static void check_error(Trip trip, int n_threads, int n_taken, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(travel(&trip, N, n_threads, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_cmpint(trip.n_taken, ==, n_taken);
}

/* Every later turn fails, too: of those that are made beside each other, the first one's error is told. */
static void test_errors(void)
{
    for (int n_threads = 1; n_threads <= MOST_THREADS; n_threads++) {
        check_error((Trip){.failing_make = 20, .failing_take = -1}, n_threads, 20,
                    "make 20");
        check_error((Trip){.failing_make = -1, .failing_take = 31}, n_threads, 31,
                    "take 31");
        check_error((Trip){.failing_make = 0, .failing_take = 0}, n_threads, 0, "make 0");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/order/all", test_all);
    g_test_add_func("/core/order/errors", test_errors);
    return g_test_run();
}
