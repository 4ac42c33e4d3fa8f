/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A procedure's arguments, as texts, <-> a request. */
#ifndef HE_GIMP_ASK_H
#define HE_GIMP_ASK_H

#include "plugin/gimp/procedures.h"

/* What an argument states, as a request's text (g_free); NULL: the default was asked for, by an empty
 * text, a negative number, or an integer of 0. */
char *he_gimp_text_argument(const char *value);
char *he_gimp_number_argument(double value);
char *he_gimp_integer_argument(int value);
/* Frees the texts of a procedure's arguments, HE_GIMP_MAX_PARAMS of them or NULL. */
void he_gimp_texts_clear(char **texts);

/* TEXTS: one for each of the procedure's params, NULL where the default holds. */
HeRequest *he_gimp_request_new(const HeGimpProcedure *procedure, char *const *texts,
                               GError **error);
/* The same back, g_strfreev: what no argument states is in the options; "" where the default holds. */
char **he_gimp_request_texts(const HeGimpProcedure *procedure, const HeRequest *request);

/* A procedure for one method asks for it; another one in REQUEST is an error. */
gboolean he_gimp_request_set_method(HeRequest *request, const HeGimpProcedure *procedure,
                                    GError **error);

#endif
