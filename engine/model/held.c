/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* [Input NAME] Value: a number for the whole input, or a .npy file of its shape. */
#include "model/held.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/npy.h"
#include "model/file.h"

#define MAX_BYTES ((guint64)1 << 32)

static gboolean parse_number(const char *text, double *out)
{
    char *end;
    *out = g_ascii_strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out);
}

char *he_held_check(const char *text)
{
    double number;
    if (parse_number(text, &number))
        return NULL;
    if (g_str_has_suffix(text, ".npy") && he_path_is_below(text))
        return NULL;
    return g_strdup("a number, or a .npy file in the descriptor's folder, without '..'");
}

static gboolean fail(GError **error, HeErrorCode code, const HeValueDef *def,
                     const char *format, ...) G_GNUC_PRINTF(4, 5);
static gboolean fail(GError **error, HeErrorCode code, const HeValueDef *def,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, HE_ERROR, (int)code, "[Input %s] %s", def->name, text);
    return FALSE;
}

/* Room for T, as OUT's own. */
static gboolean take_room(const HeValueDef *def, const HeTensor *t, HeTensorDef *out,
                          GError **error)
{
    size_t n;
    if (!he_tensor_check_size(t, &n))
        return fail(error, HE_ERROR_OUT_OF_MEMORY, def, "is too large");
    out->name = g_strdup(def->name);
    out->type = t->type;
    out->rank = t->rank;
    memcpy(out->dim, t->dim, sizeof out->dim);
    out->raw_bytes = he_tensor_bytes(t);
    out->owned = he_alloc0(MAX(out->raw_bytes, 1), 1, def->name, error);
    out->raw = out->owned;
    return out->owned != NULL;
}

/* NUMBER everywhere. */
static gboolean fill(const HeValueDef *def, double number, HeTensorDef *out,
                     GError **error)
{
    HeTensor t, one, to;
    gint64 dim[HE_MAX_RANK];
    for (int k = 0; k < def->rank; k++)
        dim[k] = def->dim[k] < 0 ? 1 : def->dim[k];
    HeType type = def->type == HE_TYPE_NONE ? HE_F32 : def->type;
    gint64 cell[1];
    he_tensor_init(&t, type, MAX(def->rank, 0), dim);
    if (!take_room(def, &t, out, error))
        return FALSE;
    he_tensor_init(&one, HE_F64, 0, NULL);
    one.data = &number;
    he_tensor_init(&to, type, 0, NULL);
    to.data = cell;
    he_tensor_convert(&one, &to);
    size_t size = he_type_size(type);
    for (size_t at = 0; at < out->raw_bytes; at += size)
        memcpy(out->owned + at, cell, size);
    return TRUE;
}

/* ---- files ------------------------------------------------------------------------------------------ */

/* Where the numbers begin; 0: it is no .npy. */
static size_t read_header(const guint8 *data, size_t n, HeNpyHeader *header)
{
    size_t start = n > 6 && data[6] > 1 ? 12 : 10, length;
    if (n < start || memcmp(data, "\x93NUMPY", 6) != 0 || data[6] < 1 || data[6] > 3)
        return 0;
    length = (size_t)data[8] | (size_t)data[9] << 8;
    if (start == 12)
        length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
    if (length > HE_NPY_MAX_HEADER || length > n - start)
        return 0;
    g_autofree char *text = g_strndup((const char *)data + start, length);
    return he_npy_parse(text, header) ? start + length : 0;
}

static gboolean check_shape(const HeValueDef *def, const HeNpyHeader *header,
                            GError **error)
{
    gboolean fits = def->rank < 0 || def->rank == header->rank;
    for (int k = 0; fits && k < def->rank; k++)
        fits = def->dim[k] < 0 || def->dim[k] == header->dim[k];
    return fits || fail(error, HE_ERROR_CORRUPT_MODEL, def,
                        "Value: the array's shape is not that of the input");
}

static gboolean read_array(const HeValueDef *def, const guint8 *data, size_t n,
                           HeTensorDef *out, GError **error)
{
    HeNpyHeader header = {0};
    HeTensor stored, wanted;
    size_t start = read_header(data, n, &header), count;
    HeType type = start ? he_npy_type(&header) : HE_TYPE_NONE;
    if (type == HE_TYPE_NONE || header.is_fortran)
        return fail(error, HE_ERROR_CORRUPT_MODEL, def,
                    "Value: expected a .npy file of integers, floats or bool in C order");
    he_tensor_init(&stored, type, header.rank, header.dim);
    if (!check_shape(def, &header, error))
        return FALSE;
    if (!he_tensor_check_size(&stored, &count) || he_tensor_bytes(&stored) > n - start)
        return fail(error, HE_ERROR_CORRUPT_MODEL, def, "Value: the array is cut off");
    he_tensor_init(&wanted, def->type == HE_TYPE_NONE ? type : def->type, header.rank,
                   header.dim);
    if (!take_room(def, &wanted, out, error))
        return FALSE;
    stored.data = he_alloc(MAX(he_tensor_bytes(&stored), 1), 1, def->name, error);
    if (!stored.data)
        return FALSE;
    memcpy(stored.data, data + start, he_tensor_bytes(&stored));
    he_npy_to_own_order(&header, stored.data, count, he_type_size(type));
    wanted.data = out->owned;
    he_tensor_convert(&stored, &wanted);
    he_free(stored.data);
    return TRUE;
}

gboolean he_held_read(const HeValueDef *def, const char *folder, const char *text,
                      HeTensorDef *out, GError **error)
{
    double number;
    if (parse_number(text, &number))
        return fill(def, number, out, error);
    g_autofree char *path = g_build_filename(folder, text, NULL);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GMappedFile) file = he_file_map(path, MAX_BYTES, &failure);
    if (!file)
        return fail(error, HE_ERROR_IO, def, "Value=%s: %s", text, failure->message);
    return read_array(def, (const guint8 *)g_mapped_file_get_contents(file),
                      g_mapped_file_get_length(file), out, error);
}

void he_held_clear(HeTensorDef *held)
{
    g_free(held->name);
    he_free(held->owned);
}
