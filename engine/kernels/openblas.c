/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* OpenBLAS has a thread pool of its own, made when the library is loaded, whose idle threads spin for a
 * tenth of a second and which would cut sums by the number of threads. Tiles are our unit of work, so it is
 * told to use one thread and its pool is ended. Releases before 0.3.22 are known to give wrong numbers on
 * processors newer than they are: a few products of whole numbers, which must be exact, are tried first. */
#include "kernels/openblas.h"

#include <cblas.h>
#include <string.h>

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

static gboolean is_exact(size_t m, size_t n, size_t k, gboolean ta, gboolean tb)
{
    enum { MAX_M = 37, MAX_N = 67, MAX_K = 80 };
    static const size_t a_size = MAX_M * MAX_K, b_size = MAX_K * MAX_N;
    float a[MAX_M * MAX_K], b[MAX_K * MAX_N], c[MAX_M * MAX_N];
    HeGemm s = {.m = m, .n = n, .k = k, .ta = ta, .tb = tb, .ldc = n};
    s.lda = ta ? m : k;
    s.ldb = tb ? k : n;
    fill(a, a_size, 1);
    fill(b, b_size, 2);
    memset(c, 0xff, sizeof c); /* NaN: must be overwritten, not scaled */
    he_openblas_gemm(&s, a, b, c);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float sum = 0;
            for (size_t p = 0; p < k; p++)
                sum += (ta ? a[p * m + i] : a[i * k + p]) *
                       (tb ? b[j * k + p] : b[p * n + j]);
            if (c[i * n + j] != sum)
                return FALSE;
        }
    return TRUE;
}

static gboolean is_exact_everywhere(void)
{
    static const size_t size[][3] = {
        {37, 67, 80}, {16, 32, 9}, {1, 67, 80}, {37, 1, 80}, {3, 5, 7}};
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
