/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* CAM: the head without its global average pooling, at every position: M = sum_c w_cY H_c, where H is A
 * for a head of one linear layer, and for k > 1 the hidden layers' output at that position, with their
 * bias and activation. The last bias is left out. Without a linear layer the map is channel Y of A.
 * Zhou, Khosla, Lapedriza, Oliva, Torralba 2016, Learning Deep Features for Discriminative
 * Localization, eq. 2 (k = 1). Signed; no ReLU. */
#include <string.h>

#include "methods/method.h"
#include "methods/planes.h"

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
            good = he_cam_head_row(answer->session->survey, head, term->index, n, row,
                                   error);
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

/* Position after position: the features of A, of the type that the chain takes; he_free. */
static void *by_position(const HePlanes *a, HeType type, GError **error)
{
    size_t n = he_planes_size(a), features = (size_t)a->grid.channels;
    double *plane = he_alloc(n, sizeof *plane, "the head's values", error);
    void *x = plane
                  ? he_alloc(n * features, he_type_size(type), "the head's values", error)
                  : NULL;
    for (size_t f = 0; x && f < features; f++) {
        he_planes_read(a, (gint64)f, plane);
        for (size_t p = 0; p < n; p++)
            if (type == HE_F64)
                ((double *)x)[p * features + f] = plane[p];
            else
                ((float *)x)[p * features + f] = (float)plane[p];
    }
    he_free(plane);
    return x;
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

/* Replaces A by what the hidden layers make of it at every position. */
static gboolean hide(HePlan *plan, const HeCamHead *head, HePlanes *a, GError **error)
{
    const HeTensor *last = he_plan_get_node(plan, head->chain[head->n_chain - 1])->out[0];
    gint64 n_out = (gint64)he_tensor_n(last), n = (gint64)he_planes_size(a);
    void *x = by_position(a, last->type, error);
    x = apply_chain(plan, head, (size_t)n, x, error);
    he_planes_clear(a);
    he_tensor_init(&a->t, last->type, 2, (gint64[]){n, n_out});
    a->t.data = a->owned = x;
    a->grid = (HeGrid){.channels = n_out,
                       .height = a->grid.height,
                       .width = a->grid.width,
                       .channel_stride = 1,
                       .y_stride = a->grid.width * n_out,
                       .x_stride = n_out};
    return x != NULL;
}

static gboolean map_of_head(const HeAnswer *answer, const HeCamHead *head, HeMap *out,
                            GError **error)
{
    HePlanes a = {0};
    gboolean good =
        he_planes_init(&a, &answer->grid, answer->value, error) &&
        (head->n_chain == 0 || hide(answer->session->survey, head, &a, error));
    double *weights =
        good ? row_of_target(answer, head, (size_t)a.grid.channels, error) : NULL;
    good = weights && he_planes_weigh(&a, weights, out, error);
    he_free(weights);
    he_planes_clear(&a);
    return good;
}

static gboolean map(const HeAnswer *answer, HeMap *out, GError **error)
{
    HeCamHead head = {0};
    g_autofree char *reason =
        he_cam_head_find(answer->session->survey, answer->session->logits, &head);
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
