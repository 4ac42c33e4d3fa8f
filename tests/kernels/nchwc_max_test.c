/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Max pooling in blocks of channels against its definition, bit by bit: squares and other windows, results below, at and
 * above a strip, borders, windows wholly in the padding, ties, both zeros, infinities, NaN, any cut into rows, and
 * numbers around what is asked for left as they were. */
#include <math.h>
#include <string.h>

#include "kernels/nchwc_rows.h"
#include "support/pace.h"

#define B     HE_NCHWC
#define GUARD 64 /* numbers before and after */

static const HeKernelSet sets[] = {HE_SET_AVX2, HE_SET_AVX512, HE_SET_NEON};

/* ---- the definition ------------------------------------------------------------------------------------- */

static gssize position(const HeNchwcAxis *a, size_t o, size_t k)
{
    return (gssize)(o * a->stride + k * a->step) - (gssize)a->pad;
}

/* Where tap TAP of a window stands in a block, or -1. */
static gssize place(const HeNchwcMax *s, size_t oy, size_t ox, size_t tap)
{
    gssize y = position(&s->y, oy, tap / s->x.taps);
    gssize x = position(&s->x, ox, tap % s->x.taps);
    gboolean is_in = y >= 0 && x >= 0 && y < (gssize)s->y.in && x < (gssize)s->x.in;
    return is_in ? (y * (gssize)s->x.in + x) * B : -1;
}

static void plain(const HeNchwcMax *s, size_t o, size_t lane, float *best, guint8 *which)
{
    *best = -INFINITY;
    *which = 0;
    for (size_t tap = 0; tap < s->y.taps * s->x.taps; tap++) {
        gssize at = place(s, o / s->x.out, o % s->x.out, tap);
        float v = at < 0 ? -INFINITY : s->in[(size_t)at + lane];
        if (v > *best || isnan(v)) {
            *best = v;
            *which = (guint8)tap;
        }
    }
}

static void plain_backward(const HeNchwcMax *s)
{
    size_t n = s->y.out * s->x.out;
    for (size_t i = 0; i < n * B; i++) {
        gssize at = place(s, i / B / s->x.out, i / B % s->x.out, s->tap[i]);
        if (at >= 0)
            s->dx[(size_t)at + i % B] += s->out[i];
    }
}

/* ---- the comparison ------------------------------------------------------------------------------------- */

typedef struct {
    GRand *rand;
    const HeNchwcRows *rows;
    size_t n_in, n_out; /* numbers */
} Check;

static size_t any(const Check *c, size_t from, size_t to)
{
    return (size_t)g_rand_int_range(c->rand, (gint32)from, (gint32)to + 1);
}

/* N bytes between two guards. */
static void *guarded(size_t n)
{
    char *p = g_malloc(n + 2 * GUARD);
    memset(p, 0xa5, n + 2 * GUARD);
    return p + GUARD;
}

static void unguard(void *data, size_t n)
{
    const guint8 *p = (const guint8 *)data - GUARD;
    for (size_t i = 0; i < GUARD; i++)
        g_assert_true(p[i] == 0xa5 && p[GUARD + n + i] == 0xa5);
    g_free((char *)data - GUARD);
}

/* Few different numbers, so that many are equal; KIND 0: those only, 1: infinities, 2: NaN. */
static void fill(const Check *c, float *x, size_t n, int kind)
{
    for (size_t i = 0; i < n; i++) {
        gint32 v = g_rand_int_range(c->rand, -3, 4),
               rare = g_rand_int_range(c->rand, 0, 40);
        x[i] = v ? (float)v : rare % 2 ? 0.0f : -0.0f;
        if (kind > 0 && rare < 20)
            x[i] = rare ? -INFINITY : INFINITY;
        if (kind > 1 && rare > 38)
            x[i] = NAN;
    }
}

/* Bands one after the other, some empty. */
static void in_bands(const Check *c, HeNchwcMax s, size_t rows,
                     void (*run)(const HeNchwcMax *s))
{
    for (s.first = 0; s.first < rows; s.first = s.past) {
        s.past = any(c, s.first, rows);
        run(&s);
    }
}

static void check_forward(const Check *c, HeNchwcMax *s, guint8 *tap)
{
    g_autofree float *best = g_new(float, c->n_out);
    g_autofree guint8 *which = g_new(guint8, c->n_out);
    for (size_t i = 0; i < c->n_out; i++)
        plain(s, i / B, i % B, &best[i], &which[i]);
    for (int asked = 0; asked < 2; asked++) {
        s->out = guarded(c->n_out * sizeof(float));
        s->tap = asked ? tap : NULL;
        in_bands(c, *s, s->y.out, c->rows->max);
        g_assert_cmpmem(s->out, c->n_out * sizeof(float), best, c->n_out * sizeof(float));
        unguard(s->out, c->n_out * sizeof(float));
    }
    g_assert_cmpmem(tap, c->n_out, which, c->n_out);
}

