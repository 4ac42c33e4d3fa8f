/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The keys of a descriptor (docs/descriptor.md) and the readers of their values. Numbers are written with
 * '.' in every locale. The writers are in descriptor_write.c. */
#include "model/descriptor_keys.h"

#include <math.h>
#include <string.h>

#include "core/limits.h"
#include "model/file.h"

#define MAX_SIDE 16384

static gboolean parse_double(const char *text, double *out)
{
    char *end;

    *out = g_ascii_strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out);
}

static char *read_text(HeDescriptorReading *reading, const char *text, void *out,
                       const HeChoice *choices)
{
    (void)reading, (void)choices;
    *(char **)out = g_strdup(text);
    return *text ? NULL : g_strdup("some text");
}

static char *read_choice(HeDescriptorReading *reading, const char *text, void *out,
                         const HeChoice *choices)
{
    const HeChoice *choice = he_choice_find(choices, text);

    (void)reading;
    if (!choice)
        return he_choice_list(choices);
    *(int *)out = choice->value;
    return NULL;
}

static char *read_boolean(HeDescriptorReading *reading, const char *text, void *out,
                          const HeChoice *choices)
{
    (void)reading, (void)choices;
    *(gboolean *)out = strcmp(text, "true") == 0;
    return *(gboolean *)out || strcmp(text, "false") == 0 ? NULL
                                                          : g_strdup("true or false");
}

static char *read_format(HeDescriptorReading *reading, const char *text, void *out,
                         const HeChoice *choices)
{
    (void)reading, (void)out, (void)choices;
    return strcmp(text, "1") == 0 ? NULL
                                  : g_strdup("1, the one format that this version reads");
}

static char *read_sha256(HeDescriptorReading *reading, const char *text, void *out,
                         const HeChoice *choices)
{
    (void)reading, (void)choices;
    *(char **)out = g_ascii_strdown(text, -1);
    if (strlen(text) == 64 && strspn(*(char **)out, "0123456789abcdef") == 64)
        return NULL;
    return g_strdup("64 hexadecimal digits");
}

static char *read_size(HeDescriptorReading *reading, const char *text, void *out,
                       const HeChoice *choices)
{
    g_auto(GStrv) side = g_strsplit(text, "x", 2);
    gint64 h, w;

    (void)out, (void)choices;
    if (g_strv_length(side) != 2 ||
        !g_ascii_string_to_signed(side[0], 10, 1, MAX_SIDE, &h, NULL) ||
        !g_ascii_string_to_signed(side[1], 10, 1, MAX_SIDE, &w, NULL))
        return g_strdup_printf("HEIGHTxWIDTH, each 1 to %d", MAX_SIDE);
    reading->out->height = (int)h;
    reading->out->width = (int)w;
    return NULL;
}

static char *check_bands(char **names)
{
    for (int i = 0; names[i]; i++) {
        g_strstrip(names[i]);
        if (!*names[i] || g_strv_contains((const char *const *)names + i + 1, names[i]))
            return g_strdup("band names that differ, separated by ';'");
    }
    return NULL;
}

static char *read_channels(HeDescriptorReading *reading, const char *text, void *out,
                           const HeChoice *choices)
{
    const char *names = text;

    (void)out, (void)choices;
    if (strcmp(text, "RGB") == 0)
        names = "R;G;B";
    else if (strcmp(text, "BGR") == 0)
        names = "B;G;R";
    g_auto(GStrv) list = g_strsplit(names, ";", HE_MAX_BANDS + 1);
    guint n = g_strv_length(list);
    if (n == 0 || n > HE_MAX_BANDS)
        return g_strdup_printf("RGB, BGR, Y, or 1 to %d band names", HE_MAX_BANDS);
    char *expected = check_bands(list);
    if (expected)
        return expected;
    reading->out->channels = g_steal_pointer(&list);
    reading->out->n_channels = (int)n;
    return NULL;
}

static char *read_range(HeDescriptorReading *reading, const char *text, void *out,
                        const HeChoice *choices)
{
    g_auto(GStrv) bound = g_strsplit(text, "..", 2);
    double *range = reading->out->range;

    (void)out, (void)choices;
    if (g_strv_length(bound) != 2 || !parse_double(bound[0], &range[0]) ||
        !parse_double(bound[1], &range[1]) || !(range[0] < range[1]))
        return g_strdup("LOW..HIGH, two numbers, the smaller one first");
    reading->out->has_range = TRUE;
    return NULL;
}

/* "0.5,0.5,0.5" into new memory at OUT. */
static char *read_numbers(HeDescriptorReading *reading, const char *text, void *out,
                          const HeChoice *choices)
{
    g_auto(GStrv) list = g_strsplit(text, ",", HE_MAX_BANDS + 1);
    guint n = g_strv_length(list);

    (void)choices;
    if (n == 0 || n > HE_MAX_BANDS)
        return g_strdup("a number for each channel, separated by commas");
    double *numbers = *(double **)out = g_new0(double, n);
    for (guint i = 0; i < n; i++)
        if (!parse_double(g_strstrip(list[i]), &numbers[i]))
            return g_strdup("a number for each channel, separated by commas");
    reading->count = n;
    return NULL;
}

