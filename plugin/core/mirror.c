/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Mirrors: from what a person writes to a file's address. */
#include "plugin/core/mirror.h"

#include <string.h>

char *he_mirror_show(const char *url)
{
    const char *start = strstr(url, "://"), *at = start ? strchr(start + 3, '@') : NULL;
    const char *slash = start ? strchr(start + 3, '/') : NULL;

    if (!at || (slash && slash < at))
        return g_strdup(url);
    return g_strdup_printf("%.*s%s", (int)(start + 3 - url), url, at + 1);
}

static char *replace(const char *text, const char *what, const char *with)
{
    g_auto(GStrv) parts = g_strsplit(text, what, -1);

    return g_strjoinv(with, parts);
}

char *he_mirror_url(const char *mirror, const char *file, GError **error)
{
    static const char *const schemes[] = {"http://", "https://", "file://"};
    g_autofree char *stem = g_strndup(
        file, strlen(file) - (g_str_has_suffix(file, ".onnx") ? strlen(".onnx") : 0));
    g_autofree char *base = NULL;
    gboolean is_url = FALSE;

    if (!strstr(mirror, "://")) {
        g_autofree char *absolute = g_canonicalize_filename(mirror, NULL);
        base = g_filename_to_uri(absolute, NULL, error);
    } else {
        for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
            is_url |= g_ascii_strncasecmp(mirror, schemes[i], strlen(schemes[i])) == 0;
        base = is_url ? g_strdup(mirror) : NULL;
    }
    if (!base) {
        g_clear_error(error);
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "%s: expected a folder, or an address by http, https or file",
                    mirror);
        return NULL;
    }
    if (!strstr(base, "{file}") && !strstr(base, "{stem}"))
        return g_strconcat(base, g_str_has_suffix(base, "/") ? "" : "/", file, NULL);
    g_autofree char *with_file = replace(base, "{file}", file);
    return replace(with_file, "{stem}", stem);
}
