/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a file is that is not ONNX, from its first bytes: people try the file that they have. Asked only after
 * reading failed, so that no rule here can refuse a good model. */
#include "model/onnx_read.h"

#include <string.h>

#define EXPORT_TORCH "export it with torch.onnx.export"
#define EXPORT_TF    "convert it with tf2onnx"

typedef struct {
    size_t at;
    const char *bytes;
    size_t n;
    const char *words;
} Magic;
/* clang-format off */
#define MAGIC(at, bytes, words) {at, bytes, sizeof(bytes) - 1, words}

static const Magic magics[] = {
    MAGIC(0, "PK\3\4", "it starts like a ZIP archive (a PyTorch checkpoint?): " EXPORT_TORCH),
    MAGIC(0, "\x80\2", "it starts like a pickle (an old PyTorch checkpoint?): " EXPORT_TORCH),
    MAGIC(0, "\x89HDF", "it starts like HDF5 (a Keras model?): " EXPORT_TF),
    MAGIC(4, "TFL3", "it starts like TensorFlow Lite: " EXPORT_TF),
    MAGIC(4, "ORTM", "it is in ONNX Runtime's own format: use the .onnx file it was made from"),
    MAGIC(0, "GGUF", "it starts like GGUF, which holds language models"),
    MAGIC(8, "{\"", "it starts like safetensors, weights without a network: build the network "
                    "in PyTorch and " EXPORT_TORCH),
    MAGIC(0, "\x89PNG", "it starts like a PNG picture"),
    MAGIC(0, "\xff\xd8\xff", "it starts like a JPEG picture"),
    MAGIC(0, "GIF8", "it starts like a GIF picture"),
    MAGIC(0, "gimp xcf", "it starts like a GIMP picture"),
    MAGIC(0, "\x93NUMPY", "it starts like a NumPy array"),
    MAGIC(0, "\x1f\x8b", "it is compressed by gzip: unpack it first"),
    MAGIC(0, "\xfd" "7zXZ", "it is compressed by xz: unpack it first"),
    MAGIC(0, "version https://git-lfs", "it is a Git LFS pointer, not the model itself: fetch the "
                                        "file with git lfs pull"),
    MAGIC(0, "<!DOCTYPE", "it is a web page, not the model that was to be downloaded"),
    MAGIC(0, "<html", "it is a web page, not the model that was to be downloaded"),
    MAGIC(0, "<?xml", "it starts like XML (an OpenVINO model?): use the ONNX file it was made from"),
    MAGIC(0, "\x08\1\x12", "it starts like a TensorFlow SavedModel: " EXPORT_TF),
};
/* clang-format on */

static gboolean is_text(const guint8 *data, size_t n)
{
    n = MIN(n, 512);
    for (size_t i = 0; i < n; i++)
        if (data[i] < ' ' && !strchr("\t\n\r\f", data[i]))
            return FALSE;
    /* The last character may be cut. */
    const char *end;
    return g_utf8_validate_len((const char *)data, n, &end) ||
           (n == 512 && end > (const char *)data + 508);
}

const char *he_onnx_guess_format(const guint8 *data, size_t n)
{
    if (n == 0)
        return "it is empty";
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
        const Magic *magic = &magics[i];
        if (n >= magic->at + magic->n &&
            memcmp(data + magic->at, magic->bytes, magic->n) == 0)
            return magic->words;
    }
    if (is_text(data, n))
        return "it is a text";
    /* Field 1 as a message; in ONNX it is a number. */
    if (data[0] == '\n')
        return "it starts like a frozen TensorFlow graph or a Caffe model: convert it to ONNX";
    return NULL;
}
