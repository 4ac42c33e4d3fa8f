/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside plugin/core: what the table of parameters knows beside HeParam, and texts with a grammar. */
#ifndef HE_CORE_PARAMS_H
#define HE_CORE_PARAMS_H

#include "plugin/core/request.h"

/* Checks one text of PARAM, whose kind is TEXT or LIST; NULL where any text may stand. The error says
 * what was expected, without the parameter's name. */
typedef gboolean (*HeParamCheck)(const char *text, GError **error);
HeParamCheck he_param_get_check(const HeParam *param);
/* The error for a name that is no parameter: not built yet, or unknown with those there are. */
void he_param_set_unknown(const char *name, GError **error);

/* The whole of TEXT as a finite number, with '.' in every locale. */
gboolean he_number_parse(const char *text, double *out);
/* "max", "percentile:P" with P in 0..100, "fixed:V" with V above 0. */
gboolean he_scale_parse(const char *text, HeDisplay *out, GError **error);
char *he_scale_to_text(const HeDisplay *display); /* g_free */
/* "Y,X", or "max": Y = -2. */
gboolean he_position_parse(const char *text, gint64 *y, gint64 *x, GError **error);
/* TEXT is "top" (N = 1) or "topN". */
gboolean he_top_parse(const char *text, int *n);
/* An item of a list at its commas, without empty pieces and outer spaces. g_strfreev. */
char **he_list_split(const char *text);

#endif
