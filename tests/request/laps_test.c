/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Laps: parts in the order in which they were first met, told once, then forgotten. */
#include "plugin/core/laps.h"

#include <glib.h>

static void test_parts(void)
{
    he_laps_tell(); /* nothing to tell, and nothing told */
    he_lap("read");
    g_usleep(2000);
    he_lap("write");
    he_lap("read");
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "read *, write 0.? of * ms");
    he_laps_tell();
    g_test_assert_expected_messages();
    he_laps_tell();
    he_lap("other");
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "other 0.? of 0.? ms");
    he_laps_tell();
    g_test_assert_expected_messages();
}

/* More parts than there is room for: what is left over is the last one's. */
static void test_many(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g",
                                        "h", "i", "j", "k", "l", "m", "n"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        he_lap(names[i]);
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "a *, l 0.? of *");
    he_laps_tell();
    g_test_assert_expected_messages();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/laps/parts", test_parts);
    g_test_add_func("/laps/many", test_many);
    return g_test_run();
}
