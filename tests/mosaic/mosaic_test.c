/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the embedded network says about photographs, and where. On a mosaic of four photographs, in each of
 * four arrangements, the maps for espresso are largest inside the coffee, and for Egyptian cat inside the
 * cat: a map that is mirrored, transposed, shifted or blind to the class fails. */
#include "cli/picture.h"
#include "plugin/core/run.h"

#define CELL_W 448
#define CELL_H 320
#define WIDTH  (2 * CELL_W)
#define HEIGHT (2 * CELL_H)

static const char *const pictures[4] = {"chelsea", "coffee", "raccoon", "rocket"};
enum { CHELSEA, COFFEE };

static HeSession *session;

/* ---- pictures ---------------------------------------------------------------------------------------- */

static CliPicture *open_picture(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_strconcat(name, ".png", NULL);
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests", "images", file, NULL);
    CliPicture *picture = cli_picture_open(path, &error);
    g_assert_no_error(error);
    return picture;
}

/* Bilinear, CELL_W x CELL_H, RGB; into OUT, a part of the mosaic. */
static void draw_cell(HeSource *source, float *out)
{
    int n = source->channels + (source->has_alpha ? 1 : 0), w = source->width;
    g_autofree float *all = g_new(float, (gsize)source->height *(gsize)(w * n));
    g_assert_true(
        source->read_rows(source, HE_ENCODING_SRGB, 0, source->height, all, NULL));
    for (int y = 0; y < CELL_H; y++) {
        float v = ((float)y + 0.5f) * (float)source->height / CELL_H - 0.5f;
        int y0 = CLAMP((int)v, 0, source->height - 2);
        float fy = v - (float)y0;
        for (int x = 0; x < CELL_W; x++) {
            float u = ((float)x + 0.5f) * (float)w / CELL_W - 0.5f;
            int x0 = CLAMP((int)u, 0, w - 2);
            float fx = u - (float)x0;
            for (int c = 0; c < 3; c++) {
                const float *p = all + (y0 * w + x0) * n + c;
                out[(y * WIDTH + x) * 3 + c] =
                    (1 - fy) * ((1 - fx) * p[0] + fx * p[n]) +
                    fy * ((1 - fx) * p[w * n] + fx * p[w * n + n]);
            }
        }
    }
}

static gboolean read_mosaic(HeSource *self, HeEncoding encoding, int y, int n, float *out,
                            GError **error)
{
    (void)error;
    g_assert_cmpint(encoding, ==, HE_ENCODING_SRGB);
    memcpy(out, (float *)self->data + (size_t)y * WIDTH * 3,
           (size_t)n * WIDTH * 3 * sizeof(float));
    return TRUE;
}

/* Picture I stands in cell (I + TURN) % 4, in reading order. */
static HeInput *mosaic_input(int turn)
{
    g_autoptr(GError) error = NULL;
    g_autofree float *pixels = g_new(float, WIDTH *HEIGHT * 3);
    for (int i = 0; i < 4; i++) {
        g_autoptr(CliPicture) picture = open_picture(pictures[i]);
        int cell = (i + turn) % 4;
        draw_cell(&picture->source,
                  pixels + (cell / 2 * CELL_H * WIDTH + cell % 2 * CELL_W) * 3);
    }
    HeSource source = {.width = WIDTH,
                       .height = HEIGHT,
                       .channels = 3,
                       .full_scale = 255,
                       .read_rows = read_mosaic,
                       .data = pixels};
    HeLook look = {.fit = HE_FIT_STRETCH};
    HeInput *input =
        he_input_new(he_session_get_model(session), &source, &look, NULL, &error);
    g_assert_no_error(error);
    return input;
}

/* ---- where a map is largest -------------------------------------------------------------------------- */

static int cell_of_maximum(const HeMap *map)
{
    g_autoptr(GError) error = NULL;
    g_autofree float *plane = he_map_reduce(map, HE_GRADIENT_POSITIVE, &error);
    g_assert_no_error(error);
    g_autofree float *row = g_new(float, WIDTH);
    float best = 0;
    int cell = -1;
    for (int y = 0; y < HEIGHT; y++) {
        he_map_resize_rows(map, plane, y, 1, row);
        for (int x = 0; x < WIDTH; x++)
            if (row[x] > best) {
                best = row[x];
                cell = y / CELL_H * 2 + x / CELL_W;
            }
    }
    return cell;
}

static void check_class(const HeInput *input, const char *method, const char *label,
                        int cell)
{
    g_autoptr(GError) error = NULL;
    HeModel *model = he_session_get_model(session);
    HeTarget target = {0};
    HeOptions options = {.method = method};
    int class_index = he_model_find_class(model, label, &error);
    g_assert_no_error(error);
    g_assert_true(he_target_class(model, class_index, 1, &target, &error));
    g_autoptr(HeMap) map = he_explain(session, input, &target, &options, NULL, &error);
    g_assert_no_error(error);
    he_target_clear(&target);
    g_assert_cmpint(cell_of_maximum(map), ==, cell);
}

static void test_mosaic(const void *data)
{
    const char *method = data;
    for (int turn = 0; turn < 4; turn++) {
        g_autoptr(HeInput) input = mosaic_input(turn);
        check_class(input, method, "Egyptian cat", (CHELSEA + turn) % 4);
        check_class(input, method, "espresso", (COFFEE + turn) % 4);
    }
}

/* ---- what is in a picture ---------------------------------------------------------------------------- */

static void check_answer(const char *name, const char *label, double least)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliPicture) picture = open_picture(name);
    HeModel *model = he_session_get_model(session);
    HeLook look = {.fit = HE_FIT_STRETCH};
    g_autoptr(HeInput) input = he_input_new(model, &picture->source, &look, NULL, &error);
    g_assert_no_error(error);
    HeScores scores = {0};
    g_assert_true(he_classify(session, input, NULL, &scores, &error));
    g_test_message("%s: %s %.4f", name, he_model_get_label(model, scores.order[0]),
                   scores.probability[scores.order[0]]);
    g_assert_cmpstr(he_model_get_label(model, scores.order[0]), ==, label);
    g_assert_cmpfloat(scores.probability[scores.order[0]], >=, least);
    he_scores_clear(&scores);
}

static void test_classify(void)
{
    check_answer("chelsea", "Egyptian cat", 0.7);
    check_answer("coffee", "espresso", 0.85);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_test_init(&argc, &argv, NULL);
    g_autofree char *path =
        he_models_find("efficientnet-lite0", g_getenv("HE_BUILD"), &error);
    if (!path) {
        g_print("1..0 # SKIP %s\n", error->message);
        return 0;
    }
    g_autoptr(HeModel) model = he_model_load(path, &error);
    g_assert_no_error(error);
    HeSessionOptions options = {0};
    session = he_session_new(model, &options, &error);
    g_assert_no_error(error);
    g_test_add_func("/mosaic/classify", test_classify);
    g_test_add_data_func("/mosaic/cam", "cam", test_mosaic);
    g_test_add_data_func("/mosaic/grad-cam", "grad-cam", test_mosaic);
    int status = g_test_run();
    he_session_free(session);
    return status;
}
