/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Convolutions. The plain kernel in double against the formula and against its own transpose; then every
 * row of kernels.def in float against the plain one in double: values within rounding of the sum of
 * magnitudes, nothing written beside the planes, the same bytes for any number of threads. */
#include <math.h>
#include <string.h>

#include "core/pool.h"
#include "kernels/kernels.h"
#include "tests/support/guarded.h"
#include "tests/support/pace.h"

#define N_RANDOM       pace(250, 50, 15)
#define MOST_WORK      pace(G_MAXSIZE, 8000000, 2000000) /* multiply-adds of a chosen shape */
/* Largest error over the sum of magnitudes; single precision's half step is 6e-8. Winograd's mixes the sums
 * of neighbours: over the largest result. */
#define TOLERANCE      1.5e-6
#define TOLERANCE_WINO 3e-6

typedef struct {
    HeConv2d s;
    size_t x_size, y_size, w_size;
    char *text; /* for messages */
} Case;

static void case_init(Case *k, HeConv2d s, guint32 seed)
{
    k->s = s;
    k->x_size = s.n * s.x_n;
    k->y_size = s.n * s.y_n;
    k->w_size = s.oc * (s.c / s.group) * s.kh * s.kw;
    k->text = g_strdup_printf(
        "seed %u: n %zu c %zu h %zu w %zu -> oc %zu oh %zu ow %zu, group %zu kernel %zux%zu "
        "stride %zux%zu dilation %zux%zu pad %zu,%zu gaps %zu,%zu",
        seed, s.n, s.c, s.h, s.w, s.oc, s.oh, s.ow, s.group, s.kh, s.kw, s.sy, s.sx, s.dy,
        s.dx, s.pt, s.pl, s.x_n - s.c * s.h * s.w, s.y_n - s.oc * s.oh * s.ow);
}

/* Output sides for the padding above, left, and as much or one less below, right. */
static size_t out_side(size_t in, size_t kernel, size_t stride, size_t dilation,
                       size_t pads)
{
    size_t reach = (kernel - 1) * dilation + 1;
    return in + pads < reach ? 0 : (in + pads - reach) / stride + 1;
}

static HeConv2d finish(HeConv2d s, size_t pb, size_t pr, size_t gap)
{
    s.oh = out_side(s.h, s.kh, s.sy, s.dy, s.pt + pb);
    s.ow = out_side(s.w, s.kw, s.sx, s.dx, s.pl + pr);
    s.x_n = s.c * s.h * s.w + gap;
    s.y_n = s.oc * s.oh * s.ow + gap;
    return s;
}

static size_t pick(GRand *rand, size_t low, size_t high)
{
    return (size_t)g_rand_int_range(rand, (gint32)low, (gint32)high + 1);
}

static HeConv2d random_shape(GRand *rand)
{
    HeConv2d s = {.n = pick(rand, 0, 9) % 3, .group = 1};
    gboolean is_big = pick(rand, 0, 3) == 0;
    size_t kind = pick(rand, 0, 3); /* 0: 1x1, 1: depthwise, 2: groups, 3: any */
    s.h = pick(rand, 1, is_big ? 40 : 12);
    s.w = pick(rand, 1, is_big ? 70 : 12);
    s.c = pick(rand, 1, is_big ? 40 : 9);
    s.oc = pick(rand, 1, is_big ? 70 : 9);
    s.kh = kind == 0 ? 1 : pick(rand, 1, 5);
    s.kw = kind == 0 ? 1 : pick(rand, 1, 5);
    s.sy = kind == 0 && !is_big ? 1 : pick(rand, 1, 3);
    s.sx = kind == 0 && !is_big ? 1 : pick(rand, 1, 3);
    s.dy = pick(rand, 0, 2) == 0 ? pick(rand, 1, 3) : 1;
    s.dx = pick(rand, 0, 2) == 0 ? pick(rand, 1, 3) : 1;
    gboolean is_padded = kind != 0 || pick(rand, 0, 4) == 0;
    s.pt = is_padded ? pick(rand, 0, 4) : 0;
    s.pl = is_padded ? pick(rand, 0, 4) : 0;
    if (kind == 1) {
        s.group = s.c;
        s.oc = s.c * pick(rand, 1, 2);
    } else if (kind == 2) {
        s.group = pick(rand, 2, 4);
        s.c = s.group * pick(rand, 1, 5);
        s.oc = s.group * pick(rand, 1, 20);
    }
    return finish(s, is_padded ? pick(rand, 0, 4) : 0, is_padded ? pick(rand, 0, 4) : 0,
                  pick(rand, 0, 2) == 0 ? 3 : 0);
}

