/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The tables of every enumeration: value, nick (scripts, options, recipes), label (dialogs). The labels
 * are translated where they are shown; N_ only marks them for xgettext. Blend nicks are GIMP's. */
#include <string.h>

#include "human-eye.h"

#define N_(text) text
#define END                                                                              \
    {                                                                                    \
        0, NULL, NULL                                                                    \
    }

/* clang-format off */
const HeChoice he_fits[] = {
    {HE_FIT_STRETCH, "stretch", N_("Stretch to the network's input")},
    {HE_FIT_CROP, "crop", N_("Cut out the centre")},
    {HE_FIT_PAD, "pad", N_("Fit in, fill the rest")},
    {HE_FIT_ASPECT, "aspect", N_("Keep the shape")},
    END};
const HeChoice he_filters[] = {
    {HE_FILTER_NEAREST, "nearest", N_("Nearest")},
    {HE_FILTER_BILINEAR, "bilinear", N_("Bilinear")},
    {HE_FILTER_BICUBIC, "bicubic", N_("Bicubic")},
    END};
const HeChoice he_encodings[] = {
    {HE_ENCODING_SRGB, "sRGB", N_("sRGB")},
    {HE_ENCODING_LINEAR, "linear", N_("Linear light")},
    {HE_ENCODING_RAW, "raw", N_("Stored numbers")},
    END};
const HeChoice he_greys[] = {
    {HE_GREY_601, "601", N_("Luma, Rec. 601")},
    {HE_GREY_709, "709", N_("Luma, Rec. 709")},
    {HE_GREY_FIRST, "first", N_("First channel")},
    END};
const HeChoice he_layouts[] = {
    {HE_LAYOUT_NCHW, "NCHW", N_("Channels first")},
    {HE_LAYOUT_NHWC, "NHWC", N_("Channels last")},
    END};
const HeChoice he_activations[] = {
    {HE_ACTIVATION_SOFTMAX, "softmax", N_("Softmax")},
    {HE_ACTIVATION_SIGMOID, "sigmoid", N_("Sigmoid")},
    {HE_ACTIVATION_NONE, "none", N_("None")},
    END};
const HeChoice he_gradients[] = {
    {HE_GRADIENT_POSITIVE, "positive", N_("Positive")},
    {HE_GRADIENT_NEGATIVE, "negative", N_("Negative")},
    {HE_GRADIENT_ABSOLUTE, "absolute", N_("Absolute")},
    {HE_GRADIENT_SIGNED, "signed", N_("Signed")},
    END};
const HeChoice he_rules[] = {
    {HE_RULE_PLAIN, "plain", N_("Plain gradient")},
    {HE_RULE_GUIDED, "guided", N_("Guided backpropagation")},
    {HE_RULE_DECONV, "deconv", N_("Deconvolution")},
    END};
const HeChoice he_precisions[] = {
    {HE_PRECISION_SINGLE, "single", N_("Single")},
    {HE_PRECISION_DOUBLE, "double", N_("Double")},
    END};
const HeChoice he_colormaps[] = {
    {HE_COLORMAP_JET, "jet", N_("Jet")},
    {HE_COLORMAP_TURBO, "turbo", N_("Turbo")},
    {HE_COLORMAP_VIRIDIS, "viridis", N_("Viridis")},
    {HE_COLORMAP_INFERNO, "inferno", N_("Inferno")},
    {HE_COLORMAP_GREY, "grey", N_("Grey")},
    {HE_COLORMAP_DIVERGING, "diverging", N_("Diverging")},
    END};
const HeChoice he_blends[] = {
    {HE_BLEND_NORMAL, "normal", N_("Normal")},
    {HE_BLEND_MULTIPLY, "multiply", N_("Multiply")},
    {HE_BLEND_SCREEN, "screen", N_("Screen")},
    {HE_BLEND_OVERLAY, "overlay", N_("Overlay")},
    {HE_BLEND_SOFTLIGHT, "softlight", N_("Soft light")},
    {HE_BLEND_HARDLIGHT, "hardlight", N_("Hard light")},
    {HE_BLEND_ADDITION, "addition", N_("Addition")},
    {HE_BLEND_SUBTRACT, "subtract", N_("Subtract")},
    {HE_BLEND_DIFFERENCE, "difference", N_("Difference")},
    {HE_BLEND_DARKEN_ONLY, "darken-only", N_("Darken only")},
    {HE_BLEND_LIGHTEN_ONLY, "lighten-only", N_("Lighten only")},
    {HE_BLEND_GRAIN_MERGE, "grain-merge", N_("Grain merge")},
    {HE_BLEND_GRAIN_EXTRACT, "grain-extract", N_("Grain extract")},
    {HE_BLEND_DODGE, "dodge", N_("Dodge")},
    {HE_BLEND_BURN, "burn", N_("Burn")},
    END};
const HeChoice he_alphas[] = {
    {HE_ALPHA_MAP, "map", N_("As strong as the map")},
    {HE_ALPHA_FULL, "full", N_("Even")},
    END};
const HeChoice he_scales[] = {
    {HE_SCALE_MAX, "max", N_("Largest value")},
    {HE_SCALE_PERCENTILE, "percentile", N_("Percentile")},
    {HE_SCALE_FIXED, "fixed", N_("Fixed value")},
    END};
/* clang-format on */

const HeChoice *he_choice_find(const HeChoice *choices, const char *nick)
{
    for (; choices->nick != NULL; choices++)
        if (nick != NULL && strcmp(choices->nick, nick) == 0)
            return choices;
    return NULL;
}

const HeChoice *he_choice_get(const HeChoice *choices, int value)
{
    for (; choices->nick != NULL; choices++)
        if (choices->value == value)
            return choices;
    return NULL;
}

char *he_choice_list(const HeChoice *choices)
{
    GString *list = g_string_new(NULL);
    for (; choices->nick != NULL; choices++)
        g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", choices->nick);
    return g_string_free(list, FALSE);
}
