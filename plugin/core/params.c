/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The table of parameters, made from params.def, and the checks that its rows name. */
#include "plugin/core/params.h"

#include <math.h>
#include <string.h>

#include "plugin/core/json.h"

#define N_(text) text /* the adapters translate when they show it */

const HeChoice he_froms[] = {
    {HE_FROM_LAYER, "layer", N_("The active layer")},
    {HE_FROM_VISIBLE, "visible", N_("The picture as it is seen")},
    {0, NULL, NULL},
};
const HeChoice he_selections[] = {
    {HE_SELECTION_LOOK, "look", N_("Look only there")},
    {HE_SELECTION_SHOW, "show", N_("Show the result only there")},
    {HE_SELECTION_IGNORE, "ignore", N_("Ignore it")},
    {0, NULL, NULL},
};
const HeChoice he_result_places[] = {
    {HE_RESULT_ADD, "add", N_("Keep them")},
    {HE_RESULT_REPLACE, "replace", N_("Replace them")},
    {0, NULL, NULL},
};

static gboolean check_at(const char *text, GError **error)
{
    gint64 y, x;
    return he_position_parse(text, &y, &x, error);
}

static gboolean check_background(const char *text, GError **error)
{
    gboolean is_color = text[0] == '#' && strlen(text) == 7;
    for (int i = 1; is_color && i < 7; i++)
        is_color = g_ascii_isxdigit(text[i]);
    if (is_color || g_str_equal(text, "mean"))
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "“%s” is neither mean nor a colour as #rrggbb", text);
    return FALSE;
}

static gboolean check_scale(const char *text, GError **error)
{
    HeDisplay ignored;
    return he_scale_parse(text, &ignored, error);
}

static gboolean is_among(const char *const *names, const char *name)
{
    return g_strv_contains(names, name);
}

static gboolean check_method(const char *text, GError **error)
{
    static const char *const later[] = {"ablation-cam",
                                        "deeplift",
                                        "element-wise",
                                        "grad-cam++",
                                        "gradient-shap",
                                        "guided-grad-cam",
                                        "hires-cam",
                                        "input-x-gradient",
                                        "integrated-gradients",
                                        "kernel-shap",
                                        "layer-cam",
                                        "lime",
                                        "lrp",
                                        "occlusion",
                                        "rise",
                                        "score-cam",
                                        "smooth-grad",
                                        "vargrad",
                                        "xgrad-cam",
                                        NULL};
    if (!is_among(later, text))
        return he_method_find(text, error) != NULL;
    g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED, "“%s” is not built yet", text);
    return FALSE;
}

/* clang-format off */
#define HE_PARAM(name, nick, value, kind, groups, choices, min, max, initial, check, blurb) \
    {name, nick, value, blurb, HE_PARAM_##kind, HE_PARAM_##groups, choices, min, max, initial},
static const HeParam params[] = {
#include "plugin/core/params.def"
};
#undef HE_PARAM
#define HE_PARAM(name, nick, value, kind, groups, choices, min, max, initial, check, blurb) check,
static const HeParamCheck checks[] = {
#include "plugin/core/params.def"
};
/* clang-format on */

const HeParam *he_params_list(int *n_params)
{
    *n_params = G_N_ELEMENTS(params);
    return params;
}

const HeParam *he_param_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(params); i++)
        if (g_str_equal(params[i].name, name))
            return &params[i];
    return NULL;
}

HeParamCheck he_param_get_check(const HeParam *param)
{
    return checks[param - params];
}

void he_param_set_unknown(const char *name, GError **error)
{
    static const char *const later[] = {"baseline", "batch", "crops",  "samples", "steps",
                                        "stride",   "tiles", "window", NULL};
    if (is_among(later, name)) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED, "%s: is not built yet", name);
        return;
    }
    g_autoptr(GString) names = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(params); i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", params[i].name);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "%s: is no parameter; there are %s", name, names->str);
}

gboolean he_number_parse(const char *text, double *out)
{
    char *end = NULL;
    /* strtod also takes "nan", "inf" and hexadecimal, which no parameter means. */
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return FALSE;
    double value = g_ascii_strtod(text, &end);
    if (*end || !isfinite(value))
        return FALSE;
    *out = value;
    return TRUE;
}

gboolean he_scale_parse(const char *text, HeDisplay *out, GError **error)
{
    double value = 0;
    HeScaleKind kind = HE_SCALE_MAX;
    gboolean is_good = g_str_equal(text, "max");
    if (g_str_has_prefix(text, "percentile:")) {
        kind = HE_SCALE_PERCENTILE;
        is_good =
            he_number_parse(strchr(text, ':') + 1, &value) && value > 0 && value <= 100;
    } else if (g_str_has_prefix(text, "fixed:")) {
        kind = HE_SCALE_FIXED;
        is_good = he_number_parse(strchr(text, ':') + 1, &value) && value > 0;
    }
    if (!is_good) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "“%s” is none of max, percentile:P (above 0, at most 100), fixed:V "
                    "(above 0)",
                    text);
        return FALSE;
    }
    out->scale = kind;
    out->scale_value = value;
    return TRUE;
}

char *he_scale_to_text(const HeDisplay *display)
{
    const HeChoice *scale = he_choice_get(he_scales, (int)display->scale);
    if (display->scale == HE_SCALE_MAX)
        return g_strdup(scale->nick);
    g_autofree char *value = he_number_to_text(display->scale_value);
    return g_strdup_printf("%s:%s", scale->nick, value);
}

gboolean he_position_parse(const char *text, gint64 *y, gint64 *x, GError **error)
{
    if (g_str_equal(text, "max")) {
        *y = *x = -2;
        return TRUE;
    }
    g_auto(GStrv) parts = g_strsplit(text, ",", 3);
    guint64 at[2];
    gboolean is_good = g_strv_length(parts) == 2;
    for (int i = 0; is_good && i < 2; i++)
        is_good = g_ascii_string_to_unsigned(g_strstrip(parts[i]), 10, 0, G_MAXINT32,
                                             &at[i], NULL);
    if (!is_good) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "“%s” is neither max nor Y,X (a row and a column, counted from 0)",
                    text);
        return FALSE;
    }
    *y = (gint64)at[0];
    *x = (gint64)at[1];
    return TRUE;
}

gboolean he_top_parse(const char *text, int *n)
{
    guint64 value = 1;
    if (!g_str_has_prefix(text, "top"))
        return FALSE;
    if (text[3] && !g_ascii_string_to_unsigned(text + 3, 10, 1, G_MAXINT32, &value, NULL))
        return FALSE;
    *n = (int)value;
    return TRUE;
}

char **he_list_split(const char *text)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (char **part = parts; *part; part++)
        if (*g_strstrip(*part))
            g_ptr_array_add(items, g_strdup(*part));
    g_ptr_array_add(items, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&items), FALSE);
}
