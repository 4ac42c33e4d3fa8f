/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Times the convolutions in blocks of channels (nchwc.h) on layers of real networks: nchwc_bench [THREADS [SET
 * [WORD]]]. For each shape, forward and backward by data, every row of SET that fits, the first of which is the one
 * that is chosen: the median of RUNS runs, the speed in multiply-adds counted as two, and what packing its weights
 * takes. With WORD only the networks of that name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/pool.h"
#include "kernels/nchwc.h"

#define RUNS 21

typedef struct {
    const char *net;
    size_t c, side, oc, group, kernel, stride;
} Layer;

/* clang-format off */
static const Layer layers[] = {
    {"first", 3, 224, 64, 1, 7, 2},
    {"first", 3, 224, 64, 1, 3, 1},
    {"first", 3, 224, 32, 1, 3, 2},
    {"vgg16", 64, 224, 64, 1, 3, 1},
    {"vgg16", 64, 112, 128, 1, 3, 1},
    {"vgg16", 128, 112, 128, 1, 3, 1},
    {"vgg16", 256, 56, 256, 1, 3, 1},
    {"vgg16", 512, 28, 512, 1, 3, 1},
    {"vgg16", 512, 14, 512, 1, 3, 1},
    {"resnet", 64, 56, 64, 1, 3, 1},
    {"resnet", 128, 28, 128, 1, 3, 1},
    {"resnet", 256, 14, 256, 1, 3, 1},
    {"resnet", 512, 7, 512, 1, 3, 1},
    {"resnet", 128, 56, 128, 1, 3, 2},
    {"googlenet", 64, 56, 192, 1, 3, 1},
    {"googlenet", 96, 28, 128, 1, 3, 1},
    {"googlenet", 160, 14, 320, 1, 3, 1},
    {"googlenet", 16, 28, 32, 1, 5, 1},
    {"densenet", 128, 56, 32, 1, 3, 1},
    {"densenet", 128, 28, 32, 1, 3, 1},
    {"densenet", 128, 14, 32, 1, 3, 1},
    {"squeezenet", 16, 55, 64, 1, 3, 1},
    {"squeezenet", 32, 27, 128, 1, 3, 1},
    {"squeezenet", 48, 13, 192, 1, 3, 1},
    {"alexnet", 192, 13, 384, 1, 3, 1},
    {"alexnet", 384, 13, 256, 1, 3, 1},
    {"mobilenetv2", 32, 112, 32, 32, 3, 1},
    {"mobilenetv2", 96, 112, 96, 96, 3, 2},
    {"mobilenetv2", 144, 56, 144, 144, 3, 1},
    {"mobilenetv2", 144, 56, 144, 144, 3, 2},
    {"mobilenetv2", 192, 28, 192, 192, 3, 1},
    {"mobilenetv2", 384, 14, 384, 384, 3, 1},
    {"mobilenetv2", 576, 14, 576, 576, 3, 1},
    {"mobilenetv2", 960, 7, 960, 960, 3, 1},
    {"lite0", 240, 28, 240, 240, 5, 1},
    {"lite0", 672, 14, 672, 672, 5, 1},
    {"lite0", 1152, 7, 1152, 1152, 5, 1},
};
/* clang-format on */

static HeConv2d shape_of(const Layer *l)
{
    HeConv2d s = {.n = 1, .c = l->c, .h = l->side, .w = l->side, .oc = l->oc};
    s.group = l->group;
    s.kh = s.kw = l->kernel;
    s.sy = s.sx = l->stride;
    s.dy = s.dx = 1;
    s.pt = s.pl = l->kernel / 2;
    s.oh = s.ow = (l->side + l->stride - 1) / l->stride;
    gboolean is_planes = s.c < HE_NCHWC_FEW;
    s.x_n = (is_planes ? s.c : he_nchwc_blocks(s.c) * HE_NCHWC) * s.h * s.w;
    s.y_n = he_nchwc_blocks(s.oc) * HE_NCHWC * s.oh * s.ow;
    return s;
}

typedef struct {
    HePool *pool;
    const HeNchwcKernel *kernel;
    HeConv2d s;
    gboolean is_backward;
    float *x, *w, *y, *packed, *shared;
    char *scratch;
    size_t scratch_step;
} Job;

static void pack_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    (void)worker;
    j->kernel->pack->run(&j->s, j->is_backward, j->w, j->packed, tile);
}

static void share_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    (void)worker;
    j->kernel->share->run(&j->s, j->is_backward, j->is_backward ? j->y : j->x, j->shared,
                          tile);
}

