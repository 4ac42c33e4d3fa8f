/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The recipe: written, read back, and refused where it is not one. */
#include "plugin/core/recipe.h"

#include <math.h>
#include <string.h>

#include "plugin/core/json.h"
#include "plugin/core/recipe_input.h"

static const char good[] =
    "{\n"
    "  \"human-eye\": \"0.1.0\",\n"
    "  \"format\": 1,\n"
    "  \"image\": {\"name\": \"“é”.png\", \"sha256\": "
    "\"00000000000000000000000000000000000000000000000000000000000000ff\", \"width\": 600, "
    "\"height\": 400},\n"
    "  \"model\": {\"name\": \"net\", \"sha256\": "
    "\"11111111111111111111111111111111111111111111111111111111111111ff\"},\n"
    "  \"view\": [{\"x\": 0, \"y\": 0.5, \"w\": 600, \"h\": 399.5, \"fit\": \"pad\", "
    "\"filter\": \"bicubic\"}],\n"
    "  \"input\": {\"Input\": {\"Tensor\": \"x\", \"Layout\": \"NHWC\", \"Size\": \"32x16\", "
    "\"Channels\": [\"red\", \"nir\"], \"Grey\": \"709\", \"Encoding\": \"raw\", "
    "\"Range\": [0, 4095], \"Mean\": [0.1, 127], \"Std\": [0.3, 128], \"Scale\": 255, "
    "\"Fit\": \"pad\", \"CropFraction\": 0.875, \"Filter\": \"bicubic\", "
    "\"Antialias\": true, \"Background\": \"#0180ff\"}, "
    "\"Output\": {\"Tensor\": null, \"Activation\": \"sigmoid\", \"Negative\": \"dog\"}, "
    "\"guessed\": [\"Input.Mean=0,0\"]},\n"
    "  \"target\": [{\"tensor\": null, \"index\": 967, \"label\": \"a \\\"cup\\\"\", "
    "\"weight\": 1}, {\"tensor\": \"/f/1\", \"index\": 5000000000, \"label\": null, "
    "\"weight\": -0.5}],\n"
    "  \"method\": {\"id\": \"cam\", \"layer\": null},\n"
    "  \"display\": {\"gradient\": \"signed\", \"colormap\": \"diverging\", "
    "\"scale\": \"percentile:99.9\", \"scale-max\": 12.25, \"opacity\": 80, "
    "\"blend\": \"grain-merge\", \"alpha\": \"full\"},\n"
    "  \"result\": {\"score\": 1e-300, \"probability\": null, \"max\": 0.1, "
    "\"coverage\": {\"seen\": 3, \"ruled\": 2, \"extended\": 1}, \"layer\": \"CAM\"},\n"
    "  \"run\": {\"seed\": 9007199254740992, \"kernels\": \"plain\", "
    "\"precision\": \"double\"}\n"
    "}\n";

static HeRecipe *parse(const char *json)
{
    g_autoptr(GError) error = NULL;
    HeRecipe *recipe = he_recipe_from_json(json, &error);
    g_assert_no_error(error);
    return recipe;
}

static void test_read(void)
{
    g_autoptr(HeRecipe) recipe = parse(good);
    g_assert_cmpstr(recipe->version, ==, "0.1.0");
    g_assert_cmpstr(recipe->image.name, ==, "“é”.png");
    g_assert_cmpint(recipe->image.height, ==, 400);
    g_assert_cmpfloat(recipe->view.y, ==, 0.5);
    g_assert_cmpint(recipe->view.fit, ==, HE_FIT_PAD);
    g_assert_cmpint(recipe->input.layout, ==, HE_LAYOUT_NHWC);
    g_assert_cmpint(recipe->input.height, ==, 32);
    g_assert_cmpint(recipe->input.width, ==, 16);
    g_assert_cmpint(recipe->input.n_channels, ==, 2);
    g_assert_cmpstr(recipe->input.channels[1], ==, "nir");
    g_assert_true(recipe->input.has_range);
    g_assert_cmpfloat(recipe->input.range[1], ==, 4095);
    g_assert_cmpfloat(recipe->input.mean[0], ==, 0.1);
    g_assert_cmpfloat(recipe->input.std[1], ==, 128);
    g_assert_false(recipe->input.is_background_mean);
    g_assert_cmpfloat(recipe->input.background[1], ==, 128 / 255.0);
    g_assert_null(recipe->input.output);
    g_assert_cmpstr(recipe->input.negative, ==, "dog");
    g_assert_cmpstr(recipe->input.guessed[0], ==, "Input.Mean=0,0");
    g_assert_cmpint(recipe->n_target, ==, 2);
    g_assert_null(recipe->target[0].tensor);
    g_assert_cmpstr(recipe->target[0].label, ==, "a \"cup\"");
    g_assert_cmpint(recipe->target[1].index, ==, 5000000000);
    g_assert_cmpfloat(recipe->target[1].weight, ==, -0.5);
    g_assert_cmpint(recipe->display.scale, ==, HE_SCALE_PERCENTILE);
    g_assert_cmpfloat(recipe->display.scale_value, ==, 99.9);
    g_assert_cmpfloat(recipe->scale_max, ==, 12.25);
    g_assert_cmpfloat(recipe->result.score, ==, 1e-300);
    g_assert_true(isnan(recipe->result.probability));
    g_assert_cmpint(recipe->result.coverage.extended, ==, 1);
    g_assert_cmpuint(recipe->run.seed, ==, (guint64)1 << 53);
    g_assert_cmpint(recipe->run.precision, ==, HE_PRECISION_DOUBLE);
}

