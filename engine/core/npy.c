/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* NumPy's .npy: "\x93NUMPY", version, length of the header, a Python dict literal such as
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }
 * and the numbers. Only this form of the literal is read. NEP 1. */
#include "core/npy.h"

#include <string.h>

#include "core/limits.h"

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

static gboolean take_shape(const char **p, HeNpyHeader *header)
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

static gboolean take_entry(const char **p, HeNpyHeader *header)
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

gboolean he_npy_parse(const char *p, HeNpyHeader *header)
{
    if (!take(&p, "{"))
        return FALSE;
    while (!take(&p, "}"))
        if (!take_entry(&p, header) || (!take(&p, ",") && (skip_space(&p), *p != '}')))
            return FALSE;
    return header->has_descr && header->has_order && header->has_shape;
}

HeType he_npy_type(const HeNpyHeader *header)
{
    const char *descr = header->descr;
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

void he_npy_to_own_order(const HeNpyHeader *header, void *data, size_t n, size_t size)
{
    guint8 *bytes = data;
    if (header->descr[0] == HE_NPY_ORDER || !strchr("<>", header->descr[0]))
        return;
    for (size_t i = 0; i < n; i++, bytes += size)
        for (size_t k = 0; k < size / 2; k++) {
            guint8 low = bytes[k];
            bytes[k] = bytes[size - 1 - k];
            bytes[size - 1 - k] = low;
        }
}
