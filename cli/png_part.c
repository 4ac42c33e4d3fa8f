/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Rows -> filtered bytes -> raw deflate, in parts that know nothing of each other (as pigz does):
 *
 *   stream = 78 01, parts, Adler-32     part = blocks that end on a byte: Z_SYNC_FLUSH, the last one Z_FINISH
 *
 * zlib's Z_RLE: of a photograph behind Paeth's filter, whose repeats are chance, runs leave 3 % fewer bytes than
 * zlib's fastest search, in three quarters of the time. No runs at all (Z_HUFFMAN_ONLY) would save a quarter more,
 * and leave 2 % more bytes, of drawings many times as many.
 * The filter is Paeth's, and Sub in a part's first row, which has no row above it that is known here.
 * RFC 1950, RFC 1951; PNG specification 1.2, chapter 6. */
#include <string.h>
#include <zlib.h>

#include "cli/png_part.h"
#include "core/alloc.h"

#define HEADER      "\x78\x01" /* deflate, 32 KiB, the fastest level */
#define HEADER_N    2
#define TRAILER_N   4
#define RAW         (-15) /* 32 KiB, neither header nor trailer */
#define MEM_LEVEL   8     /* blocks of 16,383 bytes or runs */
#define FLUSH_N     8     /* at least what Z_SYNC_FLUSH adds to deflateBound */
#define PART_PIXELS (1 << 15)
#define LEAST_ROWS  16 /* Sub's rows are longer than Paeth's: one in so many */

enum { SUB = 1, PAETH = 4 }; /* as the file names filters */

struct CliPngPart {
    CliPngShape shape;
    gsize pixel, row; /* bytes */
    guint8 *rows[2];  /* as stored: the newest one, the one above it */
    guint8 *filtered; /* each row's filter, and the row */
    z_stream z;
    guint8 *out;
    gsize n_out;
    int first, n_rows, n; /* row of the picture, rows wanted, rows so far */
    gulong adler;
};

int cli_png_part_rows(int width, int height)
{
    return CLAMP(PART_PIXELS / width, MIN(LEAST_ROWS, height), height);
}

static void *alloc_for_zlib(void *unused, uInt n, uInt size)
{
    (void)unused;
    return he_alloc(n, size, "compressing a PNG", NULL);
}

static void free_for_zlib(void *unused, void *memory)
{
    (void)unused;
    he_free(memory);
}

static gboolean init_zlib(CliPngPart *part, GError **error)
{
    part->z.zalloc = alloc_for_zlib;
    part->z.zfree = free_for_zlib;
    if (deflateInit2(&part->z, Z_BEST_SPEED, Z_DEFLATED, RAW, MEM_LEVEL, Z_RLE) == Z_OK)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                "There is no memory to compress a PNG");
    return FALSE;
}

static gsize room(CliPngPart *part, gsize n)
{
    return deflateBound(&part->z, n) + FLUSH_N;
}

static gboolean alloc_rows(CliPngPart *part, GError **error)
{
    const CliPngShape *shape = &part->shape;
    const gsize n = (gsize)cli_png_part_rows(shape->width, shape->height);
    for (int i = 0; i < 2; i++)
        if (!(part->rows[i] = he_alloc(part->row, 1, "a row of a PNG", error)))
            return FALSE;
    part->filtered = he_alloc(n, part->row + 1, "a part of a PNG", error);
    if (!part->filtered || !init_zlib(part, error))
        return FALSE;
    part->out = he_alloc(HEADER_N + room(part, n * (part->row + 1)) + TRAILER_N, 1,
                         "a part of a PNG", error);
    return part->out != NULL;
}

CliPngPart *cli_png_part_new(const CliPngShape *shape, GError **error)
{
    CliPngPart *part = g_new0(CliPngPart, 1);
    part->shape = *shape;
    part->pixel = (gsize)((shape->has_alpha ? 4 : 3) * shape->depth / 8);
    part->row = part->pixel * (gsize)shape->width;
    if (alloc_rows(part, error))
        return part;
    cli_png_part_free(part);
    return NULL;
}

void cli_png_part_free(CliPngPart *part)
{
    if (!part)
        return;
    he_free(part->rows[0]);
    he_free(part->rows[1]);
    he_free(part->filtered);
    he_free(part->out);
    deflateEnd(&part->z); /* not begun: refused */
    g_free(part);
}

