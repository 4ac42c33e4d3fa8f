/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* NumPy's .npy in a stream. core/npy.c knows the header. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/npy.h"
#include "core/alloc.h"
#include "core/npy.h"
#include "core/tensor.h"

/* ---- reading ------------------------------------------------------------------------------------- */

static gboolean read_header(CliInput *input, HeNpyHeader *header, GError **error)
{
    guint8 start[12];
    size_t length;
    if (!cli_input_read(input, start, 10))
        return cli_input_error(input, error, "the .npy header ends too early");
    if (memcmp(start, "\x93NUMPY", 6) != 0)
        return cli_input_error(input, error, "not a .npy file");
    if (start[6] < 1 || start[6] > 3)
        return cli_input_error(input, error, ".npy version %d; 1 to 3 can be read",
                               start[6]);
    length = (size_t)start[8] | (size_t)start[9] << 8;
    if (start[6] > 1) {
        if (!cli_input_read(input, start + 10, 2))
            return cli_input_error(input, error, "the .npy header ends too early");
        length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
    }
    if (length > HE_NPY_MAX_HEADER)
        return cli_input_error(input, error,
                               "a .npy header of %" G_GSIZE_FORMAT
                               " bytes; at most %d are read",
                               length, HE_NPY_MAX_HEADER);
    g_autofree char *text = g_malloc0(length + 1);
    if (!cli_input_read(input, text, length))
        return cli_input_error(input, error, "the .npy header ends too early");
    if (!he_npy_parse(text, header))
        return cli_input_error(input, error,
                               "the .npy header is not well formed (descr, fortran_order "
                               "and a shape of at most %d sides were expected)",
                               HE_MAX_RANK);
    return TRUE;
}

gboolean cli_npy_read(CliInput *input, HeTensor *out, GError **error)
{
    HeNpyHeader header = {0};
    if (!read_header(input, &header, error))
        return FALSE;
    HeType type = he_npy_type(&header);
    if (type == HE_TYPE_NONE)
        return cli_input_error(
            input, error, "numbers of type '%s'; integers, floats and bool can be read",
            header.descr);
    if (header.is_fortran)
        return cli_input_error(
            input, error, "stored in Fortran order; save numpy.ascontiguousarray(x)");

    HeTensor tensor;
    size_t n = 0;
    he_tensor_init(&tensor, type, header.rank, header.dim);
    if (!he_tensor_check_size(&tensor, &n))
        return cli_input_error(input, error, "an array too large to be one");
    size_t size = he_type_size(type), bytes = n * size;
    if (input->bytes >= 0 && (guint64)input->bytes < input->n_read + bytes)
        return cli_input_error(
            input, error,
            "the numbers end too early: %" G_GSIZE_FORMAT " bytes were expected", bytes);
    tensor.data = cli_input_alloc_rows(input, MAX(n, 1), size, error);
    if (!tensor.data)
        return FALSE;
    if (!cli_input_read(input, tensor.data, bytes)) {
        he_free(tensor.data);
        return cli_input_error(input, error, "the numbers end too early");
    }
    he_npy_to_own_order(&header, tensor.data, n, size);
    *out = tensor;
    return TRUE;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

gboolean cli_npy_write_values(FILE *file, const char *name, const float *values, size_t n,
                              GError **error)
{
    if (fwrite(values, sizeof(float), n, file) == n)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: cannot be written: %s", name,
                g_strerror(errno));
    return FALSE;
}

gboolean cli_npy_write_header(FILE *file, const char *name, int rank, const gint64 *dim,
                              GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, "{'descr': '%cf4', 'fortran_order': False, 'shape': (",
                    HE_NPY_ORDER);
    for (int i = 0; i < rank; i++)
        g_string_append_printf(text, "%" G_GINT64_FORMAT "%s", dim[i],
                               rank == 1      ? ","
                               : i < rank - 1 ? ", "
                                              : "");
    g_string_append(text, "), }");
    /* The numbers start at a multiple of 64 bytes; the header ends with a newline. */
    while ((10 + text->len + 1) % 64 != 0)
        g_string_append_c(text, ' ');
    g_string_append_c(text, '\n');
    guint8 start[10] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (guint8)text->len, (guint8)(text->len >> 8)};
    if (fwrite(start, 1, sizeof start, file) == sizeof start &&
        fwrite(text->str, 1, text->len, file) == text->len)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s: cannot be written: %s", name,
                g_strerror(errno));
    return FALSE;
}
