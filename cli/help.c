/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Help, wrapped: GOption prints a description on one line however long it is. */
#include <glib.h>
#include <string.h>

#include "cli/help.h"

#define LEAST_COLUMNS 20 /* for a description; below that nothing is broken */

/* The column where an option's description starts; 0: the line is no option's. */
static glong description_column(const char *line)
{
    if (!g_str_has_prefix(line, "  -"))
        return 0;
    const char *gap = strstr(line + 2, "  ");
    if (!gap)
        return 0;
    while (*gap == ' ')
        gap++;
    return g_utf8_pointer_to_offset(line, gap);
}

/* Appends LINE's words from COLUMN on, broken before WIDTH and indented to COLUMN. */
static void append_wrapped(GString *out, const char *line, glong column, glong width)
{
    const char *start = g_utf8_offset_to_pointer(line, column);
    g_auto(GStrv) words = g_strsplit(start, " ", -1);
    g_string_append_len(out, line, start - line);
    glong at = column;
    for (char **word = words; *word; word++) {
        glong n = g_utf8_strlen(*word, -1);
        if (at > column && at + 1 + n > width) {
            g_string_append_printf(out, "\n%*s", (int)column, "");
            at = column;
        }
        if (at > column) {
            g_string_append_c(out, ' ');
            at++;
        }
        g_string_append(out, *word);
        at += n;
    }
}

char *cli_help_wrap(const char *text, int width)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);
    for (char **line = lines; *line; line++) {
        glong column = description_column(*line);
        if (column > 0 && column + LEAST_COLUMNS <= width)
            append_wrapped(out, *line, column, width);
        else
            g_string_append(out, *line);
        if (line[1])
            g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}
