/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Help as GOption lays it out, with long descriptions wrapped. */
#ifndef HE_CLI_HELP_H
#define HE_CLI_HELP_H

/* TEXT with each line of an option broken at words to at most WIDTH columns, under its description.
 * Free with g_free. */
char *cli_help_wrap(const char *text, int width);

#endif
