/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Planes of a layer, however its numbers stand: channels first or last, tokens behind a class token, floats
 * or doubles, strided; all are the same four channels of 2 x 3 places. */
#include "methods/planes.h"

#include "core/tensor.h"
#include "methods/method.h"

enum { CHANNELS = 4, HEIGHT = 2, WIDTH = 3, N = 64 };

static double value(gint64 k, gint64 p)
{
    return (double)(10 * k + p) / 8;
}

static void check(const HeGrid *grid, const HeTensor *t, gboolean is_copied)
{
    static const double weights[CHANNELS] = {1, 0, -2, 0.5};
    g_autoptr(GError) error = NULL;
    g_autoptr(HeMap) map = g_new0(HeMap, 1);
    HePlanes planes;
    double plane[HEIGHT * WIDTH];
    g_assert_true(he_planes_init(&planes, grid, t, &error));
    g_assert_cmpint(planes.owned != NULL, ==, is_copied);
    g_assert_cmpuint(he_planes_size(&planes), ==, HEIGHT * WIDTH);
    g_assert_true(he_planes_weigh(&planes, weights, map, &error));
    g_assert_cmpint(map->channels * 100 + map->height * 10 + map->width, ==, 123);
    for (int k = 0; k < CHANNELS; k++) {
        he_planes_read(&planes, k, plane);
        for (int p = 0; p < HEIGHT * WIDTH; p++)
            g_assert_cmpfloat(plane[p], ==, value(k, p));
    }
    for (int p = 0; p < HEIGHT * WIDTH; p++)
        g_assert_cmpfloat(map->values[p], ==,
                          value(0, p) - 2 * value(2, p) + value(3, p) / 2);
    he_planes_clear(&planes);
}

/* The same numbers as floats and as doubles, and as floats every second of which is another's. */
static void check_types(const HeGrid *grid)
{
    float floats[N] = {0}, apart[2 * N] = {0};
    double doubles[N] = {0};
    for (int k = 0; k < CHANNELS; k++)
        for (int p = 0; p < HEIGHT * WIDTH; p++) {
            gint64 at = grid->offset + k * grid->channel_stride +
                        p / WIDTH * grid->y_stride + p % WIDTH * grid->x_stride;
            floats[at] = apart[2 * at] = (float)value(k, p);
            doubles[at] = value(k, p);
        }
    HeTensor t;
    he_tensor_init(&t, HE_F32, 1, (gint64[]){N});
    t.data = floats;
    check(grid, &t, FALSE);
    t.data = apart;
    t.stride[0] = 2;
    check(grid, &t, TRUE);
    he_tensor_init(&t, HE_F64, 1, (gint64[]){N});
    t.data = doubles;
    check(grid, &t, FALSE);
}

static void test_layouts(void)
{
    HeGrid grid = {.channels = CHANNELS, .height = HEIGHT, .width = WIDTH};
    grid.channel_stride = HEIGHT * WIDTH; /* channels first */
    grid.y_stride = WIDTH;
    grid.x_stride = 1;
    check_types(&grid);
    grid.channel_stride = 1; /* channels last, behind a class token */
    grid.y_stride = WIDTH * CHANNELS;
    grid.x_stride = CHANNELS;
    grid.offset = CHANNELS;
    check_types(&grid);
    grid.y_stride = 1; /* rows and columns changed */
    grid.x_stride = HEIGHT;
    grid.channel_stride = HEIGHT * WIDTH;
    check_types(&grid);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/planes/layouts", test_layouts);
    return g_test_run();
}
