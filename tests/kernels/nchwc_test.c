/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Convolutions in blocks of channels: every row of kernels.def against the plain kernel of planes in double, both
 * directions: values within rounding of the sum of magnitudes, whatever stands in channels that are not there; what
 * is done before numbers are stored; nothing written beside, the same bytes for any number of threads. */
#include <math.h>
#include <string.h>

#include "core/pool.h"
#include "kernels/nchwc.h"
#include "tests/support/guarded.h"
#include "tests/support/pace.h"

#define N_RANDOM       pace(400, 150, 15)
#define MOST_WORK      pace(G_MAXSIZE, 13000000, 0) /* multiply-adds of a shape of networks */
#define TOLERANCE      1.5e-6                       /* of the sum of magnitudes */
#define TOLERANCE_WINO 3e-6                         /* of the largest result */

static HePool *pools[3]; /* 1, 3 and 8 threads */

typedef struct {
    const HeNchwcKernel *kernel;
    HeConv2d planes, blocks; /* the same; distances of samples differ */
    gboolean is_backward;
    size_t in_channels, out_channels, in_plane, out_plane;
    float *in, *w, *packed, *shared, *out; /* guarded */
    HeNchwcFinish finish;
    HeNchwcRun run;
    void **scratch;
    char *text;
} Case;

static size_t pick(GRand *rand, size_t low, size_t high)
{
    return (size_t)g_rand_int_range(rand, (gint32)low, (gint32)high + 1);
}

static size_t side(size_t in, size_t kernel, size_t stride, size_t dilation, size_t pads)
{
    size_t reach = (kernel - 1) * dilation + 1;
    return in + pads < reach ? 0 : (in + pads - reach) / stride + 1;
}

static HeConv2d random_shape(GRand *rand)
{
    HeConv2d s = {.n = pick(rand, 0, 9) % 3, .group = 1};
    gboolean is_big = pick(rand, 0, 3) == 0;
    size_t kind = pick(rand, 0, 4); /* 0: 1x1, 1: depthwise, 2: first, 3: 3x3, 4: any */
    s.h = pick(rand, 1, is_big ? 40 : 12);
    s.w = pick(rand, 1, is_big ? 70 : 20);
    s.c = kind == 2 ? MIN(pick(rand, 1, 12), 3) : pick(rand, 4, is_big ? 100 : 40);
    s.oc = pick(rand, 4, is_big ? 100 : 40);
    s.kh = kind == 0 ? 1 : kind == 3 ? 3 : pick(rand, 1, 5);
    s.kw = kind == 0 ? 1 : kind == 3 ? 3 : pick(rand, 1, 5);
    s.sy = kind == 3 ? 1 : pick(rand, 1, 3);
    s.sx = kind == 3 ? 1 : kind == 2 ? (size_t)1 << pick(rand, 0, 2) : pick(rand, 1, 3);
    s.dy = kind == 4 && pick(rand, 0, 1) ? pick(rand, 1, 3) : 1;
    s.dx = kind == 4 && pick(rand, 0, 1) ? pick(rand, 1, 3) : 1;
    s.pt = kind == 0 && pick(rand, 0, 3) ? 0 : pick(rand, 0, 3);
    s.pl = kind == 0 && pick(rand, 0, 3) ? 0 : pick(rand, 0, 3);
    if (kind == 1)
        s.group = s.oc = s.c;
    s.oh = side(s.h, s.kh, s.sy, s.dy, s.pt + pick(rand, 0, 3));
    s.ow = side(s.w, s.kw, s.sx, s.dx, s.pl + pick(rand, 0, 3));
    s.x_n = s.c * s.h * s.w;
    s.y_n = s.oc * s.oh * s.ow;
    return s;
}

static size_t whole(size_t channels)
{
    return channels < HE_NCHWC_FEW ? channels : he_nchwc_blocks(channels) * HE_NCHWC;
}

/* Where channel C, pixel P of sample N stands in blocks. */
static size_t place(size_t channels, size_t plane, size_t sample, size_t n, size_t c,
                    size_t p)
{
    if (channels < HE_NCHWC_FEW)
        return n * sample + c * plane + p;
    return n * sample + (c / HE_NCHWC * plane + p) * HE_NCHWC + c % HE_NCHWC;
}

