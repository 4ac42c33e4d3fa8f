/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Small captions: a font of dots, 6 by 13. */
#ifndef HE_CLI_LETTERS_H
#define HE_CLI_LETTERS_H

#include <glib.h>

#define CLI_LETTER_WIDTH  6
#define CLI_LETTER_HEIGHT 13

/* TEXT in the letters there are (ASCII), at most N of them: a longer one ends in "...". g_free. */
char *cli_letters_fit(const char *text, int n);
/* Whether column X of row Y of TEXT, as cli_letters_fit gives it, is ink. */
gboolean cli_letters_is_ink(const char *text, int x, int y);

#endif
