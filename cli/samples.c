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
