/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG to rows, by libpng: every colour type and depth, interlaced or not.
 *
 * Rows stay in memory as they were stored, 8 or 16 bits a sample (palettes as their colours), and become
 * floats only in the bands that are asked for. Colour by precedence: sRGB, iCCP, gAMA with cHRM.
 * libpng leaves an error by longjmp: everything it may leave behind belongs to the Reader, which lives
 * in the caller's frame. PNG specification 1.2. */
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "cli/colour.h"
#include "cli/png.h"
#include "core/alloc.h"
#include "core/limits.h"
#include "plugin/core/recipe.h"

#define MAX_CHUNK_BYTES (32 << 20)

typedef struct {
    CliPicture base;
    int samples;      /* of a pixel as kept, with a stored alpha */
    int sample_bytes; /* 1 or 2, the machine's order */
    gboolean has_key; /* tRNS of grey and RGB: this colour is transparent */
    int key[3];
    size_t row_bytes;
    guint8 *pixels;
    CliColour *colour;
} PngPicture;

typedef struct {
    CliInput *input;
    png_structp png;
    png_infop info;
    PngPicture *picture;
    png_bytepp rows;
    GError *failed;
    char message[160];
} Reader;

static void on_error(png_structp png, png_const_charp message)
{
    Reader *reader = png_get_error_ptr(png);
    g_strlcpy(reader->message, message, sizeof reader->message);
    png_longjmp(png, 1);
}

/* What libpng mends by itself (a bad date, an unknown gamma) changes no pixel. */
static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
    Reader *reader = png_get_io_ptr(png);
    if (!cli_input_read(reader->input, out, n))
        png_error(png, "the file ends too early");
}

static void widen(const PngPicture *self, const guint8 *bytes, size_t n, float *out)
{
    const guint16 *words = (const guint16 *)(const void *)bytes;
    if (self->sample_bytes == 1)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)bytes[i];
    else
        for (size_t i = 0; i < n; i++)
            out[i] = (float)words[i];
}

/* Makes room for an alpha in each pixel of a row that was widened, from its end on. */
static void set_alpha(const PngPicture *self, float *row)
{
    const int n = self->samples;
    for (int x = self->base.source.width - 1; x >= 0; x--) {
        const float *in = row + (size_t)x * (size_t)n;
        float *out = row + (size_t)x * (size_t)(n + 1);
        gboolean is_key = TRUE;
        for (int c = 0; c < n; c++)
            is_key = is_key && (int)in[c] == self->key[c];
        memmove(out, in, (size_t)n * sizeof *out);
        out[n] = is_key ? 0 : (float)self->base.source.full_scale;
    }
}

static gboolean png_picture_read_rows(HeSource *source, HeEncoding encoding, int y, int n,
                                      float *out, GError **error)
{
    PngPicture *self = (PngPicture *)source;
    int step = source->channels + (source->has_alpha ? 1 : 0);
    size_t width = (size_t)source->width, n_pixels = (size_t)n * width;
    (void)error;

    for (int row = 0; row < n; row++) {
        const guint8 *bytes = self->pixels + (size_t)(y + row) * self->row_bytes;
        float *p = out + (size_t)row * width * (size_t)step;
        widen(self, bytes, width * (size_t)self->samples, p);
        if (self->has_key)
            set_alpha(self, p);
    }
    if (source->has_alpha)
        for (size_t i = 0; i < n_pixels; i++)
            out[i * (size_t)step + (size_t)source->channels] /= (float)source->full_scale;
    if (encoding != HE_ENCODING_RAW)
        cli_colour_convert(self->colour, encoding, source->channels, step, out, n_pixels);
    return TRUE;
}

/* Rows as they are kept; set where the engine's own order is the same. */
static const void *png_picture_stored_rows(HeSource *source, int y, int *n,
                                           GError **error)
{
    const PngPicture *self = (const PngPicture *)source;
    (void)n;
    (void)error;
    return self->pixels + (size_t)y * self->row_bytes;
}

static void png_picture_clear(CliPicture *base)
{
    PngPicture *self = (PngPicture *)base;
    he_free(self->pixels);
    cli_colour_free(self->colour);
}

static void take_key(Reader *reader, int color_type)
{
    png_color_16p key = NULL;
    if (!png_get_tRNS(reader->png, reader->info, NULL, NULL, &key) || !key)
        return;
    PngPicture *picture = reader->picture;
    int full = (int)picture->base.source.full_scale;
    gboolean is_grey = color_type == PNG_COLOR_TYPE_GRAY;
    picture->has_key = TRUE;
    picture->key[0] = (is_grey ? key->gray : key->red) & full;
    picture->key[1] = key->green & full;
    picture->key[2] = key->blue & full;
}

