/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The descriptor: what NAME.ini leaves out, from the graph where it tells, else as common practice has it
 * (docs/descriptor.md, "What is guessed"). What the graph states is no guess; all else is listed. */
#include "model/descriptor_guess.h"

#include <string.h>

#include "core/limits.h"

#define DEFAULT_SIDE 224
#define MAX_SIDE     16384

gboolean he_guess_is_stated(const HeGuess *g, const char *key)
{
    return g_hash_table_contains(g->seen, key);
}

static guint stated_count(const HeGuess *g, const char *key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(g->seen, key));
}

void he_guess_note(HeGuess *g, const char *key, const char *value)
{
    g_ptr_array_add(g->guessed, g_strdup_printf("%s=%s", key, value));
}

gboolean he_guess_fail(HeErrorCode code, GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, HE_ERROR, (int)code, text);
    return FALSE;
}

char *he_guess_list_names(const HeValueDef *values, int n)
{
    GString *list = g_string_new(NULL);

    for (int i = 0; i < n && i < 10; i++)
        g_string_append_printf(list, "%s%s", i ? ", " : "", values[i].name);
    return g_string_free(list, FALSE);
}

/* ---- the input tensor ------------------------------------------------------------------------------ */

static gboolean find_input(HeGuess *g, GError **error)
{
    const HeGraphDef *graph = g->graph;
    g_autofree char *names = he_guess_list_names(graph->inputs, graph->n_inputs);

    int n_left = 0;
    for (int i = 0; i < graph->n_inputs; i++) {
        const HeValueDef *input = &graph->inputs[i];
        gboolean is_held =
            g->d->held_names &&
            g_strv_contains((const char *const *)g->d->held_names, input->name);
        n_left += !is_held;
        if (g->d->input ? strcmp(input->name, g->d->input) == 0 : !is_held && !g->input)
            g->input = input;
    }
    if (graph->n_inputs == 0)
        return he_guess_fail(HE_ERROR_UNSUPPORTED, error, "the network takes no input");
    if (n_left == 0)
        return he_guess_fail(HE_ERROR_CORRUPT_MODEL, error,
                             "[Input NAME] Value is given for all inputs (%s): none is "
                             "left for the picture",
                             names);
    if (!g->input)
        return he_guess_fail(
            HE_ERROR_CORRUPT_MODEL, error,
            "[Input] Tensor=%s: the network has no such input; it has %s", g->d->input,
            names);
    if (n_left > 1)
        return he_guess_fail(
            HE_ERROR_UNSUPPORTED, error,
            "the network has %d inputs (%s): say by [Input] Tensor=NAME which takes the "
            "picture, and give every other a constant by [Input NAME] Value=",
            graph->n_inputs, names);
    if (!g->d->input)
        g->d->input = g_strdup(g->input->name);
    return TRUE;
}

static gboolean check_input(const HeGuess *g, GError **error)
{
    const HeValueDef *in = g->input;

    if (in->type != HE_TYPE_NONE && !he_type_is_float(in->type))
        return he_guess_fail(HE_ERROR_UNSUPPORTED, error,
                             "the input '%s' is %s, expected float", in->name,
                             he_type_name(in->type));
    if (in->rank >= 0 && in->rank != 4)
        return he_guess_fail(
            HE_ERROR_UNSUPPORTED, error,
            "the input '%s' has %d dimensions, expected 4: [N, C, H, W] or [N, H, W, C]",
            in->name, in->rank);
    return TRUE;
}

static gboolean is_channel_count(gint64 n)
{
    return n == 1 || n == 3 || n == 4;
}

/* Dimension I of the input, -1 where it is free. */
static gint64 input_dim(const HeGuess *g, int i)
{
    return g->input->rank == 4 ? g->input->dim[i] : -1;
}

static void guess_layout(HeGuess *g)
{
    gint64 second = input_dim(g, 1), last = input_dim(g, 3);

    if (he_guess_is_stated(g, "Input.Layout"))
        return;
    g->d->layout = !is_channel_count(second) && is_channel_count(last) ? HE_LAYOUT_NHWC
                                                                       : HE_LAYOUT_NCHW;
    he_guess_note(g, "Input.Layout", he_choice_get(he_layouts, (int)g->d->layout)->nick);
}

