/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Saliency: S = dF_Y / dX.
 * Simonyan, Vedaldi, Zisserman 2014, Deep Inside Convolutional Networks.
 * The map is the gradient with respect to the network's input, [C, H, W], signed. */
#include "methods/method.h"

const HeMethod he_method_saliency = {
    .info =
        {.id = "saliency",
         .title = "Saliency",
         .blurb =
             "How much the answer changes with each pixel: the gradient of the score.",
         .paper = "Simonyan, Vedaldi, Zisserman 2014, Deep Inside Convolutional Networks",
         .display = HE_DISPLAY_SALIENCY},
    .needs = HE_NEEDS_INPUT_GRADIENT,
    .rule = HE_RULE_PLAIN,
    .map = he_map_from_input_gradient,
};
