/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The recipe's "input": how the picture was brought to the network, under the keys of the model's .ini. */
#ifndef HE_CORE_RECIPE_INPUT_H
#define HE_CORE_RECIPE_INPUT_H

#include "plugin/core/fields.h"

extern const HeField he_input_fields[]; /* of a HeDescriptor */

/* What the fields hold of FROM, into OUT (zeroed before); clear by he_fields_clear. */
void he_input_copy(const HeDescriptor *from, HeDescriptor *out);
/* "mean" or "#rrggbb"; g_free. */
char *he_input_background(const HeDescriptor *input);
/* TEXT as above. */
gboolean he_input_set_background(HeDescriptor *input, const char *text);
/* The first key, "Group.Key", that differs between A and B, or NULL. Fit and Background may: a request
 * states them anew; what was guessed may too. */
char *he_input_difference(const HeDescriptor *a, const HeDescriptor *b);

#endif
