/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Rows to PNG: RGB or RGBA, 8 or 16 bits, sRGB, with the recipe as iTXt. libpng writes the chunks; the pixels'
 * bytes come from png_part.c, an IDAT for each part. */
#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "cli/png_part.h"
#include "plugin/core/recipe.h"

struct CliPngWriter {
    FILE *file;
    CliPngShape shape;
    png_structp png;
    png_infop info;
    gulong adler;     /* of the filtered bytes so far */
    CliPngPart *part; /* of the caller's rows, when they come one after the other */
    int n_rows;       /* of these */
    char message[160];
};

static void on_error(png_structp png, png_const_charp message)
{
    CliPngWriter *writer = png_get_error_ptr(png);
    g_strlcpy(writer->message, message, sizeof writer->message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    CliPngWriter *writer = png_get_io_ptr(png);
    if (fwrite(bytes, 1, n, writer->file) != n)
        png_error(png, g_strerror(errno));
}

static void on_flush(png_structp png)
{
    (void)png;
}

static gboolean fail(CliPngWriter *writer, GError **error)
{
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: cannot be written: %s",
                writer->shape.name, writer->message);
    return FALSE;
}

static void set_recipe(CliPngWriter *writer)
{
    png_text text = {.compression = PNG_ITXT_COMPRESSION_NONE,
                     .key = (char *)HE_RECIPE_NAME,
                     .text = (char *)writer->shape.recipe,
                     .itxt_length = strlen(writer->shape.recipe),
                     .lang = (char *)"",
                     .lang_key = (char *)""};
    png_set_text(writer->png, writer->info, &text, 1);
}

static gboolean write_header(CliPngWriter *writer)
{
    if (setjmp(png_jmpbuf(writer->png)))
        return FALSE;
    const CliPngShape *shape = &writer->shape;
    png_set_write_fn(writer->png, writer, on_write, on_flush);
    png_set_IHDR(
        writer->png, writer->info, (png_uint_32)shape->width, (png_uint_32)shape->height,
        shape->depth, shape->has_alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB_gAMA_and_cHRM(writer->png, writer->info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (shape->recipe)
        set_recipe(writer);
    png_write_info(writer->png, writer->info);
    return TRUE;
}

CliPngWriter *cli_png_writer_new(FILE *file, const CliPngShape *shape, GError **error)
{
    g_autoptr(CliPngWriter) writer = g_new0(CliPngWriter, 1);
    writer->file = file;
    writer->shape = *shape;
    writer->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, on_error, on_warning);
    if (writer->png)
        writer->info = png_create_info_struct(writer->png);
    writer->adler = 1;
    if (!writer->info || !write_header(writer)) {
        fail(writer, error);
        return NULL;
    }
    writer->shape.recipe = NULL;
    return g_steal_pointer(&writer);
}

static gboolean write_chunk(CliPngWriter *writer, const char *name, const guint8 *bytes,
                            gsize n)
{
    if (setjmp(png_jmpbuf(writer->png)))
        return FALSE;
    png_write_chunk(writer->png, (png_const_bytep)name, bytes, n);
    return TRUE;
}

gboolean cli_png_writer_take(CliPngWriter *writer, CliPngPart *part, GError **error)
{
    gsize n;
    const guint8 *bytes = cli_png_part_finish(part, &writer->adler, &n);
    return write_chunk(writer, "IDAT", bytes, n) || fail(writer, error);
}

gboolean cli_png_writer_rows(CliPngWriter *writer, const float *rgba, int n,
                             GError **error)
{
    if (!writer->part && !(writer->part = cli_png_part_new(&writer->shape, error)))
        return FALSE;
    for (int i = 0; i < n; i++, rgba += (gsize)writer->shape.width * 4) {
        if (writer->n_rows == 0 || cli_png_part_is_full(writer->part))
            cli_png_part_begin(writer->part, writer->n_rows);
        cli_png_part_add(writer->part, rgba, 1);
        writer->n_rows++;
        if (cli_png_part_is_full(writer->part) &&
            !cli_png_writer_take(writer, writer->part, error))
            return FALSE;
    }
    return TRUE;
}

gboolean cli_png_writer_end(CliPngWriter *writer, GError **error)
{
    return write_chunk(writer, "IEND", NULL, 0) || fail(writer, error);
}

void cli_png_writer_free(CliPngWriter *writer)
{
    if (!writer)
        return;
    png_destroy_write_struct(&writer->png, &writer->info);
    cli_png_part_free(writer->part);
    g_free(writer);
}
