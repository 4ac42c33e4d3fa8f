/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Matrix products with few rows on the left, by the loops of mv.h: fully connected layers of one picture or a
 * few, forward (b transposed) and backward. The right operand is the weights, most of the network's bytes, and is
 * read where it stands. A tile is a block of columns of the result. */
#include "core/os.h"
#include "kernels/axis.h"
#include "kernels/kernels.h"
#include "kernels/mv.h"

#define AT_ONCE       4         /* rows of b: a multiple of what dot takes */
#define DOT_NUMBERS   (1 << 16) /* of b in a tile: some ten microseconds */
#define ADD_TILES     8
#define ADD_LEAST     128  /* columns: the longer the runs, the faster they come; */
#define ADD_MOST      2048 /* the results stay in the first cache */
#define LINE          16   /* floats of a cache line */
#define LEAST_COLUMNS 16

static gboolean fits(const HeGemm *s)
{
    return !s->ta && s->m > 0 && s->m <= HE_MV_ROWS && s->n > 0 && s->k > 0 &&
           (s->tb || s->n >= LEAST_COLUMNS);
}

/* Columns of a tile. */
static size_t width_of(const HeGemm *s)
{
    if (s->tb)
        return MAX(DOT_NUMBERS / s->k / AT_ONCE, 1) * AT_ONCE;
    size_t lines = he_div_up(s->n, ADD_TILES * LINE);
    return CLAMP(lines * LINE, ADD_LEAST, ADD_MOST);
}

static size_t tiles(const HeGemm *s)
{
    return he_div_up(s->n, width_of(s));
}

static void run_by(const HeMvSet *set, const HeGemm *s, const float *a, const void *b,
                   float *c, size_t tile)
{
    size_t width = width_of(s), j = tile * width;
    HeMv part = {.m = s->m, .n = MIN(width, s->n - j), .k = s->k};
    part.a = a;
    part.a_row = s->lda;
    part.b = (const guint8 *)b + (s->tb ? j * s->ldb : j) * sizeof(float);
    part.b_row = s->ldb * sizeof(float);
    part.c = c + j;
    part.c_row = s->ldc;
    part.accumulate = s->accumulate;
    if (s->tb)
        set->dot(&part);
    else
        set->add(&part);
}

#define ROW(variant, VARIANT, is_there)                                                  \
    static gboolean fits_##variant(const HeGemm *s)                                      \
    {                                                                                    \
        return fits(s) && is_there();                                                    \
    }                                                                                    \
    static void run_##variant(const HeGemm *s, const float *a, const void *b, float *c,  \
                              size_t tile)                                               \
    {                                                                                    \
        run_by(&he_mv_##variant, s, a, b, c, tile);                                      \
    }                                                                                    \
    const HeGemmKernel_f32 he_gemm_f32_mv_##variant;                                     \
    const HeGemmKernel_f32 he_gemm_f32_mv_##variant = {                                  \
        .name = "gemm_f32_mv_" #variant,                                                 \
        .set = HE_SET_##VARIANT,                                                         \
        .fits = fits_##variant,                                                          \
        .tiles = tiles,                                                                  \
        .run = run_##variant,                                                            \
        .reads_bytes = TRUE,                                                             \
    };

#ifdef __x86_64__
ROW(avx2, AVX2, he_os_cpu_has_avx2_fma)
ROW(avx512, AVX512, he_os_cpu_has_avx512)
#endif
#ifdef __aarch64__
ROW(neon, NEON, he_os_cpu_has_neon)
#endif
