/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A result as a PNG. Colouring and blending take about as long as compressing: with two threads the next
 * band of rows is composed while one is written. The bands and their order, and so the bytes of the file,
 * are the same with one. */
#include "cli/maps.h"
#include "cli/png.h"
#include "core/alloc.h"

#define N_BANDS 2

typedef struct {
    float *rows;
    int n; /* rows in it; 0: composing failed */
} Band;

/* Bands go round: empty -> composed -> empty. */
typedef struct {
    CliComposer *composer;
    GAsyncQueue *empty, *composed;
    gint is_stopped; /* atomic: the writer wants no more */
    GError *error;   /* of the composer, with a band of no rows */
} Round;

static int next_rows(const CliComposer *composer, int y)
{
    return MIN(composer->n_rows, composer->picture->source.height - y);
}

static gpointer compose(gpointer data)
{
    Round *round = data;
    CliComposer *composer = round->composer;
    for (int y = 0; y < composer->picture->source.height; y += composer->n_rows) {
        Band *band = g_async_queue_pop(round->empty);
        if (g_atomic_int_get(&round->is_stopped))
            break;
        int n = next_rows(composer, y);
        composer->rows = band->rows;
        band->n = cli_composer_rows(composer, y, n, &round->error) ? n : 0;
        gboolean is_good = band->n > 0;
        g_async_queue_push(round->composed, band);
        if (!is_good)
            break;
    }
    return NULL;
}

static gboolean write_bands(Round *round, CliPngWriter *writer, GError **error)
{
    const CliComposer *composer = round->composer;
    for (int y = 0; y < composer->picture->source.height; y += composer->n_rows) {
        Band *band = g_async_queue_pop(round->composed);
        gboolean is_good =
            band->n > 0 && cli_png_writer_rows(writer, band->rows, band->n, error);
        if (!is_good)
            g_atomic_int_set(&round->is_stopped, TRUE);
        g_async_queue_push(round->empty, band);
        if (!is_good)
            return FALSE;
    }
    return TRUE;
}

static gboolean write_beside(CliPngWriter *writer, CliComposer *composer, GError **error)
{
    float *first = composer->rows;
    size_t n = (size_t)composer->n_rows * (size_t)composer->picture->source.width;
    float *second = he_alloc(n * 4, sizeof(float), "a band of rows", error);
    if (!second)
        return FALSE;
    Band bands[N_BANDS] = {{.rows = first}, {.rows = second}};
    Round round = {.composer = composer,
                   .empty = g_async_queue_new(),
                   .composed = g_async_queue_new()};
    for (int i = 0; i < N_BANDS; i++)
        g_async_queue_push(round.empty, &bands[i]);
    GThread *thread = g_thread_try_new("compose", compose, &round, error);
    gboolean is_good = thread && write_bands(&round, writer, error);
    if (thread)
        g_thread_join(thread);
    if (round.error)
        g_propagate_error(error, round.error);
    composer->rows = first;
    he_free(second);
    g_async_queue_unref(round.empty);
    g_async_queue_unref(round.composed);
    return is_good;
}

static gboolean write_in_turn(CliPngWriter *writer, CliComposer *composer, GError **error)
{
    for (int y = 0; y < composer->picture->source.height; y += composer->n_rows) {
        int n = next_rows(composer, y);
        if (!cli_composer_rows(composer, y, n, error) ||
            !cli_png_writer_rows(writer, composer->rows, n, error))
            return FALSE;
    }
    return TRUE;
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
    gboolean is_beside = n_threads > 1 && composer->n_rows < source->height;
    return (is_beside ? write_beside(writer, composer, error)
                      : write_in_turn(writer, composer, error)) &&
           cli_png_writer_end(writer, error) && cli_outputs_close(outputs, error);
}