static void case_init(Case *k, GRand *rand, const HeNchwcKernel *kernel,
                      const HeConv2d *s, gboolean is_backward, guint32 seed)
{
    *k = (Case){.kernel = kernel, .planes = *s, .blocks = *s, .is_backward = is_backward};
    size_t gap = pick(rand, 0, 1) * HE_NCHWC;
    k->blocks.x_n = whole(s->c) * s->h * s->w + gap;
    k->blocks.y_n = whole(s->oc) * s->oh * s->ow + gap;
    k->in_channels = is_backward ? s->oc : s->c;
    k->out_channels = is_backward ? s->c : s->oc;
    k->in_plane = is_backward ? s->oh * s->ow : s->h * s->w;
    k->out_plane = is_backward ? s->h * s->w : s->oh * s->ow;
    k->text = g_strdup_printf(
        "%s %s, seed %u: n %zu c %zu h %zu w %zu -> oc %zu oh %zu ow %zu, group %zu kernel "
        "%zux%zu stride %zux%zu dilation %zux%zu pad %zu,%zu gap %zu",
        kernel->name, is_backward ? "backward" : "forward", seed, s->n, s->c, s->h, s->w,
        s->oc, s->oh, s->ow, s->group, s->kh, s->kw, s->sy, s->sx, s->dy, s->dx, s->pt,
        s->pl, gap);
}

static size_t in_sample(const Case *k)
{
    return k->is_backward ? k->blocks.y_n : k->blocks.x_n;
}

static size_t out_sample(const Case *k)
{
    return k->is_backward ? k->blocks.x_n : k->blocks.y_n;
}

/* ---- the answer in double ----------------------------------------------------------------------------- */

static void plain(const Case *k, const float *bias, gboolean is_magnitude, double *out)
{
    const HeConv2dKernel_f64 *kernel = he_conv2d_get_f64(0);
    const HeConv2d *s = &k->planes;
    size_t n_w = s->oc * (s->c / s->group) * s->kh * s->kw;
    size_t each = k->in_channels * k->in_plane;
    g_autofree double *in = g_new(double, s->n *each + 1), *w = g_new(double, n_w + 1),
                      *b = g_new0(double, s->oc);
    for (size_t n = 0; n < s->n; n++)
        for (size_t c = 0; c < k->in_channels; c++)
            for (size_t p = 0; p < k->in_plane; p++)
                in[n * each + c * k->in_plane + p] =
                    (double)
                        k->in[place(k->in_channels, k->in_plane, in_sample(k), n, c, p)];
    for (size_t i = 0; i < n_w; i++)
        w[i] = (double)k->w[i];
    for (size_t i = 0; i < s->oc && bias; i++)
        b[i] = (double)bias[i];
    for (size_t i = 0; is_magnitude && i < MAX(MAX(s->n * each, n_w), s->oc); i++) {
        if (i < s->n * each)
            in[i] = fabs(in[i]);
        if (i < n_w)
            w[i] = fabs(w[i]);
        if (i < s->oc)
            b[i] = fabs(b[i]);
    }
    HeConv2dRun_f64 run = {.in = in, .w = w, .bias = b, .out = out};
    size_t tiles = k->is_backward ? kernel->backward_tiles(s) : kernel->forward_tiles(s);
    for (size_t t = 0; t < tiles; t++)
        (k->is_backward ? kernel->backward : kernel->forward)(s, &run, t, NULL);
}

/* What finish makes of V; *SCALE: how much of an error passes; the gate in *IS_OPEN. */
static double finished(const Case *k, size_t c, size_t at, double v, double *size,
                       double *before)
{
    const HeNchwcFinish *f = &k->finish;
    if (k->run.finish && f->scale) {
        v = (double)f->scale[c] * v + (double)f->shift[c];
        *size = fabs((double)f->scale[c]) * *size + fabs((double)f->shift[c]);
    }
    if (k->run.finish && f->add) {
        v += (double)f->add[at];
        *size += fabs((double)f->add[at]);
    }
    *before = v;
    return k->run.finish ? CLAMP(v, (double)f->low, (double)f->high) : v;
}

static void check_gate(const Case *k, size_t at, double v, double error)
{
    const HeNchwcFinish *f = &k->finish;
    if (!k->run.finish || !f->gate || fabs(v - (double)f->low) <= error ||
        fabs(v - (double)f->high) <= error)
        return;
    gboolean is_open = v > (double)f->low && v < (double)f->high;
    if (((f->gate[at / 8] >> at % 8) & 1) != is_open)
        g_error("gate %zu is wrong; %s", at, k->text);
}

static void compare(const Case *k, const float *bias, const float *before)
{
    size_t each = k->out_channels * k->out_plane, n_out = k->planes.n * each;
    g_autofree double *want = g_new0(double, n_out + 1),
                      *size = g_new0(double, n_out + 1);
    gboolean is_wino = strstr(k->kernel->name, "_wino_") != NULL;
    double largest = 0;
    plain(k, bias, FALSE, want);
    plain(k, bias, TRUE, size);
    for (size_t i = 0; i < n_out; i++)
        largest = MAX(largest, fabs(want[i]));
    for (size_t i = 0; i < n_out; i++) {
        size_t n = i / each, c = i % each / k->out_plane, p = i % k->out_plane;
        size_t at = place(k->out_channels, k->out_plane, out_sample(k), n, c, p);
        double v, bound = is_wino ? largest * TOLERANCE_WINO / TOLERANCE : size[i];
        if (k->run.accumulate) {
            want[i] += (double)before[at];
            bound += fabs((double)before[at]);
        }
        double end = finished(k, c, at, want[i], &bound, &v);
        if (!(fabs((double)k->out[at] - end) <= TOLERANCE * bound))
            g_error("[%zu]: %.9g, expected %.9g; %s", at, (double)k->out[at], end,
                    k->text);
        check_gate(k, at, v, TOLERANCE * bound);
    }
}

