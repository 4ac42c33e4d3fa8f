/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What convolution by blocks of channels reads: weights in the order in which they are needed, and the input with
 * its borders, [c / 16][rows][columns][16]. Numbers of channels that are not there are 0. */
#include <string.h>

#include "kernels/axis.h"
#include "kernels/blocks_shape.h"

HeBlocksShape he_blocks_shape(const HeConv2d *s, gboolean is_backward)
{
    HeBlocksShape z = {.part = he_mm_part(s, is_backward, 0)};
    const HeMmPart *part = &z.part;
    gssize past_y = 0, past_x = 0;
    for (size_t t = 0; t < part->n_taps; t++) {
        z.first_y = t == 0 ? part->tap[t].y : MIN(z.first_y, part->tap[t].y);
        z.first_x = t == 0 ? part->tap[t].x : MIN(z.first_x, part->tap[t].x);
        past_y = t == 0 ? part->tap[t].y : MAX(past_y, part->tap[t].y);
        past_x = t == 0 ? part->tap[t].x : MAX(past_x, part->tap[t].x);
    }
    z.height = part->grid.rows + (size_t)(past_y - z.first_y);
    z.width = part->grid.cols + (size_t)(past_x - z.first_x);
    z.in_blocks = he_div_up(part->channels, HE_BLOCK);
    z.out_blocks = he_div_up(part->m, HE_BLOCK);
    z.pixels = part->grid.rows * part->grid.cols;
    z.step = CLAMP(HE_BLOCKS_K_STEP / HE_BLOCK / part->n_taps, 1, z.in_blocks);
    z.is_whole = z.width == part->grid.cols;
    return z;
}

size_t he_blocks_shared(const HeBlocksShape *z)
{
    return z->in_blocks * z->height * z->width * HE_BLOCK;
}

/* ---- weights ---------------------------------------------------------------------------------------- */

/* Channel C of the input, ROWS channels of the result from M on, all taps: TAPS x 16 numbers. */
static void read_taps(const HeMmPart *part, const guint8 *w, size_t m, size_t rows,
                      size_t c, float *out)
{
    w += (m * part->w_m + c * part->w_c) * sizeof *out;
    if (rows == HE_BLOCK && part->w_m != 1 && part->is_whole) {
        he_product_pack(w, part->w_m, HE_BLOCK, part->n_taps, out);
        return;
    }
    memset(out, 0, part->n_taps * HE_BLOCK * sizeof *out);
    if (part->w_m == 1) { /* backward, of one tap */
        memcpy(out, w, rows * sizeof *out);
        return;
    }
    for (size_t t = 0; t < part->n_taps; t++)
        for (size_t i = 0; i < rows; i++)
            memcpy(out + t * HE_BLOCK + i,
                   w + (i * part->w_m + part->tap[t].index) * sizeof *out, sizeof *out);
}

void he_blocks_pack_one(const HeBlocksShape *z, const void *w, size_t b, size_t c,
                        size_t past, float *out)
{
    const HeMmPart *part = &z->part;
    size_t m = b * HE_BLOCK, rows = MIN(HE_BLOCK, part->m - m), taps = part->n_taps;
    float row[HE_MM_TAPS * HE_BLOCK];
    if (part->w_c == 1 && rows == HE_BLOCK) { /* forward, of one tap */
        size_t n = MIN(past * HE_BLOCK, part->channels) - c * HE_BLOCK;
        const guint8 *from = w;
        from += (m * part->w_m + c * HE_BLOCK) * sizeof *out;
        he_product_pack(from, part->w_m, HE_BLOCK, n, out);
        memset(out + n * HE_BLOCK, 0,
               ((past - c) * HE_BLOCK - n) * HE_BLOCK * sizeof *out);
        return;
    }
    for (size_t i = c * HE_BLOCK; i < past * HE_BLOCK; i++) {
        float *to = out + (i / HE_BLOCK - c) * taps * HE_BLOCK * HE_BLOCK +
                    i % HE_BLOCK * HE_BLOCK;
        if (i < part->channels)
            read_taps(part, w, m, rows, i, row);
        else
            memset(row, 0, taps * HE_BLOCK * sizeof *row);
        for (size_t t = 0; t < taps; t++)
            memcpy(to + t * HE_BLOCK * HE_BLOCK, row + t * HE_BLOCK,
                   HE_BLOCK * sizeof *row);
    }
}

size_t he_blocks_packed(const HeBlocksShape *z)
{
    return z->in_blocks * z->part.n_taps * HE_BLOCK * HE_BLOCK;
}

static size_t pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    return z.out_blocks * he_blocks_packed(&z);
}

static size_t pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    return he_div_up(is_backward ? s->c : s->oc, HE_BLOCK);
}

static void pack(const HeConv2d *s, gboolean is_backward, const void *w, float *out,
                 size_t tile)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    he_blocks_pack_one(&z, w, tile, 0, z.in_blocks, out + tile * he_blocks_packed(&z));
}

const HeConv2dPack he_blocks_pack = {pack_numbers, pack_tiles, pack};

/* ---- the input in blocks ----------------------------------------------------------------------------- */

static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    return s->n * he_blocks_shared(&z);
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    return s->n * he_div_up(is_backward ? s->oc : s->c, HE_BLOCK);
}

/* N pixels of a row of ROWS planes to OUT; the block's other channels are 0. */
static void turn_row(const float *in, size_t plane, size_t rows, size_t n, float *out)
{
    if (rows == HE_BLOCK) {
        he_product_pack(in, plane, HE_BLOCK, n, out);
        return;
    }
    memset(out, 0, n * HE_BLOCK * sizeof *out);
    for (size_t i = 0; i < rows; i++)
        for (size_t q = 0; q < n; q++)
            out[q * HE_BLOCK + i] = in[i * plane + q];
}

/* A tile of work is one block of channels of a sample. */
static void share(const HeConv2d *s, gboolean is_backward, const float *in, float *out,
                  size_t tile)
{
    HeBlocksShape z = he_blocks_shape(s, is_backward);
    const HeGrid *g = &z.part.grid;
    size_t n = tile / z.in_blocks, b = tile % z.in_blocks, plane = g->h * g->w;
    size_t rows = MIN(HE_BLOCK, z.part.channels - b * HE_BLOCK);
    gssize from = MAX(z.first_x, 0);
    gssize past = MIN(z.first_x + (gssize)z.width, (gssize)g->w);
    in += n * (is_backward ? s->y_n : s->x_n) + b * HE_BLOCK * plane;
    out += tile * z.height * z.width * HE_BLOCK;
    for (size_t r = 0; r < z.height; r++, out += z.width * HE_BLOCK) {
        gssize y = z.first_y + (gssize)r;
        gboolean is_inside = y >= 0 && y < (gssize)g->h && past > from;
        if (!is_inside || past - from < (gssize)z.width)
            memset(out, 0, z.width * HE_BLOCK * sizeof *out);
        if (is_inside)
            turn_row(in + (size_t)y * g->w + (size_t)from, plane, rows,
                     (size_t)(past - from), out + (from - z.first_x) * HE_BLOCK);
    }
}

const HeConv2dShare he_blocks_share = {share_numbers, share_tiles, share};
