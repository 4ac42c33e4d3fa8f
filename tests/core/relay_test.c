/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Two steps beside each other: every turn once and in order, no room used by both, an error of either ends it. */
#include "core/relay.h"

#define N 200

typedef struct {
    int room[HE_RELAY_ROOMS]; /* the turn that was put there */
    int n_filled, n_emptied;
    int failing_fill, failing_empty; /* turns, or -1 */
    GThread *fill_thread, *empty_thread;
} Trip;

static gboolean fail_at(int failing, int turn, const char *what, GError **error)
{
    if (turn != failing)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s %d", what, turn);
    return FALSE;
}

static gboolean fill(void *data, int turn, int room, GError **error)
{
    Trip *trip = data;
    g_assert_cmpint(turn, ==, trip->n_filled);
    trip->fill_thread = g_thread_self();
    trip->room[room] = turn;
    trip->n_filled++;
    if (turn % 7 == 0)
        g_usleep(50);
    return fail_at(trip->failing_fill, turn, "fill", error);
}

static gboolean empty(void *data, int turn, int room, GError **error)
{
    Trip *trip = data;
    g_assert_cmpint(turn, ==, trip->n_emptied);
    trip->empty_thread = g_thread_self();
    if (turn % 5 == 0)
        g_usleep(50);
    g_assert_cmpint(trip->room[room], ==, turn);
    trip->n_emptied++;
    return fail_at(trip->failing_empty, turn, "empty", error);
}

static gboolean travel(Trip *trip, int n_turns, HeRelayBeside beside, GError **error)
{
    const HeRelay relay = {fill, empty, trip, n_turns, beside};
    return he_relay_run(&relay, error);
}

static void test_all(void)
{
    for (HeRelayBeside beside = HE_RELAY_NONE; beside <= HE_RELAY_EMPTY; beside++)
        for (int n = 0; n <= N; n = n * 3 + 1) {
            g_autoptr(GError) error = NULL;
            Trip trip = {.failing_fill = -1, .failing_empty = -1};
            g_assert_true(travel(&trip, n, beside, &error));
            g_assert_no_error(error);
            g_assert_cmpint(trip.n_filled, ==, n);
            g_assert_cmpint(trip.n_emptied, ==, n);
        }
}

static void test_threads(void)
{
    Trip trip = {.failing_fill = -1, .failing_empty = -1};
    g_assert_true(travel(&trip, N, HE_RELAY_FILL, NULL));
    g_assert_true(trip.empty_thread == g_thread_self());
    g_assert_true(trip.fill_thread != g_thread_self());
    trip = (Trip){.failing_fill = -1, .failing_empty = -1};
    g_assert_true(travel(&trip, N, HE_RELAY_EMPTY, NULL));
    g_assert_true(trip.fill_thread == g_thread_self());
    g_assert_true(trip.empty_thread != g_thread_self());
}

static void test_failure(void)
{
    static const int turns[] = {0, 1, N / 2, N - 1};
    for (HeRelayBeside beside = HE_RELAY_NONE; beside <= HE_RELAY_EMPTY; beside++)
        for (size_t i = 0; i < G_N_ELEMENTS(turns); i++)
            for (int is_fill = 0; is_fill < 2; is_fill++) {
                g_autoptr(GError) error = NULL;
                g_autofree char *words =
                    g_strdup_printf("%s %d", is_fill ? "fill" : "empty", turns[i]);
                Trip trip = {.failing_fill = is_fill ? turns[i] : -1,
                             .failing_empty = is_fill ? -1 : turns[i]};
                g_assert_false(travel(&trip, N, beside, &error));
                g_assert_error(error, HE_ERROR, HE_ERROR_IO);
                g_assert_cmpstr(error->message, ==, words);
                g_assert_cmpint(trip.n_emptied, <=, turns[i] + 1);
            }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/relay/all", test_all);
    g_test_add_func("/relay/threads", test_threads);
    g_test_add_func("/relay/failure", test_failure);
    return g_test_run();
}