/* ---- the formula ---------------------------------------------------------------------------------------- */

/* Calls what is done with each product: input, weight and output index. */
typedef void (*Product)(size_t x, size_t w, size_t y, void *data);

static void products(const HeConv2d *s, Product product, void *data)
{
    size_t cg = s->c / s->group, og = s->oc / s->group;
    for (size_t n = 0; n < s->n; n++)
        for (size_t oc = 0; oc < s->oc; oc++)
            for (size_t oy = 0; oy < s->oh; oy++)
                for (size_t ox = 0; ox < s->ow; ox++)
                    for (size_t ic = 0; ic < cg; ic++)
                        for (size_t ky = 0; ky < s->kh; ky++)
                            for (size_t kx = 0; kx < s->kw; kx++) {
                                gssize iy =
                                    (gssize)(oy * s->sy + ky * s->dy) - (gssize)s->pt;
                                gssize ix =
                                    (gssize)(ox * s->sx + kx * s->dx) - (gssize)s->pl;
                                if (iy < 0 || ix < 0 || iy >= (gssize)s->h ||
                                    ix >= (gssize)s->w)
                                    continue;
                                product(
                                    n * s->x_n +
                                        ((oc / og * cg + ic) * s->h + (size_t)iy) * s->w +
                                        (size_t)ix,
                                    ((oc * cg + ic) * s->kh + ky) * s->kw + kx,
                                    n * s->y_n + (oc * s->oh + oy) * s->ow + ox, data);
                            }
}

typedef struct {
    const double *x, *w, *dy;
    double *y, *dx;
} Naive;

static void naive_product(size_t x, size_t w, size_t y, void *data)
{
    Naive *v = data;
    v->y[y] += v->x[x] * v->w[w];
    v->dx[x] += v->dy[y] * v->w[w];
}

static void fill(double *v, size_t n, GRand *rand)
{
    for (size_t i = 0; i < n; i++)
        v[i] = g_rand_double_range(rand, -1, 1);
}

static void test_plain(void)
{
    const HeConv2dKernel_f64 *plain = he_conv2d_get_f64(0);
    g_assert_cmpstr(plain->name, ==, "conv2d_f64_plain");
    for (guint32 seed = 0; seed < N_RANDOM; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        Case k;
        case_init(&k, random_shape(rand), seed);
        const HeConv2d *s = &k.s;
        g_autofree double *x = g_new0(double, k.x_size + 1),
                          *w = g_new(double, k.w_size + 1);
        g_autofree double *dy = g_new(double, k.y_size + 1);
        g_autofree double *y = g_new0(double, k.y_size + 1),
                          *dx = g_new0(double, k.x_size + 1);
        g_autofree double *want_y = g_new0(double, k.y_size + 1);
        g_autofree double *want_dx = g_new0(double, k.x_size + 1);
        fill(x, k.x_size, rand);
        fill(w, k.w_size, rand);
        fill(dy, k.y_size, rand);
        Naive naive = {x, w, dy, want_y, want_dx};
        products(s, naive_product, &naive);
        for (size_t t = 0; t < plain->forward_tiles(s); t++)
            plain->forward(s, &(HeConv2dRun_f64){.in = x, .w = w, .out = y}, t, NULL);
        for (size_t t = 0; t < plain->backward_tiles(s); t++)
            plain->backward(s, &(HeConv2dRun_f64){.in = dy, .w = w, .out = dx}, t, NULL);
        /* <dy, conv(x)> = <conv^T(dy), x>, but for the gaps between samples, where y and dx are 0. */
        double left = 0, right = 0, size = 0;
        for (size_t i = 0; i < k.y_size; i++) {
            left += dy[i] * y[i];
            size += fabs(dy[i] * y[i]);
            if (!(fabs(y[i] - want_y[i]) < 1e-12))
                g_error("forward [%zu]: %g, expected %g; %s", i, y[i], want_y[i], k.text);
        }
        for (size_t i = 0; i < k.x_size; i++) {
            right += dx[i] * x[i];
            if (!(fabs(dx[i] - want_dx[i]) < 1e-12))
                g_error("backward [%zu]: %g, expected %g; %s", i, dx[i], want_dx[i],
                        k.text);
        }
        if (!(fabs(left - right) <= 1e-13 * size))
            g_error("not adjoint: %.17g and %.17g; %s", left, right, k.text);
        g_free(k.text);
    }
}

