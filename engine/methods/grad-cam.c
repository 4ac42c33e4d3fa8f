/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Grad-CAM: M = sum_k w_k A_k, w_k the mean over positions of dF_Y / dA_k; the map is ReLU(M).
 * Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, Grad-CAM, eq. 1 and 2.
 * On tokens the means are taken over those that are places of the picture: class tokens have no part in it.
 * `values` is M, signed, so that the types of gradient have both signs; `native` is ReLU(M). */
#include "methods/method.h"

/* values[p] = sum over k of mean(G_k) A_k[p], in the order of k. */
static void weigh(const double *a, const double *g, size_t channels, size_t n,
                  double *sum, float *values)
{
    for (size_t k = 0; k < channels; k++, a += n, g += n) {
        double mean = 0;
        for (size_t p = 0; p < n; p++)
            mean += g[p];
        mean /= (double)n;
        for (size_t p = 0; p < n; p++)
            sum[p] += mean * a[p];
    }
    for (size_t p = 0; p < n; p++)
        values[p] = (float)sum[p];
}

static gboolean map(const HeAnswer *answer, HeMap *out, GError **error)
{
    const HeGrid *grid = &answer->grid;
    double *a = he_grid_values(grid, answer->value, error);
    double *g = a ? he_grid_values(grid, answer->gradient, error) : NULL;
    gboolean good = g && he_map_allocate(out, 1, grid->height, grid->width, error);
    size_t n = good ? (size_t)(grid->height * grid->width) : 0;
    double *sum = good ? he_alloc0(n, sizeof *sum, "the map", error) : NULL;
    if (sum)
        weigh(a, g, (size_t)grid->channels, n, sum, out->values);
    good = sum && he_map_rectify(out, error);
    he_free(a);
    he_free(g);
    he_free(sum);
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
