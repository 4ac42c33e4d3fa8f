/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Separable resampling as Pillow's Image.resize(size, filter, box) in float (mode "F"):
 *
 *   scale   = box / out;  wide = antialias ? max(scale, 1) : 1
 *   centre  = box.x + (i + 0.5) * scale
 *   weight  = filter((x + 0.5 - centre) / wide), for |.| < support, normalised to sum 1
 *
 * over the pixels that exist: at the picture's border the rest is renormalised, nothing is mirrored. A
 * pixel outside the box but within the support counts, so that resizing a box equals cutting it out of
 * the resized whole. Bicubic: Keys, a = -0.5; bilinear: the triangle; nearest: the pixel under the
 * centre. When the box equals the size, weights are exactly 1 and numbers pass unchanged.
 *
 * Rows: horizontally into `line`, then added with its vertical weight to every open row of the result. */
#include "image/resample.h"

#include <math.h>

#include "core/alloc.h"

typedef struct {
    int first, n;  /* input positions */
    size_t weight; /* where its n weights start */
} Tap;

typedef struct {
    Tap *taps; /* one per output position; `first` never decreases */
    double *weights;
} Axis;

struct HeResample {
    HeResampleSpec spec;
    HeResampleDone done;
    void *data;
    Axis across, down;
    double *line; /* the pushed row after the horizontal pass */
    double *open; /* ring of n_open rows of the result */
    int n_open;
    int y;            /* the input row that comes next */
    int next, opened; /* rows of the result: finished below next, begun below opened */
};

static double filter_bicubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2)
        return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
}