/* ---- every kernel in float ----------------------------------------------------------------------------- */

typedef struct {
    const HeConv2dKernel_f32 *kernel;
    const HeConv2d *s;
    const float *in, *w, *bias;
    const guint8 *odd; /* w one byte further on, for kernels that read bytes */
    float *packed;     /* or NULL */
    float *shared;     /* or NULL */
    float *out;
    gboolean is_forward, accumulate;
    void **scratch; /* of each worker */
} Job;

static HePool *pools[3]; /* 1, 3 and 8 threads */

static size_t packed_numbers(const Job *j)
{
    const HeConv2dPack *pack = j->kernel->pack;
    return pack ? pack->numbers(j->s, !j->is_forward) : 0;
}

static void job_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    HeConv2dRun_f32 run = {.in = j->in, .w = j->w, .out = j->out};
    run.packed = j->packed;
    run.shared = j->shared;
    run.accumulate = j->accumulate;
    if (packed_numbers(j) > 0)
        run.w = j->packed ? NULL : j->odd + 1;
    if (j->is_forward) {
        run.bias = j->bias;
        j->kernel->forward(j->s, &run, tile, j->scratch[worker]);
    } else {
        j->kernel->backward(j->s, &run, tile, j->scratch[worker]);
    }
}

static void share_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    (void)worker;
    j->kernel->share->run(j->s, !j->is_forward, j->in, j->shared, tile);
}

/* FALSE: a guard was hit. */
static gboolean share(Job *j, HePool *pool)
{
    const HeConv2dShare *share = j->kernel->share;
    size_t n = share ? share->numbers(j->s, !j->is_forward) : 0;
    if (n == 0)
        return TRUE;
    if (j->shared && !guarded_free(j->shared))
        return FALSE;
    j->shared = guarded_new(n, sizeof(float), 4);
    he_pool_run(pool, share->tiles(j->s, !j->is_forward), share_tile, j);
    return TRUE;
}

/* OUT holds what is there before; run on N_THREADS. FALSE: a guard of the scratch was hit. */
static gboolean job_run(Job *j, HePool *pool)
{
    const HeConv2d *s = j->s;
    int n_workers = he_pool_get_n_threads(pool);
    size_t bytes =
        j->is_forward ? j->kernel->forward_scratch(s) : j->kernel->backward_scratch(s);
    size_t tiles =
        j->is_forward ? j->kernel->forward_tiles(s) : j->kernel->backward_tiles(s);
    gboolean is_whole = TRUE;
    j->scratch = g_new(void *, n_workers);
    for (int i = 0; i < n_workers; i++)
        j->scratch[i] = guarded_new(bytes, 1, 0);
    is_whole = share(j, pool);
    he_pool_run(pool, tiles, job_tile, j);
    for (int i = 0; i < n_workers; i++)
        is_whole = guarded_free(j->scratch[i]) && is_whole;
    g_clear_pointer(&j->scratch, g_free);
    return is_whole;
}

