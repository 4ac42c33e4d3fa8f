/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG in and out: every colour type, depth and order of rows; colour chunks; hostile files. */
#include <glib/gstdio.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/colour.h"
#include "cli/png.h"
#include "core/alloc.h"
#include "plugin/core/recipe.h"

#define W 13
#define H 9

static char *folder;

/* ---- files made here --------------------------------------------------------------------------------- */

typedef struct {
    int type, depth, interlace;
    int width, height;
    const guint8
        *rows; /* as the file stores them, one after the other; 16 bits big-endian */
    void (*chunks)(png_structp png, png_infop info);
} Spec;

static int samples_of(int type)
{
    return (type & PNG_COLOR_MASK_COLOR && type != PNG_COLOR_TYPE_PALETTE ? 3 : 1) +
           (type & PNG_COLOR_MASK_ALPHA ? 1 : 0);
}

static size_t row_bytes_of(const Spec *spec)
{
    return ((size_t)spec->width * (size_t)(samples_of(spec->type) * spec->depth) + 7) / 8;
}

static char *write_spec(const Spec *spec)
{
    char *path = g_build_filename(folder, "made.png", NULL);
    FILE *file = g_fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png)))
        g_error("the test writes a bad PNG");
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)spec->width, (png_uint_32)spec->height,
                 spec->depth, spec->type, spec->interlace, 0, 0);
    if (spec->chunks)
        spec->chunks(png, info);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < spec->height; y++)
            png_write_row(png, spec->rows + (size_t)y * row_bytes_of(spec));
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
    return path;
}

static CliPicture *read_spec(const Spec *spec)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = write_spec(spec);
    CliPicture *picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    return picture;
}

/* All rows, in two bands so that bands are tried. Free with g_free. */
static float *read_all(CliPicture *picture, HeEncoding encoding)
{
    HeSource *s = &picture->source;
    g_autoptr(GError) error = NULL;
    size_t row = (size_t)s->width * (size_t)(s->channels + (s->has_alpha ? 1 : 0));
    float *out = g_new(float, row *(size_t)s->height);
    int first = s->height / 2;
    if (first > 0)
        g_assert_true(s->read_rows(s, encoding, 0, first, out, &error));
    g_assert_true(s->read_rows(s, encoding, first, s->height - first,
                               out + row * (size_t)first, &error));
    return out;
}

/* Sample I of a row as the file stores it. */
static int stored(const Spec *spec, int y, int i)
{
    const guint8 *row = spec->rows + (size_t)y * row_bytes_of(spec);
    if (spec->depth == 16)
        return row[2 * i] << 8 | row[2 * i + 1];
    int bit = i * spec->depth;
    return row[bit / 8] >> (8 - spec->depth - bit % 8) & ((1 << spec->depth) - 1);
}

/* ---- samples ------------------------------------------------------------------------------------------- */

static guint8 noise[H * W * 8];

static void test_kinds(void)
{
    static const int kinds[][2] = {
        {PNG_COLOR_TYPE_GRAY, 1},        {PNG_COLOR_TYPE_GRAY, 2},
        {PNG_COLOR_TYPE_GRAY, 4},        {PNG_COLOR_TYPE_GRAY, 8},
        {PNG_COLOR_TYPE_GRAY, 16},       {PNG_COLOR_TYPE_GRAY_ALPHA, 8},
        {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB, 8},
        {PNG_COLOR_TYPE_RGB, 16},        {PNG_COLOR_TYPE_RGB_ALPHA, 8},
        {PNG_COLOR_TYPE_RGB_ALPHA, 16}};
    for (size_t k = 0; k < G_N_ELEMENTS(kinds) * 2; k++) {
        Spec spec = {.type = kinds[k / 2][0],
                     .depth = kinds[k / 2][1],
                     .interlace = k % 2 ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                     .width = W,
                     .height = H,
                     .rows = noise};
        g_autoptr(CliPicture) picture = read_spec(&spec);
        int full = (1 << spec.depth) - 1, n = samples_of(spec.type);
        gboolean has_alpha = (spec.type & PNG_COLOR_MASK_ALPHA) != 0;
        g_assert_cmpint(picture->source.width, ==, W);
        g_assert_cmpint(picture->source.height, ==, H);
        g_assert_cmpint(picture->source.channels + picture->source.has_alpha, ==, n);
        g_assert_cmpint(picture->source.has_alpha, ==, has_alpha);
        g_assert_cmpfloat(picture->source.full_scale, ==, full);
        g_assert_cmpint(picture->depth, ==, spec.depth == 16 ? 16 : 8);
        g_autofree float *raw = read_all(picture, HE_ENCODING_RAW);
        g_autofree float *srgb = read_all(picture, HE_ENCODING_SRGB);
        for (int i = 0; i < W * H * n; i++) {
            int v = stored(&spec, i / (W * n), i % (W * n));
            float part = (float)v / (float)full;
            gboolean is_alpha = has_alpha && i % n == n - 1;
            g_assert_cmpfloat(raw[i], ==, is_alpha ? part : (float)v);
            g_assert_cmpfloat(srgb[i], ==, part);
        }
    }
}

