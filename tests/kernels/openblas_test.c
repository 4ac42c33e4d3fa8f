/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* OpenBLAS as the engine leaves it: exact on whole numbers, without threads of its own. Where its numbers
 * are wrong the engine goes on with its plain kernels, many times slower; this test then says why. */
#include "kernels/openblas.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

static void test_sound(void)
{
    g_assert_true(he_openblas_is_sound());
}

#ifdef __linux__
static int n_threads(void)
{
    g_autofree char *status = NULL;
    g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    return atoi(strstr(status, "Threads:") + strlen("Threads:"));
}

/* It starts them when it is loaded, unless built for OpenMP or without threads. */
static void test_no_threads(void)
{
    gboolean has_pool = openblas_get_parallel() == OPENBLAS_THREAD;
    int n_own = has_pool ? openblas_get_num_threads() - 1 : 0, before = n_threads();
    g_assert_true(he_openblas_is_sound());
    g_assert_cmpint(n_threads(), ==, before - n_own);
    g_assert_cmpint(openblas_get_num_threads(), ==, 1);
}
#endif

static void test_refuses(void)
{
    HeGemm s = {.m = 2, .n = 3, .k = 4, .lda = 4, .ldb = 3, .ldc = 3};
    g_assert_true(he_openblas_can(&s));
    HeGemm empty = s, wide = s;
    empty.k = 0;
    wide.ldc = (size_t)1 << 31;
    g_assert_false(he_openblas_can(&empty));
    g_assert_false(he_openblas_can(&wide));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#ifdef __linux__
    g_test_add_func("/kernels/openblas/no-threads", test_no_threads); /* before any use */
#endif
    g_test_add_func("/kernels/openblas/sound", test_sound);
    g_test_add_func("/kernels/openblas/refuses", test_refuses);
    return g_test_run();
}
