/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A watch per thread, so that no caller carries one through; parts come back (a layer is coloured and
 * written band after band), so each is a sum. */
#include "plugin/core/laps.h"

#include <glib.h>

#define MAX_PARTS 12

static _Thread_local struct {
    struct {
        const char *name;
        gint64 us;
    } parts[MAX_PARTS];
    int n, current;
    gint64 since;
} watch;

static int find(const char *part)
{
    int i = 0;
    while (i < watch.n && !g_str_equal(watch.parts[i].name, part))
        i++;
    if (i == watch.n && watch.n < MAX_PARTS)
        watch.parts[watch.n++].name = part;
    return MIN(i, MAX_PARTS - 1);
}

void he_lap(const char *part)
{
    gint64 now = g_get_monotonic_time();
    if (watch.n > 0)
        watch.parts[watch.current].us += now - watch.since;
    watch.since = now;
    watch.current = find(part);
}

void he_laps_tell(void)
{
    if (watch.n == 0)
        return;
    he_lap(watch.parts[watch.current].name);
    g_autoptr(GString) text = g_string_new(NULL);
    gint64 sum = 0;
    for (int i = 0; i < watch.n; i++) {
        g_string_append_printf(text, "%s%s %.1f", i ? ", " : "", watch.parts[i].name,
                               (double)watch.parts[i].us / 1000);
        sum += watch.parts[i].us;
        watch.parts[i].us = 0;
    }
    watch.n = 0;
    g_debug("%s of %.1f ms", text->str, (double)sum / 1000);
}
