/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An input that only takes a network's time. */
#include "plugin/core/probe.h"

#include "core/alloc.h"
#include "core/tensor.h"

HeInput *he_probe_new(HeSession *session, GError **error)
{
    HeModel *model = he_session_get_model(session);
    const HeDescriptor *d = he_model_get_descriptor(model);
    gboolean is_nchw = d->layout == HE_LAYOUT_NCHW;
    const gint64 dim[4] = {1, is_nchw ? d->n_channels : d->height,
                           is_nchw ? d->height : d->width,
                           is_nchw ? d->width : d->n_channels};
    HeTensor x;
    he_tensor_init(&x, HE_F32, 4, dim);
    float *values = he_alloc(he_tensor_n(&x), sizeof(float), "the input", error);
    if (!values)
        return NULL;
    guint32 state = 1;
    for (size_t i = 0; i < he_tensor_n(&x); i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) / 8388608.0f - 1;
    }
    x.data = values;
    HeInput *input = he_input_new_raw(model, &x, error);
    he_free(values);
    return input;
}
