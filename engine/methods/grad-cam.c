/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Grad-CAM: M = sum_k w_k A_k, w_k the mean over positions of dF_Y / dA_k; the map is ReLU(M).
 * Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, Grad-CAM, eq. 1 and 2.
 * On tokens the means are taken over those that are places of the picture: class tokens have no part in it.
 * `values` is M, signed, so that the types of gradient have both signs; `native` is ReLU(M). */
#include "methods/method.h"
#include "methods/planes.h"

/* The mean over places of each channel. */
static double *means(const HePlanes *g, GError **error)
{
    size_t n = he_planes_size(g), channels = (size_t)g->grid.channels;
    double *mean = he_alloc0(channels, sizeof *mean, "the layer's gradient", error);
    double *plane =
        mean ? he_alloc(n, sizeof *plane, "the layer's gradient", error) : NULL;
    if (!plane) {
        he_free(mean);
        return NULL;
    }
    for (size_t k = 0; k < channels; k++) {
        he_planes_read(g, (gint64)k, plane);
        for (size_t p = 0; p < n; p++)
            mean[k] += plane[p];
        mean[k] /= (double)n;
    }
    he_free(plane);
    return mean;
}

static gboolean map(const HeAnswer *answer, HeMap *out, GError **error)
{
    HePlanes a = {0}, g = {0};
    gboolean good = he_planes_init(&a, &answer->grid, answer->value, error) &&
                    he_planes_init(&g, &answer->grid, answer->gradient, error);
    double *weights = good ? means(&g, error) : NULL;
    good =
        weights && he_planes_weigh(&a, weights, out, error) && he_map_rectify(out, error);
    he_free(weights);
    he_planes_clear(&g);
    he_planes_clear(&a);
    return good;
}

const HeMethod he_method_grad_cam = {
    .info =
        {.id = "grad-cam",
         .title = "Grad-CAM",
         .blurb =
             "Which parts of a layer's feature maps speak for the answer, for any network "
             "and any layer.",
         .paper =
             "Selvaraju et al. 2017, Grad-CAM: Visual Explanations from Deep Networks",
         .takes_layer = TRUE,
         .display = HE_DISPLAY_CAM},
    .needs = HE_NEEDS_LAYER_VALUE | HE_NEEDS_LAYER_GRADIENT,
    .rule = HE_RULE_PLAIN,
    .map = map,
};