static void pack_tile(void *data, size_t tile, int worker)
{
    const Job *j = data;
    (void)worker;
    j->kernel->pack->run(j->s, !j->is_forward, j->odd + 1, j->packed, tile);
}

/* With packed weights the bytes are those of FIRST, and nothing is written beside them. */
static gboolean check_packed(Job *j, const Case *k, const float *before,
                             const float *first, size_t n_out)
{
    size_t n = packed_numbers(j);
    if (n == 0)
        return TRUE;
    j->packed = guarded_new(n, sizeof(float), 4);
    he_pool_run(pools[1], j->kernel->pack->tiles(j->s, !j->is_forward), pack_tile, j);
    memcpy(j->out, before, n_out * sizeof(float));
    gboolean is_whole = job_run(j, pools[1]);
    if (memcmp(first, j->out, n_out * sizeof(float)) != 0)
        g_error("%s: bytes differ with packed weights; %s", j->kernel->name, k->text);
    is_whole = guarded_free(j->packed) && is_whole;
    j->packed = NULL;
    return is_whole;
}

/* Each tile of the way forward writes its region, and nothing else. */
static void check_regions(Job *j, const Case *k, const float *first, size_t n_out)
{
    const HeConv2d *s = j->s;
    size_t plane = s->oh * s->ow;
    void *scratch = g_malloc0(j->kernel->forward_scratch(s) + 64);
    void *line = (char *)scratch + (64 - (gsize)scratch % 64) % 64;
    j->scratch = &line;
    for (size_t tile = 0; tile < j->kernel->forward_tiles(s); tile++) {
        HeRegion at = j->kernel->forward_region(s, tile);
        for (size_t i = 0; i < n_out; i++)
            j->out[i] = NAN;
        job_tile(j, tile, 0);
        for (size_t i = 0; i < n_out; i++) {
            size_t in = i % s->y_n, c = in / MAX(plane, 1), p = in % MAX(plane, 1);
            gboolean is_inside = i / s->y_n == at.n && c >= at.oc &&
                                 c < at.oc + at.n_oc && c < s->oc && p >= at.p &&
                                 p < at.p + at.n_p;
            if (is_inside ? !(j->out[i] <= first[i] && j->out[i] >= first[i])
                          : !isnan(j->out[i]))
                g_error("%s: tile %zu's region is wrong at [%zu]; %s", j->kernel->name,
                        tile, i, k->text);
        }
    }
    j->scratch = NULL;
    g_free(scratch);
}

/* The answer in double, and in MAGNITUDE the same sum of magnitudes. */
static void reference(const Job *j, const Case *k, const float *before, double *want,
                      double *magnitude)
{
    const HeConv2dKernel_f64 *plain = he_conv2d_get_f64(0);
    const HeConv2d *s = j->s;
    size_t n_in = j->is_forward ? k->x_size : k->y_size;
    size_t n_out = j->is_forward ? k->y_size : k->x_size;
    g_autofree double *in = g_new(double, n_in + 1), *w = g_new(double, k->w_size + 1);
    g_autofree double *bias = g_new(double, s->oc + 1);
    for (int is_magnitude = 0; is_magnitude < 2; is_magnitude++) {
        double *out = is_magnitude ? magnitude : want;
        for (size_t i = 0; i < n_in; i++)
            in[i] = is_magnitude ? fabs(j->in[i]) : j->in[i];
        for (size_t i = 0; i < k->w_size; i++)
            w[i] = is_magnitude ? fabs(j->w[i]) : j->w[i];
        for (size_t i = 0; i < s->oc; i++)
            bias[i] = j->bias == NULL ? 0 : is_magnitude ? fabs(j->bias[i]) : j->bias[i];
        for (size_t i = 0; i < n_out; i++)
            out[i] = is_magnitude ? fabs(before[i]) : before[i];
        HeConv2dRun_f64 run = {
            .in = in, .w = w, .bias = bias, .out = out, .accumulate = j->accumulate};
        if (j->is_forward)
            for (size_t t = 0; t < plain->forward_tiles(s); t++)
                plain->forward(s, &run, t, NULL);
        else
            for (size_t t = 0; t < plain->backward_tiles(s); t++)
                plain->backward(s, &run, t, NULL);
    }
}

