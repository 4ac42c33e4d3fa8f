/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A result as a PNG. Colouring and blending take about as long as compressing: with two threads the next
 * band of rows is composed while one is written. The bands and their order, and so the bytes of the file,
 * are the same with one. */
#include "cli/maps.h"
#include "cli/png.h"
#include "core/alloc.h"
#include "core/relay.h"

/* Composed on a thread, written by the caller. */
typedef struct {
    CliComposer *composer;
    CliPngWriter *writer;
    float *rows[HE_RELAY_ROOMS];
} Bands;

static int band_rows(const CliComposer *composer, int band)
{
    int y = band * composer->n_rows;
    return MIN(composer->n_rows, composer->picture->source.height - y);
}

static gboolean compose(void *data, int band, int room, GError **error)
{
    Bands *bands = data;
    CliComposer *composer = bands->composer;
    composer->rows = bands->rows[room];
    return cli_composer_rows(composer, band * composer->n_rows, band_rows(composer, band),
                             error);
}

static gboolean write_band(void *data, int band, int room, GError **error)
{
    Bands *bands = data;
    return cli_png_writer_rows(bands->writer, bands->rows[room],
                               band_rows(bands->composer, band), error);
}

static gboolean write_bands(CliComposer *composer, CliPngWriter *writer, int n_threads,
                            GError **error)
{
    const int height = composer->picture->source.height;
    float *first = composer->rows, *second = NULL;
    size_t n = (size_t)composer->n_rows * (size_t)composer->picture->source.width;
    if (n_threads > 1 && composer->n_rows < height) {
        second = he_alloc(n * 4, sizeof(float), "a band of rows", error);
        if (!second)
            return FALSE;
    }
    Bands bands = {.composer = composer, .writer = writer, .rows = {first, second}};
    const HeRelay relay = {.fill = compose,
                           .empty = write_band,
                           .data = &bands,
                           .n_turns = (height + composer->n_rows - 1) / composer->n_rows,
                           .beside = second ? HE_RELAY_FILL : HE_RELAY_NONE};
    gboolean is_good = he_relay_run(&relay, error);
    composer->rows = first;
    he_free(second);
    return is_good;
}

gboolean cli_write_png(CliOutputs *outputs, const char *path, CliComposer *composer,
                       int n_threads, GError **error)
{
    FILE *file = cli_outputs_open(outputs, path, error);
    if (!file)
        return FALSE;
    const HeSource *source = &composer->picture->source;
    g_autofree char *recipe = he_recipe_to_json(composer->result->recipe);
    CliPngShape shape = {.name = path,
                         .width = source->width,
                         .height = source->height,
                         .has_alpha = cli_composer_has_alpha(composer),
                         .depth = composer->picture->depth,
                         .recipe = recipe};
    g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, error);
    if (!writer)
        return FALSE;
    return write_bands(composer, writer, n_threads, error) &&
           cli_png_writer_end(writer, error) && cli_outputs_close(outputs, error);
}
