/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Channels of a layer, and their weighed sum: what CAM and Grad-CAM are made of. One plane is brought to
 * doubles at a time, so that a map costs one reading of the layer. */
#include "methods/planes.h"

#include "core/alloc.h"
#include "core/tensor.h"
#include "methods/method.h"

gboolean he_planes_init(HePlanes *planes, const HeGrid *grid, const HeTensor *t,
                        GError **error)
{
    *planes = (HePlanes){.grid = *grid, .t = *t};
    if ((t->type == HE_F32 || t->type == HE_F64) && he_tensor_is_contiguous(t))
        return TRUE;
    he_tensor_init(&planes->t, HE_F64, t->rank, t->dim);
    planes->t.data = planes->owned =
        he_alloc(he_tensor_n(t), sizeof(double), "the layer", error);
    if (planes->owned)
        he_tensor_convert(t, &planes->t);
    return planes->owned != NULL;
}

void he_planes_clear(HePlanes *planes)
{
    he_free(planes->owned);
    planes->owned = NULL;
}

size_t he_planes_size(const HePlanes *planes)
{
    return (size_t)(planes->grid.height * planes->grid.width);
}

/* N numbers of T from element FIRST on, STEP apart. */
static void read_row(const HeTensor *t, gint64 first, gint64 step, gint64 n, double *out)
{
    const float *floats = (const float *)t->data + first;
    const double *doubles = (const double *)t->data + first;
    if (t->type == HE_F64)
        for (gint64 i = 0; i < n; i++)
            out[i] = doubles[i * step];
    else
        for (gint64 i = 0; i < n; i++)
            out[i] = floats[i * step];
}

void he_planes_read(const HePlanes *planes, gint64 k, double *plane)
{
    const HeGrid *grid = &planes->grid;
    gint64 first = grid->offset + k * grid->channel_stride;
    if (grid->y_stride == grid->width * grid->x_stride) {
        read_row(&planes->t, first, grid->x_stride, grid->height * grid->width, plane);
        return;
    }
    for (gint64 y = 0; y < grid->height; y++)
        read_row(&planes->t, first + y * grid->y_stride, grid->x_stride, grid->width,
                 plane + y * grid->width);
}

/* sum[p] += WEIGHT * plane K; numbers that follow one another are taken where they stand. PLANE: room for others. */
static void add_plane(const HePlanes *planes, gint64 k, double weight,
                      double *restrict plane, double *restrict sum)
{
    const HeGrid *grid = &planes->grid;
    size_t n = he_planes_size(planes);
    gboolean is_row = grid->x_stride == 1 && grid->y_stride == grid->width;
    if (planes->t.type == HE_F32 && is_row) {
        const float *numbers =
            (const float *)planes->t.data + grid->offset + k * grid->channel_stride;
        for (size_t p = 0; p < n; p++)
            sum[p] += weight * (double)numbers[p];
        return;
    }
    he_planes_read(planes, k, plane);
    for (size_t p = 0; p < n; p++)
        sum[p] += weight * plane[p];
}

gboolean he_planes_weigh(const HePlanes *planes, const double *weights, HeMap *out,
                         GError **error)
{
    const HeGrid *grid = &planes->grid;
    size_t n = he_planes_size(planes);
    if (!he_map_allocate(out, 1, grid->height, grid->width, error))
        return FALSE;
    double *sum = he_alloc0(n, 2 * sizeof *sum, "the map", error);
    if (!sum)
        return FALSE;
    for (gint64 k = 0; k < grid->channels; k++)
        if (weights[k] != 0)
            add_plane(planes, k, weights[k], sum + n, sum);
    for (size_t p = 0; p < n; p++)
        out->values[p] = (float)sum[p];
    he_free(sum);
    return TRUE;
}
