/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A map after its method: one plane by the type of gradient, what full colour stands for, and the plane
 * on the picture's own pixels.
 *
 * Way back, per axis, for the centre of source pixel x (W: the tensor's side, w: the plane's):
 *   u = (x + 0.5) * scale + offset - 0.5,   m = (u + 0.5) * w / W - 0.5,   bilinear between cells,
 * clamped at the plane's border. Pixels whose centre the network was not shown are NaN, not zero. */
#include <math.h>
#include <stdlib.h>

#include "image/way.h"

static float reduce_cell(const float *values, size_t stride, int channels,
                         HeGradient gradient)
{
    float best = 0, size = 0;
    for (int c = 0; c < channels; c++) {
        float g = values[(size_t)c * stride];
        if (gradient == HE_GRADIENT_NEGATIVE)
            g = -g;
        float s = gradient == HE_GRADIENT_ABSOLUTE || gradient == HE_GRADIENT_SIGNED
                      ? fabsf(g)
                      : g;
        if (s > size) {
            size = s;
            best = gradient == HE_GRADIENT_SIGNED ? g : s;
        }
    }
    return best;
}

float *he_map_reduce(const HeMap *map, HeGradient gradient, GError **error)
{
    size_t n = (size_t)map->height * (size_t)map->width;
    for (size_t i = 0; i < n * (size_t)map->channels; i++)
        if (!isfinite(map->values[i])) {
            g_set_error(
                error, HE_ERROR, HE_ERROR_NUMERIC,
                "the map of %s holds NaN or infinity, first in cell (%zu, %zu) of channel "
                "%zu",
                map->method, i % n % (size_t)map->width, i % n / (size_t)map->width,
                i / n);
            return NULL;
        }
    float *plane = g_try_new(float, n);
    if (!plane) {
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                    "no memory for a map of %d x %d", map->width, map->height);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        plane[i] = reduce_cell(map->values + i, n, map->channels, gradient);
    return plane;
}

/* ---- scale ---------------------------------------------------------------------------------------- */

/* Whether cell I of N, on an axis of TENSOR pixels, has its centre over [at, at + size) of the source. */
static gboolean cell_is_inside(int i, int n, int tensor, double at, double size,
                               double scale, double offset)
{
    double u = (i + 0.5) * tensor / n;
    double x = (u - offset) / scale;
    return x >= at && x < at + size;
}

/* |Reduced values| of the cells over the picture. */
typedef struct {
    float *values; /* or NULL: not kept */
    size_t n;
    float largest;
} Cells;

static void add_cell(Cells *cells, float value)
{
    if (cells->values)
        cells->values[cells->n] = value;
    cells->n++;
    cells->largest = MAX(cells->largest, value);
}

static void collect(const HeMap *map, HeGradient gradient, gboolean all, Cells *cells)
{
    const HeView *v = &map->view;
    size_t stride = (size_t)map->height * (size_t)map->width;
    for (int y = 0; y < map->height; y++) {
        if (!all && !cell_is_inside(y, map->height, v->tensor_h, v->y, v->h, v->scale_y,
                                    v->offset_y))
            continue;
        for (int x = 0; x < map->width; x++) {
            if (!all && !cell_is_inside(x, map->width, v->tensor_w, v->x, v->w,
                                        v->scale_x, v->offset_x))
                continue;
            size_t i = (size_t)y * (size_t)map->width + (size_t)x;
            add_cell(cells, fabsf(reduce_cell(map->values + i, stride, map->channels,
                                              gradient)));
        }
    }
}

/* A padded strip may hold no centre; then all cells count. */
static void collect_maps(const HeMap *const *maps, int n_maps, HeGradient gradient,
                         Cells *cells)
{
    for (int m = 0; m < n_maps; m++) {
        size_t before = cells->n;
        collect(maps[m], gradient, FALSE, cells);
        if (cells->n == before)
            collect(maps[m], gradient, TRUE, cells);
    }
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* As NumPy's percentile: linear between ranks. VALUES ends sorted. */
static double percentile(float *values, size_t n, double percent)
{
    qsort(values, n, sizeof *values, compare_floats);
    double rank = CLAMP(percent, 0, 100) / 100 * (double)(n - 1);
    size_t i = (size_t)rank;
    double low = (double)values[i], high = (double)values[MIN(i + 1, n - 1)];
    return low + (rank - (double)i) * (high - low);
}

/* Where there is no memory to sort, or the percentile is zero (a sparse map, not a flat one): the largest. */
static double scale_percentile(const HeMap *const *maps, int n_maps,
                               const HeDisplay *display, const Cells *counted)
{
    g_autofree float *values = g_try_new(float, counted->n);
    Cells cells = {.values = values};
    if (!values)
        return (double)counted->largest;
    collect_maps(maps, n_maps, display->gradient, &cells);
    double p = percentile(values, cells.n, display->scale_value);
    return p > 0 ? p : (double)counted->largest;
}

double he_map_scale(const HeMap *const *maps, int n_maps, const HeDisplay *display)
{
    Cells cells = {0};
    collect_maps(maps, n_maps, display->gradient, &cells);
    if (!(cells.largest > 0) || !isfinite(cells.largest))
        return 0;
    switch (display->scale) {
    case HE_SCALE_FIXED:
        return display->scale_value;
    case HE_SCALE_PERCENTILE:
        return scale_percentile(maps, n_maps, display, &cells);
    case HE_SCALE_MAX:
        break;
    }
    return (double)cells.largest;
}

/* ---- the way back --------------------------------------------------------------------------------- */

static HeWay find_way(double x, double at, double size, double scale, double offset,
                      int tensor, int n)
{
    HeWay way = {-1, -1, 0};
    if (!(x + 0.5 >= at && x + 0.5 < at + size))
        return way;
    double u = (x + 0.5) * scale + offset - 0.5;
    double m = CLAMP((u + 0.5) * n / tensor - 0.5, 0, n - 1);
    way.a = (int)m;
    way.b = MIN(way.a + 1, n - 1);
    way.part = (float)(m - way.a);
    return way;
}

HeWay *he_map_ways(const HeMap *map)
{
    const HeView *v = &map->view;
    HeWay *ways = g_new(HeWay, (size_t)v->source_w);
    for (int x = 0; x < v->source_w; x++)
        ways[x] =
            find_way(x, v->x, v->w, v->scale_x, v->offset_x, v->tensor_w, map->width);
    return ways;
}

void he_map_resize_row(const HeMap *map, const float *plane, const HeWay *ways, int y,
                       float *line, float *out)
{
    const HeView *v = &map->view;
    HeWay down =
        find_way(y, v->y, v->h, v->scale_y, v->offset_y, v->tensor_h, map->height);
    const float *a = plane + (size_t)MAX(down.a, 0) * (size_t)map->width;
    const float *b = plane + (size_t)MAX(down.b, 0) * (size_t)map->width;
    for (int i = 0; i < map->width; i++)
        line[i] = down.a < 0 ? NAN : a[i] + down.part * (b[i] - a[i]);
    for (int x = 0; x < v->source_w; x++) {
        HeWay way = ways[x];
        out[x] = way.a < 0 ? NAN : line[way.a] + way.part * (line[way.b] - line[way.a]);
    }
}

void he_map_resize_rows(const HeMap *map, const float *plane, int y, int n, float *out)
{
    g_autofree HeWay *ways = he_map_ways(map);
    g_autofree float *line = g_new(float, (size_t)map->width);
    for (int row = 0; row < n; row++, out += map->view.source_w)
        he_map_resize_row(map, plane, ways, y + row, line, out);
}
