/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A map as a picture: t = value / scale, clamped; colour of t; alpha = |t| or 1.
 *
 * Zero is always the same colour and, with alpha = map, always transparent. Signed maps lie on -1..1 and
 * any colour map is read at (t + 1) / 2. The diverging map is read so for every type of gradient, so that
 * what speaks for the target is its warm half and what speaks against it its cold half. Where alpha is the
 * map's, its pale centre is left out, (1 +- (PALE + (1 - PALE) |t|)) / 2: the picture shines through there
 * already, and a veil of light grey over it would say nothing.
 *
 * Bytes of large pictures are looked up. The values from 0 (or least) to the scale are cut into BUCKETS pieces; where
 * both ends of a piece are the same bytes, between the same two entries of the colour map, so is all between: every
 * step of the way, roundings too, keeps the order of what goes in. The rest, a few in a hundred, is computed. */
#include <math.h>

#include "image/colormap.h"
#include "image/way.h"

#define PIXELS_AT_ONCE 256
#define PALE           0.6f /* of an arm of the diverging map, from its centre */
#define BUCKETS        65536
#define MARGIN         0.02 /* of a bucket: more than floats err in finding it */
#define LARGE_PIXELS   ((gint64)1 << 21) /* from here on making the table pays */
#define COMPUTED       0x01fe02fdu /* the bytes of a bucket that has several, or of these */

typedef struct {
    HeColorTable colors;
    double inverse;    /* 1 / scale; may be beyond a float */
    float least;       /* t is clamped to least .. 1 */
    float slope, zero; /* the colour map is read at zero + slope * t ... */
    float pale;        /* ... and so much further from zero */
    gboolean is_alpha_full;
} Look;

/* Bytes of the values in each bucket; the last is for what is in none. */
typedef struct {
    float slope, zero; /* the bucket of a value: zero + slope * value */
    guint32 bytes[BUCKETS + 1];
} Buckets;

struct HeRender {
    const HeMap *map;
    const float *plane;
    gboolean is_flat;
    Look look;
    HeWay *ways;
    float *line, *values; /* room for a row of the map, of the source */
    Buckets *buckets;     /* or NULL: not made yet, or of no use */
};

static Look look_get(const HeDisplay *display, double scale)
{
    gboolean is_signed = display->gradient == HE_GRADIENT_SIGNED;
    gboolean is_two_sided = is_signed || display->colormap == HE_COLORMAP_DIVERGING;
    Look look = {.inverse = 1 / scale,
                 .least = is_signed ? -1 : 0,
                 .slope = is_two_sided ? 0.5f : 1,
                 .zero = is_two_sided ? 0.5f : 0,
                 .is_alpha_full = display->alpha == HE_ALPHA_FULL};
    he_colors_table(he_colormap_get(display->colormap), &look.colors);
    if (display->colormap == HE_COLORMAP_DIVERGING && !look.is_alpha_full) {
        look.pale = PALE / 2;
        look.slope -= look.pale;
    }
    if (is_two_sided && display->gradient == HE_GRADIENT_NEGATIVE) {
        look.slope = -look.slope;
        look.pale = -look.pale;
    }
    return look;
}

/* Where the colour map is read, and alpha; in a form that compilers turn into vectors. N <= PIXELS_AT_ONCE. */
static void place_pixels(const Look *look, const float *values, size_t n, float *at,
                         float *alpha)
{
    double inverse = look->inverse, least = (double)look->least;
    for (size_t i = 0; i < n; i++) {
        double v = (double)values[i] * inverse;
        v = v > least ? v : least; /* NaN, too */
        float t = (float)(v < 1 ? v : 1);
        float place = look->zero + look->slope * t + (t < 0 ? -look->pale : look->pale);
        place = place > 0 ? place : 0;
        at[i] = place < 1 ? place : 1;
        alpha[i] = look->is_alpha_full ? 1 : fabsf(t);
    }
}

static void color_pixels(const Look *look, const float *values, size_t n, float *out)
{
    float at[PIXELS_AT_ONCE], alpha[PIXELS_AT_ONCE];
    for (size_t done = 0; done < n; done += PIXELS_AT_ONCE) {
        size_t part = MIN(PIXELS_AT_ONCE, n - done);
        place_pixels(look, values + done, part, at, alpha);
        for (size_t i = 0; i < part; i++, out += 4) {
            he_colors_look_up(&look->colors, at[i], out);
            out[3] = alpha[i];
            if (isnan(values[done + i]))
                memset(out, 0, 4 * sizeof *out);
        }
    }
}

/* 0..1 -> 0..255, the nearest. */
static guint8 byte_of(float v)
{
    return (guint8)((v > 0 ? MIN(v, 1) : 0) * 255.0f + 0.5f);
}

static void compute(const Look *look, const float *values, size_t n, guint8 *out)
{
    float rgba[4 * PIXELS_AT_ONCE];
    color_pixels(look, values, n, rgba);
    for (size_t i = 0; i < 4 * n; i++)
        out[i] = byte_of(rgba[i]);
}

