/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading and converting elements: rows along the last axis go through a buffer of gint64 (integer to
 * integer, exact) or double (all else). A float becomes the nearest integer towards zero, held inside the
 * integer's range, NaN becomes 0; an integer keeps its low bits, as C does; bool is "not zero", NaN too.
 * Elements may stand at any byte (raw_data of a mapped file): they are read by memcpy. */
#include <math.h>
#include <string.h>

#include "core/half.h"
#include "core/tensor.h"

#define CHUNK 256

/* Where element I, counted in C order of the shape, stands. */
static const char *element(const HeTensor *tensor, size_t i)
{
    gint64 offset = 0;
    for (int k = tensor->rank - 1; k >= 0; k--) {
        size_t dim = (size_t)tensor->dim[k];
        offset += (gint64)(i % dim) * tensor->stride[k];
        i /= dim;
    }
    return (const char *)tensor->data + offset * (gint64)he_type_size(tensor->type);
}

#define LOAD_EACH(c_type, expression, at)                                                \
    for (size_t i = 0; i < n; i++) {                                                     \
        c_type v;                                                                        \
        memcpy(&v, src + (at), sizeof v);                                                \
        out[i] = (expression);                                                           \
    }

/* Numbers that follow one another are loaded by vectors. */
#define LOAD(c_type, expression)                                                         \
    if (step == (gint64)sizeof(c_type))                                                  \
        LOAD_EACH(c_type, expression, i * sizeof(c_type))                                \
    else                                                                                 \
        LOAD_EACH(c_type, expression, (gint64)i *step)                                   \
    break

/* STEP is in bytes, and may be 0 or negative. */
static void load_doubles(HeType type, const char *src, gint64 step, size_t n, double *out)
{
    switch (type) {
    case HE_F32:
        LOAD(float, (double)v);
    case HE_F64:
        LOAD(double, v);
    case HE_F16:
        LOAD(guint16, he_f16_to_double(v));
    case HE_BF16:
        LOAD(guint16, he_bf16_to_double(v));
    case HE_I8:
        LOAD(gint8, v);
    case HE_U8:
        LOAD(guint8, v);
    case HE_I16:
        LOAD(gint16, v);
    case HE_U16:
        LOAD(guint16, v);
    case HE_I32:
        LOAD(gint32, v);
    case HE_U32:
        LOAD(guint32, v);
    case HE_I64:
        LOAD(gint64, (double)v);
    case HE_U64:
        LOAD(guint64, (double)v);
    case HE_BOOL:
        LOAD(guint8, v != 0);
    case HE_TYPE_NONE:
        break;
    }
}

static void load_ints(HeType type, const char *src, gint64 step, size_t n, gint64 *out)
{
    switch (type) {
    case HE_I8:
        LOAD(gint8, v);
    case HE_U8:
        LOAD(guint8, v);
    case HE_I16:
        LOAD(gint16, v);
    case HE_U16:
        LOAD(guint16, v);
    case HE_I32:
        LOAD(gint32, v);
    case HE_U32:
        LOAD(guint32, v);
    case HE_I64:
        LOAD(gint64, v);
    case HE_U64:
        LOAD(guint64, (gint64)v);
    case HE_BOOL:
        LOAD(guint8, v != 0);
    case HE_TYPE_NONE:
    case HE_F32:
    case HE_F64:
    case HE_F16:
    case HE_BF16:
        break;
    }
}

#define STORE(c_type, expression)                                                        \
    for (size_t i = 0; i < n; i++) {                                                     \
        c_type v = (c_type)(expression);                                                 \
        memcpy(dst + i * sizeof v, &v, sizeof v);                                        \
    }                                                                                    \
    break

static void store_floats(HeType type, const double *in, size_t n, char *dst)
{
    switch (type) {
    case HE_F64:
        STORE(double, in[i]);
    case HE_F16:
        STORE(guint16, he_f16_from_double(in[i]));
    case HE_BF16:
        STORE(guint16, he_bf16_from_double(in[i]));
    default:
        STORE(float, in[i]);
    }
}

static void store_ints(HeType type, const gint64 *in, size_t n, char *dst)
{
    switch (he_type_size(type)) {
    case 1:
        STORE(guint8, type == HE_BOOL ? in[i] != 0 : in[i]);
    case 2:
        STORE(guint16, in[i]);
    case 4:
        STORE(guint32, in[i]);
    default:
        STORE(gint64, in[i]);
    }
}

static gboolean is_unsigned(HeType type)
{
    return type == HE_U8 || type == HE_U16 || type == HE_U32 || type == HE_U64;
}

/* V inside TYPE's range, as the low bits of a gint64. The bounds are powers of two: exact doubles. */
static gint64 hold(double v, HeType type)
{
    int value_bits = 8 * (int)he_type_size(type) - (is_unsigned(type) ? 0 : 1);
    double past = ldexp(1.0, value_bits), low = is_unsigned(type) ? 0.0 : -past;
    if (type == HE_BOOL)
        return v < 0 || v > 0 || isnan(v);
    if (isnan(v))
        return 0;
    if (v >= past)
        return (gint64)(G_MAXUINT64 >> (64 - value_bits));
    if (v < low)
        return (gint64)low;
    return is_unsigned(type) ? (gint64)(guint64)v : (gint64)v;
}

static void convert_chunk(HeType from, const char *src, gint64 step, HeType to, char *dst,
                          size_t n)
{
    double real_value[CHUNK];
    gint64 int_value[CHUNK];
    if (he_type_is_float(from) || he_type_is_float(to))
        load_doubles(from, src, step, n, real_value);
    if (he_type_is_float(to)) {
        store_floats(to, real_value, n, dst);
        return;
    }
    if (he_type_is_float(from))
        for (size_t i = 0; i < n; i++)
            int_value[i] = hold(real_value[i], to);
    else
        load_ints(from, src, step, n, int_value);
    store_ints(to, int_value, n, dst);
}

static void convert_row(HeType from, const char *src, gint64 step, HeType to, char *dst,
                        size_t n)
{
    size_t to_size = he_type_size(to);
    if (from == to && step == (gint64)to_size) {
        memcpy(dst, src, n * to_size);
        return;
    }
    for (size_t i = 0; i < n; i += CHUNK)
        convert_chunk(from, src + (gint64)i * step, step, to, dst + i * to_size,
                      MIN(CHUNK, n - i));
}

void he_tensor_convert(const HeTensor *src, HeTensor *dst)
{
    g_assert(he_tensor_same_shape(src, dst));
    size_t total = he_tensor_n(dst), to_size = he_type_size(dst->type);
    gint64 from_size = (gint64)he_type_size(src->type);
    int last = src->rank - 1;
    /* A contiguous tensor is one long row. */
    gboolean is_flat = last < 0 || he_tensor_is_contiguous(src);
    size_t n = is_flat ? total : (size_t)src->dim[last];
    gint64 step = is_flat ? from_size : src->stride[last] * from_size;
    char *out = dst->data;
    for (size_t i = 0; i < total; i += n)
        convert_row(src->type, element(src, i), step, dst->type, out + i * to_size, n);
}

gint64 he_tensor_get_int(const HeTensor *tensor, size_t i)
{
    gint64 value = 0;
    load_ints(tensor->type, element(tensor, i), 0, 1, &value);
    return value;
}

double he_tensor_get_double(const HeTensor *tensor, size_t i)
{
    double value = 0;
    load_doubles(tensor->type, element(tensor, i), 0, 1, &value);
    return value;
}
