/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Recipes from files. */
#ifndef HE_CLI_RECIPES_H
#define HE_CLI_RECIPES_H

#include "human-eye.h"

/* The JSON of one recipe from FILE: JSON, what `explain --json` printed for one result, or a PNG that
 * carries it. Checked for its form. Free with g_free. */
gboolean cli_recipe_read(const char *path, char **json, GError **error);

#endif
