/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A map as a picture: t = value / scale, clamped; colour of t; alpha = |t| or 1.
 *
 * Zero is always the same colour and, with alpha = map, always transparent. Signed maps lie on -1..1 and
 * any colour map is read at (t + 1) / 2. The diverging map is read so for every type of gradient, so that
 * what speaks for the target is its warm half and what speaks against it its cold half. Where alpha is the
 * map's, its pale centre is left out, (1 +- (PALE + (1 - PALE) |t|)) / 2: the picture shines through there
 * already, and a veil of light grey over it would say nothing. */
#include <math.h>

#include "image/colormap.h"
#include "image/way.h"

#define PIXELS_AT_ONCE 256
#define PALE           0.6f /* of an arm of the diverging map, from its centre */

typedef struct {
    HeColorTable colors;
    double inverse;    /* 1 / scale; may be beyond a float */
    float least;       /* t is clamped to least .. 1 */
    float slope, zero; /* the colour map is read at zero + slope * t ... */
    float pale;        /* ... and so much further from zero */
    gboolean is_alpha_full;
} Look;

struct HeRender {
    const HeMap *map;
    const float *plane;
    gboolean is_flat;
    Look look;
    HeWay *ways;
    float *line, *values; /* room for a row of the map, of the source */
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

void he_map_render_rows(const HeMap *map, const float *plane, const HeDisplay *display,
                        double scale, int y, int n, float *out)
{
    g_autoptr(HeRender) render = he_render_new(map, plane, display, scale);
    he_render_rows(render, y, n, out);
}
