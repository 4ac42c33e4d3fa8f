/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a method is: one file, one row in methods.def. It says as data what it needs of the network; the
 * session brings it; the method's function turns it into a signed map. It never sees pixels or colours. */
#ifndef HE_METHODS_METHOD_H
#define HE_METHODS_METHOD_H

#include "graph/grid.h"
#include "methods/session.h"

typedef enum {
    HE_NEEDS_INPUT_GRADIENT = 1 << 0,
    HE_NEEDS_LAYER_GRADIENT = 1 << 1,
    HE_NEEDS_LAYER_VALUE = 1 << 2,
    HE_NEEDS_CAM_HEAD =
        1 << 3 /* the layer is the input of the global pooling, no other */
} HeNeeds;

/* All that an explanation has when its plan has run. */
typedef struct {
    HeSession *session;
    HePlan *plan;
    const HeTarget *target;
    const HeTensor *gradient; /* of the input or the layer; NULL when not needed */
    const HeTensor *value;    /* of the layer; NULL when not needed */
    HeGrid grid;              /* of the layer, when the method takes one */
} HeAnswer;

typedef struct {
    HeMethodInfo info;
    guint needs;
    HeRule rule; /* of the backward pass */
    /* Fills channels, height, width, values, native of OUT. */
    gboolean (*map)(const HeAnswer *answer, HeMap *out, GError **error);
} HeMethod;

/* The row of an id; an error lists the ids there are. */
const HeMethod *he_method_get(const char *id, GError **error);

/* Room for CHANNELS x HEIGHT x WIDTH in OUT; native is values until he_map_rectify, which makes it ReLU
 * of them. */
gboolean he_map_allocate(HeMap *out, gint64 channels, gint64 height, gint64 width,
                         GError **error);
gboolean he_map_rectify(HeMap *out, GError **error);
/* The gradient of the input as it is: what saliency, guided-backprop and deconvnet show. */
gboolean he_map_from_input_gradient(const HeAnswer *answer, HeMap *out, GError **error);

/* The table of display defaults, by kind of map; signed maps: he_display_defaults. A gradient's largest
 * value stands far above the rest (the 99th percentile is about a quarter of it on a photograph), so that
 * divided by it nothing would be seen: gradients of pixels are drawn on the scale of that percentile. */
#define HE_DISPLAY_CAM                                                                   \
    {                                                                                    \
        .gradient = HE_GRADIENT_POSITIVE, .colormap = HE_COLORMAP_TURBO, .opacity = 60,  \
        .blend = HE_BLEND_NORMAL                                                         \
    }
#define HE_DISPLAY_SALIENCY                                                              \
    {                                                                                    \
        .gradient = HE_GRADIENT_ABSOLUTE, .colormap = HE_COLORMAP_INFERNO,               \
        .opacity = 100, .blend = HE_BLEND_SCREEN, .scale = HE_SCALE_PERCENTILE,          \
        .scale_value = 99                                                                \
    }
#define HE_DISPLAY_GUIDED                                                                \
    {                                                                                    \
        .gradient = HE_GRADIENT_POSITIVE, .colormap = HE_COLORMAP_GREY, .opacity = 100,  \
        .blend = HE_BLEND_NORMAL, .scale = HE_SCALE_PERCENTILE, .scale_value = 99        \
    }

#endif