static void compare(const Job *j, const Case *k, const float *before, size_t n_out,
                    size_t sample, size_t used)
{
    g_autofree double *want = g_new(double, n_out + 1),
                      *magnitude = g_new(double, n_out + 1);
    const char *what = j->is_forward   ? "forward"
                       : j->accumulate ? "backward +="
                                       : "backward";
    reference(j, k, before, want, magnitude);
    gboolean is_wino = strstr(j->kernel->name, "_wino_") != NULL;
    double largest = 0;
    for (size_t i = 0; i < n_out && is_wino; i++)
        if (i % sample < used)
            largest = MAX(largest, fabs(want[i]));
    for (size_t i = 0; i < n_out; i++) {
        if (i % sample >= used) {
            if (memcmp(&j->out[i], &before[i], sizeof(float)) != 0)
                g_error("%s %s: wrote [%zu] between samples; %s", j->kernel->name, what,
                        i, k->text);
        } else if (!(fabs(j->out[i] - want[i]) <=
                     (is_wino ? TOLERANCE_WINO * largest : TOLERANCE * magnitude[i]))) {
            g_error("%s %s [%zu]: %.9g, expected %.9g; %s", j->kernel->name, what, i,
                    (double)j->out[i], want[i], k->text);
        }
    }
}

static void check(Job *j, const Case *k, GRand *rand)
{
    const HeConv2d *s = &k->s;
    size_t n_in = j->is_forward ? k->x_size : k->y_size;
    size_t n_out = j->is_forward ? k->y_size : k->x_size;
    size_t sample = j->is_forward ? s->y_n : s->x_n;
    size_t used = j->is_forward ? s->oc * s->oh * s->ow : s->c * s->h * s->w;
    float *in = guarded_new(n_in, sizeof(float), 4),
          *w = guarded_new(k->w_size, sizeof(float), 4);
    float *bias = guarded_new(s->oc, sizeof(float), 4);
    float *out = guarded_new(n_out, sizeof(float), 4);
    g_autofree float *before = g_new(float, n_out + 1), *first = g_new(float, n_out + 1);
    guarded_fill(in, n_in, rand);
    guarded_fill(w, k->w_size, rand);
    guarded_fill(bias, s->oc, rand);
    if (j->accumulate)
        guarded_fill(out, n_out,
                     rand); /* else NaN stands there, which must not survive */
    memcpy(before, out, n_out * sizeof(float));
    g_autofree guint8 *odd = g_malloc(k->w_size * sizeof(float) + 1);
    memcpy(odd + 1, w, k->w_size * sizeof(float));
    j->in = in;
    j->w = w;
    j->odd = odd;
    j->bias = j->is_forward && s->oc % 2 == 0 ? bias : NULL;
    j->out = out;
    gboolean is_whole = TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++) {
        memcpy(out, before, n_out * sizeof(float));
        is_whole = job_run(j, pools[i]) && is_whole;
        if (i == 0)
            memcpy(first, out, n_out * sizeof(float));
        else if (memcmp(first, out, n_out * sizeof(float)) != 0)
            g_error("%s: bytes differ with %d threads; %s", j->kernel->name,
                    he_pool_get_n_threads(pools[i]), k->text);
    }
    compare(j, k, before, n_out, sample, used);
    is_whole = check_packed(j, k, before, first, n_out) && is_whole;
    if (j->is_forward)
        check_regions(j, k, first, n_out);
    is_whole = (!j->shared || guarded_free(j->shared)) && is_whole;
    j->shared = NULL;
    void *arrays[] = {in, w, bias, out};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        is_whole = guarded_free(arrays[i]) && is_whole;
    if (!is_whole)
        g_error("%s: wrote outside its arrays; %s", j->kernel->name, k->text);
}

