/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Columns that are gathered once for all tiles: of maps that are small for their channels each block of rows
 * would gather them again. */
#include <string.h>

#include "kernels/axis.h"
#include "kernels/mm.h"

#define CHUNK 1024      /* points gathered at once, */
#define WORK  (1 << 15) /* numbers of a tile */

/* By part, sample, group and panel, k by k; a tile of work gathers some channels. */
static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    if (is_backward && he_mm_other_backward(s))
        return 0;
    for (size_t i = 0; i < he_mm_n_parts(s, is_backward); i++) {
        HeMmPart part = he_mm_part(s, is_backward, i);
        n += part.is_shared ? s->n * s->group * he_mm_columns(&part) : 0;
    }
    return n;
}

static size_t share_step(const HeMmPart *part)
{
    return CLAMP(WORK / (part->p * MAX(part->n_taps, 1)), 1, part->channels);
}

static size_t share_tiles_of(const HeConv2d *s, const HeMmPart *part)
{
    return part->is_shared ? s->n * s->group * he_div_up(part->channels, share_step(part))
                           : 0;
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    for (size_t i = 0; i < he_mm_n_parts(s, is_backward); i++) {
        HeMmPart part = he_mm_part(s, is_backward, i);
        n += share_tiles_of(s, &part);
    }
    return n;
}

/* Row K of the columns, gathered from PLANE, to the panels OUT. */
static void share_row(const HeMmPart *part, const float *plane, const HeMmTap *tap,
                      size_t k, float *out)
{
    float row[CHUNK];
    for (size_t p = 0; p < part->p; p += CHUNK) {
        size_t n = MIN(CHUNK, part->p - p);
        he_columns_gather(&part->grid, plane, tap->y, tap->x, p, p + n, row);
        for (size_t i = 0; i < n; i += HE_PRODUCT_PANEL)
            memcpy(out + (p + i) * part->k + k * HE_PRODUCT_PANEL, row + i,
                   MIN(HE_PRODUCT_PANEL, n - i) * sizeof *row);
    }
}

static void share(const HeConv2d *s, gboolean is_backward, const float *in, float *out,
                  size_t tile)
{
    size_t i = 0, plane = is_backward ? s->oh * s->ow : s->h * s->w;
    HeMmPart part = he_mm_part(s, is_backward, i);
    while (tile >= share_tiles_of(s, &part)) {
        tile -= share_tiles_of(s, &part);
        out += part.is_shared ? s->n * s->group * he_mm_columns(&part) : 0;
        part = he_mm_part(s, is_backward, ++i);
    }
    size_t step = share_step(&part), blocks = he_div_up(part.channels, step);
    size_t sample = tile / blocks, c = tile % blocks * step;
    size_t past = MIN(c + step, part.channels);
    in += sample / s->group * (is_backward ? s->y_n : s->x_n) +
          sample % s->group * part.channels * plane;
    out += sample * he_mm_columns(&part);
    for (; c < past; c++)
        for (size_t t = 0; t < part.n_taps; t++)
            share_row(&part, in + c * plane, &part.tap[t], c * part.n_taps + t, out);
}

const HeConv2dShare he_mm_share = {share_numbers, share_tiles, share};
