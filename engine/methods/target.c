/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Targets: F_Y = sum of weight times value. */
#include <math.h>

#include "methods/session.h"

void he_target_add(HeTarget *target, const char *tensor, gint64 index, double weight)
{
    int n = target->n_terms;
    target->terms = g_renew(HeTerm, target->terms, n + 1);
    target->terms[n] = (HeTerm){g_strdup(tensor), index, weight};
    target->n_terms = n + 1;
}

void he_target_clear(HeTarget *target)
{
    for (int i = 0; i < target->n_terms; i++)
        g_free(target->terms[i].tensor);
    g_clear_pointer(&target->terms, g_free);
    target->n_terms = 0;
}

gboolean he_target_class(const HeModel *model, int class_index, double weight,
                         HeTarget *out, GError **error)
{
    int n = he_model_get_n_classes(model);
    if (class_index < 0 || (n > 0 && class_index >= n)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "class %d: the network has classes 0 to %d", class_index, n - 1);
        return FALSE;
    }
    gboolean is_negative = model->n_outputs == 1 && class_index == 1;
    he_target_add(out, NULL, is_negative ? 0 : class_index,
                  is_negative ? -weight : weight);
    return TRUE;
}

/* Position of the largest value of a channel; the first on ties. */
static gint64 find_largest(const HeTensor *t, gint64 first, gint64 n)
{
    gint64 best = first;
    for (gint64 i = first; i < first + n; i++)
        if (he_tensor_get_double(t, (size_t)i) > he_tensor_get_double(t, (size_t)best))
            best = i;
    return best;
}

gboolean he_target_channel(HeSession *session, const HeInput *input, const char *tensor,
                           gint64 channel, gint64 y, gint64 x, HeTarget *out,
                           GError **error)
{
    g_autofree char *name = he_session_find_layer(session, tensor, error);
    if (!name)
        return FALSE;
    HeWants wants = {.values = {name}};
    HePlan *plan = he_session_run(session, input, &wants, NULL, error);
    const HeTensor *t = plan ? he_plan_get_value(plan, name) : NULL;
    if (!t)
        return FALSE;
    gint64 n_channels = t->rank > 1 ? t->dim[1] : 1;
    gint64 width = t->rank > 3 ? t->dim[3] : 1;
    gint64 height = t->rank > 2 ? t->dim[2] : 1;
    if (t->rank < 2 || t->rank > 4 || channel < 0 || channel >= n_channels ||
        (y >= 0 && (y >= height || x < 0 || x >= width))) {
        g_autofree char *shape = he_tensor_shape_text(t);
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "channel %" G_GINT64_FORMAT " at %" G_GINT64_FORMAT
                    ",%" G_GINT64_FORMAT " is outside tensor '%s' %s",
                    channel, y, x, name, shape);
        return FALSE;
    }
    gint64 first = channel * height * width;
    if (y >= 0)
        he_target_add(out, name, first + y * width + x, 1);
    else if (y == -2)
        he_target_add(out, name, find_largest(t, first, height * width), 1);
    else
        for (gint64 i = 0; i < height * width; i++)
            he_target_add(out, name, first + i, 1);
    return TRUE;
}
