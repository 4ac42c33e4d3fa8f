/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* OpenBLAS as the engine leaves it: exact on whole numbers, without threads of its own. Where its numbers
 * are wrong the engine goes on with its plain kernels, many times slower; this test then says why. */
#include "kernels/openblas.h"

#include <string.h>

static void test_sound(void)
{
    g_assert_true(he_openblas_is_sound());
}

#ifdef __linux__
static void test_no_threads(void)
{
    g_autofree char *status = NULL;
    g_assert_true(he_openblas_is_sound());
    g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    g_assert_nonnull(strstr(status, "\nThreads:\t1\n"));
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
    g_test_add_func("/kernels/openblas/sound", test_sound);
#ifdef __linux__
    g_test_add_func("/kernels/openblas/no-threads", test_no_threads);
#endif
    g_test_add_func("/kernels/openblas/refuses", test_refuses);
    return g_test_run();
}
