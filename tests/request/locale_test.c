/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Numbers are written and read with '.' where the locale has a comma. The locale is made here, for a bare
 * system has none but C. */
#include <glib/gstdio.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "plugin/core/json.h"
#include "plugin/core/params.h"
#include "plugin/core/recipe_input.h"

static const char source[] = "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \"\"\n"
                             "grouping -1\nEND LC_NUMERIC\n";

static gboolean make_locale(const char *folder)
{
    g_autofree char *text = g_build_filename(folder, "source", NULL);
    g_autofree char *locale = g_build_filename(folder, "comma", NULL);
    char *command[] = {"localedef", "-c", "--quiet", "-i", text, locale, NULL};
    g_setenv("LOCPATH", folder, TRUE);
    return g_file_set_contents(text, source, -1, NULL) &&
           g_spawn_sync(NULL, command, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                        NULL, NULL, NULL, NULL) &&
           setlocale(LC_NUMERIC, "comma") != NULL;
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *inside = g_build_filename(path, entry, NULL);
        remove_all(inside);
    }
    g_remove(path);
}

static gboolean has_comma(void)
{
    char text[8];
    snprintf(text, sizeof text, "%.1f", 1.5);
    if (g_str_equal(text, "1,5"))
        return TRUE;
    g_test_skip("localedef made no locale");
    return FALSE;
}

static void test_request(void)
{
    g_autoptr(HeRequest) request = he_request_new();
    if (!has_comma())
        return;
    g_assert_true(he_request_set(request, "opacity", "12.5", NULL));
    g_assert_cmpfloat(he_request_get_number(request, "opacity", 0), ==, 12.5);
    g_assert_false(he_request_set(request, "opacity", "12,5", NULL));
    g_assert_true(he_request_set(request, "scale", "percentile:99.5", NULL));
}

static void test_texts(void)
{
    HeDisplay display = {.scale = HE_SCALE_FIXED, .scale_value = 2.5};
    if (!has_comma())
        return;
    g_autofree char *scale = he_scale_to_text(&display);
    g_assert_cmpstr(scale, ==, "fixed:2.5");
    g_autofree char *number = he_number_to_text(-1.25e-7);
    g_assert_cmpstr(number, ==, "-1.25e-07");
}

/* The input's fields stand for the whole recipe, which is written and read by the same calls. */
static void test_recipe(void)
{
    double mean[] = {0.485, 0.5};
    char *channels[] = {"a", "b", NULL};
    HeDescriptor from = {.channels = channels,
                         .n_channels = 2,
                         .mean = mean,
                         .std = mean,
                         .height = 1,
                         .width = 1,
                         .scale = 0.25,
                         .is_background_mean = TRUE};
    HeDescriptor to = {0};
    if (!has_comma())
        return;
    g_autoptr(JsonNode) node = he_fields_write(he_input_fields, &from);
    g_autofree char *json = he_json_to_text(node);
    g_assert_nonnull(strstr(json, "\"Mean\": [0.485, 0.5]"));
    g_autoptr(JsonNode) read = he_json_parse(json, NULL);
    g_assert_nonnull(read);
    g_assert_true(he_fields_read(he_input_fields, read, "", &to, NULL));
    g_assert_cmpfloat(to.mean[0], ==, 0.485);
    g_assert_cmpfloat(to.scale, ==, 0.25);
    he_fields_clear(he_input_fields, &to);
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("human-eye-locale-XXXXXX", NULL);
    gboolean is_made = make_locale(folder);
    g_test_init(&argc, &argv, NULL);
    g_test_message("a locale with a comma: %s", is_made ? "made" : "not made");
    g_test_add_func("/locale/request", test_request);
    g_test_add_func("/locale/texts", test_texts);
    g_test_add_func("/locale/recipe", test_recipe);
    int status = g_test_run();
    remove_all(folder);
    return status;
}