static void run_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    static const HeNchwcFinish relu = {.low = 0, .high = 1e30f};
    HeNchwcRun run = {.in = j->is_backward ? j->y : j->x,
                      .packed = j->packed,
                      .shared = j->shared,
                      .out = j->is_backward ? j->x : j->y,
                      .pool = j->pool,
                      .finish = j->is_backward ? NULL : &relu};
    j->kernel->run(&j->s, j->is_backward, j->kernel->loops, &run, tile,
                   j->scratch + (size_t)worker * j->scratch_step);
}

static void pack_once(HePool *pool, Job *j)
{
    he_pool_run(pool, j->kernel->pack->tiles(&j->s, j->is_backward), pack_tile, j);
}

static void run_once(HePool *pool, Job *j)
{
    if (j->shared)
        he_pool_run(pool, j->kernel->share->tiles(&j->s, j->is_backward), share_tile, j);
    he_pool_run(pool, j->kernel->tiles(&j->s, j->is_backward), run_tile, j);
}

static int by_value(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

/* The median in milliseconds. */
static double measure(HePool *pool, Job *j, void (*once)(HePool *pool, Job *j))
{
    double ms[RUNS];
    once(pool, j);
    for (int i = 0; i < RUNS; i++) {
        gint64 start = g_get_monotonic_time(), n = 0, now;
        do { /* the clock counts microseconds: short jobs are repeated */
            once(pool, j);
            n++;
            now = g_get_monotonic_time();
        } while (now - start < 500);
        ms[i] = (double)(now - start) / (double)n / 1000;
    }
    qsort(ms, RUNS, sizeof *ms, by_value);
    return ms[RUNS / 2];
}

static float *random_array(size_t n)
{
    float *v = he_alloc(n, sizeof *v, "bench", NULL);
    for (size_t i = 0; i < n; i++)
        v[i] = (float)g_random_double_range(-1, 1);
    return v;
}

static void bench_row(HePool *pool, Job *j, const char *text)
{
    const HeNchwcKernel *kernel = j->kernel;
    const HeConv2d *s = &j->s;
    size_t shared = kernel->share ? kernel->share->numbers(s, j->is_backward) : 0;
    j->packed = he_alloc(kernel->pack->numbers(s, j->is_backward), sizeof(float),
                         "weights", NULL);
    j->shared = shared ? he_alloc(shared, sizeof(float), "input", NULL) : NULL;
    j->scratch_step = (kernel->scratch(s, j->is_backward) + 63) / 64 * 64;
    j->scratch =
        he_alloc((size_t)he_pool_get_n_threads(pool), j->scratch_step, "scratch", NULL);
    double pack_ms = measure(pool, j, pack_once), ms = measure(pool, j, run_once);
    double work = 2.0 * (double)(s->oc * (s->c / s->group) * s->kh * s->kw) *
                  (double)(s->oh * s->ow);
    printf("%-40s %-24s %4zu tiles %8.3f ms %7.1f GFLOP/s, packing %7.3f ms\n", text,
           kernel->name, kernel->tiles(s, j->is_backward), ms, work / ms / 1e6, pack_ms);
    fflush(stdout);
    he_free(j->packed);
    he_free(j->shared);
    he_free(j->scratch);
}

static void bench_layer(HePool *pool, HeKernelSet set, const Layer *l,
                        gboolean is_backward)
{
    Job j = {.pool = pool, .s = shape_of(l), .is_backward = is_backward};
    g_autofree char *text = g_strdup_printf(
        "%-11s %s %4zux%zu ->%4zu %zux%zu/%zu", l->net, is_backward ? "bwd" : "fwd", l->c,
        l->side, l->oc, l->kernel, l->kernel, l->stride);
    j.x = random_array(j.s.x_n);
    j.w = random_array(l->oc * (l->c / l->group) * l->kernel * l->kernel);
    j.y = random_array(j.s.y_n);
    for (size_t i = 0; (j.kernel = he_nchwc_get(i)) != NULL; i++)
        if (j.kernel->set <= set && j.kernel->fits(&j.s, is_backward, j.kernel->loops))
            bench_row(pool, &j, text);
    he_free(j.x);
    he_free(j.w);
    he_free(j.y);
}

int main(int argc, char **argv)
{
    HeKernelSet set = he_kernels_best();
    g_autoptr(GError) error = NULL;
    if (argc > 2 && !he_kernels_parse(argv[2], &set, &error)) {
        fprintf(stderr, "nchwc_bench: %s\n", error->message);
        return 2;
    }
    HePool *pool = he_pool_new(argc > 1 ? atoi(argv[1]) : 0);
    printf("%d threads, set %s\n", he_pool_get_n_threads(pool), he_kernels_set_name(set));
    for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
        for (int is_backward = 0; is_backward < 2; is_backward++)
            if (argc < 4 || strcmp(argv[3], layers[i].net) == 0)
                bench_layer(pool, set, &layers[i], is_backward);
    he_pool_free(pool);
    return 0;
}