/* ---- runs --------------------------------------------------------------------------------------------- */

static void pack_tile(void *data, size_t tile, int worker)
{
    const Case *k = data;
    (void)worker;
    k->kernel->pack->run(&k->blocks, k->is_backward, k->w, k->packed, tile);
}

static void share_tile(void *data, size_t tile, int worker)
{
    const Case *k = data;
    (void)worker;
    k->kernel->share->run(&k->blocks, k->is_backward, k->in, k->shared, tile);
}

static void run_tile(void *data, size_t tile, int worker)
{
    const Case *k = data;
    k->kernel->run(&k->blocks, k->is_backward, k->kernel->loops, &k->run, tile,
                   k->scratch[worker]);
}

/* FALSE: a guard was hit. */
static gboolean run_on(Case *k, HePool *pool)
{
    const HeNchwcKernel *kernel = k->kernel;
    const HeConv2d *s = &k->blocks;
    int n_workers = he_pool_get_n_threads(pool);
    size_t shared = kernel->share ? kernel->share->numbers(s, k->is_backward) : 0;
    gboolean is_whole = TRUE;
    k->packed = guarded_new(kernel->pack->numbers(s, k->is_backward), sizeof(float), 4);
    k->shared = guarded_new(shared, sizeof(float), 4);
    k->scratch = g_new(void *, n_workers);
    for (int i = 0; i < n_workers; i++)
        k->scratch[i] = guarded_new(kernel->scratch(s, k->is_backward), 1, 0);
    k->run.pool = pool;
    he_pool_run(pool, kernel->pack->tiles(s, k->is_backward), pack_tile, k);
    if (shared > 0)
        he_pool_run(pool, kernel->share->tiles(s, k->is_backward), share_tile, k);
    k->run.packed = k->packed;
    k->run.shared = shared > 0 ? k->shared : NULL;
    he_pool_run(pool, kernel->tiles(s, k->is_backward), run_tile, k);
    for (int i = 0; i < n_workers; i++)
        is_whole = guarded_free(k->scratch[i]) && is_whole;
    g_free(k->scratch);
    is_whole = guarded_free(k->packed) && is_whole;
    return guarded_free(k->shared) && is_whole;
}

static float *random_array(size_t n, GRand *rand)
{
    float *array = guarded_new(n, sizeof(float), 4);
    guarded_fill(array, n, rand);
    return array;
}

/* WHAT: bits of what is finished. */
static void set_finish(Case *k, GRand *rand, guint what, float *room[3], guint8 *gate)
{
    HeNchwcFinish *f = &k->finish;
    size_t channels = he_nchwc_blocks(k->out_channels) * HE_NCHWC;
    *f = (HeNchwcFinish){.low = -INFINITY, .high = INFINITY};
    room[0] = random_array(channels, rand);
    room[1] = random_array(channels, rand);
    room[2] = random_array(k->planes.n * out_sample(k), rand);
    if (what & 1) {
        f->scale = room[0];
        f->shift = room[1];
    }
    f->add = what & 2 ? room[2] : NULL;
    f->gate = what & 4 ? gate : NULL;
    f->low = what & 8 ? 0 : f->low;
    f->high = what & 16 ? 1 : f->high;
    k->run.finish = f;
}

