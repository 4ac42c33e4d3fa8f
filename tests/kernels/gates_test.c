/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The gradient through gates against the rules as they are defined, number by number, with guards. */
#include <math.h>
#include <string.h>

#include "kernels/gates.h"
#include "tests/support/guarded.h"

static float expected(const HeGates *s, const float *before, size_t i)
{
    float v = s->g[i];
    if (s->is_positive && v < 0)
        v = 0;
    if (s->is_gated && !((s->bits[i / 8] >> i % 8) & 1))
        v = 0;
    return s->accumulate ? before[i] + v : v;
}

static void check(HeGatesFunc func, size_t n, guint how, GRand *rand)
{
    float *g = guarded_new(n, sizeof *g, 4), *d = guarded_new(n, sizeof *d, 4);
    guint8 *bits = guarded_new(n / 8, 1, 0);
    g_autofree float *before = g_new(float, n + 1);
    guarded_fill(g, n, rand);
    if (how & 4)
        guarded_fill(d, n, rand);
    if (n > 3)
        g[3] = NAN;
    for (size_t i = 0; i < n / 8; i++)
        bits[i] = (guint8)g_rand_int_range(rand, 0, 256);
    memcpy(before, d, n * sizeof *d);
    HeGates s = {.bits = bits, .g = g, .d = d, .n = n};
    s.is_positive = (how & 1) != 0;
    s.is_gated = (how & 2) != 0 || !s.is_positive;
    s.accumulate = (how & 4) != 0;
    func(&s);
    for (size_t i = 0; i < n; i++) {
        float want = expected(&s, before, i);
        g_assert_true((isnan(want) && isnan(d[i])) || (d[i] <= want && d[i] >= want));
    }
    g_assert_true(guarded_free(g) & guarded_free(d) & guarded_free(bits));
}

static void test_set(gconstpointer data)
{
    HeKernelSet set = (HeKernelSet)GPOINTER_TO_INT(data);
    if (!he_kernels_has(set)) {
        g_test_skip("this processor lacks the set");
        return;
    }
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    HeGatesFunc func = he_gates_find(set);
    g_assert_nonnull(func);
    for (size_t n = 0; n <= 10 * HE_GATES; n += HE_GATES)
        for (guint how = 0; how < 8; how++)
            check(func, n, how, rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#ifdef __aarch64__
    g_test_add_data_func("/kernels/gates/neon", GINT_TO_POINTER(HE_SET_NEON), test_set);
#else
    g_test_add_data_func("/kernels/gates/avx2", GINT_TO_POINTER(HE_SET_AVX2), test_set);
    g_test_add_data_func("/kernels/gates/avx512", GINT_TO_POINTER(HE_SET_AVX512),
                         test_set);
#endif
    return g_test_run();
}
