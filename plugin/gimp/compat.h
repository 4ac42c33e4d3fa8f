/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What GIMP's majors spell differently: items are numbers in 2.10 and objects later, lists carry a count
 * or end with NULL, one layer is active or several are selected. This room is written in 3.0's names. */
#ifndef HE_GIMP_COMPAT_H
#define HE_GIMP_COMPAT_H

#include <libgimp/gimp.h>

#if GIMP_CHECK_VERSION(2, 99, 0)

typedef GimpImage *HeGimpImage;
typedef GimpItem *HeGimpItem;
typedef GimpDrawable *HeGimpDrawable;
typedef GimpLayer *HeGimpLayer;

#define HE_GIMP_NONE        NULL
#define he_gimp_item(x)     GIMP_ITEM(x)
#define he_gimp_drawable(x) GIMP_DRAWABLE(x)
#define he_gimp_layer(x)    GIMP_LAYER(x)

#else

typedef gint32 HeGimpImage;
typedef gint32 HeGimpItem;
typedef gint32 HeGimpDrawable;
typedef gint32 HeGimpLayer;

#define HE_GIMP_NONE        (-1)
#define he_gimp_item(x)     (x)
#define he_gimp_drawable(x) (x)
#define he_gimp_layer(x)    (x)

#define gimp_drawable_get_offsets gimp_drawable_offsets
#define gimp_image_get_base_type  gimp_image_base_type

#endif

/* The items of a group, or of the image outside every group, from the top; g_free. */
HeGimpItem *he_gimp_children(HeGimpItem group, gint *n);
HeGimpItem *he_gimp_top_items(HeGimpImage image, gint *n);

/* The parent as the insertion of layers wants it. */
HeGimpLayer he_gimp_parent_layer(HeGimpItem item);
HeGimpLayer he_gimp_layer_of_mask(HeGimpDrawable mask);
HeGimpLayer he_gimp_group_new(HeGimpImage image, const char *name);

/* The address the image was imported from, else its own file's; NULL: none. g_free. */
char *he_gimp_image_uri(HeGimpImage image);

/* The layers that the user works on, kept across a change of the image. */
typedef struct HeGimpChosen HeGimpChosen;
HeGimpChosen *he_gimp_chosen_new(HeGimpImage image);
/* Chooses those again that are still there, and frees CHOSEN. */
void he_gimp_chosen_give_back(HeGimpChosen *chosen);

#endif
