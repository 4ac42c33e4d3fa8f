/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Memory sized by input: overflow, refusal, alignment, the n-th call made to fail. */
#include "core/alloc.h"

#include "core/os.h"

static void test_aligned(void)
{
    for (size_t n = 0; n < 200; n++) {
        g_autoptr(GError) error = NULL;
        char *memory = he_alloc(n, 3, "test", &error);
        g_assert_no_error(error);
        g_assert_nonnull(memory);
        g_assert_cmpuint((guintptr)memory % 64, ==, 0);
        for (size_t i = 0; i < 3 * n; i++)
            memory[i] = 1; /* ours to write: asan watches */
        he_free(memory);
    }
    he_free(NULL);
}

static void test_cleared(void)
{
    for (int again = 0; again < 4; again++) { /* memory that was used before, too */
        char *memory = he_alloc0(1000, 5, "test", NULL);
        for (size_t i = 0; i < 5000; i++)
            g_assert_cmpint(memory[i], ==, 0);
        for (size_t i = 0; i < 5000; i++)
            memory[i] = 7;
        he_free(memory);
    }
}

static void assert_refused(size_t n, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(he_alloc(n, size, "weights of node /0/Conv", &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
    g_assert_true(g_str_has_prefix(error->message, "weights of node /0/Conv: "));
    g_assert_null(he_alloc0(n, size, "test", NULL)); /* nobody asks why */
}

static void test_overflow(void)
{
    assert_refused(G_MAXSIZE, 2);
    assert_refused(2, G_MAXSIZE);
    assert_refused((G_MAXSIZE >> 32) + 1, (size_t)1 << 32); /* wraps to a small number */
    assert_refused(G_MAXSIZE, 1);
}

/* Linux would promise it. */
static void test_beyond_the_machine(void)
{
    assert_refused((size_t)(he_os_memory_bytes() / 1024) + 1, 1024);
}

static void test_arithmetic(void)
{
    size_t out = 5;
    g_assert_true(he_size_mul(6, 7, &out));
    g_assert_cmpuint(out, ==, 42);
    g_assert_true(he_size_mul(G_MAXSIZE, 1, &out));
    g_assert_true(he_size_mul(G_MAXSIZE, 0, &out));
    g_assert_cmpuint(out, ==, 0);
    g_assert_false(he_size_mul(G_MAXSIZE / 2 + 1, 2, &out));
    g_assert_true(he_size_add(G_MAXSIZE - 1, 1, &out));
    g_assert_cmpuint(out, ==, G_MAXSIZE);
    g_assert_false(he_size_add(G_MAXSIZE, 1, &out));
}

static void test_fail_at(void)
{
    for (guint64 failing = 1; failing <= 5; failing++) {
        he_alloc_fail_at(failing);
        for (guint64 call = 1; call <= 6; call++) {
            g_autoptr(GError) error = NULL;
            void *memory = call % 2 == 0 ? he_alloc(10, 4, "test", &error)
                                         : he_alloc0(10, 4, "test", &error);
            g_assert_cmpint(memory == NULL, ==, call == failing);
            g_assert_cmpint(error != NULL, ==, call == failing);
            he_free(memory);
        }
    }
    he_alloc_fail_at(0);
    void *memory = he_alloc(10, 4, "test", NULL);
    g_assert_nonnull(memory);
    he_free(memory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/alloc/aligned", test_aligned);
    g_test_add_func("/core/alloc/cleared", test_cleared);
    g_test_add_func("/core/alloc/overflow", test_overflow);
    g_test_add_func("/core/alloc/beyond-the-machine", test_beyond_the_machine);
    g_test_add_func("/core/alloc/arithmetic", test_arithmetic);
    g_test_add_func("/core/alloc/fail-at", test_fail_at);
    return g_test_run();
}
