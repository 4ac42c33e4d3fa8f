/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The values a procedure hands back, as GIMP 2.10 wants them: a status, then its results or a message. */
#ifndef HE_GIMP2_ANSWER_H
#define HE_GIMP2_ANSWER_H

#include "plugin/gimp/call.h"

typedef struct {
    GArray *values; /* GimpParam; strings and arrays are owned */
} HeAnswer;

void he_answer_init(HeAnswer *answer);
void he_answer_clear(HeAnswer *answer);

/* Each replaces what the answer held. */

/* In place of results of KIND; a cancellation is a status of its own. */
void he_answer_error(HeAnswer *answer, HeGimpAnswer kind, const GError *error);
void he_answer_layer(HeAnswer *answer, HeGimpLayer layer, const HeResult *result);
void he_answer_take_classes(HeAnswer *answer, HeGimpClasses *classes);
void he_answer_take_models(HeAnswer *answer, HeManaged *managed);

/* The definitions to register, in the same order; g_free. Their texts are constant. */
GimpParamDef *he_answer_describe(HeGimpAnswer kind, int *n);

#endif
