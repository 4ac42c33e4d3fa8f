/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Tiles of one width in rows, on white; each picture is brought into a square of TILE_PX by the engine's own
 * resampling, its caption stands below it. */
#include "cli/sheet.h"

#include <math.h>
#include <string.h>

#include "cli/letters.h"
#include "cli/png.h"
#include "core/alloc.h"
#include "image/resample.h"

#define TILE_PX    256 /* 42 letters */
#define GAP_PX     8
#define CAPTION_PX (CLI_LETTER_HEIGHT + 2)
#define MAX_TILES  1024
#define PAPER      1.0f

typedef struct {
    int row, column;
    int width, height;
    guint8 *rgb; /* [height, width, 3] */
    char *caption;
} Tile;

struct CliSheet {
    GArray *tiles; /* Tile */
    int n_rows, n_columns;
    int column; /* of the next one */
};

static void clear_tile(gpointer data)
{
    Tile *tile = data;

    he_free(tile->rgb);
    g_free(tile->caption);
}

CliSheet *cli_sheet_new(void)
{
    CliSheet *sheet = g_new0(CliSheet, 1);

    sheet->tiles = g_array_new(FALSE, FALSE, sizeof(Tile));
    g_array_set_clear_func(sheet->tiles, clear_tile);
    return sheet;
}

void cli_sheet_free(CliSheet *sheet)
{
    if (!sheet)
        return;
    g_array_unref(sheet->tiles);
    g_free(sheet);
}

void cli_sheet_start_row(CliSheet *sheet)
{
    sheet->n_rows++;
    sheet->column = 0;
}

/* ---- tiles --------------------------------------------------------------------------------------------- */

static void keep_row(void *data, int y, const double *row)
{
    Tile *tile = data;
    guint8 *out = tile->rgb + (size_t)y * (size_t)tile->width * 3;

    for (int i = 0; i < tile->width * 3; i++)
        out[i] = (guint8)(CLAMP(row[i], 0, 1) * 255 + 0.5);
}

/* N pixels R'G'B'A on the paper, as R'G'B', in place. */
static void lay_on_paper(float *rgba, int n)
{
    for (int i = 0; i < n; i++) {
        const float *in = rgba + 4 * i, alpha = in[3];
        float *out = rgba + 3 * i;
        for (int c = 0; c < 3; c++)
            out[c] = alpha > 0 ? in[c] * alpha + (1 - alpha) * PAPER : PAPER;
    }
}

static gboolean push_rows(HeResample *resample, CliComposer *composer, GError **error)
{
    const int width = composer->picture->source.width;
    const int height = composer->picture->source.height;

    for (int y = 0; y < height; y += composer->n_rows) {
        const int n = MIN(composer->n_rows, height - y);
        if (!cli_composer_rows(composer, y, n, error))
            return FALSE;
        for (int i = 0; i < n; i++) {
            float *row = composer->rows + (size_t)i * (size_t)width * 4;
            lay_on_paper(row, width);
            he_resample_push(resample, row);
        }
    }
    return TRUE;
}

static gboolean fill_tile(Tile *tile, CliComposer *composer, GError **error)
{
    const HeSource *source = &composer->picture->source;
    const double scale = (double)TILE_PX / MAX(source->width, source->height);
    const HeResampleSpec spec = {.channels = 3,
                                 .in_w = source->width,
                                 .in_h = source->height,
                                 .w = source->width,
                                 .h = source->height,
                                 .out_w = MAX(1, (int)lround(scale * source->width)),
                                 .out_h = MAX(1, (int)lround(scale * source->height)),
                                 .filter = HE_FILTER_BICUBIC,
                                 .antialias = TRUE};

    tile->width = spec.out_w;
    tile->height = spec.out_h;
    tile->rgb = he_alloc((size_t)tile->width * (size_t)tile->height, 3, "a tile", error);
    g_autoptr(HeResample) resample =
        tile->rgb ? he_resample_new(&spec, keep_row, tile, error) : NULL;
    return resample && push_rows(resample, composer, error);
}

