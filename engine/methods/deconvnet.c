/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Deconvnet: g_in = max(g_out, 0) at every ReLU.
 * Zeiler, Fergus 2014, Visualizing and Understanding Convolutional Networks.
 * The map is the gradient with respect to the network's input, [C, H, W], signed. */
#include "methods/method.h"

const HeMethod he_method_deconvnet = {
    .info =
        {.id = "deconvnet",
         .title = "Deconvnet",
         .blurb =
             "The gradient with a ReLU applied to it at every ReLU instead of the network's own gates.",
         .paper =
             "Zeiler, Fergus 2014, Visualizing and Understanding Convolutional Networks",
         .display = HE_DISPLAY_GUIDED},
    .needs = HE_NEEDS_INPUT_GRADIENT,
    .rule = HE_RULE_DECONV,
    .map = he_map_from_input_gradient,
};
