/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Depthwise convolution in blocks of channels (nchwc.h), by rows that are copied to where zeros stand beside them
 * (nchwc_ring.h), or where they stand if it needs no zeros. A tile is some rows of some blocks. */
#include <string.h>

#include "kernels/mm.h"
#include "kernels/nchwc_ring.h"

#define WORK 8 /* multiply-adds of others in the time of one */

static gboolean fits(const HeConv2d *s, gboolean is_backward, const void *loops)
{
    HeNchwcRing ring;
    (void)loops;
    return s->group == s->c && s->oc == s->c && s->c >= HE_NCHWC_FEW && s->kh >= 1 &&
           s->kw >= 1 && s->kh <= HE_MM_TAPS && s->kw <= HE_MM_TAPS &&
           s->kh * s->kw <= HE_MM_TAPS && s->sy <= 4 && s->sx <= 4 &&
           he_nchwc_ring_init(&ring, s, is_backward);
}

static HeSplit split_of(const HeConv2d *s, gboolean is_backward)
{
    HeCut cut = {.m = he_nchwc_blocks(s->c), .n = is_backward ? s->h : s->oh};
    double taps = (double)(s->kh * s->kw * HE_NCHWC);
    cut.m_grain = cut.n_grain = 1;
    cut.work = WORK * taps * (double)(cut.m * s->oh * s->ow);
    cut.m_cost = taps;
    return he_split(&cut);
}

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    HeSplit split = split_of(s, is_backward);
    return s->n * split.m_blocks * split.n_blocks;
}

static gboolean is_copied(const HeNchwcRing *ring)
{
    return ring->width > ring->w;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    HeNchwcRing ring;
    he_nchwc_ring_init(&ring, s, is_backward);
    return is_copied(&ring) ? he_nchwc_ring_numbers(&ring) * sizeof(float) : 0;
}

typedef struct {
    const HeNchwcRing *ring;
    const float *x; /* the block's plane */
    float *memory;
} Copy;

static void copy_rows(void *data, size_t from, size_t past)
{
    const Copy *copy = data;
    size_t row = copy->ring->w * HE_NCHWC;
    for (size_t r = from; r < past; r++)
        memcpy(copy->memory + he_nchwc_ring_place(copy->ring, r), copy->x + r * row,
               row * sizeof(float));
}

static void run(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *room)
{
    HeNchwcRing ring;
    HeSplit split = split_of(s, is_backward);
    he_nchwc_ring_init(&ring, s, is_backward);
    size_t first = tile % split.m_blocks * split.m_block, rest = tile / split.m_blocks;
    size_t last = MIN(first + split.m_block, he_nchwc_blocks(s->c));
    HeNchwcRingRun run = {.ring = &ring, .set = loops, .r = r, .blocks = 1};
    run.y = rest % split.n_blocks * split.n_block;
    run.end = MIN(run.y + split.n_block, ring.rows);
    run.n = rest / split.n_blocks;
    Copy copy = {.ring = &ring, .memory = room};
    if (is_copied(&ring)) {
        run.fill = copy_rows;
        run.data = &copy;
        memset(room, 0, he_nchwc_ring_numbers(&ring) * sizeof(float));
    } else
        ring.places = ring.h;
    for (run.b = first; run.b < last; run.b++) {
        copy.x = r->in + run.n * (is_backward ? s->y_n : s->x_n) +
                 run.b * ring.h * ring.w * HE_NCHWC;
        run.memory = run.fill ? room : copy.x;
        he_nchwc_ring_run(&run);
    }
}

#ifdef __x86_64__
HE_NCHWC_ROW(dw, avx2, AVX2, &he_nchwc_dw_avx2, &he_nchwc_pack_taps, NULL)
HE_NCHWC_ROW(dw, avx512, AVX512, &he_nchwc_dw_avx512, &he_nchwc_pack_taps, NULL)
#endif
#ifdef __aarch64__
HE_NCHWC_ROW(dw, neon, NEON, &he_nchwc_dw_neon, &he_nchwc_pack_taps, NULL)
#endif
