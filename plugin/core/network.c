/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network in one line: what people call it by. */
#include "plugin/core/network.h"

static void append_count(GString *text, int n, const char *what)
{
    if (n > 0)
        g_string_append_printf(text, "%s%d %s", text->len ? ", " : "", n, what);
}

/* Three digits and the thousands' name. */
static char *scaled(double value, const char *const *units)
{
    int power = 0;
    while (value >= 999.5 && units[power + 1]) {
        value /= 1000;
        power++;
    }
    int digits = power == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    const char *const formats[] = {"%.0f", "%.1f", "%.2f"};
    g_ascii_formatd(number, sizeof number, formats[digits], value);
    return g_strconcat(number, units[power], NULL);
}

char *he_size_text(double bytes)
{
    static const char *const units[] = {" bytes", " kB", " MB", " GB", " TB", NULL};
    return scaled(bytes, units);
}

char *he_network_text(HeSession *session)
{
    static const char *const counted[] = {"", " thousand", " million", " billion", NULL};
    static const char *const si[] = {" ", " k ", " M ", " G ", " T ", NULL};
    HeCounts counts;
    g_autoptr(GString) layers = g_string_new(NULL);
    he_session_count(session, &counts);
    append_count(layers, counts.n_conv, "conv");
    if (counts.n_depthwise)
        g_string_append_printf(layers, " (%d depthwise)", counts.n_depthwise);
    append_count(layers, counts.n_linear, "fc");
    append_count(layers, counts.n_attention, "attention products");
    g_autofree char *weights = scaled(counts.weights, counted);
    g_autofree char *macs = scaled(he_session_count_macs(session), si);
    return g_strdup_printf("%s; %s weights, %smultiply-adds",
                           layers->len ? layers->str : "no conv, no fc", weights, macs);
}
