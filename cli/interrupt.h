/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Ctrl-C as a cancellable, for work that has something to clear away. */
#ifndef HE_CLI_INTERRUPT_H
#define HE_CLI_INTERRUPT_H

#include <gio/gio.h>

/* From here on SIGINT, SIGTERM and SIGHUP cancel; a second one ends the program at once. The same for the
 * whole process. */
GCancellable *cli_interrupt_watch(void);
/* Ends the program by the signal that came, if one did. */
void cli_interrupt_end(void);

#endif
