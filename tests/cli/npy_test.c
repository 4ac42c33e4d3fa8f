/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* .npy in and out, and as pictures; hostile headers. */
#include <glib/gstdio.h>
#include <string.h>

#include "cli/npy.h"
#include "core/alloc.h"
#include "core/tensor.h"

static char *path;

static void save_bytes(const void *bytes, size_t n)
{
    FILE *file = g_fopen(path, "wb");
    g_assert_cmpuint(fwrite(bytes, 1, n, file), ==, n);
    fclose(file);
}

/* A file of VERSION with the literal HEADER and N bytes of DATA. */
static void save(int version, const char *header, const void *data, size_t n)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    size_t length = strlen(header);
    guint8 start[12] = {0x93,
                        'N',
                        'U',
                        'M',
                        'P',
                        'Y',
                        (guint8)version,
                        0,
                        (guint8)length,
                        (guint8)(length >> 8),
                        (guint8)(length >> 16),
                        0};
    g_byte_array_append(out, start, version == 1 ? 10 : 12);
    g_byte_array_append(out, (const guint8 *)header, (guint)length);
    g_byte_array_append(out, data, (guint)n);
    save_bytes(out->data, out->len);
}

/* From memory: hundreds of files take their time. */
static gboolean read_bytes(char *bytes, size_t n, HeTensor *out)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliInput) input = g_new0(CliInput, 1);
    input->name = g_strdup("made");
    input->bytes = -1;
    input->file = fmemopen(bytes, n, "rb");
    gboolean is_good = cli_npy_read(input, out, &error);
    g_assert_true(is_good == (error == NULL));
    return is_good;
}

static gboolean read_back(HeTensor *out, char **message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliInput) input = cli_input_open(path, &error);
    gboolean is_good = input && cli_npy_read(input, out, &error);
    g_assert_true(is_good == (error == NULL));
    if (message)
        *message = error ? g_strdup(error->message) : NULL;
    return is_good;
}

static void check_type(const char *descr, HeType type, const void *data, size_t n)
{
    g_autofree char *header = g_strdup_printf(
        "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }\n", descr);
    HeTensor got;
    save(1, header, data, n);
    g_assert_true(read_back(&got, NULL));
    g_assert_cmpint(got.type, ==, type);
    g_assert_cmpint(got.rank, ==, 1);
    g_assert_cmpint(got.dim[0], ==, 2);
    g_assert_cmpfloat(he_tensor_get_double(&got, 0), ==, 1);
    g_assert_cmpfloat(he_tensor_get_double(&got, 1), ==, type == HE_BOOL ? 0 : 2);
    he_free(got.data);
}

static void test_types(void)
{
    check_type("|b1", HE_BOOL, "\1\0", 2);
    check_type("|i1", HE_I8, "\1\2", 2);
    check_type("|u1", HE_U8, "\1\2", 2);
    check_type("<i2", HE_I16, "\1\0\2\0", 4);
    check_type(">u2", HE_U16, "\0\1\0\2", 4);
    check_type("<u4", HE_U32, "\1\0\0\0\2\0\0\0", 8);
    check_type(">i4", HE_I32, "\0\0\0\1\0\0\0\2", 8);
    check_type("<i8", HE_I64, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
    check_type(">u8", HE_U64, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16);
    check_type("<f2", HE_F16, "\0\x3c\0\x40", 4);
    check_type("<f4", HE_F32, "\0\0\x80\x3f\0\0\0\x40", 8);
    check_type(">f4", HE_F32, "\x3f\x80\0\0\x40\0\0\0", 8);
    check_type(">f8", HE_F64, "\x3f\xf0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0", 16);
}

static void test_headers(void)
{
    static const char *const good[] = {
        "{'shape':(1,2),'fortran_order':False,'descr':'|u1'}",
        " { \"descr\" : \"|u1\" , 'shape' : ( 1 , 2 , ) , 'fortran_order' : False , } ",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 1)}\n"};
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
            HeTensor got;
            save(version, good[i], "\5\6", 2);
            g_assert_true(read_back(&got, NULL));
            g_assert_cmpfloat(he_tensor_get_double(&got, 1), ==, 6);
            he_free(got.data);
        }
}