/* ---- channels and sizes ---------------------------------------------------------------------------- */

static void name_channels(HeDescriptor *d, gint64 n)
{
    static const char *const rgb[] = {"R", "G", "B"};

    d->n_channels = (int)n;
    d->channels = g_new0(char *, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        if (n == 3)
            d->channels[i] = g_strdup(rgb[i]);
        else if (n == 1)
            d->channels[i] = g_strdup("Y");
        else
            d->channels[i] = g_strdup_printf("band %d", i + 1);
    }
}

/* As many as the graph says, else as there are means, else three. */
static gboolean guess_channels(HeGuess *g, GError **error)
{
    gint64 dim = input_dim(g, g->d->layout == HE_LAYOUT_NCHW ? 1 : 3);
    guint means = stated_count(g, "Input.Mean");

    if (he_guess_is_stated(g, "Input.Channels")) {
        if (dim < 0 || dim == g->d->n_channels)
            return TRUE;
        return he_guess_fail(
            HE_ERROR_CORRUPT_MODEL, error,
            "[Input] Channels names %d channels, the network's input '%s' has %" G_GINT64_FORMAT,
            g->d->n_channels, g->input->name, dim);
    }
    if (dim < 0)
        dim = means ? means : 3;
    if (dim > HE_MAX_BANDS)
        return he_guess_fail(
            HE_ERROR_UNSUPPORTED, error,
            "the input '%s' has %" G_GINT64_FORMAT
            " channels, at most %d are supported; is it a picture, and is [Input] Layout right?",
            g->input->name, dim, HE_MAX_BANDS);
    name_channels(g->d, dim);
    g_autofree char *bands = g_strjoinv(";", g->d->channels);
    he_guess_note(g, "Input.Channels", dim == 3 ? "RGB" : bands);
    return TRUE;
}

static gboolean settle_side(const HeGuess *g, const char *what, gint64 dim, int *side,
                            GError **error)
{
    if (dim > MAX_SIDE)
        return he_guess_fail(HE_ERROR_UNSUPPORTED, error,
                             "the input '%s' has a %s of %" G_GINT64_FORMAT
                             ", at most %d is supported",
                             g->input->name, what, dim, MAX_SIDE);
    if (*side && dim > 0 && dim != *side)
        return he_guess_fail(
            HE_ERROR_CORRUPT_MODEL, error,
            "[Input] Size states a %s of %d, the network's input '%s' has %" G_GINT64_FORMAT,
            what, *side, g->input->name, dim);
    if (!*side)
        *side = dim > 0 ? (int)dim : DEFAULT_SIDE;
    return TRUE;
}

static gboolean guess_size(HeGuess *g, GError **error)
{
    int first = g->d->layout == HE_LAYOUT_NCHW ? 2 : 1;
    gint64 height = input_dim(g, first), width = input_dim(g, first + 1);

    if (!settle_side(g, "height", height, &g->d->height, error) ||
        !settle_side(g, "width", width, &g->d->width, error))
        return FALSE;
    g->d->is_size_free = height < 0 && width < 0;
    if ((height < 0 || width < 0) && !he_guess_is_stated(g, "Input.Size")) {
        g_autofree char *size = g_strdup_printf("%dx%d", g->d->height, g->d->width);
        he_guess_note(g, "Input.Size", size);
    }
    return TRUE;
}

/* ---- mean and standard deviation -------------------------------------------------------------------- */

static gboolean check_count(const HeGuess *g, const char *key, GError **error)
{
    guint n = stated_count(g, key);

    if (n == 0 || n == (guint)g->d->n_channels)
        return TRUE;
    return he_guess_fail(HE_ERROR_CORRUPT_MODEL, error,
                         "[Input] %s has %u numbers for %d channels",
                         strchr(key, '.') + 1, n, g->d->n_channels);
}

static double *repeat(double value, int n)
{
    double *list = g_new(double, (size_t)n);

    for (int i = 0; i < n; i++)
        list[i] = value;
    return list;
}

static void note_numbers(HeGuess *g, const char *key, const double *list, int n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    for (int i = 0; i < n; i++)
        g_string_append_printf(text, "%s%s", i ? "," : "",
                               g_ascii_formatd(buffer, sizeof buffer, "%g", list[i]));
    he_guess_note(g, key, text->str);
}

