/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Things that are made on all threads of a pool and taken one after the other, in their order: what comes out
 * is the same for any number of threads. A thread that has made one waits until it is its turn to be taken,
 * so that there are never more of them than threads. */
#ifndef HE_CORE_ORDER_H
#define HE_CORE_ORDER_H

#include "core/pool.h"

/* Makes, or takes what was made for, TURN; WORKER: from 0 to he_pool_get_n_threads - 1, the same for both. */
typedef gboolean (*HeOrderStep)(void *data, int turn, int worker, GError **error);

typedef struct {
    HeOrderStep make, take;
    void *data; /* of both */
    int n_turns;
} HeOrder;

/* The first turn that fails ends it; later ones that are being made are not taken. */
gboolean he_order_run(const HeOrder *order, HePool *pool, GError **error);

#endif