static char *read_std(HeDescriptorReading *reading, const char *text, void *out,
                      const HeChoice *choices)
{
    char *expected = read_numbers(reading, text, out, choices);

    for (guint i = 0; !expected && i < reading->count; i++)
        if (!(reading->out->std[i] > 0))
            expected = g_strdup("numbers above 0");
    return expected;
}

static char *read_scale(HeDescriptorReading *reading, const char *text, void *out,
                        const HeChoice *choices)
{
    (void)reading, (void)choices;
    if (strcmp(text, "1") != 0 && strcmp(text, "255") != 0)
        return g_strdup("1 or 255");
    *(double *)out = strlen(text) == 1 ? 1 : 255;
    return NULL;
}

static char *read_fraction(HeDescriptorReading *reading, const char *text, void *out,
                           const HeChoice *choices)
{
    double *fraction = out;

    (void)reading, (void)choices;
    if (!parse_double(text, fraction) || !(*fraction > 0 && *fraction <= 1))
        return g_strdup("a number above 0, at most 1");
    return NULL;
}

static char *read_background(HeDescriptorReading *reading, const char *text, void *out,
                             const HeChoice *choices)
{
    HeDescriptor *d = reading->out;

    (void)out, (void)choices;
    d->is_background_mean = strcmp(text, "mean") == 0;
    if (d->is_background_mean)
        return NULL;
    if (text[0] != '#' || strlen(text) != 7)
        return g_strdup("mean or #rrggbb");
    for (int i = 0; i < 3; i++) {
        int high = g_ascii_xdigit_value(text[1 + 2 * i]);
        int low = g_ascii_xdigit_value(text[2 + 2 * i]);
        if (high < 0 || low < 0)
            return g_strdup("mean or #rrggbb");
        d->background[i] = (16 * high + low) / 255.0;
    }
    return NULL;
}

/* A descriptor comes with a model from anywhere: it may not reach outside its folder. */
static char *read_labels(HeDescriptorReading *reading, const char *text, void *out,
                         const HeChoice *choices)
{
    (void)out, (void)choices;
    if (!he_path_is_below(text))
        return g_strdup("a file in the descriptor's folder, without '..'");
    reading->labels = g_strdup(text);
    return NULL;
}

#define AT(field) offsetof(HeDescriptor, field)
/* clang-format off */
static const HeDescriptorKey keys[] = {
    {"Input", "Antialias", read_boolean, he_write_boolean, AT(antialias), NULL},
    {"Input", "Background", read_background, he_write_background, 0, NULL},
    {"Input", "Channels", read_channels, he_write_channels, 0, NULL},
    {"Input", "CropFraction", read_fraction, he_write_number, AT(crop_fraction), NULL},
    {"Input", "Encoding", read_choice, he_write_choice, AT(encoding), he_encodings},
    {"Input", "Filter", read_choice, he_write_choice, AT(filter), he_filters},
    {"Input", "Fit", read_choice, he_write_choice, AT(fit), he_fits},
    {"Input", "Grey", read_choice, he_write_grey, AT(grey), he_greys},
    {"Input", "Layout", read_choice, he_write_choice, AT(layout), he_layouts},
    {"Input", "Mean", read_numbers, he_write_numbers, AT(mean), NULL},
    {"Input", "Range", read_range, he_write_range, 0, NULL},
    {"Input", "Scale", read_scale, he_write_number, AT(scale), NULL},
    {"Input", "Size", read_size, he_write_size, 0, NULL},
    {"Input", "Std", read_std, he_write_numbers, AT(std), NULL},
    {"Input", "Tensor", read_text, he_write_text, AT(input), NULL},
    {"Layers", "Default", read_text, he_write_text, AT(default_layer), NULL},
    {"Model", "Format", read_format, he_write_nothing, 0, NULL},
    {"Model", "Knows", read_text, he_write_text, AT(knows), NULL},
    {"Model", "Licence", read_text, he_write_text, AT(licence), NULL},
    {"Model", "SHA256", read_sha256, he_write_text, AT(sha256), NULL},
    {"Model", "Source", read_text, he_write_text, AT(source), NULL},
    {"Model", "Title", read_text, he_write_text, AT(title), NULL},
    {"Output", "Activation", read_choice, he_write_choice, AT(activation), he_activations},
    {"Output", "Labels", read_labels, he_write_nothing, 0, NULL},
    {"Output", "Negative", read_text, he_write_text, AT(negative), NULL},
    {"Output", "Tensor", read_text, he_write_text, AT(output), NULL},
};
/* clang-format on */

char *he_descriptor_keys_list(const char *group)
{
    GString *list = g_string_new(NULL);
    const char *last = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *name = group ? keys[i].key : keys[i].group;
        if ((group && strcmp(group, keys[i].group) != 0) || g_strcmp0(name, last) == 0)
            continue;
        g_string_append_printf(list, "%s%s", list->len ? ", " : "", name);
        last = name;
    }
    return g_string_free(list, FALSE);
}

const HeDescriptorKey *he_descriptor_key_find(const char *group, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].group, group) == 0 &&
            (!name || strcmp(keys[i].key, name) == 0))
            return &keys[i];
    return NULL;
}

const HeDescriptorKey *he_descriptor_key_get(size_t i)
{
    return i < G_N_ELEMENTS(keys) ? &keys[i] : NULL;
}
