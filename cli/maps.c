/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Results as files. */
#include <string.h>

#include "cli/maps.h"
#include "cli/npy.h"
#include "core/alloc.h"

static gboolean write_raw_rows(FILE *file, const char *path, const HeResult *result,
                               GError **error)
{
    int width = result->map->view.source_w, height = result->map->view.source_h;
    gint64 dim[2] = {height, width};
    int n_rows = cli_band_rows(width, height);
    float *rows =
        he_alloc((size_t)n_rows * (size_t)width, sizeof(float), "a band of rows", error);
    gboolean is_good = rows && cli_npy_write_header(file, path, 2, dim, error);
    for (int y = 0; is_good && y < height; y += n_rows) {
        int n = MIN(n_rows, height - y);
        he_map_resize_rows(result->map, result->plane, y, n, rows);
        is_good =
            cli_npy_write_values(file, path, rows, (size_t)n * (size_t)width, error);
    }
    he_free(rows);
    return is_good;
}

gboolean cli_write_raw(CliOutputs *outputs, const char *path, const HeResult *result,
                       GError **error)
{
    FILE *file = cli_outputs_open(outputs, path, error);
    return file && write_raw_rows(file, path, result, error) &&
           cli_outputs_close(outputs, error);
}

gboolean cli_write_npy(CliOutputs *outputs, const char *path, int rank, const gint64 *dim,
                       const float *values, GError **error)
{
    FILE *file = cli_outputs_open(outputs, path, error);
    size_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= (size_t)dim[i];
    return file && cli_npy_write_header(file, path, rank, dim, error) &&
           cli_npy_write_values(file, path, values, n, error) &&
           cli_outputs_close(outputs, error);
}

int cli_map_shape(const HeMap *map, gint64 dim[4])
{
    const HeMethodInfo *method = he_method_find(map->method, NULL);
    gboolean is_layer = method && method->takes_layer;
    const gint64 pixels[4] = {1, map->channels, map->height, map->width};
    const gint64 layer[3] = {1, map->height, map->width};
    memcpy(dim, is_layer ? layer : pixels, is_layer ? sizeof layer : sizeof pixels);
    return is_layer ? 3 : 4;
}

gboolean cli_write_native(CliOutputs *outputs, const char *path, const HeMap *map,
                          GError **error)
{
    gint64 dim[4];
    int rank = cli_map_shape(map, dim);
    return cli_write_npy(outputs, path, rank, dim, map->native, error);
}
