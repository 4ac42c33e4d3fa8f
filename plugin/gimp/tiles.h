/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How many tiles this process holds. GIMP has them all; GEGL keeps those that went through here, in a cache whose
 * size it takes over from GIMP, half of the memory. Where each tile comes by once, a cache that stays inside the
 * processor's own is faster: its memory is used again, and the kernel clears no new pages. */
#ifndef HE_GIMP_TILES_H
#define HE_GIMP_TILES_H

#include <glib.h>

/* Of rows of ROW bytes, how many are read or written at once: a row of tiles, or fewer where those are too much. */
int he_gimp_tiles_band(gsize row);

/* From here on tiles come back; else GEGL writes them to a file. */
void he_gimp_tiles_keep(void);
/* From here on each comes by once, in bands of such rows. */
void he_gimp_tiles_pass(gsize row);

#endif
