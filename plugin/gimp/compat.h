/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The names this room uses for what GIMP's majors spell differently (ids in 2.10, objects later). */
#ifndef HE_GIMP_COMPAT_H
#define HE_GIMP_COMPAT_H

#include <libgimp/gimp.h>

typedef gint32 HeGimpImage;
typedef gint32 HeGimpItem;
typedef gint32 HeGimpDrawable;
typedef gint32 HeGimpLayer;

#define HE_GIMP_NONE             (-1)
#define HE_GIMP_TOP_LEVEL        0 /* the parent of an item outside every group */
#define he_gimp_item(x)          (x)
#define he_gimp_drawable(x)      (x)
#define he_gimp_layer(x)         (x)
#define he_gimp_parent_or_top(x) ((x) == HE_GIMP_NONE ? HE_GIMP_TOP_LEVEL : (x))

#endif
