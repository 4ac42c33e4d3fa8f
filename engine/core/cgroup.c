/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reads cpu.max and memory.max (version 2), cpu.cfs_quota_us and memory.limit_in_bytes (version 1) of the
 * process' group and of every group above it: the least one counts. In a container the path of the group
 * is often not visible; then the walk ends at the mount, which is the container's own group. */
#include "core/cgroup.h"

#include <stdlib.h>
#include <string.h>

/* Looks at one folder; lowers *LIMIT when it has a lower one. */
typedef void (*ReadLimit)(const char *folder, guint64 *limit);

static char *read_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static void lower(guint64 *limit, guint64 value)
{
    *limit = MIN(*limit, value);
}

static void lower_cpus(guint64 *limit, gint64 quota, gint64 period)
{
    if (quota > 0 && period > 0)
        lower(limit, ((guint64)quota - 1) / (guint64)period + 1);
}

static void read_cpus_v2(const char *folder, guint64 *limit)
{
    g_autofree char *text =
        read_file(folder, "cpu.max"); /* "150000 100000", "max 100000" */
    if (text == NULL)
        return;
    char *end;
    gint64 quota = g_ascii_strtoll(text, &end, 10);
    lower_cpus(limit, quota, g_ascii_strtoll(end, NULL, 10));
}

static void read_cpus_v1(const char *folder, guint64 *limit)
{
    g_autofree char *quota = read_file(folder, "cpu.cfs_quota_us"); /* -1: none */
    g_autofree char *period = read_file(folder, "cpu.cfs_period_us");
    if (quota != NULL && period != NULL)
        lower_cpus(limit, g_ascii_strtoll(quota, NULL, 10),
                   g_ascii_strtoll(period, NULL, 10));
}

static void read_bytes(const char *folder, const char *name, guint64 *limit)
{
    g_autofree char *text = read_file(folder, name);
    if (text != NULL && g_ascii_isdigit(text[0]))
        lower(limit, g_ascii_strtoull(text, NULL, 10));
}

static void read_memory_v2(const char *folder, guint64 *limit)
{
    read_bytes(folder, "memory.max", limit);
}

static void read_memory_v1(const char *folder, guint64 *limit)
{
    read_bytes(folder, "memory.limit_in_bytes", limit);
}

static void walk_up(const char *mount, const char *group, ReadLimit read, guint64 *limit)
{
    g_autofree char *path = g_strdup(group);
    for (;;) {
        g_autofree char *folder = g_build_filename(mount, path, NULL);
        read(folder, limit);
        char *slash = strrchr(path, '/');
        if (slash == NULL || path[0] == '\0')
            return;
        *slash = '\0';
    }
}

static gboolean has_word(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    return g_strv_contains((const char *const *)words, word);
}

/* A line of the groups' file is "ID:CONTROLLERS:PATH"; version 2 has id 0 and no controllers. */
static guint64 least(const char *groups_file, const char *mount, const char *controller,
                     ReadLimit read_v2, ReadLimit read_v1)
{
    guint64 limit = G_MAXUINT64;
    g_autofree char *text = NULL;
    if (!g_file_get_contents(groups_file, &text, NULL, NULL))
        return limit;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) field = g_strsplit(*line, ":", 3);
        if (g_strv_length(field) != 3)
            continue;
        if (field[1][0] == '\0') {
            walk_up(mount, field[2], read_v2, &limit);
        } else if (has_word(field[1], controller)) {
            g_autofree char *folder = g_build_filename(mount, field[1], NULL);
            walk_up(folder, field[2], read_v1, &limit);
        }
    }
    return limit;
}

int he_cgroup_n_cpus(const char *groups_file, const char *mount)
{
    guint64 n = least(groups_file, mount, "cpu", read_cpus_v2, read_cpus_v1);
    return (int)MIN(n, (guint64)G_MAXINT);
}

guint64 he_cgroup_memory_bytes(const char *groups_file, const char *mount)
{
    return least(groups_file, mount, "memory", read_memory_v2, read_memory_v1);
}