static void check_shape(const HeConv2dKernel_f32 *kernel, HeConv2d s, guint32 seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    Case k;
    case_init(&k, s, seed);
    for (int run = 0; run < 3; run++) {
        Job j = {
            .kernel = kernel, .s = &k.s, .is_forward = run == 0, .accumulate = run == 2};
        check(&j, &k, rand);
    }
    g_free(k.text);
}

/* Large enough to be cut into many tiles both ways, or with an edge of its own. */
/* clang-format off */
static const struct {
    size_t n, c, h, w, oc, group, kh, kw, sy, sx, pt, pl, pb, pr;
} chosen[] = {
    {1,   3, 65, 63,  32,   1,  3,  3, 2, 2, 0, 0, 1, 1},
    {1,  64, 28, 29,  65,   1,  3,  3, 1, 1, 1, 1, 1, 1},
    {1, 300,  7,  7, 130,   1,  3,  3, 1, 1, 1, 1, 1, 1},
    {2,  16,  9,  9,  16,   1,  3,  3, 1, 1, 1, 1, 1, 1}, /* below, at and above Winograd's tiles */
    {1,  17, 12, 16,  31,   1,  3,  3, 1, 1, 1, 1, 1, 1},
    {1,  34, 20, 70,  34,   2,  3,  3, 1, 1, 0, 0, 0, 0},
    {2,  66, 13, 35,  40,   1,  3,  3, 1, 1, 2, 2, 2, 2},
    {1,  65, 70, 11,  29,   1,  3,  3, 1, 1, 0, 2, 1, 0},
    {1, 129, 57, 58,  33,   1,  3,  3, 1, 1, 1, 1, 1, 1},
    {2,  96, 33, 33,  80,   1,  1,  1, 1, 1, 0, 0, 0, 0},
    {1, 640,  7,  7, 300,   1,  1,  1, 1, 1, 0, 0, 0, 0},
    {1, 640,  1,  1, 300,   1,  1,  1, 1, 1, 0, 0, 0, 0},
    {1,  64, 31, 31,  96,   1,  1,  1, 2, 2, 0, 0, 0, 0},
    {1, 300,  6,  7, 150,   1,  3,  3, 1, 1, 1, 1, 1, 1}, /* more weights than a cache keeps */
    {2, 640,  3,  5, 640,   1,  1,  1, 1, 1, 0, 0, 0, 0},
    {1, 641,  1,  1, 633,   1,  1,  1, 1, 1, 0, 0, 0, 0},
    {1,  65,  4,  9, 250,   1,  5,  5, 1, 1, 2, 2, 2, 2},
    {1, 160,  3,  9, 290,   1,  3,  3, 1, 1, 0, 2, 1, 0},
    {1,  15,  3,  4, 3000,  1,  3,  3, 1, 1, 1, 1, 1, 1}, /* less than a block of channels */
    {1, 3000, 3,  4,  15,   1,  3,  3, 1, 1, 1, 1, 1, 1},
    {1, 600,  3,  2, 700,   1,  1,  1, 1, 1, 1, 3, 2, 0},
    {1,   3, 80, 80,  24,   1, 11, 11, 4, 4, 2, 2, 2, 2},
    {1,  96, 27, 27,  64,   2,  5,  5, 1, 1, 2, 2, 2, 2},
    {1,  40, 57, 58,  40,  40,  3,  3, 1, 1, 1, 1, 1, 1},
    {1,  40, 57, 58,  40,  40,  5,  5, 2, 2, 1, 2, 2, 1},
    {1, 500,  7,  7, 500, 500,  5,  5, 1, 1, 2, 2, 2, 2},
    {2,   5,  8,  8,   5,   5,  5,  5, 1, 1, 2, 2, 2, 2}, /* two narrow planes at once, and one over */
    {1,   7, 14,  9,  14,   7,  3,  3, 1, 1, 1, 1, 1, 1}, /* one wider than that */
    {1,   5, 15, 16,   5,   5,  4,  7, 2, 2, 1, 3, 2, 3},
    {1,   5, 16, 15,  10,   5,  7,  5, 2, 2, 3, 2, 3, 2},
    {1,   4, 29, 17,   4,   4,  7,  7, 1, 1, 3, 3, 3, 3},
    {1,   4, 15, 33,   4,   4,  6,  2, 1, 1, 2, 1, 3, 0},
    {1,   3,  1, 40,   3,   3,  2,  3, 2, 2, 5, 4, 4, 9},
    {1,   3,  9,  9,   3,   3, 12, 11, 1, 1, 6, 5, 5, 5}, /* more taps than depthwise takes */
    {1,   2,  5,  5,   2,   2,  1,  2, 4, 5, 0, 0, 0, 0}, /* inputs that no output sees */
    {1,   4,  3,  3,   4,   1,  5,  5, 1, 1, 0, 0, 0, 0}, /* no output */
};
/* clang-format on */

