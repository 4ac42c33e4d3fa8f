/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* NumPy's .npy: "\x93NUMPY", version, length of the header, a Python dict literal such as
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }
 * and the numbers. Only this form of the literal is read. NEP 1. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/npy.h"
#include "core/alloc.h"
#include "core/limits.h"
#include "core/tensor.h"

#define MAX_HEADER 65536
#define OWN_ORDER  (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '<' : '>')

/* ---- the literal ------------------------------------------------------------------------------- */

typedef struct {
    char descr[16];
    int rank;
    gint64 dim[HE_MAX_RANK];
    gboolean is_fortran, has_descr, has_order, has_shape;
} Header;

static void skip_space(const char **p)
{
    while (g_ascii_isspace(**p))
        ++*p;
}

/* Takes TEXT if it comes next. */
static gboolean take(const char **p, const char *text)
{
    skip_space(p);
    if (!g_str_has_prefix(*p, text))
        return FALSE;
    *p += strlen(text);
    return TRUE;
}

static gboolean take_string(const char **p, char *out, size_t size)
{
    skip_space(p);
    char quote = **p;
    if (quote != '\'' && quote != '"')
        return FALSE;
    const char *end = strchr(++*p, quote);
    if (!end || (size_t)(end - *p) >= size)
        return FALSE;
    memcpy(out, *p, (size_t)(end - *p));
    out[end - *p] = '\0';
    *p = end + 1;
    return TRUE;
}

static gboolean take_shape(const char **p, Header *header)
{
    if (!take(p, "("))
        return FALSE;
    while (!take(p, ")")) {
        char *end = NULL;
        if (!g_ascii_isdigit(**p) || header->rank == HE_MAX_RANK)
            return FALSE;
        guint64 dim = g_ascii_strtoull(*p, &end, 10);
        if (dim > HE_MAX_ELEMENTS)
            return FALSE;
        header->dim[header->rank++] = (gint64)dim;
        *p = end;
        if (!take(p, ",") && (skip_space(p), **p != ')'))
            return FALSE;
    }
    return TRUE;
}

static gboolean take_entry(const char **p, Header *header)
{
    char key[32];
    if (!take_string(p, key, sizeof key) || !take(p, ":"))
        return FALSE;
    if (strcmp(key, "descr") == 0 && !header->has_descr)
        return header->has_descr = take_string(p, header->descr, sizeof header->descr);
    if (strcmp(key, "shape") == 0 && !header->has_shape)
        return header->has_shape = take_shape(p, header);
    if (strcmp(key, "fortran_order") != 0 || header->has_order)
        return FALSE;
    header->is_fortran = take(p, "True");
    return header->has_order = header->is_fortran || take(p, "False");
}

static gboolean parse_literal(const char *p, Header *header)
{
    if (!take(&p, "{"))
        return FALSE;
    while (!take(&p, "}"))
        if (!take_entry(&p, header) || (!take(&p, ",") && (skip_space(&p), *p != '}')))
            return FALSE;
    return header->has_descr && header->has_order && header->has_shape;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static HeType type_of(const char *descr)
{
    static const struct {
        const char *code;
        HeType type;
    } types[] = {{"b1", HE_BOOL}, {"i1", HE_I8},  {"u1", HE_U8},  {"i2", HE_I16},
                 {"u2", HE_U16},  {"i4", HE_I32}, {"u4", HE_U32}, {"i8", HE_I64},
                 {"u8", HE_U64},  {"f2", HE_F16}, {"f4", HE_F32}, {"f8", HE_F64}};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (descr[0] && strchr("<>|=", descr[0]) && strcmp(descr + 1, types[i].code) == 0)
            return types[i].type;
    return HE_TYPE_NONE;
}

static gboolean read_header(CliInput *input, Header *header, GError **error)
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
    if (length > MAX_HEADER)
        return cli_input_error(input, error,
                               "a .npy header of %" G_GSIZE_FORMAT
                               " bytes; at most %d are read",
                               length, MAX_HEADER);
    g_autofree char *text = g_malloc0(length + 1);
    if (!cli_input_read(input, text, length))
        return cli_input_error(input, error, "the .npy header ends too early");
    if (!parse_literal(text, header))
        return cli_input_error(input, error,
                               "the .npy header is not well formed (descr, fortran_order "
                               "and a shape of at most %d sides were expected)",
                               HE_MAX_RANK);
    return TRUE;
}

static void swap_bytes(guint8 *bytes, size_t n, size_t size)
{
    for (size_t i = 0; i < n; i++, bytes += size)
        for (size_t k = 0; k < size / 2; k++) {
            guint8 low = bytes[k];
            bytes[k] = bytes[size - 1 - k];
            bytes[size - 1 - k] = low;
        }
}

gboolean cli_npy_read(CliInput *input, HeTensor *out, GError **error)
{
    Header header = {0};
    if (!read_header(input, &header, error))
        return FALSE;
    HeType type = type_of(header.descr);
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
    if (size > 1 && (header.descr[0] == '<' || header.descr[0] == '>') &&
        header.descr[0] != OWN_ORDER)
        swap_bytes(tensor.data, n, size);
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
                    OWN_ORDER);
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
