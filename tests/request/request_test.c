/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The table of parameters, and requests set, read and written by it. */
#include <string.h>

#include "plugin/core/recipe.h"
#include "plugin/core/request.h"

static void test_table(void)
{
    int n;
    const HeParam *params = he_params_list(&n);
    g_autoptr(HeRequest) request = he_request_new();
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(n, ==, 23);
    for (int i = 0; i < n; i++) {
        const HeParam *param = &params[i];
        g_assert_true(i == 0 || strcmp(params[i - 1].name, param->name) < 0);
        g_assert_true(he_param_find(param->name) == param);
        g_assert_true(param->groups != 0);
        g_assert_cmpint((int)strlen(param->blurb), >, 20);
        g_assert_true(*param->nick && *param->value);
        if (param->kind != HE_PARAM_LIST)
            g_assert_true((param->kind == HE_PARAM_CHOICE) == (param->choices != NULL));
        g_assert_true((param->kind == HE_PARAM_NUMBER ||
                       param->kind == HE_PARAM_INTEGER) == (param->max > param->min));
        if (param->initial)
            he_request_set(request, param->name, param->initial, &error);
        g_assert_no_error(error);
    }
    g_assert_null(he_param_find("nothing"));
}

typedef struct {
    const char *name, *text;
    const char *said; /* in the error; NULL: it is taken */
    int code;
} Set;

static const Set sets[] = {
    {"alpha", "full", NULL, 0},
    {"alpha", "Full", "map, full", HE_ERROR_INVALID_ARGUMENT},
    {"at", "3,4", NULL, 0},
    {"at", "max", NULL, 0},
    {"at", "3, 4", NULL, 0},
    {"at", "3", "Y,X", HE_ERROR_INVALID_ARGUMENT},
    {"at", "3,4,5", "Y,X", HE_ERROR_INVALID_ARGUMENT},
    {"at", "-3,4", "Y,X", HE_ERROR_INVALID_ARGUMENT},
    {"at", "99999999999,4", "Y,X", HE_ERROR_INVALID_ARGUMENT},
    {"background", "mean", NULL, 0},
    {"background", "#01aFff", NULL, 0},
    {"background", "#01aff", "#rrggbb", HE_ERROR_INVALID_ARGUMENT},
    {"background", "#01afgg", "#rrggbb", HE_ERROR_INVALID_ARGUMENT},
    {"background", "white", "#rrggbb", HE_ERROR_INVALID_ARGUMENT},
    {"blend", "grain-merge", NULL, 0},
    {"blend", "fancy", "grain-merge", HE_ERROR_INVALID_ARGUMENT},
    {"channel", "0", NULL, 0},
    {"channel", "1.5", "whole number", HE_ERROR_INVALID_ARGUMENT},
    {"channel", "-1", "from 0", HE_ERROR_INVALID_ARGUMENT},
    {"class", "plane, carpenter's plane", NULL, 0},
    {"colormap", "turbo", NULL, 0},
    {"fit", "crop", NULL, 0},
    {"gradient", "signed", NULL, 0},
    {"kernels", "plain", NULL, 0},
    {"layer", "/features/0,1", NULL, 0},
    {"method", "cam", NULL, 0},
    {"method", "saliency, cam", NULL, 0},
    {"method", "score-cam", "not built yet", HE_ERROR_UNSUPPORTED},
    {"method", "cam,integrated-gradients", "not built yet", HE_ERROR_UNSUPPORTED},
    {"method", "camm", "grad-cam", HE_ERROR_INVALID_ARGUMENT},
    {"model", "efficientnet-lite0", NULL, 0},
    {"model", "two\nlines", "line break", HE_ERROR_INVALID_ARGUMENT},
    {"model", "\xff", "UTF-8", HE_ERROR_INVALID_ARGUMENT},
    {"opacity", "33.5", NULL, 0},
    {"opacity", "-1", NULL, 0},
    {"opacity", "1e1", NULL, 0},
    {"opacity", "101", "100", HE_ERROR_INVALID_ARGUMENT},
    {"opacity", "nan", "number", HE_ERROR_INVALID_ARGUMENT},
    {"opacity", "0x10", "number", HE_ERROR_INVALID_ARGUMENT},
    {"opacity", "33,5", "number", HE_ERROR_INVALID_ARGUMENT},
    {"opacity", "50%", "number", HE_ERROR_INVALID_ARGUMENT},
    {"precision", "double", NULL, 0},
    {"result", "replace", NULL, 0},
    {"scale", "max", NULL, 0},
    {"scale", "percentile:99.5", NULL, 0},
    {"scale", "percentile:0", "percentile:P", HE_ERROR_INVALID_ARGUMENT},
    {"scale", "percentile:100.5", "percentile:P", HE_ERROR_INVALID_ARGUMENT},
    {"scale", "fixed:2.5", NULL, 0},
    {"scale", "fixed:-2", "fixed:V", HE_ERROR_INVALID_ARGUMENT},
    {"scale", "fixed:", "fixed:V", HE_ERROR_INVALID_ARGUMENT},
    {"scale", "maximal", "max", HE_ERROR_INVALID_ARGUMENT},
    {"seed", "9007199254740992", NULL, 0},
    {"seed", "9007199254740994", "whole number", HE_ERROR_INVALID_ARGUMENT},
    {"selection", "ignore", NULL, 0},
    {"source", "visible", NULL, 0},
    {"threads", "257", "256", HE_ERROR_INVALID_ARGUMENT},
    {"top", "3", NULL, 0},
    {"versus", "cup", NULL, 0},
    {"steps", "50", "not built yet", HE_ERROR_UNSUPPORTED},
    {"colour", "red", "colormap", HE_ERROR_INVALID_ARGUMENT},
};

