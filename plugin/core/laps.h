/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the time of a call goes into, told as GLib's debug messages: G_MESSAGES_DEBUG=human-eye shows them. */
#ifndef HE_PLUGIN_LAPS_H
#define HE_PLUGIN_LAPS_H

/* From here on the calling thread's time is PART's (a literal). */
void he_lap(const char *part);
/* Ends the last part, says how long each took, "NAME MS, ... of MS ms", and forgets them. */
void he_laps_tell(void);

#endif
