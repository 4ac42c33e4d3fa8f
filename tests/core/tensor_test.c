/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Shapes, strides, sizes at the edge of overflow, and conversion between all types. */
#include "core/tensor.h"

#include <math.h>
#include <string.h>

#include "core/half.h"
#include "core/limits.h"

static HeTensor shape(HeType type, int rank, const gint64 *dim)
{
    HeTensor t;
    he_tensor_init(&t, type, rank, dim);
    return t;
}

#define SHAPE(type, ...)                                                                 \
    shape(type, (int)G_N_ELEMENTS(((gint64[]){__VA_ARGS__})), (gint64[]){__VA_ARGS__})

static void test_shape(void)
{
    HeTensor t = SHAPE(HE_F32, 2, 3, 4);
    g_assert_cmpint(t.stride[0], ==, 12);
    g_assert_cmpint(t.stride[1], ==, 4);
    g_assert_cmpint(t.stride[2], ==, 1);
    g_assert_cmpuint(he_tensor_n(&t), ==, 24);
    g_assert_cmpuint(he_tensor_bytes(&t), ==, 96);
    g_autofree char *text = he_tensor_shape_text(&t);
    g_assert_cmpstr(text, ==, "[2, 3, 4]");
    HeTensor scalar = shape(HE_I64, 0, NULL);
    g_autofree char *scalar_text = he_tensor_shape_text(&scalar);
    g_assert_cmpstr(scalar_text, ==, "[]");
    g_assert_cmpuint(he_tensor_n(&scalar), ==, 1);
    HeTensor u = SHAPE(HE_F64, 2, 3, 4), v = SHAPE(HE_F32, 2, 3),
             w = SHAPE(HE_F32, 2, 3, 5);
    g_assert_true(he_tensor_same_shape(&t, &u));
    g_assert_false(he_tensor_same_shape(&t, &v));
    g_assert_false(he_tensor_same_shape(&t, &w));
}

static void test_contiguous(void)
{
    HeTensor t = SHAPE(HE_F32, 2, 1, 4);
    g_assert_true(he_tensor_is_contiguous(&t));
    t.stride[1] = 99; /* a side of 1 is never stepped along */
    g_assert_true(he_tensor_is_contiguous(&t));
    t.stride[0] = 5;
    g_assert_false(he_tensor_is_contiguous(&t));
    HeTensor empty = SHAPE(HE_F32, 3, 0, 4);
    empty.stride[0] = 17;
    g_assert_true(he_tensor_is_contiguous(&empty));
}

static void test_check_size(void)
{
    size_t n = 7;
    HeTensor t = SHAPE(HE_F32, 1 << 18, 1 << 18);
    g_assert_true(he_tensor_check_size(&t, &n));
    g_assert_cmpuint(n, ==, HE_MAX_ELEMENTS);
    n = 7;
    t = SHAPE(HE_F32, 1 << 18, 1 << 18, 2);
    g_assert_false(he_tensor_check_size(&t, &n));
    t = SHAPE(HE_F32, G_MAXINT64, G_MAXINT64, 4); /* the product wraps to 4 */
    g_assert_false(he_tensor_check_size(&t, &n));
    t = SHAPE(HE_F32, 0, G_MAXINT64, G_MAXINT64);
    g_assert_false(he_tensor_check_size(&t, &n));
    t = SHAPE(HE_F32, 3, -1);
    g_assert_false(he_tensor_check_size(&t, &n));
    g_assert_cmpuint(n, ==, 7); /* untouched by failures */
    t = SHAPE(HE_F32, 3, 0);
    g_assert_true(he_tensor_check_size(&t, &n));
    g_assert_cmpuint(n, ==, 0);
}