/* What is written reads back to the same text. */
static void test_write(void)
{
    g_autoptr(HeRecipe) recipe = parse(good);
    g_autofree char *json = he_recipe_to_json(recipe);
    g_autoptr(HeRecipe) again = parse(json);
    g_autofree char *json_again = he_recipe_to_json(again);
    g_assert_cmpstr(json, ==, json_again);
    g_assert_nonnull(strstr(json, "[0.1, 127]"));
    g_assert_nonnull(strstr(json, "\"max\": 0.1,"));
    g_assert_nonnull(strstr(json, "“é”.png"));
    g_assert_null(strstr(json, "0.10000000000000001"));
}

/* The keys stand in the order of docs/recipe.md. */
static void test_order(void)
{
    static const char *const keys[] = {"human-eye", "format", "image",  "model",
                                       "view",      "input",  "target", "method",
                                       "display",   "result", "run"};
    g_autoptr(HeRecipe) recipe = parse(good);
    g_autofree char *json = he_recipe_to_json(recipe);
    const char *at = json;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *line = g_strdup_printf("\n  \"%s\": ", keys[i]);
        at = strstr(at, line);
        g_assert_nonnull(at);
    }
}

/* GOOD with the first OLD replaced by NEW. */
static char *change(const char *old, const char *new)
{
    const char *at = strstr(good, old);
    g_assert_nonnull(at);
    g_autofree char *before = g_strndup(good, (gsize)(at - good));
    return g_strconcat(before, new, at + strlen(old), NULL);
}

static void assert_refused(const char *json, const char *said)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(he_recipe_from_json(json, &error));
    g_assert_nonnull(error);
    g_assert_true(error->domain == HE_ERROR);
    g_assert_true(g_str_has_prefix(error->message, "recipe: "));
    if (!strstr(error->message, said))
        g_error("“%s” does not say “%s”", error->message, said);
}

