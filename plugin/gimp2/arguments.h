/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arguments of GIMP 2.10's PDB <-> requests, and the values of the last interactive run. */
#ifndef HE_GIMP2_ARGUMENTS_H
#define HE_GIMP2_ARGUMENTS_H

#include "plugin/gimp/compat.h"
#include "plugin/gimp/procedures.h"

/* The definitions to register; g_free. Their texts are constant. */
GimpParamDef *he_arguments_describe(const HeGimpProcedure *procedure, int *n);

/* Texts of the arguments after the first, one for each of the procedure's params; NULL where the default holds.
 * he_gimp_texts_clear. */
gboolean he_arguments_texts(const HeGimpProcedure *procedure, int n,
                            const GimpParam *arguments, char **texts, GError **error);

/* The request that ARGUMENTS state; empty texts, a negative opacity and top 0 mean the default. */
HeRequest *he_arguments_parse(const HeGimpProcedure *procedure, int n,
                              const GimpParam *arguments, GError **error);

/* What the last interactive run of this GIMP session asked for; the defaults before the first. */
HeRequest *he_last_values_get(const HeGimpProcedure *procedure);
void he_last_values_set(const HeGimpProcedure *procedure, const HeRequest *request);

#endif