static void set_palette(png_structp png, png_infop info)
{
    static png_color palette[4] = {{10, 20, 30}, {40, 50, 60}, {70, 80, 90}, {1, 2, 3}};
    static guint8 alpha[2] = {0, 51};
    png_set_PLTE(png, info, palette, 4);
    png_set_tRNS(png, info, alpha, 2, NULL);
}

static void test_palette(void)
{
    static const guint8 rows[] = {0x1b}; /* 0 1 2 3 */
    static const float expected[] = {10, 20, 30, 0, 40, 50, 60, 0.2f,
                                     70, 80, 90, 1, 1,  2,  3,  1};
    Spec spec = {PNG_COLOR_TYPE_PALETTE, 2, 0, 4, 1, rows, set_palette};
    g_autoptr(CliPicture) picture = read_spec(&spec);
    g_assert_cmpint(picture->source.channels, ==, 3);
    g_assert_true(picture->source.has_alpha);
    g_autofree float *raw = read_all(picture, HE_ENCODING_RAW);
    g_assert_cmpmem(raw, sizeof expected, expected, sizeof expected);
}

static void set_key(png_structp png, png_infop info)
{
    png_color_16 key = {.gray = 2, .red = 0x1234, .green = 0x5678, .blue = 0x9abc};
    png_set_tRNS(png, info, NULL, 0, &key);
}

/* The key is compared at the file's own depth, before anything is scaled. */
static void test_key(void)
{
    static const guint8 grey[] = {0x1b};
    static const guint8 rgb[] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
                                 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbd};
    Spec spec = {PNG_COLOR_TYPE_GRAY, 2, 0, 4, 1, grey, set_key};
    g_autoptr(CliPicture) a = read_spec(&spec);
    g_autofree float *raw = read_all(a, HE_ENCODING_RAW);
    static const float expected[] = {0, 1, 1, 1, 2, 0, 3, 1};
    g_assert_cmpmem(raw, sizeof expected, expected, sizeof expected);

    Spec wide = {PNG_COLOR_TYPE_RGB, 16, 0, 2, 1, rgb, set_key};
    g_autoptr(CliPicture) b = read_spec(&wide);
    g_autofree float *raw16 = read_all(b, HE_ENCODING_RAW);
    g_assert_cmpfloat(raw16[3], ==, 0);
    g_assert_cmpfloat(raw16[7], ==, 1);
    g_assert_cmpfloat(raw16[6], ==, 0x9abd);
}

/* ---- colours --------------------------------------------------------------------------------------------- */

