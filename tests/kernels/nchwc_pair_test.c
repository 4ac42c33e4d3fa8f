/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A pointwise and a depthwise convolution in one pass against their two kernels one after the other, both directions:
 * the same bytes and gates, whatever is done before they are stored; nothing written beside, the same bytes for any
 * number of threads. */
#include <math.h>
#include <string.h>

#include "core/pool.h"
#include "kernels/axis.h"
#include "kernels/nchwc.h"
#include "tests/support/guarded.h"
#include "tests/support/pace.h"

#define N_RANDOM pace(400, 100, 10)

static HePool *pools[3]; /* 1, 3 and 8 threads */

typedef struct {
    const HeNchwcKernel *kernel[2]; /* pointwise, depthwise */
    HeConv2d shape[2];
    gboolean is_backward;
    const HeNchwcPair *pair;
    size_t n_in, n_between, n_out;
    float *in, *w[2], *bias[2], *packed[2], *between, *out, *expected;
    guint8 *gate[2], *expected_gate[2];
    HeNchwcFinish finish[2];
    void **scratch;
    char *text;
} Case;

static size_t pick(GRand *rand, size_t low, size_t high)
{
    return (size_t)g_rand_int_range(rand, (gint32)low, (gint32)high + 1);
}

static size_t whole(size_t channels)
{
    return he_nchwc_blocks(channels) * HE_NCHWC;
}

static size_t side(size_t in, size_t kernel, size_t stride, size_t pads)
{
    return in + pads < kernel ? 0 : (in + pads - kernel) / stride + 1;
}

/* The depthwise one as networks have it (odd kernels, padded by half) or anything. */
static HeConv2d random_depthwise(GRand *rand)
{
    HeConv2d s = {.n = pick(rand, 1, 2), .h = pick(rand, 1, 30), .w = pick(rand, 1, 40)};
    gboolean is_usual = pick(rand, 0, 2) > 0;
    s.c = s.oc = s.group = pick(rand, 4, 100);
    s.kh = s.kw = is_usual ? 3 + 2 * pick(rand, 0, 2) : pick(rand, 1, 6);
    s.kh = is_usual ? s.kh : pick(rand, 1, 6);
    s.sy = s.sx = pick(rand, 1, 2);
    s.sx = is_usual ? s.sx : pick(rand, 1, 3);
    s.dy = s.dx = 1;
    s.pt = is_usual ? s.kh / 2 : pick(rand, 0, 3);
    s.pl = is_usual ? s.kw / 2 : pick(rand, 0, 3);
    s.oh = side(s.h, s.kh, s.sy, s.pt + (is_usual ? s.pt : pick(rand, 0, 3)));
    s.ow = side(s.w, s.kw, s.sx, s.pl + (is_usual ? s.pl : pick(rand, 0, 3)));
    return s;
}

static void random_shapes(GRand *rand, HeConv2d *p, HeConv2d *d, gboolean is_backward)
{
    *d = random_depthwise(rand);
    size_t other = pick(rand, 0, 5) ? pick(rand, 4, 90) : pick(rand, 280, 340);
    size_t h = is_backward ? d->oh : d->h, w = is_backward ? d->ow : d->w;
    *p = (HeConv2d){.n = d->n, .h = h, .w = w, .oh = h, .ow = w, .group = 1};
    p->kh = p->kw = p->sy = p->sx = p->dy = p->dx = 1;
    p->c = is_backward ? d->c : other;
    p->oc = is_backward ? other : d->c;
    for (int i = 0; i < 2; i++) {
        HeConv2d *s = i ? d : p;
        s->x_n = whole(s->c) * s->h * s->w;
        s->y_n = whole(s->oc) * s->oh * s->ow;
    }
}

static float *random_array(size_t n, GRand *rand)
{
    float *array = guarded_new(n, sizeof(float), 4);
    guarded_fill(array, n, rand);
    return array;
}

static const HeNchwcKernel *find_kernel(const char *method, const char *set)
{
    g_autofree char *name = g_strdup_printf("nchwc_f32_%s_%s", method, set);
    const HeNchwcKernel *kernel;
    for (size_t i = 0; (kernel = he_nchwc_get(i)) != NULL; i++)
        if (g_str_equal(kernel->name, name))
            return kernel;
    return NULL;
}

/* ---- runs -------------------------------------------------------------------------------------------- */

static HeNchwcRun run_of(Case *k, int i, guint8 *gate[2])
{
    HeNchwcRun r = {.packed = k->packed[i], .bias = k->bias[i], .finish = &k->finish[i]};
    if (k->finish[i].gate)
        k->finish[i].gate = gate[i];
    return r;
}

