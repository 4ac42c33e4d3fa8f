/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Times the kernels on the layers of real networks: kernels_bench [THREADS [SET]]. For each shape, forward
 * and backward by data: the kernel that SET chooses, the median of RUNS runs with its 10th and 90th
 * percentile, the speed in multiply-adds counted as two, and how many times faster it is than plain. The
 * last lines add up EfficientNet-Lite0's convolutions, weighted by how often each layer occurs. */
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/pool.h"
#include "kernels/kernels.h"

#define RUNS       21
#define PLAIN_RUNS 3

typedef struct {
    const char *net;
    int times; /* how often the layer occurs in EfficientNet-Lite0 */
    size_t c, side, oc, group, kernel, stride, pad;
} Layer;

/* clang-format off */
static const Layer layers[] = {
    {"lite0", 1, 3, 224, 32, 1, 3, 2, 0}, /* padding below and right only, as TensorFlow does */
    {"lite0", 1, 32, 112, 32, 32, 3, 1, 1},
    {"lite0", 1, 32, 112, 16, 1, 1, 1, 0},
    {"lite0", 1, 16, 112, 96, 1, 1, 1, 0},
    {"lite0", 1, 96, 112, 96, 96, 3, 2, 0},
    {"lite0", 1, 96, 56, 24, 1, 1, 1, 0},
    {"lite0", 2, 24, 56, 144, 1, 1, 1, 0},
    {"lite0", 1, 144, 56, 144, 144, 3, 1, 1},
    {"lite0", 1, 144, 56, 24, 1, 1, 1, 0},
    {"lite0", 1, 144, 56, 144, 144, 5, 2, 1},
    {"lite0", 1, 144, 28, 40, 1, 1, 1, 0},
    {"lite0", 2, 40, 28, 240, 1, 1, 1, 0},
    {"lite0", 1, 240, 28, 240, 240, 5, 1, 2},
    {"lite0", 1, 240, 28, 40, 1, 1, 1, 0},
    {"lite0", 1, 240, 28, 240, 240, 3, 2, 0},
    {"lite0", 1, 240, 14, 80, 1, 1, 1, 0},
    {"lite0", 3, 80, 14, 480, 1, 1, 1, 0},
    {"lite0", 2, 480, 14, 480, 480, 3, 1, 1},
    {"lite0", 2, 480, 14, 80, 1, 1, 1, 0},
    {"lite0", 1, 480, 14, 480, 480, 5, 1, 2},
    {"lite0", 1, 480, 14, 112, 1, 1, 1, 0},
    {"lite0", 3, 112, 14, 672, 1, 1, 1, 0},
    {"lite0", 2, 672, 14, 672, 672, 5, 1, 2},
    {"lite0", 2, 672, 14, 112, 1, 1, 1, 0},
    {"lite0", 1, 672, 14, 672, 672, 5, 2, 1},
    {"lite0", 1, 672, 7, 192, 1, 1, 1, 0},
    {"lite0", 4, 192, 7, 1152, 1, 1, 1, 0},
    {"lite0", 3, 1152, 7, 1152, 1152, 5, 1, 2},
    {"lite0", 3, 1152, 7, 192, 1, 1, 1, 0},
    {"lite0", 1, 1152, 7, 1152, 1152, 3, 1, 1},
    {"lite0", 1, 1152, 7, 320, 1, 1, 1, 0},
    {"lite0", 1, 320, 7, 1280, 1, 1, 1, 0},
    {"vgg16", 0, 64, 224, 64, 1, 3, 1, 1},
    {"vgg16", 0, 256, 56, 256, 1, 3, 1, 1},
    {"vgg16", 0, 512, 28, 512, 1, 3, 1, 1},
    {"vgg16", 0, 512, 14, 512, 1, 3, 1, 1},
    {"resnet50", 0, 3, 224, 64, 1, 7, 2, 3},
    {"resnet50", 0, 64, 56, 64, 1, 3, 1, 1},
    {"resnet50", 0, 128, 56, 128, 1, 3, 2, 1},
    {"resnet50", 0, 256, 56, 512, 1, 1, 2, 0},
    {"resnet50", 0, 512, 7, 512, 1, 3, 1, 1},
    {"resnet50", 0, 512, 7, 2048, 1, 1, 1, 0},
    {"alexnet", 0, 3, 224, 64, 1, 11, 4, 2},
    {"googlenet", 0, 16, 28, 32, 1, 5, 1, 2},
    {"densenet", 0, 128, 28, 32, 1, 3, 1, 1},
    {"squeeze", 0, 960, 1, 240, 1, 1, 1, 0},
};
/* clang-format on */

typedef struct {
    size_t m, n, k;
    gboolean tb;
} Product;