static void test_types(void)
{
    static const struct {
        HeType type;
        size_t size;
        const char *name;
        gboolean is_float;
    } types[] = {{HE_F32, 4, "float", TRUE},    {HE_F64, 8, "double", TRUE},
                 {HE_F16, 2, "float16", TRUE},  {HE_BF16, 2, "bfloat16", TRUE},
                 {HE_I8, 1, "int8", FALSE},     {HE_U8, 1, "uint8", FALSE},
                 {HE_I16, 2, "int16", FALSE},   {HE_U16, 2, "uint16", FALSE},
                 {HE_I32, 4, "int32", FALSE},   {HE_U32, 4, "uint32", FALSE},
                 {HE_I64, 8, "int64", FALSE},   {HE_U64, 8, "uint64", FALSE},
                 {HE_BOOL, 1, "bool", FALSE},   {HE_TYPE_NONE, 0, "none", FALSE},
                 {(HeType)99, 0, "none", FALSE}};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_assert_cmpuint(he_type_size(types[i].type), ==, types[i].size);
        g_assert_cmpstr(he_type_name(types[i].type), ==, types[i].name);
        g_assert_cmpint(he_type_is_float(types[i].type), ==, types[i].is_float);
    }
}

/* ---- the 16-bit floats ------------------------------------------------------------------------------- */

static void test_half_exact(void)
{
    for (guint bits = 0; bits <= G_MAXUINT16; bits++) {
        double f16 = he_f16_to_double((guint16)bits),
               bf16 = he_bf16_to_double((guint16)bits);
        guint32 wide = bits << 16;
        float as_float;
        memcpy(&as_float, &wide, sizeof as_float); /* what bfloat16 is */
        if (isnan(f16))
            g_assert_true(isnan(he_f16_to_double(he_f16_from_double(f16))));
        else
            g_assert_cmphex(he_f16_from_double(f16), ==, bits);
        if (isnan(bf16)) {
            g_assert_true(isnan(as_float));
        } else {
            g_assert_true(bf16 == (double)as_float);
            g_assert_cmphex(he_bf16_from_double(bf16), ==, bits);
        }
    }
}

static void test_half_known(void)
{
    static const struct {
        double value;
        guint16 f16, bf16;
    } known[] = {
        {1, 0x3c00, 0x3f80},
        {-2, 0xc000, 0xc000},
        {65504, 0x7bff, 0x4780},
        {65519.99, 0x7bff, 0x4780},
        {65520, 0x7c00, 0x4780},
        {1e300, 0x7c00, 0x7f80},
        {-INFINITY, 0xfc00, 0xff80},
        {0x1p-14, 0x0400, 0x3880},
        {0x1p-24, 0x0001, 0x3380},
        {0x1p-25, 0x0000, 0x3300}, /* tie: to even */
        {0x1.8p-24, 0x0002, 0x33c0},
        {-0.0, 0x8000, 0x8000},
        {1 + 0x1p-11, 0x3c00, 0x3f80},           /* tie: to even, down */
        {1 + 3 * 0x1p-11, 0x3c02, 0x3f80},       /* tie: to even, up */
        {1 + 0x1p-11 + 0x1p-40, 0x3c01, 0x3f80}, /* by way of float it would be a tie */
        {2 - 0x1p-20, 0x4000, 0x4000},           /* carries into the exponent */
        {0x1p-14 - 0x1p-30, 0x0400, 0x3880},     /* denormal becoming normal */
        {0x1p-133, 0x0000, 0x0001},
        {0x1p-134, 0x0000, 0x0000},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        g_assert_cmphex(he_f16_from_double(known[i].value), ==, known[i].f16);
        g_assert_cmphex(he_bf16_from_double(known[i].value), ==, known[i].bf16);
    }
    g_assert_true(isnan(he_f16_to_double(0x7c01)));
    g_assert_true(isnan(he_bf16_to_double(0xffff)));
}

/* Rounding is to the nearest neighbour: no other 16-bit value is closer. */
static void test_half_nearest(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (int i = 0; i < 20000; i++) {
        double v =
            ldexp(g_rand_double_range(rand, -1, 1), g_rand_int_range(rand, -26, 16));
        guint16 bits = he_f16_from_double(v);
        double error = fabs(he_f16_to_double(bits) - v);
        guint magnitude = bits & 0x7fff, sign = bits & 0x8000;
        if (magnitude > 0)
            g_assert_true(error <=
                          fabs(he_f16_to_double((guint16)(sign | (magnitude - 1))) - v));
        g_assert_true(error <=
                      fabs(he_f16_to_double((guint16)(sign | (magnitude + 1))) - v));
    }
}

