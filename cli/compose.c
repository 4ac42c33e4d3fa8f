/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A result in colours, band by band of rows, so that a huge picture costs little memory. */
#include <string.h>

#include "cli/maps.h"
#include "core/alloc.h"

#define BAND_PIXELS (1 << 13) /* with all that is made of them, they fit the cache */

const HeChoice cli_as_choices[] = {
    {CLI_AS_PICTURE, "picture", "The picture with the map over it"},
    {CLI_AS_LAYER, "layer", "The coloured map alone"},
    {0, NULL, NULL},
};

int cli_band_rows(int width, int height)
{
    return CLAMP(BAND_PIXELS / width, 1, height);
}

gboolean cli_composer_init(CliComposer *composer, CliPicture *picture,
                           const HeDescriptor *descriptor, const HeResult *result,
                           CliAs as, GError **error)
{
    const HeSource *source = &picture->source;
    int samples = source->channels + (source->has_alpha ? 1 : 0);
    int n_rows = cli_band_rows(source->width, source->height);
    size_t n = (size_t)n_rows * (size_t)source->width;
    CliComposer made = {.picture = picture,
                        .descriptor = descriptor,
                        .result = result,
                        .as = as,
                        .n_rows = n_rows};
    made.samples = he_alloc(n * (size_t)samples, sizeof(float), "a band of rows", error);
    made.bottom =
        made.samples ? he_alloc(n * 4, sizeof(float), "a band of rows", error) : NULL;
    made.rows =
        made.bottom ? he_alloc(n * 4, sizeof(float), "a band of rows", error) : NULL;
    if (!made.rows) {
        cli_composer_clear(&made);
        return FALSE;
    }
    if (result)
        made.render = he_render_new(result->map, result->plane, &result->recipe->display,
                                    result->scale);
    *composer = made;
    return TRUE;
}

void cli_composer_clear(CliComposer *composer)
{
    he_render_free(composer->render);
    he_free(composer->samples);
    he_free(composer->bottom);
    he_free(composer->rows);
    *composer = (CliComposer){0};
}

gboolean cli_composer_has_alpha(const CliComposer *composer)
{
    return composer->as == CLI_AS_LAYER || composer->picture->source.has_alpha;
}

/* Which band is shown as COLOUR (0 red, 1 green, 2 blue) of a picture that has no colours of its own. */
static int find_band(const CliComposer *composer, int colour)
{
    static const char *const names[][2] = {{"R", "red"}, {"G", "green"}, {"B", "blue"}};
    const HeDescriptor *d = composer->descriptor;
    int n = composer->picture->source.channels;
    for (int c = 0; d && d->n_channels == n && c < n; c++)
        if (g_ascii_strcasecmp(d->channels[c], names[colour][0]) == 0 ||
            g_ascii_strcasecmp(d->channels[c], names[colour][1]) == 0)
            return c;
    return n < 3 ? 0 : colour;
}

static void show_samples(const CliComposer *composer, size_t n)
{
    const HeSource *source = &composer->picture->source;
    const HeDescriptor *d = composer->descriptor;
    gboolean is_windowed = composer->picture->is_raw && d && d->has_range;
    double low = is_windowed ? d->range[0] / source->full_scale : 0;
    double span = is_windowed ? d->range[1] / source->full_scale - low : 1;
    size_t step = (size_t)source->channels + (source->has_alpha ? 1 : 0);
    int band[3];
    for (int c = 0; c < 3; c++)
        band[c] = find_band(composer, c);
    for (size_t i = 0; i < n; i++) {
        const float *in = composer->samples + i * step;
        float *out = composer->bottom + i * 4;
        for (int c = 0; c < 3; c++)
            out[c] =
                is_windowed ? (float)(((double)in[band[c]] - low) / span) : in[band[c]];
        out[3] = source->has_alpha ? in[source->channels] : 1;
    }
}

gboolean cli_composer_rows(CliComposer *composer, int y, int n, GError **error)
{
    HeSource *source = &composer->picture->source;
    const HeResult *result = composer->result;
    const HeDisplay *display = result ? &result->recipe->display : NULL;
    size_t n_pixels = (size_t)n * (size_t)source->width;

    if (result)
        he_render_rows(composer->render, y, n, composer->rows);
    if (result && composer->as == CLI_AS_LAYER)
        return TRUE;
    if (!source->read_rows(source, HE_ENCODING_SRGB, y, n, composer->samples, error))
        return FALSE;
    show_samples(composer, n_pixels);
    if (result)
        he_blend_rows(composer->rows, composer->bottom, n_pixels, display->blend,
                      display->opacity);
    float *made = composer->bottom;
    composer->bottom = composer->rows;
    composer->rows = made;
    return TRUE;
}
