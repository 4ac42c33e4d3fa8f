/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Every enumeration's table: complete, each value and nick once, found both ways; errors have a domain. */
#include "human-eye.h"

typedef struct {
    const char *name;
    const HeChoice *choices;
    const char
        *nicks; /* in the order of the enumeration: what scripts and recipes rely on */
} Table;

static const Table tables[] = {
    {"fits", he_fits, "stretch, crop, pad, aspect"},
    {"filters", he_filters, "nearest, bilinear, bicubic"},
    {"encodings", he_encodings, "sRGB, linear, raw"},
    {"greys", he_greys, "601, 709, first"},
    {"layouts", he_layouts, "NCHW, NHWC"},
    {"activations", he_activations, "softmax, sigmoid, none"},
    {"gradients", he_gradients, "positive, negative, absolute, signed"},
    {"rules", he_rules, "plain, guided, deconv"},
    {"precisions", he_precisions, "single, double"},
    {"colormaps", he_colormaps, "jet, turbo, viridis, inferno, grey, diverging"},
    {"blends", he_blends,
     "normal, multiply, screen, overlay, softlight, hardlight, addition, subtract, difference, "
     "darken-only, lighten-only, grain-merge, grain-extract, dodge, burn"},
    {"alphas", he_alphas, "map, full"},
    {"scales", he_scales, "max, percentile, fixed"},
};

static void test_table(gconstpointer data)
{
    const Table *table = data;
    g_autofree char *list = he_choice_list(table->choices);
    g_assert_cmpstr(list, ==, table->nicks);
    int n = 0;
    for (const HeChoice *row = table->choices; row->nick != NULL; row++, n++) {
        g_assert_cmpint(row->value, ==, n);
        g_assert_true(he_choice_find(table->choices, row->nick) == row);
        g_assert_true(he_choice_get(table->choices, row->value) == row);
        g_assert_cmpuint(row->label[0], !=, '\0');
    }
    g_assert_null(he_choice_get(table->choices, n));
    g_assert_null(he_choice_get(table->choices, -1));
    g_assert_null(he_choice_find(table->choices, ""));
    g_assert_null(he_choice_find(table->choices, NULL));
    g_assert_null(he_choice_find(table->choices, "stretc"));
}

static void test_error_domain(void)
{
    g_assert_cmpuint(HE_ERROR, !=, 0);
    g_assert_cmpstr(g_quark_to_string(HE_ERROR), ==, "human-eye-error-quark");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *path = g_strdup_printf("/core/choices/%s", tables[i].name);
        g_test_add_data_func(path, &tables[i], test_table);
    }
    g_test_add_func("/core/error/domain", test_error_domain);
    return g_test_run();
}
