/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Matrix product by OpenBLAS, one call for each block of c. */
#include "kernels/openblas.h"
#include "kernels/split.h"

/* A matrix-vector product waits for memory: a number of the matrix costs as much as that many
 * multiply-adds of a large product. */
#define VECTOR_WORK 16

static HeSplit split(const HeGemm *s)
{
    double work = (double)s->m * (double)s->n * (double)s->k;
    gboolean is_vector = s->m == 1 || s->n == 1;
    HeCut cut = {.m = s->m, .n = s->n, .m_grain = 16, .n_grain = 16};
    cut.work = is_vector ? work * VECTOR_WORK : work;
    cut.m_cost = cut.n_cost = (double)s->k;
    return he_split(&cut);
}

static size_t tiles(const HeGemm *s)
{
    HeSplit sp = split(s);
    return sp.m_blocks * sp.n_blocks;
}

static void run(const HeGemm *s, const float *a, const void *matrix, float *c,
                size_t tile)
{
    const float *b = matrix;
    HeSplit sp = split(s);
    size_t i = tile / sp.n_blocks * sp.m_block, j = tile % sp.n_blocks * sp.n_block;
    HeGemm part = *s;
    part.m = MIN(sp.m_block, s->m - i);
    part.n = MIN(sp.n_block, s->n - j);
    he_openblas_gemm(&part, s->ta ? a + i : a + i * s->lda,
                     s->tb ? b + j * s->ldb : b + j, c + i * s->ldc + j);
}

const HeGemmKernel_f32 he_gemm_f32_openblas;
const HeGemmKernel_f32 he_gemm_f32_openblas = {
    .name = "gemm_f32_openblas",
    .set = HE_SET_OPENBLAS,
    .fits = he_openblas_can,
    .tiles = tiles,
    .run = run,
};
