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
 * Interpolation for Digital Image Processing. */
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
    static const int n_taps[] = {1, 2, 4};
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
    if (antialias)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "resizes with antialias, which is not supported");
    like->mode = mode == 3 ? HE_RESIZE_LINEAR : (HeResizeMode)mode;
    like->coordinates = (HeResizeCoordinates)coordinate;
    like->rounding = (HeResizeRounding)rounding;
    like->excludes_outside = excludes != 0;
    like->n_taps = n_taps[like->mode];
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

/* Keys' kernel at distances 1 + t, t, 1 - t, 2 - t. */
static void cubic_weights(double a, double t, double *w)
{
    double u = 1 - t;
    w[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
    w[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    w[2] = ((a + 2) * u - (a + 3)) * u * u + 1;
    w[3] = ((a * (u + 1) - 5 * a) * (u + 1) + 8 * a) * (u + 1) - 4 * a;
}

/* The taps of one output, before they are brought inside. Returns the first's index. */
static double weigh(const HeResize *a, double at, double *w)
{
    double base = floor(at);
    w[0] = 1;
    if (a->mode == HE_RESIZE_NEAREST)
        return rounded(a->rounding, at);
    w[1] = at - base;
    if (a->mode == HE_RESIZE_LINEAR) {
        w[0] = 1 - w[1];
        return base;
    }
    cubic_weights(a->cubic, at - base, w);
    return base - 1;
}

void he_resize_fill(const HeResize *a, HeTap *taps)
{
    for (gint64 o = 0; o < a->out; o++, taps += a->n_taps) {
        double w[4] = {0}, sum = 0, last = (double)(a->in - 1);
        double first = weigh(a, position(a, o), w);
        for (int t = 0; t < a->n_taps; t++) {
            double at = first + t;
            if (a->excludes_outside && (at < 0 || at > last))
                w[t] = 0;
            taps[t].at = (gint64)CLAMP(at, 0, last);
            sum += w[t];
        }
        for (int t = 0; t < a->n_taps; t++)
            taps[t].weight = a->excludes_outside ? w[t] / sum : w[t];
    }
}
