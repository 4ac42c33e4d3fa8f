/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The recipe: all that made one result, so that it can be checked and made again. One struct, one JSON
 * object, one parser, for the layer's parasite, the PNG's iTXt, --json and --recipe (docs/recipe.md). */
#ifndef HE_CORE_RECIPE_H
#define HE_CORE_RECIPE_H

#include "human-eye.h"

#define HE_RECIPE_NAME   "human-eye-recipe" /* of the parasite and of the iTXt chunk */
#define HE_RECIPE_FORMAT 1

typedef struct {
    char *tensor; /* NULL: the logits */
    gint64 index;
    char *label; /* NULL: no class */
    double weight;
} HeRecipeTerm;

typedef struct {
    char *version;
    struct {
        char *name, *sha256;
        int width, height;
    } image;
    struct {
        char *name, *sha256;
    } model;
    struct {
        double x, y, w, h;
        HeFit fit;
        HeFilter filter;
    } view;             /* written as a list of one */
    HeDescriptor input; /* the resolved [Input] and [Output], with `guessed` */
    HeRecipeTerm *target;
    int n_target;
    struct {
        char *id, *layer;
    } method;
    HeDisplay display;
    double scale_max; /* what 1.0 of the colour scale stands for */
    struct {
        double score, probability; /* NaN: none */
        double max;                /* largest |value| of the reduced map */
        HeCoverage coverage;
        char *layer; /* name of the result */
    } result;
    struct {
        guint64 seed;
        char *kernels;
        HePrecision precision;
    } run;
} HeRecipe;

void he_recipe_free(HeRecipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeRecipe, he_recipe_free)
/* Sorted as in docs/recipe.md; numbers with '.' whatever the locale; free with g_free. */
char *he_recipe_to_json(const HeRecipe *recipe);
/* Refuses a newer format, unknown keys and wrong types, naming the key and what is needed. */
HeRecipe *he_recipe_from_json(const char *json, GError **error);

#endif
