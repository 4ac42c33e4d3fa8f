/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Guided Backpropagation: g_in = [z > 0] max(g_out, 0) at every ReLU.
 * Springenberg, Dosovitskiy, Brox, Riedmiller 2015, Striving for Simplicity.
 * The map is the gradient with respect to the network's input, [C, H, W], signed. */
#include "methods/method.h"

const HeMethod he_method_guided_backprop = {
    .info =
        {.id = "guided-backprop",
         .title = "Guided Backpropagation",
         .blurb =
             "The gradient with a ReLU applied to it at every ReLU: fine edges that speak for the answer.",
         .paper =
             "Springenberg, Dosovitskiy, Brox, Riedmiller 2015, Striving for Simplicity",
         .caveat =
             "Guided backpropagation shows edges the network can use; it changes little when the class or the weights change (Adebayo et al. 2018).",
         .display = HE_DISPLAY_GUIDED},
    .needs = HE_NEEDS_INPUT_GRADIENT,
    .rule = HE_RULE_GUIDED,
    .map = he_map_from_input_gradient,
};
