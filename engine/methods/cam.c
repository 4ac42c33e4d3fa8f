/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* CAM: the head without its global average pooling, at every position: M = sum_c w_cY H_c, where H is A
 * for a head of one linear layer, and for k > 1 the hidden layers' output at that position, with their
 * bias and activation. The last bias is left out. Without a linear layer the map is channel Y of A.
 * Zhou, Khosla, Lapedriza, Oliva, Torralba 2016, Learning Deep Features for Discriminative
 * Localization, eq. 2 (k = 1). Signed; no ReLU. */
#include <string.h>

#include "methods/method.h"

/* weights[f] = sum over the target's terms of weight * row(index). */
static double *row_of_target(const HeAnswer *answer, const HeCamHead *head, size_t n,
                             GError **error)
{
    double *weights = he_alloc0(n, sizeof *weights, "the head's weights", error);
    double *row = weights ? he_alloc(n, sizeof *row, "the head's weights", error) : NULL;
    gboolean good = row != NULL;
    for (int i = 0; good && i < answer->target->n_terms; i++) {
        const HeTerm *term = &answer->target->terms[i];
        if (!g_str_equal(term->tensor, answer->session->logits)) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "CAM explains classes, not tensor '%s'; Grad-CAM explains both",
                        term->tensor);
            good = FALSE;
        } else if (head->last >= 0) {
            good = he_cam_head_row(answer->plan, head, term->index, n, row, error);
        } else {
            memset(row, 0, n * sizeof *row);
            row[term->index] = 1;
        }
        for (size_t f = 0; good && f < n; f++)
            weights[f] += term->weight * row[f];
    }
    he_free(row);
    if (!good)
        g_clear_pointer(&weights, he_free);
    return weights;
}

/* values[p] = sum over f of weights[f] * h[f][p], in the order of f. */
static void weigh(const double *h, const double *weights, size_t features, size_t n,
                  double *sum, float *values)
{
    for (size_t f = 0; f < features; f++, h += n)
        for (size_t p = 0; p < n; p++)
            sum[p] += weights[f] * h[p];
    for (size_t p = 0; p < n; p++)
        values[p] = (float)sum[p];
}

static void transpose(const double *from, size_t rows, size_t columns, double *to)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            to[c * rows + r] = from[r * columns + c];
}

static void *convert(const void *from, HeType from_type, HeType to_type, size_t n,
                     GError **error)
{
    const gint64 dim = (gint64)n;
    HeTensor a, b;
    he_tensor_init(&a, from_type, 1, &dim);
    he_tensor_init(&b, to_type, 1, &dim);
    a.data = (void *)(guintptr)from;
    b.data = he_alloc(n, he_type_size(to_type), "the head's values", error);
    if (b.data)
        he_tensor_convert(&a, &b);
    return b.data;
}

/* X of the plan's real type, N positions of the chain's input: run through the chain; X is freed. */
static void *apply_chain(HePlan *plan, const HeCamHead *head, size_t n, void *x,
                         GError **error)
{
    for (int i = 0; x && i < head->n_chain; i++) {
        const HeTensor *out = he_plan_get_node(plan, head->chain[i])->out[0];
        void *y = he_alloc(n, he_tensor_bytes(out), "the head's values", error);
        if (y && !he_plan_apply(plan, head->chain[i], n, x, y, error))
            g_clear_pointer(&y, he_free);
        he_free(x);
        x = y;
    }
    return x;
}

/* Replaces H [*FEATURES, n] by what the hidden layers make of it at every position. */
static double *hidden(HePlan *plan, const HeCamHead *head, double *h, size_t *features,
                      size_t n, GError **error)
{
    const HeTensor *last = he_plan_get_node(plan, head->chain[head->n_chain - 1])->out[0];
    size_t n_in = *features, n_out = he_tensor_n(last);
    double *turned = he_alloc(n_in * n, sizeof(double), "the head's values", error);
    if (turned)
        transpose(h, n_in, n, turned);
    he_free(h);
    void *x = turned ? convert(turned, HE_F64, last->type, n_in * n, error) : NULL;
    he_free(turned);
    x = apply_chain(plan, head, n, x, error);
    double *y = x ? convert(x, last->type, HE_F64, n_out * n, error) : NULL;
    he_free(x);
    double *result =
        y ? he_alloc(n_out * n, sizeof(double), "the head's values", error) : NULL;
    if (result)
        transpose(y, n, n_out, result);
    he_free(y);
    *features = n_out;
    return result;
}

static gboolean map_of_head(const HeAnswer *answer, const HeCamHead *head, HeMap *out,
                            GError **error)
{
    const HeGrid *grid = &answer->grid;
    double *h = he_grid_values(grid, answer->value, error);
    size_t n = h ? (size_t)(grid->height * grid->width) : 0,
           features = h ? (size_t)grid->channels : 0;
    if (h && head->last >= 0 && head->n_chain > 0)
        h = hidden(answer->plan, head, h, &features, n, error);
    double *weights = h ? row_of_target(answer, head, features, error) : NULL;
    double *sum = weights ? he_alloc0(n, sizeof *sum, "the map", error) : NULL;
    gboolean good = sum && he_map_allocate(out, 1, grid->height, grid->width, error);
    if (good)
        weigh(h, weights, features, n, sum, out->values);
    he_free(h);
    he_free(weights);
    he_free(sum);
    return good;
}

static gboolean map(const HeAnswer *answer, HeMap *out, GError **error)
{
    HeCamHead head = {0};
    g_autofree char *reason =
        he_cam_head_find(answer->plan, answer->session->logits, &head);
    if (reason) {
        g_set_error_literal(error, HE_ERROR, HE_ERROR_UNSUPPORTED, reason);
        return FALSE;
    }
    gboolean good = map_of_head(answer, &head, out, error);
    he_cam_head_clear(&head);
    return good;
}

const HeMethod he_method_cam = {
    .info =
        {.id = "cam",
         .title = "CAM",
         .blurb =
             "Where the network found the class: its last feature maps, weighed as its last "
             "layer weighs them.",
         .paper =
             "Zhou et al. 2016, Learning Deep Features for Discriminative Localization",
         .takes_layer = TRUE,
         .display = HE_DISPLAY_CAM},
    .needs = HE_NEEDS_LAYER_VALUE | HE_NEEDS_CAM_HEAD,
    .rule = HE_RULE_PLAIN,
    .map = map,
};
