/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_input_new_raw: a tensor that was made elsewhere, checked against what the network takes. */
#include <string.h>

#include "core/limits.h"
#include "core/tensor.h"
#include "image/input.h"

static gboolean refuse_raw(const HeTensor *x, const char *why, GError **error)
{
    g_autofree char *shape = he_tensor_shape_text(x);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "a raw input of %s %s: %s",
                he_type_name(x->type), shape, why);
    return FALSE;
}

static gboolean check_raw(const HeDescriptor *d, const HeTensor *x, GError **error)
{
    size_t n;
    if (x->type != HE_F32 || !x->data || !he_tensor_is_contiguous(x) ||
        !he_tensor_check_size(x, &n))
        return refuse_raw(x, "contiguous float numbers were expected", error);
    if (x->rank < 1 || x->dim[0] != 1)
        return refuse_raw(x, "one sample was expected, [1, ...]", error);
    if (!he_row_is_finite(x->data, n)) {
        g_set_error(error, HE_ERROR, HE_ERROR_NUMERIC,
                    "the raw input holds NaN or infinity");
        return FALSE;
    }
    if (x->rank != 4)
        return TRUE; /* the plan compares it with the graph */
    gboolean is_nchw = d->layout == HE_LAYOUT_NCHW;
    gint64 c = x->dim[is_nchw ? 1 : 3], h = x->dim[is_nchw ? 2 : 1],
           w = x->dim[is_nchw ? 3 : 2];
    gboolean is_size_good = d->is_size_free
                                ? h >= 1 && w >= 1 && h <= HE_MAX_SIDE && w <= HE_MAX_SIDE
                                : h == d->height && w == d->width;
    if (c == d->n_channels && is_size_good)
        return TRUE;
    g_autofree char *why =
        g_strdup_printf("the network takes %d channel%s of %d x %d%s (%s)", d->n_channels,
                        d->n_channels == 1 ? "" : "s", d->height, d->width,
                        d->is_size_free ? " or any size" : "", is_nchw ? "NCHW" : "NHWC");
    return refuse_raw(x, why, error);
}

/* The view of a tensor that is its own picture. */
static HeView own_view(const HeDescriptor *d, const HeTensor *x)
{
    gboolean is_nchw = d->layout == HE_LAYOUT_NCHW, is_picture = x->rank == 4;
    int h = is_picture ? (int)x->dim[is_nchw ? 2 : 1] : 1;
    int w = is_picture ? (int)x->dim[is_nchw ? 3 : 2] : 1;
    return (HeView){.w = w,
                    .h = h,
                    .fit = HE_FIT_STRETCH,
                    .filter = HE_FILTER_NEAREST,
                    .tensor_w = w,
                    .tensor_h = h,
                    .scale_x = 1,
                    .scale_y = 1,
                    .source_w = w,
                    .source_h = h};
}

HeInput *he_input_new_raw(const HeModel *model, const HeTensor *x, GError **error)
{
    const HeDescriptor *d = he_model_get_descriptor(model);
    g_autoptr(HeInput) input = g_new0(HeInput, 1);
    if (!check_raw(d, x, error) || !he_input_alloc(input, x->rank, x->dim, error))
        return NULL;
    memcpy(input->tensor.data, x->data, he_tensor_bytes(x));
    input->view = own_view(d, x);
    return g_steal_pointer(&input);
}
