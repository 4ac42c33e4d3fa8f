/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Targets: F_Y = sum of weight times value. */
#include <math.h>

#include "graph/grid.h"
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

/* The grid of a tensor; one of a class each, [1, K], is K channels of one place. */
static gboolean find_grid(const HePlan *plan, const char *name, const HeTensor *t,
                          HeGrid *out)
{
    if (he_plan_find_grid(plan, name, out))
        return TRUE;
    *out = (HeGrid){.channels = t->rank ? t->dim[t->rank - 1] : 0,
                    .height = 1,
                    .width = 1,
                    .channel_stride = 1};
    return (gint64)he_tensor_n(t) == out->channels;
}

static gint64 element(const HeGrid *grid, gint64 channel, gint64 y, gint64 x)
{
    return grid->offset + channel * grid->channel_stride + y * grid->y_stride +
           x * grid->x_stride;
}

/* Adds the largest value of a channel, the first on ties. */
static void add_largest(HeTarget *out, const char *name, const HeTensor *t,
                        const HeGrid *grid, gint64 channel)
{
    gint64 best = element(grid, channel, 0, 0);
    for (gint64 y = 0; y < grid->height; y++)
        for (gint64 x = 0; x < grid->width; x++) {
            gint64 i = element(grid, channel, y, x);
            if (he_tensor_get_double(t, (size_t)i) >
                he_tensor_get_double(t, (size_t)best))
                best = i;
        }
    he_target_add(out, name, best, 1);
}

gboolean he_target_channel(HeSession *session, const HeInput *input, const char *tensor,
                           gint64 channel, gint64 y, gint64 x, HeTarget *out,
                           GError **error)
{
    g_autofree char *name = he_session_find_layer(session, tensor, error);
    HeGrid grid;
    if (!name)
        return FALSE;
    HeWants wants = {.values = {name}};
    HePlan *plan = he_session_run(session, input, &wants, NULL, error);
    const HeTensor *t = plan ? he_plan_get_value(plan, name) : NULL;
    if (!t)
        return FALSE;
    if (!find_grid(plan, name, t, &grid) || channel < 0 || channel >= grid.channels ||
        (y >= 0 && (y >= grid.height || x < 0 || x >= grid.width))) {
        g_autofree char *shape = he_tensor_shape_text(t);
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "channel %" G_GINT64_FORMAT " at %" G_GINT64_FORMAT
                    ",%" G_GINT64_FORMAT " is outside tensor '%s' %s",
                    channel, y, x, name, shape);
        return FALSE;
    }
    if (y >= 0)
        he_target_add(out, name, element(&grid, channel, y, x), 1);
    else if (y == -2)
        add_largest(out, name, t, &grid, channel);
    else
        for (gint64 row = 0; row < grid.height; row++)
            for (gint64 column = 0; column < grid.width; column++)
                he_target_add(out, name, element(&grid, channel, row, column), 1);
    return TRUE;
}
