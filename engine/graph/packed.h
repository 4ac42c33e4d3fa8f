/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Weights made ready for kernels (HeOp's pack), held by the plans that use them: plans of one session, for several
 * questions, share a store, and what one of them has packed the others find there. Not for several threads at once. */
#ifndef HE_GRAPH_PACKED_H
#define HE_GRAPH_PACKED_H

#include <glib.h>

typedef struct HePackedStore HePackedStore;

typedef struct {
    void *data;
    gsize bytes;
    GBytes *key;
    HePackedStore *store;
    int n_users;
} HePacked;

HePackedStore *he_packed_store_new(void);
/* Every one in it has been given back. NULL: nothing. */
void he_packed_store_free(HePackedStore *store);
/* Of all that is held. */
gsize he_packed_store_get_bytes(const HePackedStore *store);

/* What is there under KEY, with one user more, who gives it back; NULL: nothing. */
HePacked *he_packed_find(HePackedStore *store, GBytes *key);
/* Room for BYTES under KEY, which is not there yet; the caller fills data. NULL: there is no memory. */
HePacked *he_packed_new(HePackedStore *store, GBytes *key, gsize bytes);
/* The last user's gives the memory back. NULL: nothing. */
void he_packed_give_back(HePacked *packed);

#endif