static double encode(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static double decode(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static void set_gamma_srgb(png_structp png, png_infop info)
{
    png_set_gAMA_fixed(png, info, 45455);
}

static void set_gamma_linear(png_structp png, png_infop info)
{
    png_set_gAMA_fixed(png, info, 100000);
}

static void set_gamma_mac(png_structp png, png_infop info)
{
    png_set_gAMA_fixed(png, info, 55556);
}

static void set_srgb(png_structp png, png_infop info)
{
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
}

static void test_gamma(void)
{
    static const struct {
        void (*chunks)(png_structp png, png_infop info);
        double power; /* linear = v^power; 0: sRGB as it is */
    } cases[] = {{NULL, 0},
                 {set_srgb, 0},
                 {set_gamma_srgb, 0},
                 {set_gamma_linear, 1},
                 {set_gamma_mac, 1.8}};
    guint8 ramp[256];
    for (int i = 0; i < 256; i++)
        ramp[i] = (guint8)i;
    for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
        Spec spec = {PNG_COLOR_TYPE_GRAY, 8, 0, 256, 1, ramp, cases[k].chunks};
        g_autoptr(CliPicture) picture = read_spec(&spec);
        g_autofree float *raw = read_all(picture, HE_ENCODING_RAW);
        g_autofree float *srgb = read_all(picture, HE_ENCODING_SRGB);
        g_autofree float *linear = read_all(picture, HE_ENCODING_LINEAR);
        for (int i = 0; i < 256; i++) {
            double v = i / 255.0;
            double light = cases[k].power > 0 ? pow(v, cases[k].power) : decode(v);
            g_assert_cmpfloat(raw[i], ==, i);
            g_assert_cmpfloat_with_epsilon(linear[i], light, 2e-5);
            g_assert_cmpfloat_with_epsilon(srgb[i], encode(light), 2e-5);
            if (cases[k].power == 0)
                g_assert_cmpfloat(srgb[i], ==, (float)i / 255);
        }
    }
}

/* Linear Display P3: its red is (1.0930, -0.2267, -0.1501) in encoded sRGB. */
static void set_p3(png_structp png, png_infop info)
{
    png_set_gAMA_fixed(png, info, 100000);
    png_set_cHRM_fixed(png, info, 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000);
}

static void set_srgb_primaries(png_structp png, png_infop info)
{
    png_set_gAMA_fixed(png, info, 45455);
    png_set_cHRM_fixed(png, info, 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000);
}

static void test_primaries(void)
{
    static const guint8 rows[] = {255, 0, 0, 255, 255, 255};
    Spec spec = {PNG_COLOR_TYPE_RGB, 8, 0, 2, 1, rows, set_p3};
    g_autoptr(CliPicture) picture = read_spec(&spec);
    g_autofree float *srgb = read_all(picture, HE_ENCODING_SRGB);
    g_assert_cmpfloat_with_epsilon(srgb[0], 1.0930, 2e-3);
    g_assert_cmpfloat(srgb[1], <, -0.1); /* the sign is kept */
    for (int c = 3; c < 6; c++)
        g_assert_cmpfloat_with_epsilon(srgb[c], 1, 1e-3);

    Spec same = {PNG_COLOR_TYPE_RGB, 8, 0, W, H, noise, set_srgb_primaries};
    g_autoptr(CliPicture) plain = read_spec(&same);
    g_autofree float *kept = read_all(plain, HE_ENCODING_SRGB);
    for (int i = 0; i < W * H * 3; i++)
        g_assert_cmpfloat(kept[i], ==, (float)noise[i] / 255);
}

/* rocket.png is in Adobe RGB: its first pixel, 17 33 58, is 0 27 56 in sRGB by Little CMS. */
static void test_profile(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests", "images", "rocket.png", NULL);
    g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    g_assert_null(picture->note);
    g_autofree float *srgb = read_all(picture, HE_ENCODING_SRGB);
    g_autofree float *raw = read_all(picture, HE_ENCODING_RAW);
    g_assert_cmpfloat(raw[0], ==, 17);
    g_assert_cmpfloat_with_epsilon(srgb[0], 0, 0.012);
    g_assert_cmpfloat_with_epsilon(srgb[1], 27 / 255.0, 0.003);
    g_assert_cmpfloat_with_epsilon(srgb[2], 56 / 255.0, 0.003);
}

static void put32(GByteArray *out, guint32 v)
{
    guint32 big = GUINT32_TO_BE(v);
    g_byte_array_append(out, (const guint8 *)&big, 4);
}

/* A grey profile whose one curve is TAG. */
static GByteArray *grey_profile(const char *tag, size_t n)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, 128);
    memset(out->data, 0, 128);
    memcpy(out->data + 16, "GRAYXYZ ", 8);
    put32(out, 1);
    g_byte_array_append(out, (const guint8 *)"kTRC", 4);
    put32(out, 144);
    put32(out, (guint32)n);
    g_byte_array_append(out, (const guint8 *)tag, (guint)n);
    return out;
}

