/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Own results: see own.h. */
#include "plugin/gimp/own.h"

#include "plugin/core/recipe.h"

static gboolean has_recipe(HeGimpItem item)
{
    GimpParasite *parasite = gimp_item_get_parasite(item, HE_RECIPE_NAME);

    if (parasite == NULL)
        return FALSE;
    gimp_parasite_free(parasite);
    return TRUE;
}

static gboolean is_group_of_own_results(HeGimpItem group)
{
    gint n = 0;
    g_autofree HeGimpItem *children = he_gimp_children(group, &n);

    for (gint i = 0; i < n; i++)
        if (!he_gimp_is_own_result(children[i]))
            return FALSE;
    return n > 0;
}

gboolean he_gimp_is_own_result(HeGimpItem item)
{
    if (gimp_item_is_group(item))
        return is_group_of_own_results(item);
    return has_recipe(item);
}

static void hide_among(const HeGimpItem *items, gint n)
{
    for (gint i = 0; i < n; i++) {
        gint n_children = 0;
        g_autofree HeGimpItem *children = NULL;

        if (he_gimp_is_own_result(items[i])) {
            gimp_item_set_visible(items[i], FALSE);
        } else if (gimp_item_is_group(items[i])) {
            children = he_gimp_children(items[i], &n_children);
            hide_among(children, n_children);
        }
    }
}

void he_gimp_hide_own_results(HeGimpImage image)
{
    gint n = 0;
    g_autofree HeGimpItem *layers = he_gimp_top_items(image, &n);

    hide_among(layers, n);
}

static HeGimpItem *siblings_of(HeGimpImage image, HeGimpItem item, gint *n)
{
    HeGimpItem parent = gimp_item_get_parent(item);

    if (parent == HE_GIMP_NONE)
        return he_gimp_top_items(image, n);
    return he_gimp_children(parent, n);
}

HeGimpItem he_gimp_own_result_above(HeGimpImage image, HeGimpItem layer)
{
    gint n = 0;
    g_autofree HeGimpItem *layers = siblings_of(image, layer, &n);

    for (gint i = 1; i < n; i++)
        if (layers[i] == layer && he_gimp_is_own_result(layers[i - 1]))
            return layers[i - 1];
    return HE_GIMP_NONE;
}

HeGimpItem he_gimp_own_result_on_top(HeGimpImage image)
{
    gint n = 0;
    g_autofree HeGimpItem *layers = he_gimp_top_items(image, &n);

    return n > 0 && he_gimp_is_own_result(layers[0]) ? layers[0] : HE_GIMP_NONE;
}
