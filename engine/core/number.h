/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Numbers as text. */
#ifndef HE_CORE_NUMBER_H
#define HE_CORE_NUMBER_H

/* The shortest decimal that reads back as VALUE, which is finite, with '.' in every locale. g_free. */
char *he_number_to_text(double value);

#endif