/* ---- conversion ---------------------------------------------------------------------------------------- */

/* One element of type FROM holding bytes at ELEMENT, as TO. */
static void convert_one(HeType from, const void *element, HeType to, void *out)
{
    HeTensor src = shape(from, 0, NULL), dst = shape(to, 0, NULL);
    src.data = (void *)element;
    dst.data = out;
    he_tensor_convert(&src, &dst);
}

#define CONVERTS(from_type, from_c, value, to_type, to_c, expected)                      \
    do {                                                                                 \
        from_c in_ = value;                                                              \
        to_c out_ = 0;                                                                   \
        convert_one(from_type, &in_, to_type, &out_);                                    \
        g_assert_true(out_ == (to_c)(expected));                                         \
    } while (0)

static void test_convert_values(void)
{
    CONVERTS(HE_F32, float, 1.75f, HE_F64, double, 1.75);
    CONVERTS(HE_F64, double, 0.1, HE_F32, float, 0.1f);
    CONVERTS(HE_F64, double, 1e300, HE_F32, float, INFINITY);
    CONVERTS(HE_F32, float, -1.9f, HE_I32, gint32, -1);
    CONVERTS(HE_F32, float, 300.0f, HE_U8, guint8, 255);
    CONVERTS(HE_F32, float, -3.0f, HE_U8, guint8, 0);
    CONVERTS(HE_F32, float, -0.5f, HE_U64, guint64, 0);
    CONVERTS(HE_F32, float, NAN, HE_I64, gint64, 0);
    CONVERTS(HE_F32, float, NAN, HE_U16, guint16, 0);
    CONVERTS(HE_F32, float, NAN, HE_BOOL, guint8, 1);
    CONVERTS(HE_F32, float, INFINITY, HE_I64, gint64, G_MAXINT64);
    CONVERTS(HE_F32, float, -INFINITY, HE_I64, gint64, G_MININT64);
    CONVERTS(HE_F32, float, INFINITY, HE_U64, guint64, G_MAXUINT64);
    CONVERTS(HE_F64, double, 0x1p63, HE_U64, guint64, (guint64)1 << 63);
    CONVERTS(HE_F64, double, -1e9, HE_I16, gint16, G_MININT16);
    CONVERTS(HE_F64, double, 1e9, HE_I8, gint8, G_MAXINT8);
    CONVERTS(HE_F64, double, 0x1p31, HE_I32, gint32,
             G_MAXINT32); /* the first one past it */
    CONVERTS(HE_F64, double, 256, HE_U8, guint8, 255);
    CONVERTS(HE_F64, double, 1e10, HE_U32, guint32, G_MAXUINT32);
    CONVERTS(HE_F64, double, 0.25, HE_BOOL, guint8, 1);
    CONVERTS(HE_F64, double, -0.0, HE_BOOL, guint8, 0);
    CONVERTS(HE_I64, gint64, G_MAXINT64, HE_I64, gint64, G_MAXINT64);
    CONVERTS(HE_I64, gint64, ((gint64)1 << 53) + 1, HE_U64, guint64,
             ((guint64)1 << 53) + 1);
    CONVERTS(HE_U64, guint64, G_MAXUINT64, HE_F64, double, 0x1p64);
    CONVERTS(HE_U64, guint64, G_MAXUINT64, HE_U64, guint64, G_MAXUINT64);
    CONVERTS(HE_I32, gint32, -1, HE_I64, gint64, -1);
    CONVERTS(HE_U32, guint32, G_MAXUINT32, HE_I64, gint64, G_MAXUINT32);
    CONVERTS(HE_I64, gint64, 257, HE_BOOL, guint8, 1); /* not the low byte */
    CONVERTS(HE_I64, gint64, 256, HE_BOOL, guint8, 1);
    CONVERTS(HE_BOOL, guint8, 2, HE_I32, gint32, 1);
    CONVERTS(HE_F16, guint16, 0x3c01, HE_F32, float, 1 + 0x1p-10);
    CONVERTS(HE_BF16, guint16, 0xbf81, HE_F32, float, -(1 + 0x1p-7));
    CONVERTS(HE_F32, float, 1 + 0x1p-10f, HE_F16, guint16, 0x3c01);
    CONVERTS(HE_I8, gint8, -128, HE_F32, float, -128);
    CONVERTS(HE_U16, guint16, 65535, HE_BF16, guint16, 0x4780);
}