typedef struct {
    Case *k;
    HeNchwcRun r[2];
    int i;
} Job;

static void run_one_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const HeNchwcKernel *kernel = job->k->kernel[job->i];
    kernel->run(&job->k->shape[job->i], job->k->is_backward, kernel->loops,
                &job->r[job->i], tile, job->k->scratch[worker]);
}

static void run_pair_tile(void *data, size_t tile, int worker)
{
    const Job *job = data;
    const Case *k = job->k;
    he_nchwc_pair_run(k->pair, &k->shape[0], &k->shape[1], k->is_backward, &job->r[0],
                      &job->r[1], tile, k->scratch[worker]);
}

static void run_separately(Case *k)
{
    Job job = {.k = k};
    job.r[0] = run_of(k, 0, k->expected_gate);
    job.r[1] = run_of(k, 1, k->expected_gate);
    job.r[0].in = k->in;
    job.r[0].out = k->between;
    job.r[1].in = k->between;
    job.r[1].out = k->expected;
    for (job.i = 0; job.i < 2; job.i++) {
        const HeNchwcKernel *kernel = k->kernel[job.i];
        void *scratch =
            guarded_new(kernel->scratch(&k->shape[job.i], k->is_backward), 1, 0);
        k->scratch = &scratch;
        he_pool_run(pools[0], kernel->tiles(&k->shape[job.i], k->is_backward),
                    run_one_tile, &job);
        guarded_free(scratch);
    }
}

/* FALSE: a guard was hit. */
static gboolean run_together(Case *k, HePool *pool)
{
    Job job = {.k = k};
    gboolean is_whole = TRUE;
    int n_workers = he_pool_get_n_threads(pool);
    size_t bytes = he_nchwc_pair_scratch(k->pair, &k->shape[1], k->is_backward);
    job.r[0] = run_of(k, 0, k->gate);
    job.r[1] = run_of(k, 1, k->gate);
    job.r[0].in = k->in;
    job.r[1].out = k->out;
    k->scratch = g_new(void *, n_workers);
    for (int i = 0; i < n_workers; i++)
        k->scratch[i] = guarded_new(bytes, 1, 0);
    he_pool_run(pool,
                he_nchwc_pair_tiles(k->pair, &k->shape[0], &k->shape[1], k->is_backward),
                run_pair_tile, &job);
    for (int i = 0; i < n_workers; i++)
        is_whole = guarded_free(k->scratch[i]) && is_whole;
    g_free(k->scratch);
    return is_whole;
}

/* ---- one case ---------------------------------------------------------------------------------------- */

/* WHAT: bits of what is finished. Gates are asked of both ways, or read. */
static void set_finish(Case *k, int i, GRand *rand, float *add)
{
    guint what = (guint)pick(rand, 0, 31);
    HeNchwcFinish *f = &k->finish[i];
    *f = (HeNchwcFinish){.low = -INFINITY, .high = INFINITY};
    f->add = what & 1 ? add : NULL;
    if (k->is_backward) {
        f->is_gradient = TRUE;
        f->is_positive = (what & 2) != 0;
        f->open = what & 4 ? k->gate[i] : NULL;
        return;
    }
    f->gate = what & 4 ? k->gate[i] : NULL;
    f->low = what & 8 ? 0 : f->low;
    f->high = what & 16 ? 1 : f->high;
}

static void case_init(Case *k, GRand *rand)
{
    const HeConv2d *p = &k->shape[0], *d = &k->shape[1];
    k->n_in = p->n * (k->is_backward ? p->y_n : p->x_n);
    k->n_between = p->n * (k->is_backward ? p->x_n : p->y_n);
    k->n_out = d->n * (k->is_backward ? d->x_n : d->y_n);
    k->in = random_array(k->n_in, rand);
    k->between = guarded_new(k->n_between, sizeof(float), 4);
    k->out = guarded_new(k->n_out, sizeof(float), 4);
    k->expected = guarded_new(k->n_out, sizeof(float), 4);
    for (int i = 0; i < 2; i++) {
        const HeConv2d *s = &k->shape[i];
        const HeConv2dPack *pack = k->kernel[i]->pack;
        size_t bytes = he_div_up(i ? k->n_out : k->n_between, 8);
        k->w[i] = random_array(s->oc * (s->c / s->group) * s->kh * s->kw, rand);
        k->packed[i] = guarded_new(pack->numbers(s, k->is_backward), sizeof(float), 4);
        for (size_t t = 0; t < pack->tiles(s, k->is_backward); t++)
            pack->run(s, k->is_backward, k->w[i], k->packed[i], t);
        k->bias[i] =
            !k->is_backward && pick(rand, 0, 1) ? random_array(whole(s->oc), rand) : NULL;
        k->gate[i] = guarded_new(bytes, 1, 0);
        k->expected_gate[i] = guarded_new(bytes, 1, 0);
        for (size_t b = 0; k->is_backward && b < bytes; b++)
            k->gate[i][b] = (guint8)pick(rand, 0, 255);
    }
}