static void test_set(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        g_autoptr(HeRequest) request = he_request_new();
        g_autoptr(GError) error = NULL;
        const Set *set = &sets[i];
        gboolean is_taken = he_request_set(request, set->name, set->text, &error);
        g_test_message("%s=%s: %s", set->name, set->text,
                       error ? error->message : "taken");
        g_assert_true(is_taken == (set->said == NULL));
        if (is_taken) {
            g_assert_no_error(error);
            continue;
        }
        g_assert_error(error, HE_ERROR, set->code);
        g_assert_true(g_str_has_prefix(error->message, set->name));
        g_assert_nonnull(strstr(error->message, set->said));
        g_assert_cmpuint(g_hash_table_size(request->values), ==, 0);
    }
}

static void test_get(void)
{
    g_autoptr(HeRequest) request = he_request_new();
    g_assert_null(he_request_get(request, "class"));
    g_assert_cmpstr(he_request_get(request, "kernels"), ==, "auto");
    g_assert_cmpfloat(he_request_get_number(request, "opacity", -1), ==, -1);
    g_assert_cmpfloat(he_request_get_number(request, "top", 7), ==, 5);
    g_assert_cmpint(he_request_get_choice(request, "gradient", -1), ==, -1);
    g_assert_cmpint(he_request_get_choice(request, "precision", -1), ==,
                    HE_PRECISION_SINGLE);
    he_request_set(request, "opacity", " 12.25 ", NULL);
    he_request_set(request, "gradient", "negative", NULL);
    g_assert_cmpfloat(he_request_get_number(request, "opacity", -1), ==, 12.25);
    g_assert_cmpint(he_request_get_choice(request, "gradient", -1), ==,
                    HE_GRADIENT_NEGATIVE);
    g_assert_true(he_request_set(request, "opacity", "", NULL));
    g_assert_true(he_request_set(request, "gradient", NULL, NULL));
    g_assert_null(he_request_get(request, "opacity"));
    g_assert_cmpuint(g_hash_table_size(request->values), ==, 0);
}

static void assert_list(const HeRequest *request, const char *name, const char *joined)
{
    g_auto(GStrv) items = he_request_get_list(request, name);
    g_autofree char *text = g_strjoinv("|", items);
    g_assert_cmpstr(text, ==, joined);
}

static void test_lists(void)
{
    g_autoptr(HeRequest) request = he_request_new();
    g_autoptr(GError) error = NULL;
    assert_list(request, "class", "");
    he_request_set(request, "class", "cup", NULL);
    he_request_set(request, "class", "plane, carpenter's plane", NULL);
    he_request_set(request, "class", "cup\nspoon", NULL);
    assert_list(request, "class", "cup|plane, carpenter's plane|spoon");
    he_request_set(request, "method", "saliency, cam,", NULL);
    he_request_set(request, "method", "cam", NULL);
    assert_list(request, "method", "saliency|cam");
    g_assert_false(he_request_set(request, "method", "grad-cam,nothing", &error));
    assert_list(request, "method", "saliency|cam");
    g_autoptr(GString) many = g_string_new(NULL);
    for (int i = 0; i < 300; i++)
        g_string_append_printf(many, "%d\n", i);
    g_clear_error(&error);
    g_assert_false(he_request_set(request, "class", many->str, &error));
    g_assert_nonnull(strstr(error->message, "256"));
    g_autofree char *long_text = g_strnfill(5000, 'x');
    g_clear_error(&error);
    g_assert_false(he_request_set(request, "class", long_text, &error));
    g_assert_nonnull(strstr(error->message, "4096"));
}