static void check(Case *k, GRand *rand, gboolean is_finished)
{
    const HeConv2d *s = &k->planes;
    size_t n_in = s->n * in_sample(k), n_out = s->n * out_sample(k);
    size_t gates = he_div_up(n_out, 8);
    float *room[3] = {NULL};
    guint8 *gate = guarded_new(gates, 1, 0);
    k->in = random_array(n_in, rand);
    k->w = random_array(s->oc * (s->c / s->group) * s->kh * s->kw, rand);
    k->out = guarded_new(n_out, sizeof(float), 4);
    float *bias = random_array(he_nchwc_blocks(s->oc) * HE_NCHWC, rand);
    if (k->run.accumulate)
        guarded_fill(k->out, n_out, rand);
    g_autofree float *before = g_new(float, n_out + 1);
    g_autofree float *first = g_new(float, n_out + 1);
    memcpy(before, k->out, n_out * sizeof(float));
    k->run.in = k->in;
    k->run.out = k->out;
    k->run.bias = !k->is_backward && pick(rand, 0, 1) ? bias : NULL;
    if (is_finished)
        set_finish(k, rand, (guint)pick(rand, 0, 31), room, gate);
    gboolean is_whole = TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++) {
        memcpy(k->out, before, n_out * sizeof(float));
        is_whole = run_on(k, pools[i]) && is_whole;
        if (i == 0)
            memcpy(first, k->out, n_out * sizeof(float));
        else if (memcmp(first, k->out, n_out * sizeof(float)) != 0)
            g_error("bytes differ with %d threads; %s", he_pool_get_n_threads(pools[i]),
                    k->text);
    }
    compare(k, k->run.bias, before);
    void *arrays[] = {k->in, k->w, k->out, bias, gate, room[0], room[1], room[2]};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        is_whole = (!arrays[i] || guarded_free(arrays[i])) && is_whole;
    if (!is_whole)
        g_error("wrote beside an array; %s", k->text);
}

static size_t check_shape(const HeNchwcKernel *kernel, const HeConv2d *s, guint32 seed)
{
    size_t n = 0;
    for (int how = 0; how < 4; how++) { /* forward, finished, backward, added */
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed + 1000003u * (guint)how);
        Case k;
        if (!kernel->fits(s, how >= 2, kernel->loops))
            continue;
        case_init(&k, rand, kernel, s, how >= 2, seed);
        k.run.accumulate = how == 3;
        check(&k, rand, how == 1);
        g_free(k.text);
        n++;
    }
    return n;
}

/* Shapes of networks: many tiles, blocks of channels and weights in several steps. */
static const HeConv2d large[] = {
    {1, 40, 60, 61, 50, 60, 61, 1, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0},
    {2, 16, 21, 23, 70, 23, 22, 1, 3, 3, 1, 1, 1, 1, 2, 1, 0, 0},
    {1, 320, 20, 21, 32, 20, 20, 1, 3, 3, 1, 1, 1, 1, 1, 0, 0, 0},
    {1, 96, 28, 28, 128, 28, 28, 1, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0},
    {1, 330, 14, 13, 70, 14, 13, 1, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0},
    {2, 32, 12, 16, 80, 14, 18, 1, 3, 3, 1, 1, 1, 1, 2, 2, 0, 0},
    {1, 512, 7, 7, 160, 7, 7, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0},
    {1, 160, 14, 14, 320, 7, 7, 1, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0},
    {1, 64, 29, 29, 96, 15, 15, 1, 3, 3, 2, 2, 1, 1, 1, 1, 0, 0},
    {1, 3, 112, 112, 64, 56, 56, 1, 7, 7, 2, 2, 1, 1, 3, 3, 0, 0},
    {1, 3, 67, 67, 64, 16, 16, 1, 11, 11, 4, 4, 1, 1, 2, 2, 0, 0},
    {2, 3, 60, 130, 64, 60, 130, 1, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0},
    {1, 144, 57, 57, 144, 29, 29, 144, 3, 3, 2, 2, 1, 1, 1, 1, 0, 0},
    {1, 96, 30, 30, 96, 30, 30, 96, 7, 7, 1, 1, 1, 1, 3, 3, 0, 0},
};

static void test_kernel(gconstpointer data)
{
    const HeNchwcKernel *kernel = data;
    size_t n = 0;
    if (!he_kernels_has(kernel->set)) {
        g_autofree char *why =
            g_strdup_printf("this processor lacks %s", he_kernels_set_name(kernel->set));
        g_test_skip(why);
        return;
    }
    for (guint32 seed = 0; seed < N_RANDOM; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        HeConv2d s = random_shape(rand);
        n += check_shape(kernel, &s, seed);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(large); i++) {
        HeConv2d s = large[i];
        if (s.n * s.c / s.group * s.kh * s.kw * s.oc * s.oh * s.ow > MOST_WORK)
            continue;
        s.x_n = s.c * s.h * s.w;
        s.y_n = s.oc * s.oh * s.ow;
        n += check_shape(kernel, &s, (guint32)(1000 + i));
    }
    g_test_message("%zu checks", n);
    g_assert_cmpuint(n, >, pace(20, 10, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    int n_threads[] = {1, 3, 8};
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        pools[i] = he_pool_new(n_threads[i]);
    const HeNchwcKernel *kernel;
    for (size_t i = 0; (kernel = he_nchwc_get(i)) != NULL; i++) {
        g_autofree char *path = g_strdup_printf("/kernels/nchwc/%s", kernel->name);
        g_test_add_data_func(path, kernel, test_kernel);
    }
    int result = g_test_run();
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        he_pool_free(pools[i]);
    return result;
}
