/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One call of a procedure: the picture, the question, the answer. The adapters open a job, explain or
 * classify (in a thread, once the job is detached), and insert the outcome. */
#ifndef HE_GIMP_JOB_H
#define HE_GIMP_JOB_H

#include "plugin/core/run.h"
#include "plugin/gimp/layer.h"

typedef struct {
    HeRunner *runner;
    HeGimpSource *source;
    HeGimpPlace place;
    HeGimpImage image; /* what the procedure was called with */
    HeGimpDrawable drawable;
    int from; /* HeFrom and HeSelection, as the picture was taken */
    int selection;
} HeGimpJob;

/* The folder that the plug-in's program stands in. Free with g_free. */
char *he_gimp_program_folder(void);

/* Makes GEGL ready, before any other call. */
void he_gimp_start(void);

/* Takes the picture as REQUEST says (source, selection). Reads the image, changes nothing. */
HeGimpJob *he_gimp_job_new(HeGimpImage image, HeGimpDrawable drawable,
                           const HeRequest *request, GError **error);
/* Whether the picture is the one that REQUEST asks for. */
gboolean he_gimp_job_is_of(const HeGimpJob *job, const HeRequest *request);
/* Takes it anew, as REQUEST says. No thread may be at work. FALSE: the job is as it was. */
gboolean he_gimp_job_take(HeGimpJob *job, const HeRequest *request, GError **error);
void he_gimp_job_free(HeGimpJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeGimpJob, he_gimp_job_free)

/* The layer is read once, from the top: no dialog asks again, and no copy of its pixels is kept. */
void he_gimp_job_pass(const HeGimpJob *job);
/* A grey image shows every colour map as grey: TRUE, and the request is changed so. A recipe is not. */
gboolean he_gimp_job_adapt(const HeGimpJob *job, HeRequest *request);
/* Writes the outcome as new layers; the layer or group, or HE_GIMP_NONE: error, the image as it was. */
HeGimpLayer he_gimp_job_insert(const HeGimpJob *job, const HeRequest *request,
                               const HeOutcome *outcome, GError **error);

#endif