static void check_curve(const char *tag, size_t n, double at_half)
{
    g_autoptr(GByteArray) profile = grey_profile(tag, n);
    g_autoptr(CliColour) colour = cli_colour_new(254);
    float v = 127;
    g_assert_true(cli_colour_set_profile(colour, 1, profile->data, profile->len));
    cli_colour_convert(colour, HE_ENCODING_LINEAR, 1, 1, &v, 1);
    g_assert_cmpfloat_with_epsilon(v, at_half, 1e-4);
    /* Whatever is cut or changed is refused or gives finite numbers; sanitizers look on. */
    for (guint i = 0; i < profile->len; i++) {
        g_autoptr(CliColour) other = cli_colour_new(15);
        cli_colour_set_profile(other, 1, profile->data, i);
        guint8 kept = profile->data[i];
        for (int bit = 0; bit < 8; bit++) {
            g_autoptr(CliColour) changed = cli_colour_new(15);
            profile->data[i] = kept ^ (guint8)(1 << bit);
            v = 7;
            cli_colour_set_profile(changed, 1, profile->data, profile->len);
            cli_colour_convert(changed, HE_ENCODING_LINEAR, 1, 1, &v, 1);
            g_assert_true(isfinite(v));
        }
        profile->data[i] = kept;
    }
}

static void test_curves(void)
{
    static const char identity[] = "curv\0\0\0\0\0\0\0\0";
    static const char gamma3[] = "curv\0\0\0\0\0\0\0\1\3\0";
    static const char table[] = "curv\0\0\0\0\0\0\0\3\0\0\x20\0\xff\xff";
    static const char para0[] = "para\0\0\0\0\0\0\0\0\0\2\0\0";
    static const char para3[] =
        "para\0\0\0\0\0\3\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0\0\x80\0\0\1\0\0";
    check_curve(identity, sizeof identity - 1, 0.5);
    check_curve(gamma3, sizeof gamma3 - 1, 0.125);
    check_curve(table, sizeof table - 1, 0x2000 / 65535.0);
    check_curve(para0, sizeof para0 - 1, 0.25);
    check_curve(para3, sizeof para3 - 1, 0.25); /* below d: c * v = 0.5 v */
}

/* ---- hostile files ----------------------------------------------------------------------------------------- */

static gboolean opens(const char *path, char **message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
    g_assert_true((picture == NULL) == (error != NULL));
    if (message)
        *message = error ? g_strdup(error->message) : NULL;
    if (picture) {
        g_autofree float *all = read_all(picture, HE_ENCODING_SRGB);
    }
    return picture != NULL;
}

static void save(const char *path, const char *bytes, size_t n)
{
    FILE *file = g_fopen(path, "wb");
    g_assert_cmpuint(fwrite(bytes, 1, n, file), ==, n);
    fclose(file);
}

/* As opens(), from memory: hundreds of files take their time. */
static gboolean opens_bytes(char *bytes, size_t n, char **message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliInput) input = g_new0(CliInput, 1);
    input->name = g_strdup("made");
    input->bytes = (gint64)n;
    input->file = fmemopen(bytes, n, "rb");
    input->n_head = fread(input->head, 1, CLI_HEAD_BYTES, input->file);
    g_autoptr(CliPicture) picture = cli_png_read(input, &error);
    g_assert_true((picture == NULL) == (error != NULL));
    *message = error ? g_strdup(error->message) : NULL;
    if (picture) {
        g_autofree float *all = read_all(picture, HE_ENCODING_SRGB);
    }
    return picture != NULL;
}

