/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A result as a PNG: parts of rows are composed and compressed on all threads, and written in their order. */
#include "cli/maps.h"
#include "cli/png_part.h"
#include "core/order.h"

#define MOST_THREADS 8 /* each has bands and a part of its own */

/* What a thread works with. */
typedef struct {
    CliComposer composer;
    CliPngPart *part;
} Desk;

typedef struct {
    CliPngWriter *writer;
    int height, n_rows; /* of the picture, of a part */
    Desk *desks;
} Job;

static gboolean make_part(void *data, int turn, int worker, GError **error)
{
    const Job *job = data;
    Desk *desk = &job->desks[worker];
    const int from = turn * job->n_rows, to = MIN(from + job->n_rows, job->height);
    cli_png_part_begin(desk->part, from);
    for (int y = from; y < to; y += desk->composer.n_rows) {
        int n = MIN(desk->composer.n_rows, to - y);
        if (!cli_composer_rows(&desk->composer, y, n, error))
            return FALSE;
        cli_png_part_add(desk->part, desk->composer.rows, n);
    }
    return TRUE;
}

static gboolean take_part(void *data, int turn, int worker, GError **error)
{
    const Job *job = data;
    (void)turn;
    return cli_png_writer_take(job->writer, job->desks[worker].part, error);
}

static gboolean desks_init(Desk *desks, int n, const CliComposer *like,
                           const CliPngShape *shape, GError **error)
{
    for (int i = 0; i < n; i++) {
        if (!cli_composer_init(&desks[i].composer, like->picture, like->descriptor,
                               like->result, like->as, error))
            return FALSE;
        desks[i].part = cli_png_part_new(shape, error);
        if (!desks[i].part)
            return FALSE;
    }
    return TRUE;
}

static gboolean write_parts(const CliComposer *composer, const CliPngShape *shape,
                            CliPngWriter *writer, int n_threads, GError **error)
{
    Job job = {.writer = writer,
               .height = shape->height,
               .n_rows = cli_png_part_rows(shape->width, shape->height)};
    const HeOrder order = {.make = make_part,
                           .take = take_part,
                           .data = &job,
                           .n_turns = (job.height + job.n_rows - 1) / job.n_rows};
    const int n = MIN(MIN(n_threads, MOST_THREADS), order.n_turns);
    HePool *pool = he_pool_new(n);
    job.desks = g_new0(Desk, (gsize)n);
    gboolean is_good = desks_init(job.desks, n, composer, shape, error) &&
                       he_order_run(&order, pool, error);
    for (int i = 0; i < n; i++) {
        cli_composer_clear(&job.desks[i].composer);
        cli_png_part_free(job.desks[i].part);
    }
    g_free(job.desks);
    he_pool_free(pool);
    return is_good;
}

gboolean cli_write_png(CliOutputs *outputs, const char *path, const CliComposer *composer,
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
    return writer && write_parts(composer, &shape, writer, n_threads, error) &&
           cli_png_writer_end(writer, error) && cli_outputs_close(outputs, error);
}