static double filter_bilinear(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

static const struct {
    double (*weight)(double x);
    double support;
} filters[] = {
    [HE_FILTER_BILINEAR] = {filter_bilinear, 1},
    [HE_FILTER_BICUBIC] = {filter_bicubic, 2},
};

/* Leaves only the weights that are not zero; the filters are zero at whole distances. */
static void trim(Tap *tap, const double *weights)
{
    while (tap->n > 1 && weights[tap->weight + (size_t)tap->n - 1] == 0)
        tap->n--;
    while (tap->n > 1 && weights[tap->weight] == 0) {
        tap->weight++;
        tap->first++;
        tap->n--;
    }
}

/* The n pixels from `first` under a filter of SUPPORT round CENTRE; at least one. */
static void set_reach(Tap *tap, double centre, double support, int in)
{
    int from = (int)MAX(centre - support + 0.5, 0);
    int to = (int)MIN(centre + support + 0.5, in);
    tap->first = MIN(from, in - 1);
    tap->n = MAX(to - tap->first, 1);
}

static void fill_weights(Tap *tap, double *weights, HeFilter filter, double centre,
                         double wide)
{
    double *w = weights + tap->weight, sum = 0;
    for (int i = 0; i < tap->n; i++)
        sum += w[i] = filters[filter].weight((tap->first + i + 0.5 - centre) / wide);
    for (int i = 0; i < tap->n; i++)
        w[i] = sum != 0 ? w[i] / sum : 1.0 / tap->n;
}

static gboolean axis_init(Axis *axis, int in, double at, double size, int out,
                          HeFilter filter, gboolean antialias, GError **error)
{
    double scale = size / out, wide = antialias && scale > 1 ? scale : 1;
    gboolean is_nearest = filter == HE_FILTER_NEAREST;
    double support = is_nearest ? 0 : filters[filter].support * wide;
    axis->taps = he_alloc((size_t)out, sizeof(Tap), "resampling positions", error);
    if (!axis->taps)
        return FALSE;
    size_t n = 0;
    for (int i = 0; i < out; i++) {
        Tap *tap = &axis->taps[i];
        double centre = at + (i + 0.5) * scale;
        if (is_nearest)
            *tap = (Tap){.first = CLAMP((int)centre, 0, in - 1), .n = 1};
        else
            set_reach(tap, centre, support, in);
        tap->weight = n;
        n += (size_t)tap->n;
    }
    axis->weights = he_alloc(n, sizeof(double), "resampling weights", error);
    if (!axis->weights)
        return FALSE;
    for (int i = 0; i < out; i++) {
        Tap *tap = &axis->taps[i];
        if (is_nearest)
            axis->weights[tap->weight] = 1;
        else
            fill_weights(tap, axis->weights, filter, at + (i + 0.5) * scale, wide);
        /* At scale 1 every position loses the same weights; at others `first` could decrease. */
        if (scale == 1)
            trim(tap, axis->weights);
    }
    return TRUE;
}

static int tap_end(const Tap *tap)
{
    return tap->first + tap->n;
}

/* The most rows of the result that one input row, and those before, leave unfinished. */
static int count_open(const Axis *axis, int out)
{
    int most = 1, opened = 0;
    for (int i = 0; i < out; i++) {
        while (opened < out && axis->taps[opened].first < tap_end(&axis->taps[i]))
            opened++;
        most = MAX(most, opened - i);
    }
    return most;
}

HeResample *he_resample_new(const HeResampleSpec *spec, HeResampleDone done, void *data,
                            GError **error)
{
    const HeResampleSpec *s = spec;
    g_autoptr(HeResample) self = g_new0(HeResample, 1);
    self->spec = *spec;
    self->done = done;
    self->data = data;
    if (!axis_init(&self->across, s->in_w, s->x, s->w, s->out_w, s->filter, s->antialias,
                   error) ||
        !axis_init(&self->down, s->in_h, s->y, s->h, s->out_h, s->filter, s->antialias,
                   error))
        return NULL;
    self->y = self->down.taps[0].first;
    self->n_open = count_open(&self->down, s->out_h);

    size_t row = (size_t)s->out_w * (size_t)s->channels;
    size_t rows;
    self->line = he_alloc(row, sizeof(double), "a resampled row", error);
    if (!self->line)
        return NULL;
    if (!he_size_mul(row, (size_t)self->n_open, &rows))
        rows = G_MAXSIZE;
    self->open = he_alloc(rows, sizeof(double), "rows being resampled", error);
    if (!self->open)
        return NULL;
    return g_steal_pointer(&self);
}

void he_resample_free(HeResample *self)
{
    if (!self)
        return;
    he_free(self->across.taps);
    he_free(self->across.weights);
    he_free(self->down.taps);
    he_free(self->down.weights);
    he_free(self->line);
    he_free(self->open);
    g_free(self);
}

void he_resample_get_rows(const HeResample *self, int *first, int *n)
{
    const Tap *taps = self->down.taps;
    int end = 0;
    for (int i = 0; i < self->spec.out_h; i++)
        end = MAX(end, tap_end(&taps[i]));
    *first = taps[0].first;
    *n = end - *first;
}

/* ---- the horizontal pass; one and three channels are nearly all there is ------------------------- */

static void across_1(const Axis *axis, const float *row, double *line, int out_w)
{
    for (int i = 0; i < out_w; i++) {
        const Tap *tap = &axis->taps[i];
        const double *w = axis->weights + tap->weight;
        const float *p = row + tap->first;
        double sum = w[0] * (double)p[0];
        for (int k = 1; k < tap->n; k++)
            sum += w[k] * (double)p[k];
        line[i] = sum;
    }
}

static void across_3(const Axis *axis, const float *row, double *line, int out_w)
{
    for (int i = 0; i < out_w; i++) {
        const Tap *tap = &axis->taps[i];
        const double *w = axis->weights + tap->weight;
        const float *p = row + (size_t)tap->first * 3;
        double a = w[0] * (double)p[0], b = w[0] * (double)p[1], c = w[0] * (double)p[2];
        for (int k = 1; k < tap->n; k++) {
            p += 3;
            a += w[k] * (double)p[0];
            b += w[k] * (double)p[1];
            c += w[k] * (double)p[2];
        }
        line[i * 3] = a;
        line[i * 3 + 1] = b;
        line[i * 3 + 2] = c;
    }
}

static void across_n(const Axis *axis, const float *row, double *line, int out_w,
                     size_t channels)
{
    for (int i = 0; i < out_w; i++) {
        const Tap *tap = &axis->taps[i];
        const double *w = axis->weights + tap->weight;
        const float *p = row + (size_t)tap->first * channels;
        double *sum = line + (size_t)i * channels;
        for (size_t c = 0; c < channels; c++)
            sum[c] = w[0] * (double)p[c];
        for (int k = 1; k < tap->n; k++) {
            p += channels;
            for (size_t c = 0; c < channels; c++)
                sum[c] += w[k] * (double)p[c];
        }
    }
}

static double *open_row(HeResample *self, int y)
{
    size_t row = (size_t)self->spec.out_w * (size_t)self->spec.channels;
    return self->open + (size_t)(y % self->n_open) * row;
}

static void add_line(HeResample *self, int y)
{
    const Tap *tap = &self->down.taps[y];
    int k = self->y - tap->first;
    if (k >= tap->n)
        return;
    size_t n = (size_t)self->spec.out_w * (size_t)self->spec.channels;
    double weight = self->down.weights[tap->weight + (size_t)k];
    double *sum = open_row(self, y);
    const double *line = self->line;
    if (k == 0)
        for (size_t i = 0; i < n; i++)
            sum[i] = weight * line[i];
    else
        for (size_t i = 0; i < n; i++)
            sum[i] += weight * line[i];
}

void he_resample_push(HeResample *self, const float *row)
{
    const HeResampleSpec *s = &self->spec;
    while (self->opened < s->out_h && self->down.taps[self->opened].first <= self->y)
        self->opened++;
    if (self->next < self->opened) {
        if (s->channels == 1)
            across_1(&self->across, row, self->line, s->out_w);
        else if (s->channels == 3)
            across_3(&self->across, row, self->line, s->out_w);
        else
            across_n(&self->across, row, self->line, s->out_w, (size_t)s->channels);
    }
    for (int y = self->next; y < self->opened; y++)
        add_line(self, y);
    self->y++;
    while (self->next < self->opened &&
           tap_end(&self->down.taps[self->next]) <= self->y) {
        self->done(self->data, self->next, open_row(self, self->next));
        self->next++;
    }
}
