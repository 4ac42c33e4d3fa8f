/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The size of GEGL's cache: see tiles.h. */
#include "plugin/gimp/tiles.h"

#include <gegl.h>
#include <libgimp/gimp.h>

#define BAND_BYTES ((gsize)16 << 20) /* at most, unless a row has more */
#define KEPT       ((guint64)96 << 20)
#define PASSING    ((guint64)4 << 20)

int he_gimp_tiles_band(gsize row)
{
    return (int)MIN(MAX(BAND_BYTES / row, 1), gimp_tile_height());
}

static void set_cache(guint64 bytes)
{
    g_object_set(gegl_config(), "tile-cache-size", bytes, NULL);
}

void he_gimp_tiles_keep(void)
{
    set_cache(KEPT);
}

/* Where a band is part of a row of tiles, the next one wants the same tiles again. */
void he_gimp_tiles_pass(gsize row)
{
    const gboolean is_once = he_gimp_tiles_band(row) == (int)gimp_tile_height();

    set_cache(is_once ? PASSING : KEPT);
}
