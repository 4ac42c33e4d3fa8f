/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arguments of GIMP 3's PDB <-> requests. */
#ifndef HE_GIMP3_ARGUMENTS_H
#define HE_GIMP3_ARGUMENTS_H

#include "plugin/gimp/compat.h"
#include "plugin/gimp/procedures.h"

/* Declares the arguments after run mode, image and drawables, each with the value that asks for the
 * default. */
void he_arguments_add(GimpProcedure *procedure, const HeGimpProcedure *row);
/* One for each of the row's params; NULL where the default holds. he_gimp_texts_clear. */
void he_arguments_texts(const HeGimpProcedure *row, GimpProcedureConfig *config,
                        char **texts);
HeRequest *he_arguments_parse(const HeGimpProcedure *row, GimpProcedureConfig *config,
                              GError **error);
/* Makes CONFIG, which GIMP keeps after an interactive run, say what REQUEST does. */
void he_arguments_keep(const HeGimpProcedure *row, const HeRequest *request,
                       GimpProcedureConfig *config);

#endif
