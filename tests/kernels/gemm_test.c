/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Matrix products: every row of kernels.def in both precisions against sums in long double, with guards,
 * leading dimensions, transposes, accumulation, right operands at odd bytes, and the same bytes for any number
 * of threads. */
#include <math.h>
#include <string.h>

#include "core/pool.h"
#include "kernels/kernels.h"
#include "tests/support/guarded.h"
#include "tests/support/pace.h"

#define N_RANDOM pace(300, 120, 0) /* shapes, with the chosen ones */

typedef struct {
    const char *name;
    HeType type;
    double tolerance; /* largest error over the sum of magnitudes */
    const HeGemmKernel_f32 *f32;
    const HeGemmKernel_f64 *f64;
} Kernel;

typedef struct {
    const Kernel *kernel;
    HeGemm s;
    size_t a_size, b_size, c_size;
    void *a, *b, *c;
    char *text;
} Case;

static double get(const Kernel *kernel, const void *v, size_t i)
{
    float single;
    double number;
    if (kernel->type != HE_F32) {
        memcpy(&number, (const char *)v + i * sizeof number, sizeof number);
        return number;
    }
    memcpy(&single, (const char *)v + i * sizeof single, sizeof single);
    return single;
}

static void fill(const Kernel *kernel, void *v, size_t n, GRand *rand)
{
    for (size_t i = 0; i < n; i++) {
        double number = g_rand_double_range(rand, -1, 1);
        float single = (float)number;
        if (kernel->type == HE_F32)
            memcpy((char *)v + i * sizeof single, &single, sizeof single);
        else
            memcpy((char *)v + i * sizeof number, &number, sizeof number);
    }
}

static void run_tile(void *data, size_t tile, int worker)
{
    const Case *k = data;
    (void)worker;
    if (k->kernel->f32 != NULL)
        k->kernel->f32->run(&k->s, k->a, k->b, k->c, tile);
    else
        k->kernel->f64->run(&k->s, k->a, k->b, k->c, tile);
}

static size_t tiles(const Case *k)
{
    return k->kernel->f32 != NULL ? k->kernel->f32->tiles(&k->s)
                                  : k->kernel->f64->tiles(&k->s);
}

static gboolean reads_bytes(const Case *k)
{
    return k->kernel->f32 != NULL ? k->kernel->f32->reads_bytes
                                  : k->kernel->f64->reads_bytes;
}

static gboolean fits(const Case *k)
{
    return k->kernel->f32 != NULL ? k->kernel->f32->fits(&k->s)
                                  : k->kernel->f64->fits(&k->s);
}

static void check_element(const Case *k, const void *before, size_t i, size_t j)
{
    const HeGemm *s = &k->s;
    double old = s->accumulate ? get(k->kernel, before, i * s->ldc + j) : 0;
    long double sum = old;
    double magnitude = fabs(old);
    for (size_t p = 0; p < s->k; p++) {
        double product = get(k->kernel, k->a, s->ta ? p * s->lda + i : i * s->lda + p) *
                         get(k->kernel, k->b, s->tb ? j * s->ldb + p : p * s->ldb + j);
        sum += product;
        magnitude += fabs(product);
    }
    double is = get(k->kernel, k->c, i * s->ldc + j);
    if (!(fabs(is - (double)sum) <= k->kernel->tolerance * magnitude))
        g_error("%s [%zu, %zu]: %.9g, expected %.9g; %s", k->kernel->name, i, j, is,
                (double)sum, k->text);
}

/* Elements between the rows of c stay as they were. */
static void check_gaps(const Case *k, const void *before)
{
    size_t size = he_type_size(k->kernel->type), gap = k->s.ldc - k->s.n;
    for (size_t i = 0; i + 1 < k->s.m; i++) {
        size_t at = (i * k->s.ldc + k->s.n) * size;
        if (memcmp((const char *)k->c + at, (const char *)before + at, gap * size) != 0)
            g_error("%s: wrote between rows %zu and %zu; %s", k->kernel->name, i, i + 1,
                    k->text);
    }
}

static HePool *pools[3];

static size_t pick(GRand *rand, size_t low, size_t high)
{
    return (size_t)g_rand_int_range(rand, (gint32)low, (gint32)high + 1);
}