static gboolean case_clear(Case *k)
{
    void *arrays[] = {k->in,
                      k->between,
                      k->out,
                      k->expected,
                      k->w[0],
                      k->w[1],
                      k->packed[0],
                      k->packed[1],
                      k->gate[0],
                      k->gate[1],
                      k->expected_gate[0],
                      k->bias[0],
                      k->bias[1],
                      k->expected_gate[1]};
    gboolean is_whole = TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        is_whole = (!arrays[i] || guarded_free(arrays[i])) && is_whole;
    return is_whole;
}

static void compare(const Case *k)
{
    for (size_t i = 0; i < k->n_out; i++)
        if (memcmp(&k->out[i], &k->expected[i], sizeof(float)) != 0)
            g_error("[%zu]: %.9g, expected %.9g; %s", i, (double)k->out[i],
                    (double)k->expected[i], k->text);
    for (int i = 0; !k->is_backward && i < 2; i++)
        if (k->finish[i].gate && memcmp(k->gate[i], k->expected_gate[i],
                                        he_div_up(i ? k->n_out : k->n_between, 8)) != 0)
            g_error("gates %d differ; %s", i, k->text);
}

static void check(Case *k, GRand *rand)
{
    gboolean is_whole = TRUE;
    case_init(k, rand);
    float *add[2] = {random_array(k->n_between, rand), random_array(k->n_out, rand)};
    set_finish(k, 0, rand, add[0]);
    set_finish(k, 1, rand, add[1]);
    run_separately(k);
    g_autofree float *first = g_new(float, k->n_out + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++) {
        is_whole = run_together(k, pools[i]) && is_whole;
        if (i == 0)
            memcpy(first, k->out, k->n_out * sizeof(float));
        else if (memcmp(first, k->out, k->n_out * sizeof(float)) != 0)
            g_error("bytes differ with %d threads; %s", he_pool_get_n_threads(pools[i]),
                    k->text);
        compare(k);
    }
    is_whole = guarded_free(add[0]) && is_whole;
    is_whole = guarded_free(add[1]) && is_whole;
    if (!case_clear(k) || !is_whole)
        g_error("wrote beside an array; %s", k->text);
}

static void test_set(gconstpointer data)
{
    const char *set = data;
    Case k = {.kernel = {find_kernel("direct", set), find_kernel("dw", set)}};
    size_t n[2] = {0};
    g_assert_nonnull(k.kernel[0]);
    g_assert_nonnull(k.kernel[1]);
    if (!he_kernels_has(k.kernel[0]->set)) {
        g_autofree char *why = g_strdup_printf("this processor lacks %s", set);
        g_test_skip(why);
        return;
    }
    for (guint32 seed = 0; seed < N_RANDOM; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        Case c = {.kernel = {k.kernel[0], k.kernel[1]}, .is_backward = seed % 2 == 1};
        HeConv2d *p = &c.shape[0], *d = &c.shape[1];
        random_shapes(rand, p, d, c.is_backward);
        c.pair = he_nchwc_pair_find(c.kernel[0], p, c.kernel[1], d, c.is_backward);
        if (d->oh == 0 || d->ow == 0 || !c.pair)
            continue;
        g_autofree char *text = g_strdup_printf(
            "%s, seed %u: n %zu, %zu -> %zu channels, %zux%zu -> %zux%zu, kernel %zux%zu "
            "stride %zux%zu pad %zu,%zu",
            c.pair->name, seed, d->n, p->c, p->oc, d->h, d->w, d->oh, d->ow, d->kh, d->kw,
            d->sy, d->sx, d->pt, d->pl);
        c.text = text;
        check(&c, rand);
        n[c.is_backward]++;
    }
    g_test_message("%zu forward, %zu backward", n[0], n[1]);
    g_assert_cmpuint(MIN(n[0], n[1]), >=, pace(100, 20, 2));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const int n_threads[] = {1, 3, 8};
    static const char *const sets[] = {
#ifdef __x86_64__
        "avx512", "avx2",
#endif
#ifdef __aarch64__
        "neon",
#endif
        NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        pools[i] = he_pool_new(n_threads[i]);
    for (const char *const *set = sets; *set; set++) {
        g_autofree char *path = g_strdup_printf("/kernels/nchwc-pair/%s", *set);
        g_test_add_data_func(path, *set, test_set);
    }
    int result = g_test_run();
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        he_pool_free(pools[i]);
    return result;
}