static HeConv2d chosen_shape(size_t i)
{
    HeConv2d s = {.n = chosen[i].n, .c = chosen[i].c, .h = chosen[i].h, .w = chosen[i].w};
    s.oc = chosen[i].oc;
    s.group = chosen[i].group;
    s.kh = chosen[i].kh;
    s.kw = chosen[i].kw;
    s.sy = chosen[i].sy;
    s.sx = chosen[i].sx;
    s.dy = s.dx = 1;
    s.pt = chosen[i].pt;
    s.pl = chosen[i].pl;
    return finish(s, chosen[i].pb, chosen[i].pr, 0);
}

static void test_kernel(gconstpointer data)
{
    const HeConv2dKernel_f32 *kernel = data;
    int n_run = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(chosen); i++) {
        HeConv2d s = chosen_shape(i);
        if (s.n * s.c / s.group * s.kh * s.kw * s.y_n > MOST_WORK)
            continue;
        if (kernel->fits(&s))
            check_shape(kernel, s, (guint32)i), n_run++;
    }
    for (guint32 seed = 1000; seed < 1000 + N_RANDOM; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        HeConv2d s = random_shape(rand);
        if (kernel->fits(&s))
            check_shape(kernel, s, seed), n_run++;
    }
    if (n_run == 0)
        g_test_skip("not for this processor");
    else
        g_test_message("%d shapes", n_run);
}

/* Whatever is chosen for a shape must belong to the set, and the plain set has only plain kernels. */
static void test_find(void)
{
    for (guint32 seed = 0; seed < 100; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        HeConv2d s = random_shape(rand);
        g_assert_cmpstr(he_conv2d_find_f32(HE_SET_PLAIN, &s)->name, ==,
                        "conv2d_f32_plain");
        g_assert_cmpint(he_conv2d_find_f32(HE_SET_OPENBLAS, &s)->set, <=,
                        HE_SET_OPENBLAS);
        g_assert_true(he_conv2d_find_f32(HE_SET_AUTO, &s)->fits(&s));
        g_assert_nonnull(he_conv2d_find_f64(HE_SET_AUTO, &s));
    }
}

int main(int argc, char **argv)
{
    static const int n_threads[] = {1, 3, 8};
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        pools[i] = he_pool_new(n_threads[i]);
    g_test_add_func("/kernels/conv2d/plain", test_plain);
    g_test_add_func("/kernels/conv2d/find", test_find);
    const HeConv2dKernel_f32 *kernel;
    for (size_t i = 0; (kernel = he_conv2d_get_f32(i)) != NULL; i++) {
        g_autofree char *path = g_strdup_printf("/kernels/%s", kernel->name);
        g_test_add_data_func(path, kernel, test_kernel);
    }
    int status = g_test_run();
    for (size_t i = 0; i < G_N_ELEMENTS(pools); i++)
        he_pool_free(pools[i]);
    return status;
}
