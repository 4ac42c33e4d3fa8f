/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The values a procedure hands back, as GIMP 3 wants them. */
#ifndef HE_GIMP3_ANSWER_H
#define HE_GIMP3_ANSWER_H

#include "plugin/gimp/call.h"

void he_answer_declare(GimpProcedure *procedure, HeGimpAnswer kind);

/* ERROR is taken. */
GimpValueArray *he_answer_error(GimpProcedure *procedure, GError *error);
GimpValueArray *he_answer_layer(GimpProcedure *procedure, HeGimpLayer layer,
                                const HeResult *result);
GimpValueArray *he_answer_take_classes(GimpProcedure *procedure, HeGimpClasses *classes);
GimpValueArray *he_answer_take_models(GimpProcedure *procedure, HeManaged *managed);

#endif
