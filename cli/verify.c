/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye verify: makes the result that a PNG carries the recipe of again, and compares model, picture
 * and pixels. Whether the map lies over the picture or alone is tried out. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/maps.h"
#include "cli/options.h"
#include "core/alloc.h"

static const char *const params[] = {"kernels", "model", "threads", NULL};
static const CliUsage usage = {
    .name = "verify",
    .arguments = "RESULT.png --image PICTURE",
    .summary =
        "Makes RESULT again from PICTURE by the recipe that RESULT carries, and says\n"
        "whether picture, model and every pixel (within one level of 255) agree.\n"
        "Exit status 1 when they do not.",
    .examples = "Examples:\n"
                "  human-eye verify why.png --image cat.png\n",
    .params = params,
    .min_arguments = 1,
    .max_arguments = 1,
};

typedef struct {
    CliPicture *made, *picture; /* the result, and what it explains */
    HeRecipe *recipe;           /* the result's */
    HeRunner *runner;
    HeOutcome *outcome;
} Job;

static gboolean say(const char *what, gboolean agrees, const char *expected,
                    const char *got)
{
    if (agrees)
        printf("%-8s agrees\n", what);
    else
        printf("%-8s differs: %s was expected, this is %s\n", what, expected, got);
    return agrees;
}

/* Largest difference of one band, over what both have; transparent pixels have no colour. */
static double band_difference(const float *a, int step, gboolean has_alpha,
                              const float *b, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++, a += step, b += 4) {
        double alpha = has_alpha ? (double)a[step - 1] : 1;
        most = fmax(most, has_alpha ? fabs(alpha - (double)CLAMP(b[3], 0, 1)) : 0);
        for (int c = 0; c < 3 && alpha > 0; c++)
            most = fmax(most, fabs((double)a[c] - (double)CLAMP(b[c], 0, 1)));
    }
    return most;
}

static gboolean compare_bands(Job *job, CliComposer *composer, float *rows, double *most,
                              GError **error)
{
    HeSource *source = &job->made->source;
    int step = source->channels + (source->has_alpha ? 1 : 0);
    *most = 0;
    for (int y = 0; y < source->height; y += composer->n_rows) {
        int n = MIN(composer->n_rows, source->height - y);
        if (!cli_composer_rows(composer, y, n, error) ||
            !source->read_rows(source, HE_ENCODING_SRGB, y, n, rows, error))
            return FALSE;
        *most = fmax(*most, band_difference(rows, step, source->has_alpha, composer->rows,
                                            (size_t)n * (size_t)source->width));
    }
    return TRUE;
}

/* The largest difference of a pixel, 0..1, when the result was written AS; infinity: it was not. */
static gboolean compare(Job *job, CliAs as, double *most, GError **error)
{
    const HeSource *made = &job->made->source, *picture = &job->picture->source;
    const HeModel *model = he_session_get_model(he_runner_get_session(job->runner));
    CliComposer composer;
    *most = INFINITY;
    if (!cli_composer_init(&composer, job->picture, he_model_get_descriptor(model),
                           &job->outcome->results[0], as, error))
        return FALSE;
    gboolean is_good = TRUE;
    if (made->width == picture->width && made->height == picture->height &&
        made->channels == 3 && made->has_alpha == cli_composer_has_alpha(&composer)) {
        float *rows = he_alloc((size_t)composer.n_rows * (size_t)made->width * 4,
                               sizeof(float), "a band of rows", error);
        is_good = rows && compare_bands(job, &composer, rows, most, error);
        he_free(rows);
    }
    cli_composer_clear(&composer);
    return is_good;
}

static gboolean compare_pixels(Job *job, gboolean *agrees, GError **error)
{
    double over, alone;
    /* One result of several was drawn on their common scale. */
    job->outcome->results[0].scale = job->recipe->scale_max;
    if (!compare(job, CLI_AS_PICTURE, &over, error) ||
        !compare(job, CLI_AS_LAYER, &alone, error))
        return FALSE;
    double most = fmin(over, alone) * 255;
    g_autofree char *got = isinf(most) ? g_strdup("of another size or kind")
                                       : g_strdup_printf("off by %.1f levels", most);
    /* Half a level of rounding in the file, and one of arithmetic. */
    *agrees = say("pixels", most <= 1.5, "the same", got);
    return TRUE;
}

static gboolean check(Job *job, gboolean *agrees, GError **error)
{
    if (job->outcome->n_results != 1) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "verify: the recipe gives several results");
        return FALSE;
    }
    const HeRecipe *now = job->outcome->results[0].recipe, *then = job->recipe;
    gboolean is_same_pixels = FALSE;
    *agrees = say("picture", g_strcmp0(now->image.sha256, then->image.sha256) == 0,
                  then->image.sha256, now->image.sha256);
    *agrees &= say("model", g_strcmp0(now->model.sha256, then->model.sha256) == 0,
                   then->model.sha256, now->model.sha256);
    if (!compare_pixels(job, &is_same_pixels, error))
        return FALSE;
    *agrees &= is_same_pixels;
    return TRUE;
}

static gboolean run(Job *job, CliOptions *options, const char *image, gboolean *agrees,
                    GError **error)
{
    const char *result = options->arguments[0];
    job->made = cli_picture_open(result, error);
    if (!job->made)
        return FALSE;
    if (!job->made->recipe) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "%s: carries no recipe of human-eye", result);
        return FALSE;
    }
    job->recipe = he_recipe_from_json(job->made->recipe, error);
    job->picture = job->recipe ? cli_picture_open(image, error) : NULL;
    if (!job->picture)
        return FALSE;
    options->request->recipe = g_strdup(job->made->recipe);
    job->runner = he_runner_new(cli_program_folder());
    g_autofree char *name = g_path_get_basename(image);
    he_runner_set_picture(job->runner, &job->picture->source, NULL, name);
    job->outcome = he_runner_explain(job->runner, options->request, NULL, error);
    return job->outcome && check(job, agrees, error);
}

int cli_verify(int argc, char **argv)
{
    g_autofree char *image = NULL;
    const GOptionEntry entries[] = {{"image", 0, 0, G_OPTION_ARG_FILENAME, &image,
                                     "The picture that RESULT explains", "PICTURE"},
                                    {0}};
    int status = CLI_GOOD;
    gboolean agrees = FALSE;
    g_auto(CliOptions) options = {0};
    GError *error = NULL;
    Job job = {0};
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    if (!image)
        return cli_usage_error(&usage, "--image: which picture does it explain?");
    status = run(&job, &options, image, &agrees, &error)
                 ? (agrees ? CLI_GOOD : CLI_FAILED)
                 : cli_failed(error);
    he_outcome_free(job.outcome);
    he_runner_free(job.runner);
    he_recipe_free(job.recipe);
    cli_picture_free(job.picture);
    cli_picture_free(job.made);
    return status;
}