/* Numbers from AT on of the result, of which X are N. */
static void plain_finish(const HeNchwcFinish *f, size_t at, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float v = f->add ? x[i] + f->add[at + i] : x[i];
        v = f->is_positive && v < 0 ? 0 : v;
        x[i] = !f->open || f->open[(at + i) / 8] >> (at + i) % 8 & 1 ? v : 0;
    }
}

/* Gates or a sum or both, of a block behind AT numbers. */
static void make_finish(const Check *c, HeNchwcMax *s, HeNchwcFinish *f, float *add,
                        guint8 *open)
{
    *f = (HeNchwcFinish){.is_gradient = TRUE, .is_positive = any(c, 0, 1)};
    s->at = any(c, 0, 3) * B;
    f->add = any(c, 0, 1) ? add : NULL;
    f->open = any(c, 0, 1) || !f->add ? open : NULL;
    for (size_t i = 0; i < c->n_in + 3 * B; i++) {
        add[i] = (float)any(c, 0, 4) - 2;
        open[i / 8] = (guint8)any(c, 0, 255);
    }
    s->finish = f;
}

static void check_backward(const Check *c, HeNchwcMax *s)
{
    HeNchwcFinish finish;
    g_autofree float *add = g_new(float, c->n_in + 3 * B);
    g_autofree guint8 *open = g_new(guint8, c->n_in / 8 + B);
    size_t bytes = c->n_in * sizeof(float);
    g_autofree float *expected = g_new0(float, c->n_in);
    g_autofree float *g = g_new(float, c->n_out);
    s->out = g;
    for (int again = 0; again < 4; again++) {
        float *dx = guarded(bytes);
        for (size_t i = 0; i < c->n_out; i++)
            g[i] = (float)g_rand_double_range(c->rand, -1, 1);
        if (again % 2)
            memcpy(dx, expected, bytes);
        else
            memset(expected, 0, bytes);
        s->dx = expected;
        plain_backward(s);
        if (again > 1) {
            make_finish(c, s, &finish, add, open);
            plain_finish(&finish, s->at, expected, c->n_in);
        }
        s->dx = dx;
        s->accumulate = again % 2;
        in_bands(c, *s, s->y.in, c->rows->max_backward);
        g_assert_cmpmem(dx, bytes, expected, bytes);
        unguard(dx, bytes);
    }
}

/* Of TAPS and STRIDE, 0: any; at most MOST results. */
static HeNchwcAxis axis(const Check *c, size_t taps, size_t stride, size_t most)
{
    HeNchwcAxis a = {.taps = taps ? taps : any(c, 1, 5),
                     .stride = stride ? stride : any(c, 1, 4),
                     .step = stride ? 1 : any(c, 1, 3),
                     .out = any(c, 1, most),
                     .pad = any(c, 0, 2) ? any(c, 0, 1) : any(c, 0, 7)};
    size_t span = (a.out - 1) * a.stride + (a.taps - 1) * a.step + 1;
    gssize in = (gssize)span - (gssize)a.pad - (gssize)any(c, 0, 4) + 2;
    a.in = (size_t)MAX(in, 1);
    return a;
}

static void check(Check *c, size_t taps, size_t stride, int kind)
{
    HeNchwcMax s = {.y = axis(c, taps, stride, 12), .x = axis(c, taps, stride, 50)};
    c->n_in = s.y.in * s.x.in * B;
    c->n_out = s.y.out * s.x.out * B;
    float *in = guarded(c->n_in * sizeof(float));
    guint8 *tap = guarded(c->n_out);
    fill(c, in, c->n_in, kind);
    s.in = in;
    check_forward(c, &s, tap);
    check_backward(c, &s);
    unguard(in, c->n_in * sizeof(float));
    unguard(tap, c->n_out);
}

static void test_definition(gconstpointer data)
{
    HeKernelSet set = *(const HeKernelSet *)data;
    static const size_t squares[][2] = {{3, 1}, {3, 2}, {2, 2}, {2, 1}, {3, 3}, {0, 0}};
    if (!he_kernels_has(set)) {
        g_test_skip("this processor lacks the instructions");
        return;
    }
    Check c = {.rand = g_rand_new_with_seed(5), .rows = he_nchwc_rows_find(set)};
    for (size_t i = 0; i < pace(60, 10, 6); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(squares); k++)
            for (int kind = 0; kind < 3; kind++)
                check(&c, squares[k][0], squares[k][1], kind);
    g_rand_free(c.rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        g_autofree char *path =
            g_strdup_printf("/kernels/nchwc_max/%s", he_kernels_set_name(sets[i]));
        g_test_add_data_func(path, &sets[i], test_definition);
    }
    return g_test_run();
}
