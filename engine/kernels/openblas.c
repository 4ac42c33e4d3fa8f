/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* OpenBLAS has a thread pool of its own, made when the library is loaded, whose idle threads spin for a
 * tenth of a second and which would cut sums by the number of threads. Tiles are our unit of work, so it is
 * told to use one thread and its pool is ended. Releases before 0.3.22 are known to give wrong numbers on
 * processors newer than they are: a few products of whole numbers, which must be exact, are tried first. */
#include "kernels/openblas.h"

#include <cblas.h>

/* Ends the threads; the library itself calls it before a fork. Absent from builds without threads. */
int blas_thread_shutdown_(void) __attribute__((weak));

/* Small whole numbers in an order without a short period. */
static void fill(float *v, size_t n, guint32 seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = (float)(seed >> 29) - 3;
    }
}

/* out[rows] = op(matrix) v, exactly: all sums stay below 2^24. */
static void times_vector(const float *matrix, size_t rows, size_t cols, gboolean trans,
                         const float *v, float *out)
{
    for (size_t i = 0; i < rows; i++) {
        out[i] = 0;
        for (size_t j = 0; j < cols; j++)
            out[i] += (trans ? matrix[j * rows + i] : matrix[i * cols + j]) * v[j];
    }
}

/* C = op(a) op(b) is checked as c v = op(a) (op(b) v), which costs next to nothing (Freivalds, "Probabilistic
 * machines can use less running time", 1977). */
static gboolean is_exact(size_t m, size_t n, size_t k, gboolean ta, gboolean tb)
{
    HeGemm s = {.m = m, .n = n, .k = k, .ta = ta, .tb = tb, .ldc = n};
    s.lda = ta ? m : k;
    s.ldb = tb ? k : n;
    size_t n_a = m * k, n_b = k * n, n_c = m * n;
    g_autofree float *a = g_new(float, n_a), *b = g_new(float, n_b),
                     *c = g_new(float, n_c);
    g_autofree float *v = g_new(float, n), *bv = g_new(float, k);
    g_autofree float *want = g_new(float, m), *is = g_new(float, m);
    fill(a, n_a, 1);
    fill(b, n_b, 2);
    for (size_t i = 0; i < n_c; i++)
        c[i] = NAN; /* must be overwritten, not scaled */
    for (size_t j = 0; j < n; j++)
        v[j] = (float)(1 + j % 7); /* no zero: it would hide a column */
    he_openblas_gemm(&s, a, b, c);
    times_vector(b, k, n, tb, v, bv);
    times_vector(a, m, k, ta, bv, want);
    times_vector(c, m, n, FALSE, v, is);
    for (size_t i = 0; i < m; i++)
        if (!(is[i] == want[i]))
            return FALSE;
    return TRUE;
}

/* Small products have kernels of their own in newer releases: both kinds are tried. */
static gboolean is_exact_everywhere(void)
{
    static const size_t size[][3] = {
        {112, 130, 96}, {37, 67, 24}, {1, 67, 80}, {37, 1, 80}, {3, 5, 7}};
    for (size_t i = 0; i < G_N_ELEMENTS(size); i++)
        for (int t = 0; t < 4; t++)
            if (!is_exact(size[i][0], size[i][1], size[i][2], t & 1, t >> 1))
                return FALSE;
    return TRUE;
}

gboolean he_openblas_is_sound(void)
{
    enum { UNKNOWN, SOUND, WRONG };
    static gsize verdict;
    if (g_once_init_enter(&verdict)) {
        openblas_set_num_threads(1);
        if (blas_thread_shutdown_ != NULL)
            blas_thread_shutdown_();
        g_once_init_leave(&verdict, is_exact_everywhere() ? SOUND : WRONG);
    }
    return verdict == SOUND;
}

gboolean he_openblas_can(const HeGemm *s)
{
    size_t largest = MAX(MAX(s->m, s->n), MAX(s->k, MAX(s->lda, MAX(s->ldb, s->ldc))));
    size_t least = MIN(MIN(s->m, s->n), s->k); /* empty ones make it print complaints */
    return least > 0 && largest <= G_MAXINT && he_openblas_is_sound();
}

static CBLAS_TRANSPOSE transpose(gboolean is_transposed)
{
    return is_transposed ? CblasTrans : CblasNoTrans;
}

/* y[n] += op(matrix) x. Releases differ in what beta = 0 makes of a NaN in y: it is cleared here. */
static void add_vector(gboolean trans, size_t rows, size_t cols, const float *matrix,
                       size_t ld, const float *x, size_t x_step, float *y, size_t y_step,
                       gboolean accumulate)
{
    size_t n = trans ? cols : rows;
    for (size_t i = 0; i < n && !accumulate; i++)
        y[i * y_step] = 0;
    cblas_sgemv(CblasRowMajor, transpose(trans), (int)rows, (int)cols, 1, matrix, (int)ld,
                x, (int)x_step, 1, y, (int)y_step);
}

void he_openblas_gemm(const HeGemm *s, const float *a, const float *b, float *c)
{
    if (s->m == 1)
        add_vector(!s->tb, s->tb ? s->n : s->k, s->tb ? s->k : s->n, b, s->ldb, a,
                   s->ta ? s->lda : 1, c, 1, s->accumulate);
    else if (s->n == 1)
        add_vector(s->ta, s->ta ? s->k : s->m, s->ta ? s->m : s->k, a, s->lda, b,
                   s->tb ? 1 : s->ldb, c, s->ldc, s->accumulate);
    else
        cblas_sgemm(CblasRowMajor, transpose(s->ta), transpose(s->tb), (int)s->m,
                    (int)s->n, (int)s->k, 1, a, (int)s->lda, b, (int)s->ldb,
                    s->accumulate ? 1 : 0, c, (int)s->ldc);
}