static void check(Case *k, GRand *rand)
{
    size_t size = he_type_size(k->kernel->type), c_bytes = k->c_size * size;
    k->a = guarded_new(k->a_size, size, size);
    k->b = guarded_new(k->b_size, size, reads_bytes(k) ? pick(rand, 1, 63) : size);
    k->c = guarded_new(k->c_size, size, size);
    fill(k->kernel, k->a, k->a_size, rand);
    fill(k->kernel, k->b, k->b_size, rand);
    if (k->s.accumulate)
        fill(k->kernel, k->c, k->c_size, rand);
    g_autofree void *before = g_memdup2(k->c, c_bytes), *first = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++) {
        if (c_bytes > 0)
            memcpy(k->c, before, c_bytes);
        he_pool_run(pools[i], tiles(k), run_tile, k);
        if (i == 0)
            first = g_memdup2(k->c, c_bytes);
        else if (c_bytes > 0 && memcmp(first, k->c, c_bytes) != 0)
            g_error("%s: bytes differ with %d threads; %s", k->kernel->name,
                    he_pool_get_n_threads(pools[i]), k->text);
    }
    for (size_t i = 0; i < k->s.m; i++)
        for (size_t j = 0; j < k->s.n; j++)
            check_element(k, before, i, j);
    check_gaps(k, before);
    gboolean a = guarded_free(k->a), b = guarded_free(k->b), c = guarded_free(k->c);
    if (!a || !b || !c)
        g_error("%s: wrote outside its arrays; %s", k->kernel->name, k->text);
}

static void check_shape(const Kernel *kernel, size_t m, size_t n, size_t k, guint32 seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    HeGemm s = {.m = m, .n = n, .k = k};
    s.ta = pick(rand, 0, 1) == 1;
    s.tb = pick(rand, 0, 1) == 1;
    s.accumulate = pick(rand, 0, 1) == 1;
    size_t gap = pick(rand, 0, 2) == 0 ? 3 : 0;
    s.lda = MAX((s.ta ? m : k) + gap, 1);
    s.ldb = MAX((s.tb ? k : n) + gap, 1);
    s.ldc = MAX(n + gap, 1);
    Case c = {.kernel = kernel, .s = s};
    /* The last row ends with its last number: nothing after it may be touched. */
    size_t a_rows = s.ta ? k : m, a_cols = s.ta ? m : k, b_rows = s.tb ? n : k,
           b_cols = s.tb ? k : n;
    c.a_size = a_rows > 0 ? (a_rows - 1) * s.lda + a_cols : 0;
    c.b_size = b_rows > 0 ? (b_rows - 1) * s.ldb + b_cols : 0;
    c.c_size = m > 0 ? (m - 1) * s.ldc + n : 0;
    c.text =
        g_strdup_printf("seed %u: m %zu n %zu k %zu, ta %d tb %d accumulate %d, gap %zu",
                        seed, m, n, k, s.ta, s.tb, s.accumulate, gap);
    if (fits(&c))
        check(&c, rand);
    g_free(c.text);
}

static void test_kernel(gconstpointer data)
{
    static const size_t chosen[][3] = {
        {1, 1000, 1280}, {1000, 1, 1280}, {1, 1, 1},      {16, 256, 1},  {17, 257, 3},
        {150, 130, 120}, {8, 1000, 130},  {64, 1000, 64}, {15, 255, 70}, {0, 5, 3},
        {5, 0, 3},       {5, 4, 0},       {1, 7, 0},      {7, 1, 0},     {33, 31, 300},
        {1, 15, 31},     {1, 16, 32},     {1, 17, 33},    {2, 127, 63},  {2, 128, 64},
        {2, 129, 65},    {3, 1023, 15},   {3, 1024, 16},  {3, 1025, 17}, {4, 2049, 9},
        {4, 300, 2100},  {5, 129, 65},    {4, 3, 70000},  {1, 20000, 8}};
    const Kernel *kernel = data;
    guint32 seed = 0;
    size_t n_again = pace(8, 3, 2);
    for (size_t i = 0; i < G_N_ELEMENTS(chosen); i++)
        for (size_t again = 0; again < n_again; again++) /* other transposes, gaps */
            check_shape(kernel, chosen[i][0], chosen[i][1], chosen[i][2], seed++);
    for (; seed < N_RANDOM; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        size_t most = seed % 4 == 0 ? 70 : 12;
        size_t m = pick(rand, 0, most), n = pick(rand, 0, most), k = pick(rand, 0, most);
        check_shape(kernel, m, n, k, seed);
    }
}

