/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The font is letters.inc. */
#include "cli/letters.h"

#include <string.h>

#define FIRST ' '
#define LAST  '~'

static const guint8 letters[LAST - FIRST + 1][CLI_LETTER_HEIGHT] = {
#include "cli/letters.inc"
};

char *cli_letters_fit(const char *text, int n)
{
    static const char dots[] = "...";
    char *ascii = g_str_to_ascii(text, "C");
    const size_t room = (size_t)MAX(n, (int)strlen(dots));

    for (char *c = ascii; *c; c++)
        if (*c < FIRST || *c > LAST)
            *c = '?';
    if (strlen(ascii) > room)
        memcpy(ascii + room - strlen(dots), dots, sizeof dots);
    return ascii;
}

gboolean cli_letters_is_ink(const char *text, int x, int y)
{
    const int i = x / CLI_LETTER_WIDTH, bit = CLI_LETTER_WIDTH - 1 - x % CLI_LETTER_WIDTH;

    return x >= 0 && (size_t)i < strlen(text) && y >= 0 && y < CLI_LETTER_HEIGHT &&
           (letters[text[i] - FIRST][y] >> bit & 1);
}
