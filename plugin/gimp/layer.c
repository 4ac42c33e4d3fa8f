/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Results -> layers: see layer.h. */
#include "plugin/gimp/layer.h"

#include <glib/gi18n.h>
#include <string.h>

#include "plugin/gimp/draw.h"
#include "plugin/gimp/own.h"

GimpLayerMode he_gimp_blend_mode(HeBlend blend)
{
    static const struct {
        HeBlend blend;
        GimpLayerMode mode;
    } modes[] = {
        {HE_BLEND_NORMAL, GIMP_LAYER_MODE_NORMAL},
        {HE_BLEND_MULTIPLY, GIMP_LAYER_MODE_MULTIPLY},
        {HE_BLEND_SCREEN, GIMP_LAYER_MODE_SCREEN},
        {HE_BLEND_OVERLAY, GIMP_LAYER_MODE_OVERLAY},
        {HE_BLEND_SOFTLIGHT, GIMP_LAYER_MODE_SOFTLIGHT},
        {HE_BLEND_HARDLIGHT, GIMP_LAYER_MODE_HARDLIGHT},
        {HE_BLEND_ADDITION, GIMP_LAYER_MODE_ADDITION},
        {HE_BLEND_SUBTRACT, GIMP_LAYER_MODE_SUBTRACT},
        {HE_BLEND_DIFFERENCE, GIMP_LAYER_MODE_DIFFERENCE},
        {HE_BLEND_DARKEN_ONLY, GIMP_LAYER_MODE_DARKEN_ONLY},
        {HE_BLEND_LIGHTEN_ONLY, GIMP_LAYER_MODE_LIGHTEN_ONLY},
        {HE_BLEND_GRAIN_MERGE, GIMP_LAYER_MODE_GRAIN_MERGE},
        {HE_BLEND_GRAIN_EXTRACT, GIMP_LAYER_MODE_GRAIN_EXTRACT},
        {HE_BLEND_DODGE, GIMP_LAYER_MODE_DODGE},
        {HE_BLEND_BURN, GIMP_LAYER_MODE_BURN},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++)
        if (modes[i].blend == blend)
            return modes[i].mode;
    return GIMP_LAYER_MODE_NORMAL;
}

static GimpImageType layer_type(HeGimpImage image)
{
    switch (gimp_image_get_base_type(image)) {
    case GIMP_GRAY:
        return GIMP_GRAYA_IMAGE;
    case GIMP_INDEXED:
        return GIMP_INDEXEDA_IMAGE;
    default:
        return GIMP_RGBA_IMAGE;
    }
}

/* ---- layers -------------------------------------------------------------------------------------- */

static void attach_recipe(HeGimpItem item, const HeRecipe *recipe)
{
    g_autofree char *json = he_recipe_to_json(recipe);
    GimpParasite *parasite = gimp_parasite_new(
        HE_RECIPE_NAME, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
        (guint32)strlen(json) + 1, json);

    gimp_item_attach_parasite(item, parasite);
    gimp_parasite_free(parasite);
}

static HeGimpLayer layer_new(const HeGimpSource *source, const HeGimpPlace *place,
                             const HeResult *result, GError **error)
{
    const HeDisplay *display = &result->recipe->display;
    HeGimpLayer layer = gimp_layer_new(
        source->image, result->name, place->width, place->height,
        layer_type(source->image), display->opacity, he_gimp_blend_mode(display->blend));

    if (layer == HE_GIMP_NONE) {
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                    _("GIMP could not make a layer of %d x %d pixels"), place->width,
                    place->height);
        return HE_GIMP_NONE;
    }
    if (!he_gimp_draw(source, place, result, layer, error)) {
        gimp_item_delete(he_gimp_item(layer));
        return HE_GIMP_NONE;
    }
    gimp_drawable_update(he_gimp_drawable(layer), 0, 0, place->width, place->height);
    gimp_layer_set_offsets(layer, place->offset_x + place->x, place->offset_y + place->y);
    attach_recipe(he_gimp_item(layer), result->recipe);
    return layer;
}

/* A dialog does not keep the user from closing the image, or taking the layer away. */
static gboolean is_still_there(const HeGimpSource *source, GError **error)
{
    if (gimp_image_is_valid(source->image) &&
        (source->layer == HE_GIMP_NONE ||
         gimp_item_is_valid(he_gimp_item(source->layer))))
        return TRUE;
    g_set_error_literal(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        _("The picture that was explained is no longer there."));
    return FALSE;
}

HeGimpLayer *he_gimp_layers_new(const HeGimpSource *source, const HeGimpPlace *place,
                                const HeOutcome *outcome, GError **error)
{
    g_autofree HeGimpLayer *layers = g_new(HeGimpLayer, (gsize)outcome->n_results);

    if (!is_still_there(source, error))
        return NULL;
    for (int i = 0; i < outcome->n_results; i++) {
        layers[i] = layer_new(source, place, &outcome->results[i], error);
        if (layers[i] != HE_GIMP_NONE)
            continue;
        while (i-- > 0)
            gimp_item_delete(he_gimp_item(layers[i]));
        return NULL;
    }
    return g_steal_pointer(&layers);
}

/* ---- the one change of the image ------------------------------------------------------------------- */

typedef struct {
    HeGimpLayer parent; /* 0 or NULL: outside every group */
    gint position;
    HeGimpItem replaced; /* goes; HE_GIMP_NONE: nothing does */
} Spot;

static Spot find_spot(const HeGimpSource *source, gboolean replace)
{
    Spot spot = {.replaced = HE_GIMP_NONE};

    if (source->layer == HE_GIMP_NONE) {
        if (replace)
            spot.replaced = he_gimp_own_result_on_top(source->image);
        return spot;
    }
    spot.parent = he_gimp_parent_layer(he_gimp_item(source->layer));
    spot.position =
        gimp_image_get_item_position(source->image, he_gimp_item(source->layer));
    if (replace)
        spot.replaced =
            he_gimp_own_result_above(source->image, he_gimp_item(source->layer));
    return spot;
}

static HeGimpLayer insert_group(HeGimpImage image, const Spot *spot,
                                const HeOutcome *outcome, const HeGimpLayer *layers)
{
    HeGimpLayer group = he_gimp_group_new(image, outcome->group_name);

    gimp_layer_set_mode(group, GIMP_LAYER_MODE_PASS_THROUGH);
    gimp_image_insert_layer(image, group, spot->parent, spot->position);
    for (int i = 0; i < outcome->n_results; i++)
        gimp_image_insert_layer(image, layers[i], group, i);
    return group;
}

HeGimpLayer he_gimp_layers_insert(const HeGimpSource *source, const HeOutcome *outcome,
                                  const HeGimpLayer *layers, gboolean replace)
{
    const HeGimpImage image = source->image;
    HeGimpChosen *chosen = he_gimp_chosen_new(image);
    const Spot spot = find_spot(source, replace);
    const gboolean has_steps = outcome->n_results > 1 || spot.replaced != HE_GIMP_NONE;
    HeGimpLayer result = layers[0];

    if (has_steps)
        gimp_image_undo_group_start(image);
    if (outcome->n_results > 1)
        result = insert_group(image, &spot, outcome, layers);
    else
        gimp_image_insert_layer(image, result, spot.parent, spot.position);
    if (spot.replaced != HE_GIMP_NONE)
        gimp_image_remove_layer(image, he_gimp_layer(spot.replaced));
    if (has_steps)
        gimp_image_undo_group_end(image);
    he_gimp_chosen_give_back(chosen);
    return result;
}
