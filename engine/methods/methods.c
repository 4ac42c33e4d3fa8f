/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The list of methods, their display defaults, and what they share. */
#include <string.h>

#include "methods/method.h"

#define HE_METHOD(symbol) extern const HeMethod he_method_##symbol;
#include "methods/methods.def"
#undef HE_METHOD

static const HeMethod *const rows[] = {
#define HE_METHOD(symbol) &he_method_##symbol,
#include "methods/methods.def"
#undef HE_METHOD
};

const HeMethodInfo *he_methods_list(int *n_methods)
{
    static HeMethodInfo infos[G_N_ELEMENTS(rows)];
    static gsize is_ready = 0;
    if (g_once_init_enter(&is_ready)) {
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
            infos[i] = rows[i]->info;
        g_once_init_leave(&is_ready, 1);
    }
    *n_methods = G_N_ELEMENTS(rows);
    return infos;
}

const HeMethod *he_method_get(const char *id, GError **error)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_strcmp0(rows[i]->info.id, id) == 0)
            return rows[i];
        g_string_append_printf(ids, "%s%s", i ? ", " : "", rows[i]->info.id);
    }
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "there is no method '%s'; there are %s", id ? id : "", ids->str);
    return NULL;
}

const HeMethodInfo *he_method_find(const char *id, GError **error)
{
    const HeMethod *method = he_method_get(id, error);
    return method ? &method->info : NULL;
}

char *he_method_refusal(HeSession *session, const char *id)
{
    g_autoptr(GError) error = NULL;
    const HeMethod *method = he_method_get(id, &error);
    if (!method)
        return g_strdup(error->message);
    if (method->needs & HE_NEEDS_CAM_HEAD)
        return g_strdup(session->cam_refusal);
    if (method->info.takes_layer && !session->default_layer)
        return g_strdup("the network has no layer with a height and a width");
    return NULL;
}

HeDisplay he_display_defaults(const HeMethodInfo *method, int gradient)
{
    HeDisplay display = method->display;
    if (gradient < 0)
        return display;
    display.gradient = (HeGradient)gradient;
    if (display.gradient == HE_GRADIENT_SIGNED) {
        display.colormap = HE_COLORMAP_DIVERGING;
        display.opacity = 80;
        display.blend = HE_BLEND_NORMAL;
    }
    return display;
}

/* ---- maps ------------------------------------------------------------------------------------------- */

gboolean he_map_allocate(HeMap *out, gint64 channels, gint64 height, gint64 width,
                         GError **error)
{
    size_t n;
    if (channels < 1 || height < 1 || width < 1 || channels > G_MAXINT ||
        height > G_MAXINT || width > G_MAXINT ||
        !he_size_mul((size_t)channels, (size_t)height, &n) ||
        !he_size_mul(n, (size_t)width, &n)) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "a map of %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                    " x %" G_GINT64_FORMAT " values cannot be drawn",
                    channels, height, width);
        return FALSE;
    }
    out->values = he_alloc(n, sizeof(float), "the map", error);
    if (!out->values)
        return FALSE;
    out->native = out->values;
    out->channels = (int)channels;
    out->height = (int)height;
    out->width = (int)width;
    return TRUE;
}

gboolean he_map_rectify(HeMap *out, GError **error)
{
    size_t n = (size_t)out->channels * (size_t)out->height * (size_t)out->width;
    float *native = he_alloc(n, sizeof(float), "the map", error);
    if (!native)
        return FALSE;
    for (size_t i = 0; i < n; i++)
        native[i] = MAX(out->values[i], 0.0f);
    out->native = native;
    return TRUE;
}

gboolean he_map_from_input_gradient(const HeAnswer *answer, HeMap *out, GError **error)
{
    HeTensor from = *answer->gradient, to;
    if (from.rank != 4 || from.dim[0] != 1) {
        g_autofree char *shape = he_tensor_shape_text(&from);
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "the network's input is %s, expected one picture of four axes",
                    shape);
        return FALSE;
    }
    if (answer->session->model->descriptor.layout == HE_LAYOUT_NHWC) {
        /* Seen as NCHW: the same numbers, other strides. */
        const gint64 dim[] = {from.dim[0], from.dim[3], from.dim[1], from.dim[2]};
        const gint64 stride[] = {from.stride[0], from.stride[3], from.stride[1],
                                 from.stride[2]};
        memcpy(from.dim, dim, sizeof dim);
        memcpy(from.stride, stride, sizeof stride);
    }
    if (!he_map_allocate(out, from.dim[1], from.dim[2], from.dim[3], error))
        return FALSE;
    he_tensor_init(&to, HE_F32, 4, from.dim);
    to.data = out->values;
    he_tensor_convert(&from, &to);
    return TRUE;
}