/* Chooses what is kept and tells libpng; fills the source. */
static void set_transforms(Reader *reader)
{
    PngPicture *picture = reader->picture;
    HeSource *source = &picture->base.source;
    int type = png_get_color_type(reader->png, reader->info);
    int depth = png_get_bit_depth(reader->png, reader->info);
    gboolean has_trns = png_get_valid(reader->png, reader->info, PNG_INFO_tRNS) != 0;

    if (type == PNG_COLOR_TYPE_PALETTE) {
        png_set_palette_to_rgb(reader->png);
        if (has_trns)
            png_set_tRNS_to_alpha(reader->png);
        depth = 8;
    }
    png_set_packing(reader->png);
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        png_set_swap(reader->png);
    png_set_interlace_handling(reader->png);

    source->width = (int)png_get_image_width(reader->png, reader->info);
    source->height = (int)png_get_image_height(reader->png, reader->info);
    source->channels = type & PNG_COLOR_MASK_COLOR ? 3 : 1;
    source->full_scale = (1 << depth) - 1;
    source->has_alpha = has_trns || (type & PNG_COLOR_MASK_ALPHA) != 0;
    source->read_rows = png_picture_read_rows;
    picture->base.depth = depth == 16 ? 16 : 8;
    picture->sample_bytes = depth == 16 ? 2 : 1;
    if (has_trns && type != PNG_COLOR_TYPE_PALETTE)
        take_key(reader, type);

    png_read_update_info(reader->png, reader->info);
    picture->samples = png_get_channels(reader->png, reader->info);
    picture->row_bytes = png_get_rowbytes(reader->png, reader->info);
    if (!picture->has_key &&
        (depth == 8 || (depth == 16 && G_BYTE_ORDER == G_LITTLE_ENDIAN)))
        source->stored_rows = png_picture_stored_rows;
}

static void take_gamma(Reader *reader, CliColour *colour)
{
    double gamma = 0;
    double xyz[3][3];
    if (!png_get_gAMA(reader->png, reader->info, &gamma))
        return;
    cli_colour_set_gamma(colour, gamma);
    if (png_get_cHRM_XYZ(reader->png, reader->info, &xyz[0][0], &xyz[1][0], &xyz[2][0],
                         &xyz[0][1], &xyz[1][1], &xyz[2][1], &xyz[0][2], &xyz[1][2],
                         &xyz[2][2]))
        cli_colour_set_primaries(colour, (const double(*)[3])xyz);
}

static void take_colour(Reader *reader)
{
    PngPicture *picture = reader->picture;
    png_charp name = NULL;
    png_bytep profile = NULL;
    png_uint_32 n = 0;
    int kind = 0;

    picture->colour = cli_colour_new((int)picture->base.source.full_scale);
    if (png_get_sRGB(reader->png, reader->info, &kind))
        return;
    if (!png_get_iCCP(reader->png, reader->info, &name, &kind, &profile, &n)) {
        take_gamma(reader, picture->colour);
        return;
    }
    HeSource *source = &picture->base.source;
    if (!cli_colour_set_profile(picture->colour, source->channels, profile, n))
        picture->base.note =
            g_strdup_printf("%s: its colour profile (%s) is not of a kind that can be "
                            "read; its colours are taken as sRGB",
                            reader->input->name, name);
}

static void take_recipe(Reader *reader)
{
    png_textp text = NULL;
    int n = png_get_text(reader->png, reader->info, &text, NULL);
    for (int i = 0; i < n; i++)
        if (strcmp(text[i].key, HE_RECIPE_NAME) == 0 && !reader->picture->base.recipe)
            reader->picture->base.recipe = g_strdup(text[i].text);
}

/* Everything that may longjmp. FALSE: reader->message or reader->failed says why. */
static gboolean read_png(Reader *reader)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return FALSE;
    PngPicture *picture = reader->picture;
    png_set_read_fn(reader->png, reader, on_read);
    png_set_user_limits(reader->png, HE_MAX_SIDE, HE_MAX_SIDE);
    png_set_chunk_malloc_max(reader->png, MAX_CHUNK_BYTES);
    png_read_info(reader->png, reader->info);
    set_transforms(reader);

    size_t height = (size_t)picture->base.source.height;
    picture->pixels =
        cli_input_alloc_rows(reader->input, height, picture->row_bytes, &reader->failed);
    if (!picture->pixels)
        return FALSE;
    reader->rows = g_new(png_bytep, height);
    for (size_t y = 0; y < height; y++)
        reader->rows[y] = picture->pixels + y * picture->row_bytes;
    png_read_image(reader->png, reader->rows);
    png_read_end(reader->png, reader->info);
    take_colour(reader);
    take_recipe(reader);
    return TRUE;
}

CliPicture *cli_png_read(CliInput *input, GError **error)
{
    Reader reader = {.input = input, .picture = g_new0(PngPicture, 1)};
    reader.picture->base.clear = png_picture_clear;
    reader.png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    if (reader.png)
        reader.info = png_create_info_struct(reader.png);

    gboolean is_good = reader.info && read_png(&reader);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    g_free(reader.rows);
    if (is_good)
        return &reader.picture->base;
    if (reader.failed)
        g_propagate_error(error, reader.failed);
    else
        cli_input_error(input, error, "not a good PNG: %s",
                        reader.message[0] ? reader.message : "libpng cannot start");
    cli_picture_free(&reader.picture->base);
    return NULL;
}
