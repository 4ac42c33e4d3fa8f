/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Matrix product, the reference: c[i][j] (+)= sum over p, in this order, of op(a)[i][p] * op(b)[p][j],
 * from separate multiplications and additions (-ffp-contract=off). Row-major. A tile is a block of
 * ROWS x COLS of c. */
#include "kernels/axis.h"
#include "kernels/kernels.h"

#define ROWS 16
#define COLS 256

static gboolean fits(const HeGemm *s)
{
    (void)s;
    return TRUE;
}

static size_t tiles(const HeGemm *s)
{
    return he_div_up(s->m, ROWS) * he_div_up(s->n, COLS);
}

/* N numbers of a row of c += the row V (steps of V_STEP) times the block B of op(b). */
static void add_product(const HeGemm *s, const real *v, size_t v_step, const real *b,
                        real *c, size_t n)
{
    if (s->tb) {
        for (size_t j = 0; j < n; j++)
            for (size_t p = 0; p < s->k; p++)
                c[j] += v[p * v_step] * b[j * s->ldb + p];
    } else {
        for (size_t p = 0; p < s->k; p++)
            for (size_t j = 0; j < n; j++)
                c[j] += v[p * v_step] * b[p * s->ldb + j];
    }
}

static void run(const HeGemm *s, const real *a, const void *matrix, real *c, size_t tile)
{
    size_t n_blocks = he_div_up(s->n, COLS);
    size_t i_0 = tile / n_blocks * ROWS, j_0 = tile % n_blocks * COLS;
    size_t i_past = MIN(s->m, i_0 + ROWS), n = MIN(COLS, s->n - j_0);
    const real *b = (const real *)matrix + (s->tb ? j_0 * s->ldb : j_0);
    for (size_t i = i_0; i < i_past; i++) {
        real *row = c + i * s->ldc + j_0;
        for (size_t j = 0; j < n && !s->accumulate; j++)
            row[j] = 0;
        add_product(s, s->ta ? a + i : a + i * s->lda, s->ta ? s->lda : 1, b, row, n);
    }
}

const HeGemmKernel HE_REAL_KERNEL(gemm, plain);
const HeGemmKernel HE_REAL_KERNEL(gemm, plain) = {
    .name = "gemm_" HE_REAL_WORD "_plain",
    .set = HE_SET_PLAIN,
    .fits = fits,
    .tiles = tiles,
    .run = run,
};