/* Whether the channels are R, G and B in some order; then LIST becomes RGB's numbers in that order. */
static gboolean pick_rgb(const HeDescriptor *d, const double rgb[3], double *list)
{
    for (int i = 0; i < d->n_channels; i++) {
        const char *at =
            strlen(d->channels[i]) == 1 ? strchr("RGB", *d->channels[i]) : NULL;
        if (d->n_channels != 3 || !at)
            return FALSE;
        list[i] = rgb[at - "RGB"];
    }
    return TRUE;
}

/* ImageNet's numbers for colour when nothing is stated; 0 and 1 otherwise. */
static gboolean guess_mean_std(HeGuess *g, GError **error)
{
    static const double imagenet_mean[] = {0.485, 0.456, 0.406};
    static const double imagenet_std[] = {0.229, 0.224, 0.225};
    HeDescriptor *d = g->d;
    gboolean has_any = d->mean || d->std || he_guess_is_stated(g, "Input.Scale");

    if (!check_count(g, "Input.Mean", error) || !check_count(g, "Input.Std", error))
        return FALSE;
    if (!he_guess_is_stated(g, "Input.Scale")) {
        d->scale = 1;
        he_guess_note(g, "Input.Scale", "1");
    }
    if (!d->mean) {
        d->mean = repeat(0, d->n_channels);
        if (!has_any)
            pick_rgb(d, imagenet_mean, d->mean);
        note_numbers(g, "Input.Mean", d->mean, d->n_channels);
    }
    if (!d->std) {
        d->std = repeat(1, d->n_channels);
        if (!has_any)
            pick_rgb(d, imagenet_std, d->std);
        note_numbers(g, "Input.Std", d->std, d->n_channels);
    }
    return TRUE;
}

/* ---- the rest of [Input] ------------------------------------------------------------------------------ */

static void guess_choice(HeGuess *g, const char *key, int *field, int value,
                         const HeChoice *choices)
{
    if (he_guess_is_stated(g, key))
        return;
    *field = value;
    he_guess_note(g, key, he_choice_get(choices, value)->nick);
}

static void guess_handling(HeGuess *g)
{
    HeDescriptor *d = g->d;

    guess_choice(g, "Input.Encoding", (int *)&d->encoding, HE_ENCODING_SRGB,
                 he_encodings);
    if (d->n_channels == 1 && strcmp(d->channels[0], "Y") == 0)
        guess_choice(g, "Input.Grey", (int *)&d->grey, HE_GREY_601, he_greys);
    guess_choice(g, "Input.Fit", (int *)&d->fit, HE_FIT_STRETCH, he_fits);
    guess_choice(g, "Input.Filter", (int *)&d->filter, HE_FILTER_BICUBIC, he_filters);
    if (!he_guess_is_stated(g, "Input.CropFraction")) {
        d->crop_fraction = 0.875;
        he_guess_note(g, "Input.CropFraction", "0.875");
    }
    if (!he_guess_is_stated(g, "Input.Antialias")) {
        d->antialias = TRUE;
        he_guess_note(g, "Input.Antialias", "true");
    }
    if (!he_guess_is_stated(g, "Input.Background")) {
        d->is_background_mean = TRUE;
        he_guess_note(g, "Input.Background", "mean");
    }
}

gboolean he_descriptor_guess(HeDescriptor *descriptor, GHashTable *keys_seen,
                             const HeOnnx *onnx, GError **error)
{
    g_autoptr(GPtrArray) guessed = g_ptr_array_new_with_free_func(g_free);
    HeGuess g = {
        .d = descriptor, .seen = keys_seen, .graph = &onnx->graph, .guessed = guessed};

    if (!find_input(&g, error) || !check_input(&g, error))
        return FALSE;
    guess_layout(&g);
    if (!guess_channels(&g, error) || !guess_size(&g, error) ||
        !guess_mean_std(&g, error))
        return FALSE;
    guess_handling(&g);
    if (!he_guess_output(&g, error))
        return FALSE;
    g_ptr_array_add(guessed, NULL);
    descriptor->guessed = (char **)g_ptr_array_free(g_steal_pointer(&guessed), FALSE);
    return TRUE;
}