/* What is multiplied by zeros alone is not read where kernels.h says so: NaN there does not show. */
static void test_unread(gconstpointer data)
{
    const HeGemmKernel_f32 *kernel =
        he_gemm_find_f32(GPOINTER_TO_UINT(data), &(HeGemm){.m = 2, .n = 300, .k = 40});
    enum { N = 300, K = 40 };
    float a[2 * K] = {0}, b[K * N], c[2 * N];
    HeGemm s = {.m = 2, .n = N, .k = K, .lda = K, .ldb = N, .ldc = N};
    for (size_t i = 0; i < G_N_ELEMENTS(b); i++)
        b[i] = i / N == 3 || i / N == 31 ? (float)(i % N) : NAN;
    a[3] = 1;
    a[K + 31] = -2;
    for (size_t tile = 0; tile < kernel->tiles(&s); tile++)
        kernel->run(&s, a, b, c, tile);
    for (size_t j = 0; j < N; j++) {
        g_assert_cmpfloat(c[j], ==, (float)j);
        g_assert_cmpfloat(c[N + j], ==, -2 * (float)j);
    }
}

/* A NaN on the left is no zero. */
static void test_nan(gconstpointer data)
{
    HeGemm s = {.m = 1, .n = 16, .k = 2, .lda = 2, .ldb = 16, .ldc = 16};
    const HeGemmKernel_f32 *kernel = he_gemm_find_f32(GPOINTER_TO_UINT(data), &s);
    float a[2] = {0, NAN}, b[32] = {0}, c[16] = {0};
    for (size_t tile = 0; tile < kernel->tiles(&s); tile++)
        kernel->run(&s, a, b, c, tile);
    for (size_t j = 0; j < s.n; j++)
        g_assert_true(isnan(c[j]));
}

static void add_set_tests(HeKernelSet set)
{
    const char *name = he_kernels_set_name(set);
    g_autofree char *unread = g_strdup_printf("/kernels/gemm/unread/%s", name);
    g_autofree char *nan = g_strdup_printf("/kernels/gemm/nan/%s", name);
    if (set >= HE_SET_AVX2)
        g_test_add_data_func(unread, GUINT_TO_POINTER(set), test_unread);
    g_test_add_data_func(nan, GUINT_TO_POINTER(set), test_nan);
}

static void test_find(void)
{
    HeGemm s = {.m = 3, .n = 4, .k = 5, .lda = 5, .ldb = 4, .ldc = 4};
    g_assert_cmpstr(he_gemm_find_f32(HE_SET_PLAIN, &s)->name, ==, "gemm_f32_plain");
    g_assert_cmpstr(he_gemm_find_f64(HE_SET_AUTO, &s)->name, ==, "gemm_f64_plain");
    g_assert_nonnull(he_gemm_find_f32(HE_SET_AUTO, &s));
    if (he_kernels_best() >= HE_SET_AVX2) {
        g_assert_true(he_gemm_find_f32(HE_SET_AUTO, &(HeGemm){.m = 4, .n = 16, .k = 1})
                          ->reads_bytes);
        g_assert_false(he_gemm_find_f32(HE_SET_AUTO, &(HeGemm){.m = 5, .n = 16, .k = 1})
                           ->reads_bytes);
    }
    s.k = (size_t)1 << 33; /* beyond the int arguments of a BLAS */
    g_assert_cmpstr(he_gemm_find_f32(HE_SET_AUTO, &s)->name, ==, "gemm_f32_plain");
}

static void add_kernel(const char *name, HeType type, const HeGemmKernel_f32 *f32,
                       const HeGemmKernel_f64 *f64)
{
    g_autofree char *path = g_strdup_printf("/kernels/%s", name);
    Kernel *kernel = g_new(Kernel, 1);
    *kernel = (Kernel){name, type, type == HE_F32 ? 1.5e-6 : 4e-15, f32, f64};
    g_test_add_data_func_full(path, kernel, test_kernel, g_free);
}

int main(int argc, char **argv)
{
    static const int n_threads[] = {1, 3, 8};
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        pools[i] = he_pool_new(n_threads[i]);
    g_test_add_func("/kernels/gemm/find", test_find);
    for (HeKernelSet set = HE_SET_PLAIN; set <= he_kernels_best(); set++)
        if (he_kernels_has(set))
            add_set_tests(set);
    const HeGemmKernel_f32 *f32;
    const HeGemmKernel_f64 *f64;
    for (size_t i = 0; (f32 = he_gemm_get_f32(i)) != NULL; i++)
        add_kernel(f32->name, HE_F32, f32, NULL);
    for (size_t i = 0; (f64 = he_gemm_get_f64(i)) != NULL; i++)
        add_kernel(f64->name, HE_F64, NULL, f64);
    int status = g_test_run();
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        he_pool_free(pools[i]);
    return status;
}
