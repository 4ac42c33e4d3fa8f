/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A .npy of [H, W] or [H, W, C] as a picture: bands of numbers in the type they are stored in, that of the
 * largest integer (or 1) being full white. */
#include "cli/npy.h"
#include "core/alloc.h"
#include "core/limits.h"
#include "core/tensor.h"

typedef struct {
    CliPicture base;
    HeTensor tensor; /* contiguous */
} NpyPicture;

static double full_scale_of(HeType type)
{
    switch (type) {
    case HE_I8:
        return G_MAXINT8;
    case HE_U8:
        return G_MAXUINT8;
    case HE_I16:
        return G_MAXINT16;
    case HE_U16:
        return G_MAXUINT16;
    case HE_I32:
        return G_MAXINT32;
    case HE_U32:
        return G_MAXUINT32;
    case HE_I64:
        return (double)G_MAXINT64;
    case HE_U64:
        return (double)G_MAXUINT64;
    default:
        return 1; /* floats and bool */
    }
}

static gboolean npy_picture_read_rows(HeSource *source, HeEncoding encoding, int y, int n,
                                      float *out, GError **error)
{
    NpyPicture *self = (NpyPicture *)source;
    size_t row = (size_t)source->width * (size_t)source->channels;
    HeTensor part, floats;
    gint64 count = (gint64)((size_t)n * row);
    (void)error;

    he_tensor_init(&part, self->tensor.type, 1, &count);
    he_tensor_init(&floats, HE_F32, 1, &count);
    part.data =
        (guint8 *)self->tensor.data + (size_t)y * row * he_type_size(self->tensor.type);
    floats.data = out;
    he_tensor_convert(&part, &floats);
    if (encoding == HE_ENCODING_RAW)
        return TRUE;
    for (gint64 i = 0; i < count; i++)
        out[i] = (float)((double)out[i] / source->full_scale);
    return TRUE;
}

static void npy_picture_clear(CliPicture *base)
{
    he_free(((NpyPicture *)base)->tensor.data);
}

CliPicture *cli_npy_read_picture(CliInput *input, GError **error)
{
    HeTensor tensor;
    if (!cli_npy_read(input, &tensor, error))
        return NULL;
    gint64 bands = tensor.rank == 3 ? tensor.dim[2] : 1;
    if (tensor.rank < 2 || tensor.rank > 3 || tensor.dim[0] < 1 || tensor.dim[1] < 1 ||
        tensor.dim[0] > HE_MAX_SIDE || tensor.dim[1] > HE_MAX_SIDE || bands < 1 ||
        bands > HE_MAX_BANDS) {
        g_autofree char *shape = he_tensor_shape_text(&tensor);
        he_free(tensor.data);
        cli_input_error(input, error,
                        "shape %s; a picture is [H, W] or [H, W, C], sides up to %d, up "
                        "to %d bands",
                        shape, HE_MAX_SIDE, HE_MAX_BANDS);
        return NULL;
    }
    NpyPicture *picture = g_new0(NpyPicture, 1);
    picture->tensor = tensor;
    picture->base = (CliPicture){.depth = 8, .is_raw = TRUE, .clear = npy_picture_clear};
    picture->base.source = (HeSource){.height = (int)tensor.dim[0],
                                      .width = (int)tensor.dim[1],
                                      .channels = (int)bands,
                                      .full_scale = full_scale_of(tensor.type),
                                      .read_rows = npy_picture_read_rows};
    return &picture->base;
}
