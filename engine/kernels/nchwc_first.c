/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The first convolution of a network: three planes in, blocks of channels out (nchwc.h), by the loop of blocks.h over
 * the rows of the kernel, each a run of its columns' numbers of all three channels. For that the picture is brought
 * into [rows][columns][3] with its borders. A tile is some rows of one or two blocks of the result. There is no way
 * back here. */
#include <string.h>

#include "kernels/blocks.h"
#include "kernels/split.h"

#define CHANNELS     3
#define MOST_ROWS    16 /* of a kernel */
#define MOST_BLOCKS  2  /* of any set at once */
#define MOST_NUMBERS 0x10000000

static size_t height_of(const HeConv2d *s)
{
    return (s->oh - 1) * s->sy + s->kh;
}

static size_t width_of(const HeConv2d *s)
{
    return (s->ow - 1) * s->sx + s->kw;
}

static gboolean fits(const HeConv2d *s, gboolean is_backward, const void *loops)
{
    const HeBlocksSet *set = loops;
    if (is_backward || s->c != CHANNELS || s->group != 1 || s->dy != 1 || s->dx != 1 ||
        s->kh < 1 || s->kh > MOST_ROWS || s->kw < 1 || s->kw > MOST_ROWS || s->sy > 4 ||
        !he_blocks_has_step(CHANNELS * s->sx) || s->oh < 1 || s->ow < set->first)
        return FALSE;
    return (double)height_of(s) * (double)width_of(s) * CHANNELS < MOST_NUMBERS;
}

/* ---- the picture, [rows][columns][3] ------------------------------------------------------------------ */

static size_t share_numbers(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return s->n * height_of(s) * width_of(s) * CHANNELS;
}

static size_t share_tiles(const HeConv2d *s, gboolean is_backward)
{
    (void)is_backward;
    return s->n * height_of(s);
}

static void share(const HeConv2d *s, gboolean is_backward, const float *in, float *out,
                  size_t tile)
{
    size_t width = width_of(s), n = tile / height_of(s);
    size_t y = tile % height_of(s) - s->pt; /* wraps above the picture */
    size_t from = MIN(s->pl, width), past = CLAMP(s->w + s->pl, from, width);
    (void)is_backward;
    out += tile * width * CHANNELS;
    memset(out, 0, width * CHANNELS * sizeof *out);
    if (y >= s->h)
        return;
    in += n * s->x_n + y * s->w;
    const float *planes[CHANNELS] = {in, in + s->h * s->w, in + 2 * s->h * s->w};
    for (size_t x = from; x < past; x++)
        for (size_t c = 0; c < CHANNELS; c++)
            out[x * CHANNELS + c] = planes[c][x - s->pl];
}

static const HeConv2dShare shared = {share_numbers, share_tiles, share};

/* ---- tiles ------------------------------------------------------------------------------------------- */

static HeSplit split_of(const HeConv2d *s)
{
    double k = (double)(s->kh * s->kw * CHANNELS);
    HeCut cut = {.m = he_nchwc_blocks(s->oc), .n = s->oh, .m_grain = MOST_BLOCKS};
    cut.n_grain = 1;
    cut.work = k * HE_NCHWC * (double)(cut.m * s->oh * s->ow);
    cut.m_cost = k * HE_NCHWC;
    cut.n_cost = (double)(width_of(s) * CHANNELS * s->sy);
    return he_split(&cut);
}

static size_t tiles(const HeConv2d *s, gboolean is_backward)
{
    HeSplit split = split_of(s);
    (void)is_backward;
    return s->n * split.m_blocks * split.n_blocks;
}

static size_t scratch(const HeConv2d *s, gboolean is_backward)
{
    (void)s;
    (void)is_backward;
    return 0;
}

/* Rows [Y, PAST) of blocks B .. of sample N. */
static void run_rows(const HeBlocksSet *set, const HeConv2d *s, const HeNchwcRun *r,
                     size_t n, size_t b, size_t blocks, size_t y, size_t past)
{
    static const float none[MOST_BLOCKS * HE_NCHWC];
    gint32 offset[MOST_ROWS];
    size_t width = width_of(s) * CHANNELS, plane = s->oh * s->ow * HE_NCHWC;
    size_t block = s->kh * s->kw * CHANNELS * HE_NCHWC; /* of weights */
    HeBlocks k = {.offset = offset, .n_runs = s->kh, .pixels = s->ow, .blocks = blocks};
    k.w = r->packed + b * block;
    k.w_block = block;
    k.y_block = k.at_block = plane;
    k.start = r->bias ? r->bias + b * HE_NCHWC : none;
    k.finish = r->finish;
    k.channel = b * HE_NCHWC;
    for (size_t i = 0; i < s->kh; i++)
        offset[i] = (gint32)(i * width);
    for (; y < past; y++) {
        k.at = n * s->y_n + b * plane + y * s->ow * HE_NCHWC;
        k.x = r->shared + (n * height_of(s) + y * s->sy) * width;
        k.y = r->out + k.at;
        set->run_first(&k, s->kw * CHANNELS, CHANNELS * s->sx);
    }
}

static void run(const HeConv2d *s, gboolean is_backward, const void *loops,
                const HeNchwcRun *r, size_t tile, void *room)
{
    const HeBlocksSet *set = loops;
    HeSplit split = split_of(s);
    size_t b = tile % split.m_blocks * split.m_block, rest = tile / split.m_blocks;
    size_t end = MIN(b + split.m_block, he_nchwc_blocks(s->oc));
    size_t y = rest % split.n_blocks * split.n_block, n = rest / split.n_blocks;
    (void)is_backward;
    (void)room;
    for (; b < end; b += set->blocks)
        run_rows(set, s, r, n, b, MIN(set->blocks, end - b), y,
                 MIN(y + split.n_block, s->oh));
}

#ifdef __x86_64__
HE_NCHWC_ROW(first, avx2, AVX2, &he_blocks_avx2, &he_nchwc_pack_taps, &shared)
HE_NCHWC_ROW(first, avx512, AVX512, &he_blocks_avx512, &he_nchwc_pack_taps, &shared)
#endif
#ifdef __aarch64__
HE_NCHWC_ROW(first, neon, NEON, &he_blocks_neon, &he_nchwc_pack_taps, &shared)
#endif
