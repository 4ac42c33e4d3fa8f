/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Work of two steps, turn by turn: while one step empties a room, the other fills the next one on a thread.
 * Each step sees its turns in order, so what comes out is the same as with one thread. */
#ifndef HE_CORE_RELAY_H
#define HE_CORE_RELAY_H

#include "human-eye.h"

#define HE_RELAY_ROOMS 2

/* One step of TURN, in ROOM (0 to HE_RELAY_ROOMS - 1). */
typedef gboolean (*HeRelayStep)(void *data, int turn, int room, GError **error);

/* Which step has the thread; the other one stays with the caller. */
typedef enum { HE_RELAY_NONE, HE_RELAY_FILL, HE_RELAY_EMPTY } HeRelayBeside;

typedef struct {
    HeRelayStep fill, empty;
    void *data; /* of both */
    int n_turns;
    HeRelayBeside
        beside; /* NONE: in turn, all in room 0; also where no thread can be had */
} HeRelay;

/* The first step that fails ends it. */
gboolean he_relay_run(const HeRelay *relay, GError **error);

#endif