static void test_hostile(void)
{
    static const struct {
        const char *header, *words;
    } bad[] = {
        {"", "not well formed"},
        {"{}", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False}", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2,", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2 2)}", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': 2}", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': None, 'shape': (2,)}", "not well formed"},
        {"{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
         "not well formed"},
        {"{'x': '|u1', 'fortran_order': False, 'shape': (2,)}", "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}",
         "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
         "not well formed"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3000000000, 3000000000)}",
         "too large"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 60000, 60000, 60000)}",
         "too large"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (2,)}", "Fortran order"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}", "'<c8'"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "'|O'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", "too early"},
        {"{'descr': '', 'fortran_order': False, 'shape': (2,)}", "''"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *message = NULL;
        HeTensor got;
        save(1, bad[i].header, "\5\6", 2);
        g_assert_false(read_back(&got, &message));
        if (!strstr(message, bad[i].words))
            g_test_message("%s: %s", bad[i].header, message);
        g_assert_nonnull(strstr(message, bad[i].words));
    }
}

static void test_cut(void)
{
    g_autofree char *bytes = NULL;
    gsize n = 0;
    HeTensor got;
    save(2, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", "\5\0\6\0", 4);
    g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    for (gsize cut = 1; cut < n; cut++)
        g_assert_false(read_bytes(bytes, cut, &got));
    for (gsize at = 0; at < n; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] ^= (char)(1 << bit);
            if (read_bytes(bytes, n, &got))
                he_free(got.data);
            bytes[at] ^= (char)(1 << bit);
        }
}

static void test_write(void)
{
    static const float values[] = {1, -2.5f, 3e30f, 0, 5, 6};
    static const struct {
        int rank;
        gint64 dim[3];
        const char *shape;
    } cases[] = {{1, {6}, "(6,)"}, {2, {2, 3}, "(2, 3)"}, {3, {1, 6, 1}, "(1, 6, 1)"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        FILE *file = g_fopen(path, "wb");
        HeTensor got;
        g_autofree char *bytes = NULL;
        gsize n = 0;
        g_assert_true(
            cli_npy_write_header(file, path, cases[i].rank, cases[i].dim, NULL));
        g_assert_true(cli_npy_write_values(file, path, values, 6, NULL));
        fclose(file);
        g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
        g_assert_cmpuint((n - sizeof values) % 64, ==, 0);
        g_assert_nonnull(g_strstr_len(bytes + 10, 118, cases[i].shape));
        g_assert_true(read_back(&got, NULL));
        g_assert_cmpint(got.rank, ==, cases[i].rank);
        g_assert_cmpmem(got.data, sizeof values, values, sizeof values);
        he_free(got.data);
    }
}

static void test_picture(void)
{
    g_autoptr(GError) error = NULL;
    float out[8];
    save(1, "{'descr': '>u2', 'fortran_order': False, 'shape': (2, 1, 4)}",
         "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\xff\xff", 16);
    g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    HeSource *s = &picture->source;
    g_assert_cmpint(s->height, ==, 2);
    g_assert_cmpint(s->width, ==, 1);
    g_assert_cmpint(s->channels, ==, 4);
    g_assert_false(s->has_alpha);
    g_assert_true(s->read_rows(s, HE_ENCODING_RAW, 1, 1, out, &error));
    g_assert_cmpfloat(out[0], ==, 5);
    g_assert_cmpfloat(out[3], ==, 65535);
    g_assert_true(s->read_rows(s, HE_ENCODING_SRGB, 1, 1, out, &error));
    g_assert_cmpfloat(out[3], ==, 1);

    save(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}", "1234", 4);
    g_assert_null(cli_picture_open(path, &error));
    g_assert_nonnull(strstr(error->message, "[H, W]"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *folder = g_dir_make_tmp("human-eye-npy-XXXXXX", NULL);
    path = g_build_filename(folder, "x.npy", NULL);
    g_test_add_func("/npy/types", test_types);
    g_test_add_func("/npy/headers", test_headers);
    g_test_add_func("/npy/hostile", test_hostile);
    g_test_add_func("/npy/cut", test_cut);
    g_test_add_func("/npy/write", test_write);
    g_test_add_func("/npy/picture", test_picture);
    int status = g_test_run();
    g_remove(path);
    g_rmdir(folder);
    return status;
}