static void test_broken(void)
{
    Spec spec = {PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, W, H, noise, set_p3};
    g_autofree char *path = write_spec(&spec);
    g_autofree char *bytes = NULL;
    gsize n = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    for (gsize cut = 1; cut + 12 < n; cut++) { /* IEND is 12 bytes */
        g_autofree char *message = NULL;
        if (opens_bytes(bytes, cut, &message))
            g_error("opens with %zu of %zu bytes", cut, n);
        g_assert_true(g_str_has_prefix(message, "made: not a good PNG: "));
    }
    int n_good = 0;
    for (gsize at = 8; at < n; at++) {
        g_autofree char *message = NULL;
        bytes[at] ^= 0x24;
        n_good += opens_bytes(bytes, n, &message);
        bytes[at] ^= 0x24;
    }
    g_test_message("%d of %zu changes pass", n_good, n - 8);
    /* Only what is no part of the pixels may be changed unseen. */
    g_assert_cmpint(n_good, <, 100);
}

/* A header alone that asks for everything. */
static void test_sides(void)
{
    static const struct {
        guint32 width, height;
    } sides[] = {
        {300000, 1}, {1, 300000}, {262144, 262144}, {0, 5}, {0x7fffffff, 0x7fffffff}};
    g_autofree char *path = g_build_filename(folder, "sides.png", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_byte_array_append(out, (const guint8 *)"\x89PNG\r\n\x1a\n", 8);
        put32(out, 13);
        guint start = out->len;
        g_byte_array_append(out, (const guint8 *)"IHDR", 4);
        put32(out, sides[i].width);
        put32(out, sides[i].height);
        g_byte_array_append(out, (const guint8 *)"\x10\x06\0\0\0", 5);
        guint32 crc = 0xffffffff;
        for (guint b = start; b < out->len; b++) {
            crc ^= out->data[b];
            for (int k = 0; k < 8; k++)
                crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
        put32(out, ~crc);
        save(path, (const char *)out->data, out->len);
        g_assert_false(opens(path, NULL));
    }
}

static void test_no_memory(void)
{
    g_autoptr(GError) error = NULL;
    Spec spec = {PNG_COLOR_TYPE_RGB, 8, 0, W, H, noise, NULL};
    g_autofree char *path = write_spec(&spec);
    he_alloc_fail_at(1);
    g_assert_null(cli_picture_open(path, &error));
    he_alloc_fail_at(0);
    g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
}

static void test_other_kinds(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *words;
    } kinds[] = {{"\xff\xd8\xff\xe0....", 8, "a JPEG; open it in GIMP or convert it"},
                 {"GIF89a..", 8, "a GIF; open"},
                 {"RIFF....WEBPVP8 ", 16, "a WebP picture; open"},
                 {"II*\0....", 8, "a TIFF; open"},
                 {"MM\0*....", 8, "a TIFF; open"},
                 {"BM......", 8, "a BMP; open"},
                 {"gimp xcf v011", 13, "a GIMP file (XCF); open"},
                 {"hello", 5, "neither a PNG nor a .npy file"},
                 {"", 0, "empty"}};
    g_autofree char *path = g_build_filename(folder, "other", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *message = NULL;
        save(path, kinds[i].bytes, kinds[i].n);
        g_assert_false(opens(path, &message));
        g_assert_nonnull(strstr(message, kinds[i].words));
    }
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

static void test_write(void)
{
    static const float rgba[] = {0, 0.5f, 1, 0.25f, -3, 7, NAN, 1, 0.1f, 0.2f, 0.3f, 0};
    for (int k = 0; k < 4; k++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_build_filename(folder, "written.png", NULL);
        FILE *file = g_fopen(path, "wb");
        CliPngShape shape = {path, 1, 3, k & 1, k & 2 ? 16 : 8, "{\"a\": \"é\"}"};
        g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, &error);
        g_assert_no_error(error);
        g_assert_true(cli_png_writer_rows(writer, rgba, 2, &error));
        g_assert_true(cli_png_writer_rows(writer, rgba + 8, 1, &error));
        g_assert_true(cli_png_writer_end(writer, &error));
        fclose(file);

        g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(picture->recipe, ==, "{\"a\": \"é\"}");
        g_assert_cmpint(picture->source.has_alpha, ==, k & 1);
        g_assert_cmpint(picture->depth, ==, shape.depth);
        g_autofree float *raw = read_all(picture, HE_ENCODING_RAW);
        int step = 3 + (k & 1), full = shape.depth == 16 ? 65535 : 255;
        for (int i = 0; i < 3; i++)
            for (int c = 0; c < step; c++) {
                float v = rgba[i * 4 + c];
                double expected = isnan(v) ? 0 : floor(CLAMP(v, 0, 1) * full + 0.5);
                g_assert_cmpfloat_with_epsilon(
                    raw[i * step + c] * (c == 3 ? (float)full : 1), expected, 1e-2);
            }
    }
}

