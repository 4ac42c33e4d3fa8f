/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The first convolution's weights [filters, channels, h, w] as tiles, in the manner of Krizhevsky et al. 2012,
 * figure 3: zero is middle grey, each tile's largest magnitude is black or white. Weights are squares, not
 * smoothed: what is seen is what is there. */
#include <math.h>
#include <string.h>

#include "cli/filters.h"
#include "cli/png.h"
#include "core/alloc.h"

#define TILE_PX   48 /* about; whole squares */
#define GAP_PX    4
#define MAX_TILES 4096
#define PAPER     1.0f

typedef struct {
    const float *weights;
    int channels, h, w; /* of a filter */
    int rgb[3];         /* which channels are red, green, blue; rgb[0] -1: grey tiles */
    int n_tiles, n_columns, n_rows;
    int square_px;
    float *scale; /* of each tile: 0.5 / its largest magnitude */
} Sheet;

static gboolean is_colour(const Sheet *sheet)
{
    return sheet->rgb[0] >= 0;
}

static int tile_width(const Sheet *sheet)
{
    return sheet->w * sheet->square_px + GAP_PX;
}

static int tile_height(const Sheet *sheet)
{
    return sheet->h * sheet->square_px + GAP_PX;
}

/* The tile's first weight, and how many it has. */
static const float *tile_weights(const Sheet *sheet, int tile, size_t *n)
{
    size_t plane = (size_t)sheet->h * (size_t)sheet->w;

    *n = is_colour(sheet) ? 3 * plane : plane;
    return sheet->weights + (size_t)tile * *n;
}

static void find_colours(Sheet *sheet, const HeDescriptor *d)
{
    static const char *const names[] = {"R", "G", "B"};

    for (int c = 0; c < 3; c++) {
        sheet->rgb[c] = -1;
        for (int i = 0; i < d->n_channels; i++)
            if (strcmp(d->channels[i], names[c]) == 0)
                sheet->rgb[c] = i;
    }
    if (sheet->channels != 3 || d->n_channels != 3 || sheet->rgb[1] < 0 ||
        sheet->rgb[2] < 0)
        sheet->rgb[0] = -1;
}

/* Grey tiles of one filter stand in one row while that stays narrow. */
static void lay_out(Sheet *sheet, gint64 n_filters)
{
    gint64 n = is_colour(sheet) ? n_filters : n_filters * sheet->channels;

    sheet->n_tiles = (int)MIN(n, MAX_TILES);
    sheet->n_columns = (int)ceil(sqrt(1.5 * sheet->n_tiles));
    if (!is_colour(sheet) && sheet->channels > 1 && sheet->channels <= 32)
        sheet->n_columns = MIN(sheet->channels, sheet->n_tiles);
    sheet->n_rows = (sheet->n_tiles + sheet->n_columns - 1) / sheet->n_columns;
    sheet->square_px =
        MAX(1, (TILE_PX + MAX(sheet->h, sheet->w) / 2) / MAX(sheet->h, sheet->w));
}

static void find_scales(Sheet *sheet)
{
    sheet->scale = g_new(float, sheet->n_tiles);
    for (int tile = 0; tile < sheet->n_tiles; tile++) {
        size_t n;
        const float *w = tile_weights(sheet, tile, &n);
        float largest = 0;
        for (size_t i = 0; i < n; i++)
            largest = MAX(largest, fabsf(w[i]));
        sheet->scale[tile] = largest > 0 ? 0.5f / largest : 0;
    }
}

static void paint(const Sheet *sheet, int tile, int y, int x, float *rgba)
{
    size_t n, plane = (size_t)sheet->h * (size_t)sheet->w;
    const float *w = tile_weights(sheet, tile, &n) + y * sheet->w + x;

    for (int c = 0; c < 3; c++) {
        size_t channel = is_colour(sheet) ? (size_t)sheet->rgb[c] : 0;
        rgba[c] = 0.5f + sheet->scale[tile] * w[channel * plane];
    }
}

static void paint_row(const Sheet *sheet, int y, int width, float *rgba)
{
    int row = (y - GAP_PX) / tile_height(sheet), in_y = (y - GAP_PX) % tile_height(sheet);

    for (int x = 0; x < width; x++, rgba += 4) {
        int column = (x - GAP_PX) / tile_width(sheet);
        int in_x = (x - GAP_PX) % tile_width(sheet);
        int tile = row * sheet->n_columns + column;
        rgba[0] = rgba[1] = rgba[2] = PAPER;
        rgba[3] = 1;
        if (x >= GAP_PX && y >= GAP_PX && tile < sheet->n_tiles &&
            in_x < tile_width(sheet) - GAP_PX && in_y < tile_height(sheet) - GAP_PX)
            paint(sheet, tile, in_y / sheet->square_px, in_x / sheet->square_px, rgba);
    }
}

static gboolean write_sheet(const Sheet *sheet, CliOutputs *outputs, const char *path,
                            GError **error)
{
    CliPngShape shape = {.name = path,
                         .width = sheet->n_columns * tile_width(sheet) + GAP_PX,
                         .height = sheet->n_rows * tile_height(sheet) + GAP_PX,
                         .depth = 8};
    FILE *file = cli_outputs_open(outputs, path, error);
    if (!file)
        return FALSE;
    g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, error);
    float *row =
        writer ? he_alloc((size_t)shape.width, 4 * sizeof(float), path, error) : NULL;
    gboolean is_good = row != NULL;
    for (int y = 0; is_good && y < shape.height; y++) {
        paint_row(sheet, y, shape.width, row);
        is_good = cli_png_writer_rows(writer, row, 1, error);
    }
    he_free(row);
    return is_good && cli_png_writer_end(writer, error) &&
           cli_outputs_close(outputs, error);
}

gboolean cli_filters_write(HeSession *session, CliOutputs *outputs, const char *path,
                           char **note, GError **error)
{
    HeModel *model = he_session_get_model(session);
    HeTensor weights;
    *note = NULL;
    if (!he_session_read_filters(session, &weights, NULL, error))
        return FALSE;
    if (weights.dim[1] > MAX_TILES || weights.dim[2] > TILE_PX * GAP_PX ||
        weights.dim[3] > TILE_PX * GAP_PX) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "%s: its first filters are %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT
                    " on %" G_GINT64_FORMAT " channels: too large to draw",
                    he_model_get_name(model), weights.dim[2], weights.dim[3],
                    weights.dim[1]);
        he_free(weights.data);
        return FALSE;
    }
    Sheet sheet = {.weights = weights.data,
                   .channels = (int)weights.dim[1],
                   .h = (int)weights.dim[2],
                   .w = (int)weights.dim[3]};
    find_colours(&sheet, he_model_get_descriptor(model));
    lay_out(&sheet, weights.dim[0]);
    find_scales(&sheet);
    gboolean is_good = write_sheet(&sheet, outputs, path, error);
    if (is_good && sheet.n_tiles == MAX_TILES)
        *note = g_strdup_printf("the first %d tiles are drawn", MAX_TILES);
    g_free(sheet.scale);
    he_free(weights.data);
    return is_good;
}
