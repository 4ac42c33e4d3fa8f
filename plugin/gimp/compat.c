/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The two spellings: see compat.h. */
#include "plugin/gimp/compat.h"

#if GIMP_CHECK_VERSION(2, 99, 0)

struct HeGimpChosen {
    GimpImage *image;
    GimpLayer **layers; /* NULL-terminated */
};

HeGimpItem *he_gimp_children(HeGimpItem group, gint *n)
{
    GimpItem **children = gimp_item_get_children(group);

    *n = (gint)gimp_core_object_array_get_length((GObject **)children);
    return children;
}

HeGimpItem *he_gimp_top_items(HeGimpImage image, gint *n)
{
    GimpLayer **layers = gimp_image_get_layers(image);

    *n = (gint)gimp_core_object_array_get_length((GObject **)layers);
    return (GimpItem **)layers;
}

HeGimpLayer he_gimp_parent_layer(HeGimpItem item)
{
    GimpItem *parent = gimp_item_get_parent(item);

    return parent ? GIMP_LAYER(parent) : NULL;
}

HeGimpLayer he_gimp_layer_of_mask(HeGimpDrawable mask)
{
    return gimp_layer_from_mask(GIMP_LAYER_MASK(mask));
}

HeGimpLayer he_gimp_group_new(HeGimpImage image, const char *name)
{
    return GIMP_LAYER(gimp_group_layer_new(image, name));
}

char *he_gimp_image_uri(HeGimpImage image)
{
    GFile *file = gimp_image_get_imported_file(image);
    char *uri;

    if (file == NULL)
        file = gimp_image_get_file(image);
    uri = file ? g_file_get_uri(file) : NULL;
    g_clear_object(&file);
    return uri;
}

HeGimpChosen *he_gimp_chosen_new(HeGimpImage image)
{
    HeGimpChosen *chosen = g_new(HeGimpChosen, 1);

    chosen->image = image;
    chosen->layers = gimp_image_get_selected_layers(image);
    return chosen;
}

void he_gimp_chosen_give_back(HeGimpChosen *chosen)
{
    gsize n = 0;

    for (GimpLayer **layer = chosen->layers; layer && *layer; layer++)
        if (gimp_item_is_valid(GIMP_ITEM(*layer)))
            chosen->layers[n++] = *layer;
    if (n > 0) {
        chosen->layers[n] = NULL;
        gimp_image_set_selected_layers(chosen->image, (const GimpLayer **)chosen->layers);
    }
    g_free(chosen->layers);
    g_free(chosen);
}

#else

struct HeGimpChosen {
    gint32 image, layer;
};

HeGimpItem *he_gimp_children(HeGimpItem group, gint *n)
{
    return gimp_item_get_children(group, n);
}

HeGimpItem *he_gimp_top_items(HeGimpImage image, gint *n)
{
    return gimp_image_get_layers(image, n);
}

HeGimpLayer he_gimp_parent_layer(HeGimpItem item)
{
    const gint32 parent = gimp_item_get_parent(item);

    return parent == HE_GIMP_NONE ? 0 : parent;
}

HeGimpLayer he_gimp_layer_of_mask(HeGimpDrawable mask)
{
    return gimp_layer_from_mask(mask);
}

HeGimpLayer he_gimp_group_new(HeGimpImage image, const char *name)
{
    const gint32 group = gimp_layer_group_new(image);

    gimp_item_set_name(group, name);
    return group;
}

char *he_gimp_image_uri(HeGimpImage image)
{
    char *uri = gimp_image_get_imported_uri(image);

    return uri ? uri : gimp_image_get_uri(image);
}

HeGimpChosen *he_gimp_chosen_new(HeGimpImage image)
{
    HeGimpChosen *chosen = g_new(HeGimpChosen, 1);

    chosen->image = image;
    chosen->layer = gimp_image_get_active_layer(image);
    return chosen;
}

void he_gimp_chosen_give_back(HeGimpChosen *chosen)
{
    if (chosen->layer != HE_GIMP_NONE && gimp_item_is_valid(chosen->layer))
        gimp_image_set_active_layer(chosen->image, chosen->layer);
    g_free(chosen);
}

#endif