static void assert_round_trip(const HeRequest *request, const char *expected)
{
    g_autofree char *text = he_request_to_text(request);
    g_autoptr(HeRequest) again = he_request_new();
    g_autoptr(GError) error = NULL;
    g_assert_cmpstr(text, ==, expected);
    he_request_parse(again, text, &error);
    g_assert_no_error(error);
    g_autofree char *text_again = he_request_to_text(again);
    g_assert_cmpstr(text_again, ==, expected);
}

static void test_parse(void)
{
    g_autoptr(HeRequest) request = he_request_new();
    g_autoptr(GError) error = NULL;
    he_request_parse(request, NULL, &error);
    he_request_parse(request, "  ", &error);
    g_assert_no_error(error);
    assert_round_trip(request, "");
    he_request_parse(request,
                     " method=cam  class='Egyptian cat' class=\"it's\" opacity=50\n"
                     "background=#ffffff at=1,2 scale=percentile:99",
                     &error);
    g_assert_no_error(error);
    assert_round_trip(request, "at=1,2 background='#ffffff' class='Egyptian cat' "
                               "class='it'\\''s' method=cam opacity=50 "
                               "scale=percentile:99");
    g_autoptr(HeRequest) copy = he_request_copy(request);
    assert_round_trip(copy, "at=1,2 background='#ffffff' class='Egyptian cat' "
                            "class='it'\\''s' method=cam opacity=50 "
                            "scale=percentile:99");
    he_request_parse(copy, "opacity= class= at= background= scale= method=", &error);
    g_assert_no_error(error);
    assert_round_trip(copy, "");
}

static void test_parse_refused(void)
{
    static const char *const texts[] = {
        "opacity=20 colour=red",  "opacity=20 fast",      "opacity=20 class='open",
        "opacity=20 opacity=200", "opacity=20 recipe={}", "{\"format\": 1}"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(HeRequest) request = he_request_new();
        g_autoptr(GError) error = NULL;
        he_request_set(request, "opacity", "10", NULL);
        g_assert_false(he_request_parse(request, texts[i], &error));
        g_assert_true(error && error->domain == HE_ERROR);
        g_assert_cmpstr(he_request_get(request, "opacity"), ==,
                        "10"); /* nothing changed */
        g_assert_null(request->recipe);
    }
}

/* Random requests come back from their text. */
static void test_random(void)
{
    static const char alphabet[] = "ab'\"\\ =,#$`{}é\t;|&<>*?~0.";
    for (int i = 0; i < 500; i++) {
        g_autoptr(HeRequest) request = he_request_new(), again = he_request_new();
        g_autoptr(GError) error = NULL;
        for (int k = 0; k < 3; k++) {
            g_autoptr(GString) text = g_string_new(NULL);
            for (int n = g_test_rand_int_range(1, 9); n > 0; n--)
                g_string_append_unichar(
                    text, g_utf8_get_char(g_utf8_offset_to_pointer(
                              alphabet, g_test_rand_int_range(
                                            0, (int)g_utf8_strlen(alphabet, -1)))));
            he_request_set(request, k ? "class" : "versus", text->str, &error);
            g_assert_no_error(error);
        }
        g_autofree char *text = he_request_to_text(request);
        he_request_parse(again, text, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(he_request_get(request, "class"), ==,
                        he_request_get(again, "class"));
        g_assert_cmpstr(he_request_get(request, "versus"), ==,
                        he_request_get(again, "versus"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/table", test_table);
    g_test_add_func("/request/set", test_set);
    g_test_add_func("/request/get", test_get);
    g_test_add_func("/request/lists", test_lists);
    g_test_add_func("/request/parse", test_parse);
    g_test_add_func("/request/parse-refused", test_parse_refused);
    g_test_add_func("/request/random", test_random);
    return g_test_run();
}
