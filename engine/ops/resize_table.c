/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where the outputs of a resized axis look, and with which weights. Output o stands at input coordinate
 *
 *   half_pixel          (o + 1/2) / scale - 1/2       align_corners   o (in - 1) / (out - 1)
 *   pytorch_half_pixel  the same, 0 for one output    asymmetric      o / scale
 *   half_pixel_symmetric  the same about the middle of in
 *   tf_half_pixel_for_nn  (o + 1/2) / scale
 *   tf_crop_and_resize  from start to end of in - 1
 *
 * Nearest takes one tap; linear two; cubic four, by Keys' kernel: R. Keys 1981, Cubic Convolution
 * Interpolation for Digital Image Processing. With antialias, kernels that shrink the input are stretched by
 * 1 / scale, and their weights made to sum to 1. */
#include <math.h>
#include <string.h>

#include "ops/resize.h"
#include "ops/support.h"

static gboolean read_word(const HeNode *node, const char *name, const char *fallback,
                          const char *const *words, int n, int *out, GError **error)
{
    const char *text;
    if (!he_attr_string(node, name, fallback, &text, error))
        return FALSE;
    for (*out = 0; *out < n; (*out)++)
        if (strcmp(words[*out], text) == 0)
            return TRUE;
    return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "%s is '%s', which is not known", name, text);
}

gboolean he_resize_read(const HeNode *node, HeResize *like, GError **error)
{
    static const char *const modes[] = {"nearest", "linear", "cubic", "bilinear"};
    static const char *const coordinates[] = {
        "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
        "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
    static const char *const roundings[] = {"round_prefer_floor", "round_prefer_ceil",
                                            "floor", "ceil"};
    gboolean is_old = node->opset < 11 || strcmp(node->op->name, "Upsample") == 0;
    int mode, coordinate, rounding;
    gint64 excludes, antialias;
    *like = (HeResize){.in = 1, .out = 1, .scale = 1, .end = 1};
    if (!read_word(node, "mode", "nearest", modes, G_N_ELEMENTS(modes), &mode, error) ||
        !read_word(node, "coordinate_transformation_mode",
                   is_old ? "asymmetric" : "half_pixel", coordinates,
                   G_N_ELEMENTS(coordinates), &coordinate, error) ||
        !read_word(node, "nearest_mode", is_old ? "floor" : "round_prefer_floor",
                   roundings, G_N_ELEMENTS(roundings), &rounding, error) ||
        !he_attr_int(node, "exclude_outside", 0, &excludes, error) ||
        !he_attr_int(node, "antialias", 0, &antialias, error) ||
        !he_attr_float(node, "cubic_coeff_a", -0.75, &like->cubic, error))
        return FALSE;
    like->mode = mode == 3 ? HE_RESIZE_LINEAR : (HeResizeMode)mode;
    like->coordinates = (HeResizeCoordinates)coordinate;
    like->rounding = (HeResizeRounding)rounding;
    like->excludes_outside = excludes != 0;
    like->is_antialiased = antialias != 0;
    return TRUE;
}

gboolean he_resize_is_whole(const HeResize *a)
{
    return a->in == a->out && a->scale >= 1 && a->scale <= 1 &&
           (a->coordinates != HE_RESIZE_CROP || (a->start <= 0 && a->end >= 1));
}

static double position(const HeResize *a, gint64 o)
{
    double in = (double)a->in, out = (double)a->out, at = (double)o;
    double half = (at + 0.5) / a->scale - 0.5;
    switch (a->coordinates) {
    case HE_RESIZE_HALF_PIXEL:
        return half;
    case HE_RESIZE_HALF_PIXEL_SYMMETRIC:
        return in / 2 * (1 - out / (a->scale * in)) + half;
    case HE_RESIZE_PYTORCH_HALF_PIXEL:
        return a->out > 1 ? half : 0;
    case HE_RESIZE_ALIGN_CORNERS:
        return a->out > 1 ? at * (in - 1) / (out - 1) : 0;
    case HE_RESIZE_ASYMMETRIC:
        return at / a->scale;
    case HE_RESIZE_TF_HALF_PIXEL:
        return (at + 0.5) / a->scale;
    default:
        return a->out > 1 ? (a->start + at * (a->end - a->start) / (out - 1)) * (in - 1)
                          : (a->start + a->end) / 2 * (in - 1);
    }
}

gboolean he_resize_is_outside(const HeResize *a, gint64 o)
{
    double at = position(a, o);
    return a->coordinates == HE_RESIZE_CROP && (at < 0 || at > (double)(a->in - 1));
}

static double rounded(HeResizeRounding rounding, double at)
{
    return rounding == HE_RESIZE_PREFER_FLOOR  ? ceil(at - 0.5)
           : rounding == HE_RESIZE_PREFER_CEIL ? floor(at + 0.5)
           : rounding == HE_RESIZE_FLOOR       ? floor(at)
                                               : ceil(at);
}

/* The kernel's weight at distance X: a triangle, or Keys' piecewise cubic. */
static double kernel(const HeResize *a, double x)
{
    if (a->mode == HE_RESIZE_LINEAR)
        return MAX(1 - x, 0);
    return x <= 1  ? ((a->cubic + 2) * x - (a->cubic + 3)) * x * x + 1
           : x < 2 ? a->cubic * (((x - 5) * x + 8) * x - 4)
                   : 0;
}

/* By how much distances shrink when the kernel is as wide as an output is. */
static double squeeze(const HeResize *a)
{
    return a->is_antialiased ? MIN(a->scale, 1) : 1;
}

/* Of the first tap, from the input that stands at or before the output's place. */
static double first_offset(const HeResize *a)
{
    return floor(-(a->mode == HE_RESIZE_LINEAR ? 1 : 2) / squeeze(a)) + 1;
}

gboolean he_resize_count_taps(HeResize *a)
{
    double n = a->mode == HE_RESIZE_NEAREST ? 1 : 2 - 2 * first_offset(a);
    a->n_taps = n <= G_MAXINT32 ? (int)n : 0;
    return a->n_taps > 0;
}

/* The weights of one output, before its taps are brought inside. Returns the first's index. */
static double weigh(const HeResize *a, double at, HeTap *taps)
{
    double base = floor(at), first = first_offset(a), sum = 0;
    taps[0].weight = 1;
    if (a->mode == HE_RESIZE_NEAREST)
        return rounded(a->rounding, at);
    for (int t = 0; t < a->n_taps; t++) {
        taps[t].weight = kernel(a, fabs(base + first + t - at) * squeeze(a));
        sum += taps[t].weight;
    }
    for (int t = 0; a->is_antialiased && t < a->n_taps; t++)
        taps[t].weight /= sum;
    return base + first;
}

/* Brings the taps inside, where those outside stand for the edge or for nothing. */
static void bring_inside(const HeResize *a, double first, HeTap *taps)
{
    double sum = 0, last = (double)(a->in - 1);
    for (int t = 0; t < a->n_taps; t++) {
        double at = first + t;
        if (a->excludes_outside && (at < 0 || at > last))
            taps[t].weight = 0;
        taps[t].at = (gint64)CLAMP(at, 0, last);
        sum += taps[t].weight;
    }
    for (int t = 0; a->excludes_outside && t < a->n_taps; t++)
        taps[t].weight /= sum;
}

void he_resize_fill(const HeResize *a, HeTap *taps)
{
    for (gint64 o = 0; o < a->out; o++, taps += a->n_taps) {
        bring_inside(a, weigh(a, position(a, o), taps), taps);
        for (int t = 0; t < a->n_taps && he_resize_is_outside(a, o); t++)
            taps[t].weight = 0;
    }
}