void cli_png_part_begin(CliPngPart *part, int y)
{
    const int height = part->shape.height;
    part->first = y;
    part->n_rows = MIN(cli_png_part_rows(part->shape.width, height), height - y);
    part->n = 0;
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static void pack_row(const CliPngPart *part, const float *rgba, guint8 *out)
{
    const int samples = part->shape.has_alpha ? 4 : 3;
    const gboolean is_wide = part->shape.depth == 16;
    const float full = is_wide ? 65535 : 255;
    for (int x = 0; x < part->shape.width; x++, rgba += 4) {
        for (int c = 0; c < samples; c++) {
            float v = rgba[c] * full + 0.5f;
            v = v > 0 ? v : 0; /* NaN is 0 */
            int stored = (int)(v < full ? v : full);
            if (is_wide)
                *out++ = (guint8)(stored >> 8);
            *out++ = (guint8)stored;
        }
    }
}

static void filter_sub(const guint8 *row, gsize n, gsize pixel, guint8 *out)
{
    memcpy(out, row, pixel);
    for (gsize i = pixel; i < n; i++)
        out[i] = (guint8)(row[i] - row[i - pixel]);
}

/* In a form that compilers turn into vectors. */
static void filter_paeth(const guint8 *row, const guint8 *above, gsize n, gsize pixel,
                         guint8 *out)
{
    for (gsize i = 0; i < pixel; i++)
        out[i] = (guint8)(row[i] - above[i]);
    for (gsize i = pixel; i < n; i++) {
        gint16 a = row[i - pixel], b = above[i], c = above[i - pixel];
        gint16 to_a = (gint16)(b - c), to_b = (gint16)(a - c);
        gint16 to_c = (gint16)(to_a + to_b);
        to_a = (gint16)(to_a < 0 ? -to_a : to_a);
        to_b = (gint16)(to_b < 0 ? -to_b : to_b);
        to_c = (gint16)(to_c < 0 ? -to_c : to_c);
        gint16 nearest = to_b <= to_c ? b : c;
        nearest = ((to_a <= to_b) & (to_a <= to_c)) ? a : nearest;
        out[i] = (guint8)(row[i] - nearest);
    }
}

static void compress_rows(CliPngPart *part)
{
    const gboolean is_last = part->first + part->n_rows == part->shape.height;
    const gsize n = (gsize)part->n_rows * (part->row + 1);
    const gsize before = part->first == 0 ? HEADER_N : 0;
    memcpy(part->out, HEADER, before);
    part->adler = adler32_z(adler32_z(0, NULL, 0), part->filtered, n);

    z_stream *z = &part->z;
    deflateReset(z);
    z->next_in = part->filtered;
    z->avail_in = (uInt)n;
    z->next_out = part->out + before;
    z->avail_out = (uInt)room(part, n);
    deflate(z, is_last ? Z_FINISH : Z_SYNC_FLUSH);
    g_assert(z->avail_in == 0 && z->avail_out > 0); /* else there were more to come */
    part->n_out = before + z->total_out;
}

void cli_png_part_add(CliPngPart *part, const float *rgba, int n)
{
    for (int i = 0; i < n; i++, rgba += (gsize)part->shape.width * 4, part->n++) {
        guint8 *row = part->rows[part->n % 2], *above = part->rows[(part->n + 1) % 2];
        guint8 *out = part->filtered + (gsize)part->n * (part->row + 1);
        pack_row(part, rgba, row);
        *out++ = part->n ? PAETH : SUB;
        if (part->n)
            filter_paeth(row, above, part->row, part->pixel, out);
        else
            filter_sub(row, part->row, part->pixel, out);
    }
    if (cli_png_part_is_full(part))
        compress_rows(part);
}

gboolean cli_png_part_is_full(const CliPngPart *part)
{
    return part->n == part->n_rows;
}

const guint8 *cli_png_part_finish(CliPngPart *part, gulong *adler, gsize *n)
{
    const gsize n_in = (gsize)part->n_rows * (part->row + 1);
    *adler = adler32_combine(*adler, part->adler, (z_off_t)n_in);
    *n = part->n_out;
    if (part->first + part->n_rows == part->shape.height) {
        guint32 trailer = GUINT32_TO_BE((guint32)*adler);
        memcpy(part->out + *n, &trailer, TRAILER_N);
        *n += TRAILER_N;
    }
    return part->out;
}