static void test_refused(void)
{
    static const char *const changes[][3] = {
        {"\"format\": 1", "\"format\": 2", "needs a newer human-eye"},
        {"\"format\": 1", "\"format\": 2, \"shiny\": 1", "needs a newer human-eye"},
        {"\"format\": 1", "\"format\": 0", "“format”"},
        {"\"format\": 1", "\"format\": \"1\"", "“format”"},
        {"\"format\": 1,", "", "“format”"},
        {"\"format\": 1", "\"format\": 1, \"shiny\": 1", "“shiny”"},
        {"\"width\": 600", "\"width\": 600, \"depth\": 1", "“image.depth”"},
        {"\"width\": 600", "\"width\": 600.5", "“image.width”"},
        {"\"width\": 600", "\"width\": -600", "“image.width”"},
        {"\"width\": 600", "\"width\": 0", "image.width"},
        {"\"width\": 600", "\"width\": 99999999999", "“image.width”"},
        {"\"width\": 600, ", "", "“image.width”"},
        {"00ff\", \"width\"", "00fg\", \"width\"", "image.sha256"},
        {"11ff\"}", "1ff\"}", "model.sha256"},
        {"\"name\": \"net\"", "\"name\": null", "“model.name”"},
        {"\"x\": 0", "\"x\": \"0\"", "“view[0].x”"},
        {"\"w\": 600", "\"w\": 0", "view[0].w"},
        {"[{\"x\": 0", "[{}, {\"x\": 0", "“view”"},
        {"\"fit\": \"pad\"", "\"fit\": \"squash\"", "stretch, crop, pad, aspect"},
        {"\"32x16\"", "\"32\"", "“input.Input.Size”"},
        {"\"32x16\"", "\"0x16\"", "“input.Input.Size”"},
        {"\"32x16\"", "\"32x9999999\"", "“input.Input.Size”"},
        {"[0.1, 127]", "[0.1]", "“input.Input.Mean”"},
        {"[0.1, 127]", "[0.1, \"127\"]", "“input.Input.Mean”"},
        {"[0, 4095]", "[4095, 0]", "“input.Input.Range”"},
        {"[0, 4095]", "[]", "“input.Input.Range”"},
        {"\"Antialias\": true", "\"Antialias\": 1", "“input.Input.Antialias”"},
        {"#0180ff", "blue", "“input.Input.Background”"},
        {"\"sigmoid\"", "\"tanh\"", "“input.Output.Activation”"},
        {"[\"Input.Mean=0,0\"]", "[1]", "“input.guessed”"},
        {"\"target\": [", "\"target\": [], \"x\": [", "“x”"},
        {"\"index\": 967", "\"index\": -1", "“target[0].index”"},
        {"\"index\": 5000000000", "\"index\": 1e300", "“target[1].index”"},
        {"\"weight\": 1", "\"weight\": true", "“target[0].weight”"},
        {"\"id\": \"cam\"", "\"id\": 3", "“method.id”"},
        {"percentile:99.9", "percentile:999", "“display.scale”"},
        {"\"opacity\": 80", "\"opacity\": 180", "display.opacity"},
        {"\"scale-max\": 12.25", "\"scale-max\": -1", "scale-max"},
        {"\"seed\": 9007199254740992", "\"seed\": 9007199254740993", "“run.seed”"},
        {"\"max\": 0.1", "\"max\": null", "“result.max”"},
        {"{\"seen\": 3", "[{\"seen\": 3", "not JSON"},
        {"\"max\": 0.1", "\"max\": NaN", "not JSON"},
        {"\"max\": 0.1", "\"max\": 0.1 /* \" */", "not JSON"},
        {"\"max\": 0.1", "\"max\": '0.1'", "not JSON"},
        {"\"max\": 0.1", "\"max\": 1e999", "“result.max”"},
        {"“é”", "\xff", "UTF-8"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *json = change(changes[i][0], changes[i][1]);
        g_test_message("%s", changes[i][1]);
        assert_refused(json, changes[i][2]);
    }
    const char *target = strstr(good, "\"target\": [") + strlen("\"target\": ");
    g_autofree char *terms =
        g_strndup(target, (gsize)(strstr(target, "],") + 1 - target));
    g_autofree char *empty = change(terms, "[]");
    assert_refused(empty, "“target”");
    assert_refused("", "not JSON");
    assert_refused("[]", "an object");
    assert_refused("{", "not JSON");
    assert_refused("{\"a\": \"", "does not end");
    assert_refused("{\"a\": \"\\", "does not end");
    assert_refused("{} {}", "one object");
    assert_refused("}{", "one object");
    assert_refused("1", "one object");
    assert_refused("\"a\"", "one object");
}

/* Neither depth nor number nor length costs more than a scan. */
static void test_hostile(void)
{
    g_autofree char *deep = g_strnfill(1000000, '[');
    assert_refused(deep, "nested too deeply");
    g_autoptr(GString) many = g_string_new("[");
    for (int i = 0; i < 300000; i++)
        g_string_append(many, "[],");
    assert_refused(many->str, "too many lists");
    g_autofree char *longer = g_strnfill((17 << 20), ' ');
    assert_refused(longer, "16 MiB");
}

/* Every prefix of a recipe is refused and frees what it read. */
static void test_truncated(void)
{
    for (size_t n = 0; n + 2 < sizeof good - 1; n += 7) {
        g_autofree char *json = g_strndup(good, n);
        g_autoptr(GError) error = NULL;
        g_assert_null(he_recipe_from_json(json, &error));
        g_assert_nonnull(error);
    }
}

static void test_numbers(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0.1, "0.1"},
                {1, "1"},
                {-2.5, "-2.5"},
                {1e-300, "1e-300"},
                {0.1 + 0.2, "0.30000000000000004"},
                {1 / 3.0, "0.3333333333333333"},
                {123456789012, "123456789012"}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = he_number_to_text(rows[i].value);
        g_assert_cmpstr(text, ==, rows[i].text);
    }
    for (int i = 0; i < 1000; i++) {
        double value =
            g_test_rand_double_range(-1, 1) * exp(g_test_rand_int_range(-600, 600));
        g_autofree char *text = he_number_to_text(value);
        g_assert_cmpfloat(g_ascii_strtod(text, NULL), ==, value);
    }
}

static void test_input(void)
{
    g_autoptr(HeRecipe) a = parse(good), b = parse(good);
    g_assert_null(he_input_difference(&a->input, &b->input));
    b->input.fit = HE_FIT_CROP; /* the request's */
    g_assert_true(he_input_set_background(&b->input, "mean"));
    g_assert_null(he_input_difference(&a->input, &b->input));
    b->input.std[1] = 127;
    g_autofree char *key = he_input_difference(&a->input, &b->input);
    g_assert_cmpstr(key, ==, "Input.Std");
    b->input.std[1] = 128;
    b->input.activation = HE_ACTIVATION_SOFTMAX;
    g_autofree char *activation = he_input_difference(&a->input, &b->input);
    g_assert_cmpstr(activation, ==, "Output.Activation");
    g_autofree char *background = he_input_background(&a->input);
    g_assert_cmpstr(background, ==, "#0180ff");
    g_assert_false(he_input_set_background(&a->input, "#12"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recipe/read", test_read);
    g_test_add_func("/recipe/write", test_write);
    g_test_add_func("/recipe/order", test_order);
    g_test_add_func("/recipe/refused", test_refused);
    g_test_add_func("/recipe/hostile", test_hostile);
    g_test_add_func("/recipe/truncated", test_truncated);
    g_test_add_func("/recipe/numbers", test_numbers);
    g_test_add_func("/recipe/input", test_input);
    return g_test_run();
}
