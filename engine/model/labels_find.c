/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Class labels: from what a person typed to a class. Never by a part of a name: an explanation of the wrong
 * class looks as good as one of the right class. */
#include "model/model.h"

#include <string.h>

#define N_NEAREST   5
#define MAX_COMPARE 48 /* bytes of a name that count in edit distances */

/* ---- equality, from strict to lenient ------------------------------------------------------------ */

/* Without case, spaces and underscores. Free with g_free. */
static char *normalise(const char *text, gssize n)
{
    char *folded = g_utf8_casefold(text, n), *out = folded;

    for (const char *in = folded; *in; in++)
        if (*in != ' ' && *in != '_' && *in != '\t')
            *out++ = *in;
    *out = '\0';
    return folded;
}

/* The next synonym of "tench, Tinca tinca" into *START, trimmed; returns its length, or -1 at the end. */
static gssize next_synonym(const char **rest, const char **start)
{
    if (!*rest)
        return -1;
    const char *from = *rest + strspn(*rest, " \t");
    const char *comma = strchr(from, ',');
    size_t n = comma ? (size_t)(comma - from) : strlen(from);

    *rest = comma ? comma + 1 : NULL;
    while (n && g_ascii_isspace(from[n - 1]))
        n--;
    *start = from;
    return (gssize)n;
}

typedef struct {
    const char *text, *normal;
} Sought;
typedef gboolean (*MatchFunc)(const char *label, const Sought *sought);

static gboolean is_whole(const char *label, const Sought *sought)
{
    return strcmp(label, sought->text) == 0;
}

static gboolean is_synonym(const char *label, const Sought *sought)
{
    size_t length = strlen(sought->text);
    const char *name;

    for (gssize n; (n = next_synonym(&label, &name)) >= 0;)
        if ((size_t)n == length && memcmp(name, sought->text, length) == 0)
            return TRUE;
    return FALSE;
}

static gboolean is_alike(const char *label, const Sought *sought)
{
    g_autofree char *whole = normalise(label, -1);
    const char *name;

    if (strcmp(whole, sought->normal) == 0)
        return TRUE;
    for (gssize n; (n = next_synonym(&label, &name)) >= 0;) {
        g_autofree char *normal = normalise(name, n);
        if (strcmp(normal, sought->normal) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The first class that matches, or -1; COUNT is how many do. */
static int match(char *const *labels, int n, const Sought *sought, MatchFunc is_match,
                 int *count)
{
    int found = -1;

    *count = 0;
    for (int i = 0; i < n; i++)
        if (*labels[i] && is_match(labels[i], sought)) {
            found = *count ? found : i;
            ++*count;
        }
    return found;
}

static void report_several(char *const *labels, int n, const Sought *sought,
                           MatchFunc is_match, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);
    int listed = 0;

    for (int i = 0; i < n && listed <= N_NEAREST; i++)
        if (*labels[i] && is_match(labels[i], sought)) {
            if (listed++ == N_NEAREST)
                g_string_append(list, ", ...");
            else
                g_string_append_printf(list, "%s%s (%d)", list->len ? ", " : "",
                                       labels[i], i);
        }
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "several classes are called '%s': %s; give the number", sought->text,
                list->str);
}

/* ---- the nearest, when there is none --------------------------------------------------------------- */

/* Levenshtein distance of A and the N bytes at B, or LIMIT when it is not below it. */
static int distance(const char *a, const char *b, size_t n, int limit)
{
    int length = (int)MIN(strlen(a), MAX_COMPARE), other = (int)MIN(n, MAX_COMPARE);
    int row[MAX_COMPARE + 1];

    if (ABS(length - other) >= limit)
        return limit;
    for (int j = 0; j <= other; j++)
        row[j] = j;
    for (int i = 1; i <= length; i++) {
        int corner = row[0], least = row[0] = i;
        for (int j = 1; j <= other; j++) {
            int step = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = MIN(step, 1 + MIN(row[j], row[j - 1]));
            least = MIN(least, row[j]);
        }
        if (least >= limit)
            return limit;
    }
    return MIN(row[other], limit);
}

/* How far LABEL is from what was typed: the nearest of its synonyms and, a little further, of their words,
 * so that "cat" is near "Egyptian cat". */
static int label_distance(const char *label, const char *normal, int limit)
{
    const char *name;

    for (gssize n; (n = next_synonym(&label, &name)) >= 0;) {
        g_autofree char *whole = normalise(name, n);
        limit = MIN(limit, 2 * distance(normal, whole, strlen(whole), (limit + 1) / 2));
        g_autofree char *lower = g_utf8_casefold(name, n);
        for (const char *word = lower; *word;) {
            size_t length = strcspn(word, " _");
            if (length)
                limit = MIN(limit, 2 * distance(normal, word, length, limit / 2 + 1) + 1);
            word += length + (word[length] != '\0');
        }
    }
    return limit;
}

typedef struct {
    int index, distance;
} Near;

static int find_nearest(char *const *labels, int n, const char *normal, Near *near)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        int limit = count == N_NEAREST ? near[N_NEAREST - 1].distance : 2 * MAX_COMPARE;
        int d = *labels[i] ? label_distance(labels[i], normal, limit) : limit;
        if (d >= limit)
            continue;
        int at = count < N_NEAREST ? count++ : N_NEAREST - 1;
        for (; at > 0 && near[at - 1].distance > d; at--)
            near[at] = near[at - 1];
        near[at] = (Near){i, d};
    }
    return count;
}

static void report_none(char *const *labels, int n, const Sought *sought, GError **error)
{
    Near near[N_NEAREST];
    int count = find_nearest(labels, n, sought->normal, near);
    g_autoptr(GString) list = g_string_new(NULL);

    for (int i = 0; i < count; i++)
        g_string_append_printf(list, "%s%s (%d)",
                               i ? ", " : "; the nearest: ", labels[near[i].index],
                               near[i].index);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "no class is called '%s'%s",
                sought->text, list->str);
}

int he_labels_find(char *const *labels, int n, const char *text, GError **error)
{
    static const MatchFunc tiers[] = {is_whole, is_synonym, is_alike};
    g_autofree char *trimmed = g_strstrip(g_utf8_make_valid(text, -1));
    g_autofree char *normal = normalise(trimmed, -1);
    Sought sought = {trimmed, normal};
    int count;

    if (!*trimmed) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "expected the number or the name of a class");
        return -1;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tiers); i++) {
        int found = match(labels, n, &sought, tiers[i], &count);
        if (count == 1)
            return found;
        if (count > 1) {
            report_several(labels, n, &sought, tiers[i], error);
            return -1;
        }
    }
    report_none(labels, n, &sought, error);
    return -1;
}
