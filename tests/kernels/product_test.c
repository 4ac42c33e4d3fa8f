/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The register loops of the matrix products: every number of rows, columns around every block of vectors,
 * exact on small whole numbers, nothing written or read beside the columns; and the packing of weights. */
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/product.h"
#include "tests/support/guarded.h"

#define MOST_COLS 67 /* past four vectors of sixteen */

static void fill(float *v, size_t n, GRand *rand)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (float)g_rand_int_range(rand, -8, 9);
}

static void check(const HeProductSet *set, HeProduct s, gboolean has_bias)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)(s.rows * 1000 + s.cols));
    size_t n_b = s.k > 0 ? (s.k - 1) * s.b_row + s.cols : 0;
    size_t n_c = (s.rows - 1) * s.c_row + s.cols;
    float *a = guarded_new(s.rows * s.k, sizeof(float), 4);
    float *b = guarded_new(n_b, sizeof(float), 4),
          *c = guarded_new(n_c, sizeof(float), 4);
    g_autofree float *before = g_new(float, n_c), *bias = g_new(float, s.rows);
    fill(a, s.rows * s.k, rand);
    fill(b, n_b, rand);
    fill(c, n_c, rand);
    fill(bias, s.rows, rand);
    memcpy(before, c, n_c * sizeof(float));
    s.a = a;
    s.b = b;
    s.c = c;
    s.bias = has_bias ? bias : NULL;
    set->run(&s);
    for (size_t i = 0; i < n_c; i++) {
        size_t row = i / s.c_row, col = i % s.c_row;
        float want = s.accumulate || col >= s.cols ? before[i] : has_bias ? bias[row] : 0;
        for (size_t k = 0; k < s.k && col < s.cols; k++)
            want += a[k * s.rows + row] * b[k * s.b_row + col];
        if (c[i] != want)
            g_error("%zu rows, %zu columns, k %zu: [%zu][%zu] is %g, expected %g", s.rows,
                    s.cols, s.k, row, col, (double)c[i], (double)want);
    }
    g_assert_true(guarded_free(a) & guarded_free(b) & guarded_free(c));
}

static void check_set(const HeProductSet *set)
{
    for (size_t rows = 1; rows <= set->rows; rows++)
        for (size_t cols = 1; cols <= MOST_COLS; cols++) {
            HeProduct s = {.rows = rows, .cols = cols, .b_row = cols, .c_row = cols + 2};
            for (s.k = 0; s.k <= 9; s.k += 3) {
                s.accumulate = FALSE;
                check(set, s, FALSE);
                check(set, s, TRUE);
                s.accumulate = TRUE;
                check(set, s, FALSE);
            }
        }
}

static void test_pack(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (size_t rows = 1; rows <= 14; rows++)
        for (size_t k = 0; k <= 13; k++) {
            size_t w_row = k + 3;
            g_autofree float *w = g_new(float, rows *w_row);
            float *out = guarded_new(rows * k, sizeof(float), 4);
            fill(w, rows * w_row, rand);
            he_product_pack(w, w_row, rows, k, out);
            for (size_t i = 0; i < rows; i++)
                for (size_t j = 0; j < k; j++)
                    g_assert_cmpfloat(out[j * rows + i], ==, w[i * w_row + j]);
            g_assert_true(guarded_free(out));
        }
}

typedef struct {
    const char *path;
    const HeProductSet *set;
    HeKernelSet needs;
} Row;

static const Row rows[] = {
#if defined(__x86_64__)
    {"avx2", &he_product_avx2, HE_SET_AVX2},
    {"avx512", &he_product_avx512, HE_SET_AVX512},
#elif defined(__aarch64__)
    {"neon", &he_product_neon, HE_SET_NEON},
#endif
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    if (he_kernels_has(row->needs))
        check_set(row->set);
    else
        g_test_skip("this processor lacks the set");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/product/pack", test_pack);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/kernels/product/%s", rows[i].path);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