/* More rows than a part has, one pixel wide and very wide: what is read is what was written. */
static void test_write_parts(void)
{
    static const int sizes[][2] = {{3000, 40}, {1, 40000}, {500, 131}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes) * 4; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_build_filename(folder, "parts.png", NULL);
        FILE *file = g_fopen(path, "wb");
        const int width = sizes[i / 4][0], height = sizes[i / 4][1];
        CliPngShape shape = {path, width, height, i & 1, i & 2 ? 16 : 8, NULL};
        const int step = 3 + (int)(i & 1), full = i & 2 ? 65535 : 255;
        const gsize n = (gsize)width * (gsize)height;
        g_autofree float *rgba = g_new(float, n * 4);
        for (gsize k = 0; k < n * 4; k++)
            rgba[k] = (float)((noise[k % sizeof noise] + k / 4 % 300) % 256) / 255;
        g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, &error);
        g_assert_true(cli_png_writer_rows(writer, rgba, height, &error));
        g_assert_true(cli_png_writer_end(writer, &error));
        fclose(file);

        g_autoptr(CliPicture) picture = cli_picture_open(path, &error);
        g_assert_no_error(error);
        g_autofree float *raw = read_all(picture, HE_ENCODING_RAW);
        for (gsize k = 0; k < n; k++)
            for (int c = 0; c < step; c++)
                g_assert_cmpfloat(
                    roundf(raw[k * (gsize)step + (gsize)c] * (c == 3 ? (float)full : 1)),
                    ==, roundf(rgba[k * 4 + (gsize)c] * (float)full));
    }
}

static void test_disk_full(void)
{
    g_autoptr(GError) error = NULL;
    FILE *file = g_fopen("/dev/full", "wb");
    if (!file) {
        g_test_skip("no /dev/full here");
        return;
    }
    setvbuf(file, NULL, _IONBF, 0);
    CliPngShape shape = {"why.png", 1, 3, FALSE, 8, NULL};
    g_autoptr(CliPngWriter) writer = cli_png_writer_new(file, &shape, &error);
    fclose(file);
    g_assert_null(writer);
    g_assert_error(error, HE_ERROR, HE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "why.png: cannot be written"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("human-eye-png-XXXXXX", NULL);
    srand(7);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (guint8)(rand() >> 7);
    g_test_add_func("/png/kinds", test_kinds);
    g_test_add_func("/png/palette", test_palette);
    g_test_add_func("/png/key", test_key);
    g_test_add_func("/png/gamma", test_gamma);
    g_test_add_func("/png/primaries", test_primaries);
    g_test_add_func("/png/profile", test_profile);
    g_test_add_func("/png/curves", test_curves);
    g_test_add_func("/png/broken", test_broken);
    g_test_add_func("/png/sides", test_sides);
    g_test_add_func("/png/no-memory", test_no_memory);
    g_test_add_func("/png/other-kinds", test_other_kinds);
    g_test_add_func("/png/write", test_write);
    g_test_add_func("/png/write-parts", test_write_parts);
    g_test_add_func("/png/disk-full", test_disk_full);
    int status = g_test_run();
    g_autofree char *clean = g_strdup_printf("rm -r '%s'", folder);
    return status | (system(clean) != 0);
}