/* N buckets from FIRST on: each end's bytes, between which entries it lies, on which side of zero. */
static void fill_buckets(const Look *look, int first, int n, double slope, double zero,
                         guint32 *out)
{
    float ends[PIXELS_AT_ONCE], at[PIXELS_AT_ONCE], alpha[PIXELS_AT_ONCE];
    guint32 bytes[PIXELS_AT_ONCE];
    for (int i = 0; i < n; i++) {
        ends[2 * i] = (float)((first + i - MARGIN - zero) / slope);
        ends[2 * i + 1] = (float)((first + i + 1 + MARGIN - zero) / slope);
    }
    compute(look, ends, 2 * (size_t)n, (guint8 *)bytes);
    place_pixels(look, ends, 2 * (size_t)n, at, alpha);
    for (int i = 0; i < n; i++) {
        int a = 2 * i, b = a + 1;
        gboolean is_one = bytes[a] == bytes[b] && (ends[a] < 0) == (ends[b] < 0) &&
                          he_colors_piece(&look->colors, at[a]) ==
                              he_colors_piece(&look->colors, at[b]);
        out[i] = is_one ? bytes[a] : COMPUTED;
    }
}

/* NULL: the scale is beyond floats, or there is no memory. */
static Buckets *buckets_new(const Look *look)
{
    const int part = PIXELS_AT_ONCE / 2;
    double slope = look->inverse * BUCKETS / (1 - (double)look->least);
    double zero = -(double)look->least * BUCKETS / (1 - (double)look->least);
    Buckets *buckets = slope < 1e30 && slope > 1e-30 ? g_try_new(Buckets, 1) : NULL;
    if (!buckets)
        return NULL;
    buckets->slope = (float)slope;
    buckets->zero = (float)zero;
    for (int i = 0; i < BUCKETS; i += part)
        fill_buckets(look, i, part, slope, zero, buckets->bytes + i);
    buckets->bytes[BUCKETS] = COMPUTED;
    return buckets;
}

static void look_up(const Look *look, const Buckets *buckets, const float *values,
                    size_t n, guint8 *out)
{
    int bucket[PIXELS_AT_ONCE];
    size_t rest[PIXELS_AT_ONCE], n_rest = 0; /* what is computed */
    float rest_values[PIXELS_AT_ONCE] = {0};
    guint8 rest_bytes[4 * PIXELS_AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        float at = buckets->zero + buckets->slope * values[i];
        bucket[i] = at >= 0 && at < BUCKETS ? (int)at : BUCKETS; /* NaN, too */
    }
    for (size_t i = 0; i < n; i++) {
        guint32 bytes = buckets->bytes[bucket[i]];
        memcpy(out + 4 * i, &bytes, sizeof bytes);
        rest[n_rest] = i;
        rest_values[n_rest] = values[i];
        n_rest += bytes == COMPUTED;
    }
    compute(look, rest_values, n_rest, rest_bytes);
    for (size_t i = 0; i < n_rest; i++)
        memcpy(out + 4 * rest[i], rest_bytes + 4 * i, 4);
}

HeRender *he_render_new(const HeMap *map, const float *plane, const HeDisplay *display,
                        double scale)
{
    HeRender *render = g_new0(HeRender, 1);
    render->map = map;
    render->plane = plane;
    render->is_flat = !(scale > 0);
    if (render->is_flat)
        return render;
    render->look = look_get(display, scale);
    render->ways = he_map_ways(map);
    render->line = g_new(float, (size_t)map->width);
    render->values = g_new(float, (size_t)map->view.source_w);
    return render;
}

void he_render_free(HeRender *render)
{
    if (!render)
        return;
    g_free(render->ways);
    g_free(render->line);
    g_free(render->values);
    g_free(render->buckets);
    g_free(render);
}

void he_render_rows(HeRender *render, int y, int n, float *out)
{
    size_t width = (size_t)render->map->view.source_w;
    if (render->is_flat) {
        memset(out, 0, width * (size_t)n * 4 * sizeof *out);
        return;
    }
    for (int row = 0; row < n; row++, out += width * 4) {
        he_map_resize_row(render->map, render->plane, render->ways, y + row, render->line,
                          render->values);
        color_pixels(&render->look, render->values, width, out);
    }
}

void he_render_bytes(HeRender *render, int y, int n, guint8 *out)
{
    size_t width = (size_t)render->map->view.source_w;
    if (render->is_flat) {
        memset(out, 0, width * (size_t)n * 4);
        return;
    }
    if (!render->buckets &&
        (gint64)render->map->view.source_h * (gint64)width >= LARGE_PIXELS)
        render->buckets = buckets_new(&render->look);
    for (int row = 0; row < n; row++) {
        he_map_resize_row(render->map, render->plane, render->ways, y + row, render->line,
                          render->values);
        for (size_t x = 0, part; x < width; x += part, out += 4 * part) {
            part = MIN(PIXELS_AT_ONCE, width - x);
            if (render->buckets)
                look_up(&render->look, render->buckets, render->values + x, part, out);
            else
                compute(&render->look, render->values + x, part, out);
        }
    }
}

void he_map_render_rows(const HeMap *map, const float *plane, const HeDisplay *display,
                        double scale, int y, int n, float *out)
{
    g_autoptr(HeRender) render = he_render_new(map, plane, display, scale);
    he_render_rows(render, y, n, out);
}
