/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Weights as the products read them (product.h), panel by panel. */
#include <string.h>

#include "kernels/mm.h"

void he_mm_pack_rows(const HeMmPart *part, const void *weights, size_t m_0, size_t rows,
                     size_t c, size_t past, float *out)
{
    const guint8 *w = weights;
    const size_t step = part->w_c * sizeof(float);
    w += m_0 * part->w_m * sizeof(float) + c * step;
    if (part->is_whole && part->w_m == 1)
        for (; c < past; c++, w += step, out += rows)
            memcpy(out, w, rows * sizeof *out);
    else if (part->is_whole && part->w_c == part->n_taps)
        he_product_pack(w, part->w_m, rows, (past - c) * part->n_taps, out);
    else if (part->is_whole)
        for (; c < past; c++, w += step, out += rows * part->n_taps)
            he_product_pack(w, part->w_m, rows, part->n_taps, out);
    else
        for (; c < past; c++, w += step)
            for (size_t i = 0; i < part->n_taps; i++)
                for (size_t r = 0; r < rows; r++)
                    memcpy(out++, w + (r * part->w_m + part->tap[i].index) * sizeof *out,
                           sizeof *out);
}

const guint8 *he_mm_group(const HeMmPart *part, const void *w, size_t group)
{
    size_t numbers = part->m * part->channels * MIN(part->w_m, part->w_c);
    return w ? (const guint8 *)w + group * numbers * sizeof(float) : NULL;
}

/* By part, group and panel; a tile of work packs one block of rows. */
size_t he_mm_pack_numbers(const HeConv2d *s, gboolean is_backward)
{
    size_t numbers = (s->c / s->group) * (s->oc / s->group) * s->group * s->kh * s->kw;
    return is_backward && he_mm_other_backward(s) ? 0 : numbers;
}

size_t he_mm_pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    size_t n = 0;
    for (size_t i = 0; i < he_mm_n_parts(s, is_backward); i++) {
        HeMmPart part = he_mm_part(s, is_backward, i);
        n += s->group * he_mm_split(&part).m_blocks;
    }
    return n;
}

void he_mm_pack(const HeProductSet *set, const HeConv2d *s, gboolean is_backward,
                const void *w, float *out, size_t tile)
{
    size_t i = 0;
    HeMmPart part = he_mm_part(s, is_backward, i);
    HeSplit split = he_mm_split(&part);
    while (tile >= s->group * split.m_blocks) {
        tile -= s->group * split.m_blocks;
        out += s->group * part.m * part.k;
        part = he_mm_part(s, is_backward, ++i);
        split = he_mm_split(&part);
    }
    size_t group = tile / split.m_blocks;
    const guint8 *from = he_mm_group(&part, w, group);
    size_t m_0 = tile % split.m_blocks * split.m_block;
    size_t n = MIN(split.m_block, part.m - m_0), height = he_mm_height(set, n);
    for (size_t m = 0; m < n; m += height) {
        size_t rows = MIN(height, n - m), step = MAX(he_mm_channels(&part), 1);
        float *panel = out + (group * part.m + m_0 + m) * part.k;
        for (size_t c = 0; c < part.channels; c += step)
            he_mm_pack_rows(&part, from, m_0 + m, rows, c, MIN(c + step, part.channels),
                            panel + c * part.n_taps * rows);
    }
}
