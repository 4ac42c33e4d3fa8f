/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Rows of a descriptor: "Group.Key=value", as he_descriptor_list gives them. */
#ifndef HE_CORE_ROWS_H
#define HE_CORE_ROWS_H

#include "human-eye.h"

/* "Input.Fit" of "Input.Fit=crop". g_free. */
char *he_row_key(const char *row);
/* The value in the row of KEY; NULL: there is none. ROWS may be NULL. Borrowed. */
const char *he_row_find(char *const *rows, const char *key);

#endif