/* Every pair of types keeps small whole numbers; sizes on both sides of the inner chunk. */
static void test_convert_pairs(void)
{
    static const gint64 sizes[] = {0, 1, 255, 256, 257, 1000};
    for (int from = HE_F32; from < HE_BOOL; from++)
        for (int to = HE_F32; to < HE_BOOL; to++)
            for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
                HeTensor ints = SHAPE(HE_I32, sizes[i]),
                         a = SHAPE((HeType)from, sizes[i]);
                HeTensor b = SHAPE((HeType)to, sizes[i]);
                g_autofree gint32 *data = g_new(gint32, sizes[i] + 1);
                g_autofree char *bytes = g_malloc((gsize)sizes[i] * 16 + 17);
                for (gint64 k = 0; k < sizes[i]; k++)
                    data[k] = (gint32)(k * 7 % 101);
                ints.data = data;
                a.data = bytes + 1; /* at any byte */
                b.data = bytes + 8 * sizes[i] + 9;
                he_tensor_convert(&ints, &a);
                he_tensor_convert(&a, &b);
                for (gint64 k = 0; k < sizes[i]; k++) {
                    g_assert_true(he_tensor_get_double(&b, (size_t)k) == data[k]);
                    if (!he_type_is_float(b.type))
                        g_assert_cmpint(he_tensor_get_int(&b, (size_t)k), ==, data[k]);
                }
            }
}

static void test_strides(void)
{
    float data[2 * 3 * 4];
    for (int i = 0; i < 24; i++)
        data[i] = (float)i;
    HeTensor t = SHAPE(HE_F32, 4, 2, 3), out = SHAPE(HE_F64, 4, 2, 3);
    t.stride[0] = 1; /* the transpose [2, 0, 1], with the last axis turned round */
    t.stride[1] = 12;
    t.stride[2] = -4;
    t.data = data + 8;
    double converted[24];
    out.data = converted;
    he_tensor_convert(&t, &out);
    for (size_t a = 0; a < 4; a++)
        for (size_t b = 0; b < 2; b++)
            for (size_t c = 0; c < 3; c++) {
                size_t i = (a * 2 + b) * 3 + c;
                g_assert_true(converted[i] == data[b * 12 + (2 - c) * 4 + a]);
                g_assert_true(he_tensor_get_double(&t, i) == converted[i]);
            }
    float one = 3;
    HeTensor spread = SHAPE(HE_F32, 2, 5);
    spread.stride[0] = spread.stride[1] = 0;
    spread.data = &one;
    HeTensor filled = SHAPE(HE_F32, 2, 5);
    float many[10];
    filled.data = many;
    he_tensor_convert(&spread, &filled);
    for (int i = 0; i < 10; i++)
        g_assert_true(many[i] == 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/tensor/shape", test_shape);
    g_test_add_func("/core/tensor/contiguous", test_contiguous);
    g_test_add_func("/core/tensor/check-size", test_check_size);
    g_test_add_func("/core/tensor/types", test_types);
    g_test_add_func("/core/half/exact", test_half_exact);
    g_test_add_func("/core/half/known", test_half_known);
    g_test_add_func("/core/half/nearest", test_half_nearest);
    g_test_add_func("/core/convert/values", test_convert_values);
    g_test_add_func("/core/convert/pairs", test_convert_pairs);
    g_test_add_func("/core/convert/strides", test_strides);
    return g_test_run();
}
