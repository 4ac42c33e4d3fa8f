/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The loop of max pooling against its definition: sizes below, at and above a vector, borders, ties, NaN, and numbers
 * behind the results left as they were. */
#include <math.h>
#include <string.h>

#include "kernels/max.h"

#define HEIGHT 5
#define WIDTH  70
#define N      (HEIGHT * WIDTH)
#define GUARD  (-12345)

typedef struct {
    const char *path;
    HeMaxFunc run;
    HeKernelSet set;
} Row;

/* FALSE, and says so: this processor cannot run it. */
static gboolean is_here(const Row *row)
{
    if (row->set <= he_kernels_best())
        return TRUE;
    g_test_skip("this processor lacks the instructions");
    return FALSE;
}

/* Few different numbers, so that many are equal. */
static void fill(float *x, GRand *rand)
{
    for (int i = 0; i < N; i++)
        x[i] = (float)g_rand_int_range(rand, -3, 4);
    for (int i = 0; i < HEIGHT; i++)
        x[i * WIDTH + 40] = -INFINITY;
}

static void plain(const HeMax *s, size_t k, float *best, gint32 *tap)
{
    *best = -INFINITY;
    *tap = 0;
    for (gint32 y = s->first; s->x && y < s->past; y++)
        for (size_t j = 0; j < s->taps; j++) {
            gssize at = s->from + (gssize)(k * s->stride + j * s->step);
            if (at < 0 || at >= (gssize)s->width)
                continue;
            float v = s->x[(size_t)(y - s->first) * s->row + (size_t)at];
            if (v > *best) {
                *best = v;
                *tap = y * (gint32)s->taps + (gint32)j;
            }
        }
}

static void check(HeMaxFunc run, HeMax s)
{
    float best[HE_MAX_OUT + 2 * HE_MAX_LANES];
    gint32 tap[HE_MAX_OUT + 2 * HE_MAX_LANES];
    size_t past = (s.n + HE_MAX_LANES - 1) / HE_MAX_LANES * HE_MAX_LANES;
    for (size_t i = 0; i < G_N_ELEMENTS(best); i++) {
        best[i] = GUARD;
        tap[i] = GUARD;
    }
    s.best = best;
    s.tap = tap;
    run(&s);
    for (size_t k = 0; k < s.n; k++) {
        float b;
        gint32 t;
        plain(&s, k, &b, &t);
        g_assert_true(best[k] == b);
        g_assert_cmpint(tap[k], ==, t);
    }
    g_assert_true(best[past] == GUARD && tap[past] == GUARD);
    float alone[HE_MAX_OUT + 2 * HE_MAX_LANES];
    s.best = alone;
    s.tap = NULL;
    run(&s);
    g_assert_cmpmem(alone, s.n * sizeof *alone, best, s.n * sizeof *best);
}

static void test_definition(gconstpointer data)
{
    const Row *row = data;
    if (!is_here(row))
        return;
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    g_autofree float *x =
        g_new(float, HEIGHT *WIDTH); /* its end is the sanitizers' guard */
    for (int i = 0; i < 4000; i++) {
        fill(x, rand);
        HeMax s = {.row = WIDTH,
                   .first = g_rand_int_range(rand, 0, 3),
                   .from = g_rand_int_range(rand, -9, 9),
                   .width = (size_t)g_rand_int_range(rand, 1, WIDTH + 1),
                   .n = (size_t)g_rand_int_range(rand, 1, 49),
                   .stride = (size_t)g_rand_int_range(rand, 1, 5),
                   .step = (size_t)g_rand_int_range(rand, 1, 4),
                   .taps = (size_t)g_rand_int_range(rand, 1, 8)};
        s.past = s.first + g_rand_int_range(rand, 0, HEIGHT + 1);
        s.x = s.past > s.first ? x + (HEIGHT - (s.past - s.first)) * WIDTH : NULL;
        if (s.x)
            s.x += WIDTH - s.width; /* the last row ends where the memory does */
        check(row->run, s);
    }
}

static void test_nan(gconstpointer data)
{
    const Row *row = data;
    float x[2 * 32], best[32];
    if (!is_here(row))
        return;
    for (int i = 0; i < 64; i++)
        x[i] = (float)i;
    x[5] = NAN;
    row->run(&(HeMax){.x = x,
                      .row = 32,
                      .past = 2,
                      .width = 32,
                      .n = 16,
                      .stride = 2,
                      .step = 1,
                      .taps = 2,
                      .best = best});
    for (int k = 0; k < 16; k++)
        if (k == 2)
            g_assert_true(isnan(best[k]));
        else
            g_assert_true(best[k] == (float)(32 + 2 * k + 1));
}

static const Row rows[] = {
    {"c", he_max_c, HE_SET_PLAIN},
#ifdef __x86_64__
    {"avx2", he_max_avx2, HE_SET_AVX2},
    {"avx512", he_max_avx512, HE_SET_AVX512},
#endif
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *a = g_strdup_printf("/kernels/max/definition/%s", rows[i].path);
        g_autofree char *b = g_strdup_printf("/kernels/max/nan/%s", rows[i].path);
        g_test_add_data_func(a, &rows[i], test_definition);
        g_test_add_data_func(b, &rows[i], test_nan);
    }
    return g_test_run();
}
