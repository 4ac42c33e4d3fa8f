/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Tensors to ask a network about. */
#include "cli/samples.h"

#include "cli/npy.h"
#include "core/alloc.h"
#include "core/tensor.h"

gboolean cli_samples_read(const char *path, HeTensor *out, GError **error)
{
    HeTensor stored;
    g_autoptr(CliInput) input = cli_input_open(path, error);
    if (!input || !cli_npy_read(input, &stored, error))
        return FALSE;
    he_tensor_init(out, HE_F32, stored.rank, stored.dim);
    if (stored.rank == 0 || he_tensor_n(&stored) == 0)
        cli_input_error(input, error, "an empty array; expected samples [N, ...]");
    else
        out->data = he_alloc(he_tensor_n(&stored), sizeof(float), input->name, error);
    if (out->data)
        he_tensor_convert(&stored, out);
    he_free(stored.data);
    return out->data != NULL;
}

void cli_samples_get(const HeTensor *x, gint64 i, HeTensor *out)
{
    he_tensor_init(out, HE_F32, x->rank, x->dim);
    out->dim[0] = 1;
    he_tensor_set_contiguous(out);
    out->data = (float *)x->data + (size_t)i * he_tensor_n(out);
}

HeInput *cli_samples_probe(HeSession *session, GError **error)
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
