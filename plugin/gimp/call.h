/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a call of a procedure runs, from its request to what it hands back, whatever GIMP asks. */
#ifndef HE_GIMP_CALL_H
#define HE_GIMP_CALL_H

#include "plugin/core/manage.h"
#include "plugin/gimp/job.h"
#include "plugin/gimp/procedures.h"

/* Lets the user ask about JOB's picture; REQUEST becomes what was asked. NULL: cancelled. */
typedef HeOutcome *(*HeGimpDialog)(const HeGimpProcedure *procedure, HeGimpJob *job,
                                   HeRequest *request);

/* Lets the user get, add, check and remove models. */
typedef void (*HeGimpManager)(const HeGimpProcedure *procedure);

typedef struct {
    const HeGimpProcedure *procedure;
    GimpRunMode mode;
    HeGimpImage image;
    HeGimpDrawable drawable;
    HeGimpDialog dialog;
    HeGimpManager manager;
} HeGimpCall;

typedef struct {
    int n;
    gint32 *indices; /* [n], the most probable first */
    char **names;    /* [n], NULL-terminated */
    double *probabilities, *scores;
} HeGimpClasses;

/* Explains, and puts the result into the image: the layer or group, with what it shows in OUTCOME.
 * HE_GIMP_NONE: error, the image as it was. */
HeGimpLayer he_gimp_call_explain(const HeGimpCall *call, HeRequest *request,
                                 HeOutcome **outcome, GError **error);

/* OUT is the caller's to clear. */
gboolean he_gimp_call_classify(const HeGimpCall *call, const HeRequest *request,
                               HeGimpClasses *out, GError **error);
void he_gimp_classes_clear(HeGimpClasses *classes);

/* TEXTS: action, name and settings; not looked at where the user is asked. OUT is the caller's to clear. */
gboolean he_gimp_call_manage(const HeGimpCall *call, char *const *texts, HeManaged *out,
                             GError **error);

/* The status that ERROR is for GIMP; a cancellation is one of its own. */
GimpPDBStatusType he_gimp_status_of(const GError *error);

#endif
