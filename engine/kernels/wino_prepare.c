/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The transforms of input and weights, in a tile's scratch or once for all tiles and runs. */
#include <string.h>

#include "kernels/axis.h"
#include "kernels/wino.h"

#define SHARE_WORK (1 << 15) /* numbers of v of a tile */

/* Plane C's rows under the block, with their borders, split into phases. */
static void load_plane(const HeWinoRows *t, size_t c)
{
    const HeWinoShape *z = t->z;
    const float *plane = t->src + c * z->h * z->w;
    size_t width = he_wino_x_row(z), n = MIN(z->w, width - z->pl);
    float *out = t->x;
    memset(t->row, 0, width * sizeof(float));
    for (size_t i = 0; i < HE_WINO_OUT * t->n_rows + 2; i++, out += width) {
        size_t y = HE_WINO_OUT * t->ty_0 + i - z->pt; /* wraps above the top */
        if (y >= z->h) {
            memset(out, 0, width * sizeof(float));
            continue;
        }
        memcpy(t->row + z->pl, plane + y * z->w, n * sizeof(float));
        he_product_pack(t->row, 4, he_wino_phase(z), 4, out);
    }
}

void he_wino_transform_in(const HeWinoRows *t, size_t c, size_t past)
{
    const HeWinoShape *z = t->z;
    for (; c < past; c++) {
        load_plane(t, c);
        for (size_t r = 0; r < t->n_rows; r++) {
            HeWinoIn in = {.x = t->x + HE_WINO_OUT * r * he_wino_x_row(z), .n = z->tw};
            in.x_row = he_wino_x_row(z);
            in.x_phase = he_wino_phase(z);
            in.v = t->v + c * he_wino_v_row(z) + r * z->tw;
            in.v_point = he_wino_v_point(z);
            t->set->in(&in);
        }
    }
}

size_t he_wino_share_numbers(const HeConv2d *s, gboolean is_backward)
{
    HeWinoShape z = he_wino_shape(s, is_backward);
    return z.is_shared ? s->n * s->group * z.blocks * he_wino_v_block(&z) : 0;
}

/* A tile of work is some channels of one block of rows of tiles. */
static size_t share_step(const HeWinoShape *z)
{
    return CLAMP(SHARE_WORK / (HE_WINO_POINTS * z->rows * z->tw), 1, z->c);
}

size_t he_wino_share_tiles(const HeConv2d *s, gboolean is_backward)
{
    HeWinoShape z = he_wino_shape(s, is_backward);
    return s->n * s->group * z.blocks * he_div_up(z.c, share_step(&z));
}

void he_wino_share(const HeWinoSet *set, const HeConv2d *s, gboolean is_backward,
                   const float *in, float *out, size_t tile)
{
    float x[HE_WINO_X_ROOM], row[HE_WINO_X_ROOM];
    HeWinoShape shape = he_wino_shape(s, is_backward);
    const HeWinoShape *z = &shape;
    size_t src_n = is_backward ? s->y_n : s->x_n;
    size_t step = share_step(z), parts = he_div_up(z->c, step);
    size_t c = tile % parts * step, block = tile / parts, sample = block / z->blocks;
    HeWinoRows t = {.set = set, .z = z, .x = x, .row = row};
    t.ty_0 = block % z->blocks * z->rows;
    t.n_rows = MIN(z->rows, z->th - t.ty_0);
    t.src = in + sample / s->group * src_n + sample % s->group * z->c * z->h * z->w;
    t.v = out + block * he_wino_v_block(z);
    he_wino_transform_in(&t, c, MIN(c + step, z->c));
}

void he_wino_transform_weights(const HeWinoSet *set, const HeWinoShape *z,
                               const guint8 *w, const HeWinoBlock *b, float *room,
                               float *u, size_t u_point)
{
    const size_t step = z->w_c * sizeof(float);
    w += b->m * z->w_m * sizeof(float) + b->c * step;
    if (z->w_c == 9)
        he_product_pack(w, z->w_m, b->rows, 9 * b->n, room);
    else
        for (size_t i = 0; i < b->n; i++)
            he_product_pack(w + i * step, z->w_m, b->rows, 9, room + i * 9 * b->rows);
    HeWinoWeights weights = {.w = room, .rows = b->rows, .channels = b->n, .u = u};
    weights.is_flipped = z->is_backward;
    weights.u_point = u_point;
    set->weights(&weights);
}

size_t he_wino_panels(const HeWinoSet *set, size_t m)
{
    return he_div_up(m, set->product->rows);
}

size_t he_wino_packed_point(const HeWinoSet *set, const HeWinoShape *z)
{
    size_t height =
        MIN(z->m_block, set->product->rows); /* the last block's may be higher */
    return he_wino_lines(height * MIN(z->c, HE_WINO_C_BLOCK) + HE_WINO_SLACK);
}

size_t he_wino_packed_panel(const HeWinoSet *set, const HeWinoShape *z)
{
    return he_div_up(z->c, HE_WINO_C_BLOCK) * HE_WINO_POINTS *
           he_wino_packed_point(set, z);
}

size_t he_wino_pack_numbers(const HeWinoSet *set, const HeConv2d *s, gboolean is_backward)
{
    HeWinoShape z = he_wino_shape(s, is_backward);
    return s->group * z.m_blocks * he_wino_panels(set, z.m_block) *
           he_wino_packed_panel(set, &z);
}

/* A tile of work packs one block of channels of the result. */
void he_wino_pack(const HeWinoSet *set, const HeConv2d *s, gboolean is_backward,
                  const void *w, float *out, size_t tile)
{
    HeWinoShape shape = he_wino_shape(s, is_backward);
    const HeWinoShape *z = &shape;
    float room[9 * HE_WINO_ROWS * HE_WINO_C_BLOCK + HE_WINO_SLACK];
    size_t group = tile / z->m_blocks, m_0 = tile % z->m_blocks * z->m_block;
    size_t n = MIN(z->m_block, z->m - m_0), point = he_wino_packed_point(set, z);
    size_t height = he_div_up(n, he_wino_panels(set, n));
    const guint8 *from = (const guint8 *)w + group * z->m * z->c * 9 * sizeof(float);
    out += tile * he_wino_panels(set, z->m_block) * he_wino_packed_panel(set, z);
    for (size_t m = 0; m < n; m += height, out += he_wino_packed_panel(set, z))
        for (size_t c = 0; c < z->c; c += HE_WINO_C_BLOCK) {
            HeWinoBlock b = {m_0 + m, MIN(height, n - m), c,
                             MIN(HE_WINO_C_BLOCK, z->c - c)};
            he_wino_transform_weights(set, z, from, &b, room,
                                      out + c / HE_WINO_C_BLOCK * HE_WINO_POINTS * point,
                                      point);
        }
}

size_t he_wino_pack_tiles(const HeConv2d *s, gboolean is_backward)
{
    HeWinoShape z = he_wino_shape(s, is_backward);
    return s->group * z.m_blocks;
}