static const Product fully_connected[] = {{1, 1000, 1280, TRUE}, {1, 1280, 1000, FALSE},
                                          {1, 4096, 9216, TRUE}, {1, 9216, 4096, FALSE},
                                          {8, 1000, 1280, TRUE}, {64, 1000, 1280, TRUE}};

static HeConv2d shape_of(const Layer *l)
{
    HeConv2d s = {.n = 1, .c = l->c, .h = l->side, .w = l->side, .oc = l->oc};
    s.group = l->group;
    s.kh = s.kw = l->kernel;
    s.sy = s.sx = l->stride;
    s.dy = s.dx = 1;
    s.pt = s.pl = l->pad;
    s.oh = s.ow = (l->side + l->stride - 1) / l->stride;
    if (l->kernel == 11) /* AlexNet's first layer loses its border */
        s.oh = s.ow = 55;
    s.x_n = s.c * s.h * s.w;
    s.y_n = s.oc * s.oh * s.ow;
    return s;
}

typedef struct {
    const HeConv2dKernel_f32 *conv;
    const HeGemmKernel_f32 *gemm;
    HeConv2d s;
    HeGemm g;
    gboolean is_backward;
    float *x, *w, *y, *packed, *shared;
    char *scratch;
    size_t scratch_step;
} Job;

static void conv_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    void *scratch = j->scratch + (size_t)worker * j->scratch_step;
    if (j->is_backward)
        j->conv->backward(&j->s,
                          &(HeConv2dRun_f32){.in = j->y,
                                             .w = j->w,
                                             .packed = j->packed,
                                             .shared = j->shared,
                                             .out = j->x},
                          tile, scratch);
    else
        j->conv->forward(&j->s,
                         &(HeConv2dRun_f32){.in = j->x,
                                            .w = j->w,
                                            .packed = j->packed,
                                            .shared = j->shared,
                                            .out = j->y},
                         tile, scratch);
}

static void gemm_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    (void)worker;
    j->gemm->run(&j->g, j->x, j->w, j->y, tile);
}

static int by_value(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

/* Milliseconds, sorted. */
static void share_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    (void)worker;
    j->conv->share->run(&j->s, j->is_backward, j->is_backward ? j->y : j->x, j->shared,
                        tile);
}

static void run_once(HePool *pool, size_t n_tiles, HeTileFunc tile, Job *j)
{
    if (j->shared)
        he_pool_run(pool, j->conv->share->tiles(&j->s, j->is_backward), share_tile, j);
    he_pool_run(pool, n_tiles, tile, j);
}

static void measure(HePool *pool, size_t n_tiles, HeTileFunc tile, Job *j, double *ms,
                    int runs)
{
    run_once(pool, n_tiles, tile, j);
    for (int i = 0; i < runs; i++) {
        gint64 start = g_get_monotonic_time();
        gint64 n = 0, now;
        do { /* the clock counts microseconds: short jobs are repeated */
            run_once(pool, n_tiles, tile, j);
            n++;
            now = g_get_monotonic_time();
        } while (now - start < 500);
        ms[i] = (double)(now - start) / (double)n / 1000;
    }
    qsort(ms, (size_t)runs, sizeof *ms, by_value);
}

static float *random_array(size_t n)
{
    float *v = he_alloc(n, sizeof *v, "bench", NULL);
    for (size_t i = 0; i < n; i++)
        v[i] = (float)g_random_double_range(-1, 1);
    return v;
}

static void print_row(const char *shape, const char *kernel, size_t n_tiles,
                      const double *ms, double flops, double plain_ms)
{
    double median = ms[RUNS / 2];
    printf("%-38s %-20s %5zu tiles %8.3f ms [%7.3f %7.3f] %7.1f GFLOP/s %6.1fx plain\n",
           shape, kernel, n_tiles, median, ms[RUNS / 10], ms[RUNS - 1 - RUNS / 10],
           flops / median / 1e6, plain_ms / median);
    fflush(stdout);
}