gboolean cli_sheet_add(CliSheet *sheet, CliComposer *composer, const char *caption,
                       GError **error)
{
    Tile tile = {.row = sheet->n_rows - 1, .column = sheet->column};

    if (sheet->tiles->len == MAX_TILES) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "a sheet takes at most %d pictures", MAX_TILES);
        return FALSE;
    }
    if (!fill_tile(&tile, composer, error)) {
        clear_tile(&tile);
        return FALSE;
    }
    tile.caption = cli_letters_fit(caption, TILE_PX / CLI_LETTER_WIDTH);
    g_array_append_val(sheet->tiles, tile);
    sheet->column++;
    sheet->n_columns = MAX(sheet->n_columns, sheet->column);
    return TRUE;
}

/* ---- the sheet ----------------------------------------------------------------------------------------- */

/* Where each row begins, and the last one ends; g_free. */
static int *find_rows(const CliSheet *sheet)
{
    int *top = g_new0(int, sheet->n_rows + 1);

    for (guint i = 0; i < sheet->tiles->len; i++) {
        const Tile *tile = &g_array_index(sheet->tiles, Tile, i);
        top[tile->row + 1] = MAX(top[tile->row + 1], tile->height + CAPTION_PX + GAP_PX);
    }
    top[0] = GAP_PX;
    for (int row = 0; row < sheet->n_rows; row++)
        top[row + 1] += top[row];
    return top;
}

/* Row Y of the tile and its caption, into OUT, R'G'B'A at its left edge. */
static void paint_tile(const Tile *tile, int y, float *out)
{
    const guint8 *rgb = tile->rgb + (size_t)y * (size_t)tile->width * 3;

    for (int x = 0; y < tile->height && x < tile->width; x++)
        for (int c = 0; c < 3; c++)
            out[4 * x + c] = (float)rgb[3 * x + c] / 255;
    for (int x = 0; y >= tile->height && x < TILE_PX; x++)
        if (cli_letters_is_ink(tile->caption, x, y - tile->height - 1))
            out[4 * x] = out[4 * x + 1] = out[4 * x + 2] = 0;
}

static void paint_row(const CliSheet *sheet, const int *top, int y, int width,
                      float *rgba)
{
    for (int x = 0; x < width * 4; x++)
        rgba[x] = x % 4 == 3 ? 1 : PAPER;
    for (guint i = 0; i < sheet->tiles->len; i++) {
        const Tile *tile = &g_array_index(sheet->tiles, Tile, i);
        const int in_y = y - top[tile->row];
        if (in_y >= 0 && in_y < tile->height + CAPTION_PX)
            paint_tile(tile, in_y,
                       rgba + 4 * (GAP_PX + tile->column * (TILE_PX + GAP_PX)));
    }
}

static gboolean write_rows(const CliSheet *sheet, const int *top, CliPngWriter *writer,
                           int width, GError **error)
{
    float *rgba = he_alloc((size_t)width, 4 * sizeof(float), "a row", error);
    gboolean is_good = rgba != NULL;

    for (int y = 0; is_good && y < top[sheet->n_rows]; y++) {
        paint_row(sheet, top, y, width, rgba);
        is_good = cli_png_writer_rows(writer, rgba, 1, error);
    }
    he_free(rgba);
    return is_good && cli_png_writer_end(writer, error);
}

gboolean cli_sheet_write(const CliSheet *sheet, CliOutputs *outputs, const char *path,
                         GError **error)
{
    g_autofree int *top = find_rows(sheet);
    const CliPngShape shape = {.name = path,
                               .width = GAP_PX + sheet->n_columns * (TILE_PX + GAP_PX),
                               .height = top[sheet->n_rows],
                               .depth = 8};
    FILE *file = cli_outputs_open(outputs, path, error);
    if (!file)
        return FALSE;
    g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, error);
    return writer && write_rows(sheet, top, writer, shape.width, error) &&
           cli_outputs_close(outputs, error);
}
