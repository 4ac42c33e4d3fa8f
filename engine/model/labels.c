/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Class labels: reading the file. One class a line, in the order of the network's outputs. */
#include "model/model.h"

#include <string.h>

#include "core/limits.h"
#include "model/file.h"

/* Past "n01440764 ", which some files put before each name. */
static const char *skip_wordnet_id(const char *line)
{
    if (line[0] != 'n' || strspn(line + 1, "0123456789") != 8)
        return line;
    return line[9] == ' ' || line[9] == '\t' ? line + 10 : line;
}

static gboolean add_line(GPtrArray *labels, const char *line, size_t n, GError **error)
{
    if (n > HE_MAX_NAME || labels->len == HE_MAX_CLASSES) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "line %u: at most %d lines of %d bytes are accepted", labels->len + 1,
                    HE_MAX_CLASSES, HE_MAX_NAME);
        return FALSE;
    }
    g_autofree char *text = g_strstrip(g_strndup(line, n));
    g_ptr_array_add(labels, g_strstrip(g_strdup(skip_wordnet_id(text))));
    return TRUE;
}

static gboolean split_lines(const char *text, size_t n, GPtrArray *labels, GError **error)
{
    const char *end = text + n;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        if (!add_line(labels, text, (size_t)(stop - text), error))
            return FALSE;
        text = stop + 1;
    }
    /* Empty lines inside stand for classes without a name; at the end they are none. */
    while (labels->len && !*(char *)g_ptr_array_index(labels, labels->len - 1))
        g_ptr_array_set_size(labels, (int)labels->len - 1);
    if (labels->len)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL, "there are no labels in it");
    return FALSE;
}

static char **read_labels(const char *path, int *n, GError **error)
{
    g_autoptr(GMappedFile) file = he_file_map(path, HE_MAX_LABELS_BYTES, error);
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);

    if (!file)
        return NULL;
    const char *text = g_mapped_file_get_contents(file), *wrong;
    size_t length = g_mapped_file_get_length(file);
    if (length && !g_utf8_validate_len(text, length, &wrong)) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "it is not UTF-8 text, from byte %zu on", (size_t)(wrong - text));
        return NULL;
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        text += 3;
        length -= 3;
    }
    if (!split_lines(text, length, labels, error))
        return NULL;
    *n = (int)labels->len;
    g_ptr_array_add(labels, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&labels), FALSE);
}

char **he_labels_read(const char *path, int *n, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    char **labels = read_labels(path, n, error);

    if (!labels)
        g_prefix_error(error, "%s: ", shown);
    return labels;
}