static double conv_ms(HePool *pool, Job *j, const HeConv2dKernel_f32 *kernel, double *ms,
                      int runs, size_t *n_tiles)
{
    j->conv = kernel;
    j->scratch_step =
        j->is_backward ? kernel->backward_scratch(&j->s) : kernel->forward_scratch(&j->s);
    j->scratch_step = (j->scratch_step + 63) / 64 * 64;
    j->scratch =
        he_alloc((size_t)he_pool_get_n_threads(pool), j->scratch_step, "scratch", NULL);
    const HeConv2dPack *pack = kernel->pack;
    size_t n_packed = pack ? pack->numbers(&j->s, j->is_backward) : 0;
    j->packed = n_packed ? he_alloc(n_packed, sizeof(float), "weights", NULL) : NULL;
    for (size_t i = 0; n_packed && i < pack->tiles(&j->s, j->is_backward); i++)
        pack->run(&j->s, j->is_backward, j->w, j->packed, i);
    const HeConv2dShare *share = kernel->share;
    size_t n_shared = share ? share->numbers(&j->s, j->is_backward) : 0;
    j->shared = n_shared ? he_alloc(n_shared, sizeof(float), "columns", NULL) : NULL;
    *n_tiles =
        j->is_backward ? kernel->backward_tiles(&j->s) : kernel->forward_tiles(&j->s);
    measure(pool, *n_tiles, conv_tile, j, ms, runs);
    he_free(j->scratch);
    he_free(j->packed);
    he_free(j->shared);
    return ms[runs / 2];
}

static double bench_conv(HePool *pool, HeKernelSet set, const Layer *l,
                         gboolean is_backward)
{
    Job j = {.s = shape_of(l), .is_backward = is_backward};
    const HeConv2d *s = &j.s;
    size_t weights = s->oc * (s->c / s->group) * s->kh * s->kw, n_tiles;
    double ms[RUNS], plain[PLAIN_RUNS];
    j.x = random_array(s->x_n);
    j.w = random_array(weights);
    j.y = random_array(s->y_n);
    double plain_ms = conv_ms(pool, &j, he_conv2d_find_f32(HE_SET_PLAIN, s), plain,
                              PLAIN_RUNS, &n_tiles);
    const HeConv2dKernel_f32 *kernel = he_conv2d_find_f32(set, s);
    double median = conv_ms(pool, &j, kernel, ms, RUNS, &n_tiles);
    g_autofree char *shape = g_strdup_printf(
        "%-9s %s %4zux%zu ->%4zu %zux%zu/%zu%s", l->net, is_backward ? "bwd" : "fwd",
        s->c, s->h, s->oc, s->kh, s->kw, s->sy, s->group > 1 ? " dw" : "");
    print_row(shape, kernel->name, n_tiles, ms,
              2.0 * (double)weights * (double)(s->oh * s->ow), plain_ms);
    he_free(j.x);
    he_free(j.w);
    he_free(j.y);
    return median;
}

static void bench_gemm(HePool *pool, HeKernelSet set, const Product *p)
{
    Job j = {
        .g = {.m = p->m, .n = p->n, .k = p->k, .lda = p->k, .ldc = p->n, .tb = p->tb}};
    double ms[RUNS], plain[PLAIN_RUNS];
    j.g.ldb = p->tb ? p->k : p->n;
    j.x = random_array(p->m * p->k);
    j.w = random_array(p->k * p->n);
    j.y = random_array(p->m * p->n);
    j.gemm = he_gemm_find_f32(HE_SET_PLAIN, &j.g);
    measure(pool, j.gemm->tiles(&j.g), gemm_tile, &j, plain, PLAIN_RUNS);
    j.gemm = he_gemm_find_f32(set, &j.g);
    size_t n_tiles = j.gemm->tiles(&j.g);
    measure(pool, n_tiles, gemm_tile, &j, ms, RUNS);
    g_autofree char *shape =
        g_strdup_printf("gemm %zux%zux%zu%s", p->m, p->n, p->k, p->tb ? " b^T" : "");
    print_row(shape, j.gemm->name, n_tiles, ms,
              2.0 * (double)p->m * (double)p->n * (double)p->k, plain[PLAIN_RUNS / 2]);
    he_free(j.x);
    he_free(j.w);
    he_free(j.y);
}

int main(int argc, char **argv)
{
    HeKernelSet set = HE_SET_AUTO;
    g_autoptr(GError) error = NULL;
    if (argc > 2 && !he_kernels_parse(argv[2], &set, &error)) {
        fprintf(stderr, "kernels_bench: %s\n", error->message);
        return 2;
    }
    HePool *pool = he_pool_new(argc > 1 ? atoi(argv[1]) : 0);
    printf("%d threads, set %s\n", he_pool_get_n_threads(pool), he_kernels_set_name(set));
    double sum[2] = {0, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
        for (int is_backward = 0; is_backward < 2; is_backward++)
            sum[is_backward] +=
                layers[i].times * bench_conv(pool, set, &layers[i], is_backward);
    for (size_t i = 0; i < G_N_ELEMENTS(fully_connected); i++)
        bench_gemm(pool, set, &fully_connected[i]);
    printf("EfficientNet-Lite0, all convolutions: forward %.2f ms, backward %.2f ms\n",
           sum[0], sum[1]);
    he_pool_free(pool);
    return 0;
}
