/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One call of a procedure: see job.h. */
#include "plugin/gimp/job.h"

#include "plugin/gimp/tiles.h"

void he_gimp_start(void)
{
    gegl_init(NULL, NULL);
    he_gimp_tiles_keep();
}

/* What the recipe calls the picture: its file's name without folder, else GIMP's name for it. */
static char *picture_name(HeGimpImage image)
{
    g_autofree char *uri = he_gimp_image_uri(image);

    if (uri) {
        g_autofree char *base = g_path_get_basename(uri);
        char *name = g_uri_unescape_string(base, NULL);

        if (name && g_utf8_validate(name, -1, NULL))
            return name;
        g_free(name);
    }
    return gimp_image_get_name(image);
}

char *he_gimp_program_folder(void)
{
    return g_path_get_dirname(gimp_get_progname());
}

static HeGimpSource *open_source(HeGimpImage image, HeGimpDrawable drawable, int from,
                                 GError **error)
{
    HeGimpLayer layer;

    if (from == HE_FROM_VISIBLE)
        return he_gimp_source_new_visible(image, error);
    layer = he_gimp_source_layer(drawable, error);
    return layer == HE_GIMP_NONE ? NULL : he_gimp_source_new_layer(image, layer, error);
}

static int asked_from(const HeRequest *request)
{
    return he_request_get_choice(request, "source", HE_FROM_LAYER);
}

static int asked_selection(const HeRequest *request)
{
    return he_request_get_choice(request, "selection", HE_SELECTION_LOOK);
}

gboolean he_gimp_job_is_of(const HeGimpJob *job, const HeRequest *request)
{
    return job->from == asked_from(request) && job->selection == asked_selection(request);
}

gboolean he_gimp_job_take(HeGimpJob *job, const HeRequest *request, GError **error)
{
    const int from = asked_from(request), selection = asked_selection(request);
    g_autofree char *name = picture_name(job->image);
    g_autoptr(HeGimpSource) source = open_source(job->image, job->drawable, from, error);
    HeGimpPlace place;

    if (source == NULL ||
        !he_gimp_place_init(&place, source, (HeSelection)selection, error))
        return FALSE;
    he_runner_set_picture(job->runner, &source->base, place.look, name);
    he_gimp_place_clear(&job->place);
    he_gimp_source_free(job->source);
    job->source = g_steal_pointer(&source);
    job->place = place;
    job->from = from;
    job->selection = selection;
    return TRUE;
}

HeGimpJob *he_gimp_job_new(HeGimpImage image, HeGimpDrawable drawable,
                           const HeRequest *request, GError **error)
{
    g_autoptr(HeGimpJob) job = g_new0(HeGimpJob, 1);
    g_autofree char *folder = he_gimp_program_folder();

    job->image = image;
    job->drawable = drawable;
    job->runner = he_runner_new(folder);
    if (!he_gimp_job_take(job, request, error))
        return NULL;
    return g_steal_pointer(&job);
}

void he_gimp_job_pass(const HeGimpJob *job)
{
    const HeGimpSource *source = job->source;

    if (source->layer != HE_GIMP_NONE && job->place.selection == NULL)
        he_gimp_tiles_pass(he_gimp_source_row_bytes(source));
}

void he_gimp_job_free(HeGimpJob *job)
{
    if (job == NULL)
        return;
    g_clear_pointer(&job->runner, he_runner_free);
    he_gimp_place_clear(&job->place);
    he_gimp_source_free(job->source);
    g_free(job);
}

gboolean he_gimp_job_adapt(const HeGimpJob *job, HeRequest *request)
{
    if (job->source->base.channels != 1 || request->recipe)
        return FALSE;
    return he_request_set(request, "colormap", "grey", NULL);
}

HeGimpLayer he_gimp_job_insert(const HeGimpJob *job, const HeRequest *request,
                               const HeOutcome *outcome, GError **error)
{
    const gboolean replace =
        he_request_get_choice(request, "result", HE_RESULT_ADD) == HE_RESULT_REPLACE;
    g_autofree HeGimpLayer *layers =
        he_gimp_layers_new(job->source, &job->place, outcome, error);

    if (layers == NULL)
        return HE_GIMP_NONE;
    return he_gimp_layers_insert(job->source, outcome, layers, replace);
}
